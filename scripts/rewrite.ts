/**
 * From a compiled file of one package to the same file within a published one: imports of other packages become paths to them, and
 * endings are those of compiled code. Works on the places that TypeScript's own scanner finds, so no text that merely looks like an import is
 * touched.
 */
import { posix } from 'node:path';
import ts from 'typescript';

export interface Compiled {
  /** Within `lib` of the published package, such as `cli/src/main.js`. */
  readonly path: string;
  readonly text: string;
}

/** `sourceOf` leads from an import of ours to a source file such as `base/src/index.ts`; undefined: it stays as it is. */
export function rewrite({ path, text }: Compiled, sourceOf: (specifier: string) => string | undefined): string {
  const spots: { from: number; to: number; text: string }[] = [];
  for (const { pos, fileName } of ts.preProcessFile(text, true, true).importedFiles) {
    const changed = rewriteSpecifier(path, fileName, sourceOf);
    // `pos` is that of the opening quote.
    if (changed !== fileName) spots.push({ from: pos + 1, to: pos + 1 + fileName.length, text: changed });
  }
  // Modules that are not imported but started or served: new URL('./gateway-main.ts', import.meta.url).
  for (const match of text.matchAll(/new URL\(\s*(['"])(\.\.?\/[^'"]+)\1,\s*import\.meta\.url/g)) {
    const [whole, quote = '', url = ''] = match;
    if (url.endsWith('.ts')) {
      const from = match.index + whole.indexOf(quote) + 1;
      spots.push({ from, to: from + url.length, text: compiledName(url) });
    }
  }
  return spots
    .sort((a, b) => b.from - a.from)
    .reduce((out, spot) => out.slice(0, spot.from) + spot.text + out.slice(spot.to), text);
}

/** `./x.ts` as `./x.js`. */
export function compiledName(source: string): string {
  return source.replace(/(?<!\.d)\.ts$/, '.js');
}

function rewriteSpecifier(path: string, specifier: string, sourceOf: (specifier: string) => string | undefined): string {
  if (/^\.\.?\//.test(specifier)) return compiledName(specifier);
  const source = sourceOf(specifier);
  if (source === undefined) return specifier;
  const relative = posix.relative(posix.dirname(path), compiledName(source));
  return relative.startsWith('.') ? relative : `./${relative}`;
}

/** Every specifier that a file imports. */
export function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}
