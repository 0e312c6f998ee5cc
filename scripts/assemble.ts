/**
 * Makes the folder of a published package: its own files and those of the packages that it carries, compiled, in `lib`, each where it was
 * within its own package, so that what is found relative to a file (a manifest, a program, a template) is found there, too.
 *
 *   package.json  README.md  LICENSE  NOTICE
 *   lib/<package>/package.json      name and version only
 *   lib/<package>/src/**            .js and .d.ts
 *   lib/<package>/bin/**            as it was, with the endings of compiled code
 *   lib/<package>/<files>           whatever its manifest names, as it is
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, posix, relative } from 'node:path';
import { compiledName, importsOf, rewrite } from './rewrite.ts';
import { carriedBy, outsideDependencies, root, sourceOf, type Workspace } from './workspace.ts';

/** `compiled` has what tsc made, a folder a package. The result is written to `stage`, which is emptied first. */
export function assemble(
  workspace: Workspace,
  all: ReadonlyMap<string, Workspace>,
  { compiled, stage }: { compiled: string; stage: string },
): void {
  rmSync(stage, { recursive: true, force: true });
  const carried = carriedBy(workspace, all);
  for (const each of carried) assembleLibrary(each, all, join(compiled, each.home), join(stage, 'lib', each.home));
  writeJson(join(stage, 'package.json'), publishedManifest(workspace, carried, all));
  for (const name of ['LICENSE', 'NOTICE']) cpSync(join(root, name), join(stage, name));
  cpSync(join(workspace.folder, 'README.md'), join(stage, 'README.md'));
}

/** What is wrong with an assembled package: nothing of this machine, no tests, no sources, no import that leads nowhere. */
export function faultsOf(stage: string): string[] {
  const manifest = JSON.parse(readFileSync(join(stage, 'package.json'), 'utf8')) as Workspace['manifest'];
  const needs = new Set(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }));
  return filesBelow(join(stage, 'lib')).flatMap((file) => {
    const path = relative(stage, file);
    const text = readFileSync(file, 'utf8');
    const found: string[] = [];
    if (text.includes(root) || (homedir().length > 1 && text.includes(`${homedir()}/`)))
      found.push(`${path} names a folder of this machine`);
    if (/\/templates\//.test(path)) return found;
    if (/\.test\./.test(path)) found.push(`${path} is a test`);
    if (/(?<!\.d)\.tsx?$/.test(path)) found.push(`${path} is a source: Node does not run TypeScript below node_modules`);
    if (/\.m?js$|\.d\.ts$/.test(path)) found.push(...importFaults(file, path, text, needs));
    if (/\.m?js$/.test(path)) found.push(...pathFaults(file, path, text));
    return found;
  });
}

function assembleLibrary(
  { home, folder, manifest }: Workspace,
  all: ReadonlyMap<string, Workspace>,
  from: string,
  to: string,
): void {
  const write = (path: string, text: string) => {
    const target = join(to, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      rewrite({ path: posix.join(home, path), text }, (specifier) => sourceOf(specifier, all)),
    );
  };
  for (const source of sourcesOf(folder)) {
    const js = compiledName(source);
    write(js, readFileSync(join(from, js), 'utf8'));
    const declarations = js.replace(/\.js$/, '.d.ts');
    write(declarations, readFileSync(join(from, declarations), 'utf8'));
  }
  const bin = join(folder, 'bin');
  for (const file of existsSync(bin) ? filesBelow(bin) : []) write(relative(folder, file), readFileSync(file, 'utf8'));
  for (const name of manifest.files ?? []) cpSync(join(folder, name), join(to, name), { recursive: true });
  writeJson(join(to, 'package.json'), { name: manifest.name, version: manifest.version, private: true, type: 'module' });
}

function publishedManifest(
  { home, manifest }: Workspace,
  carried: readonly Workspace[],
  all: ReadonlyMap<string, Workspace>,
): unknown {
  const { name, version, description, license, keywords, engines, publishConfig } = manifest;
  const inside = (path: string) => `./${posix.join('lib', home, path)}`;
  const exports = Object.entries(manifest.exports ?? {}).map(([path, source]) => {
    const js = inside(compiledName(source));
    return [path, { types: js.replace(/\.js$/, '.d.ts'), default: js }];
  });
  const bin = Object.entries({ ...manifest.bin, ...publishConfig?.bin }).map(([command, path]) => [command, inside(path)]);
  return {
    ...{ name, version, description, license, keywords, engines },
    type: 'module',
    sideEffects: false,
    exports: { ...Object.fromEntries(exports), './package.json': './package.json' },
    bin: Object.fromEntries(bin),
    dependencies: outsideDependencies(carried, 'dependencies', all),
    optionalDependencies: outsideDependencies(carried, 'optionalDependencies', all),
    publishConfig: { access: publishConfig?.access ?? 'public' },
  };
}

function importFaults(file: string, path: string, text: string, needs: ReadonlySet<string>): string[] {
  return importsOf(text).flatMap((specifier) => {
    if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return [];
    if (specifier.startsWith('.')) {
      const target = join(dirname(file), specifier);
      return existsSync(target) ? [] : [`${path} imports ${specifier}, which is not there`];
    }
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    return needs.has(name) ? [] : [`${path} imports ${specifier}, which the package does not depend on`];
  });
}

/** Another folder's source that is named in a text: only imports and new URL('…', import.meta.url) are rewritten. */
function pathFaults(file: string, path: string, text: string): string[] {
  return [...text.matchAll(/(['"`])(\.\.\/[^'"`\n]+\.ts)\1/g)]
    .filter(([, , source = '']) => existsSync(join(dirname(file), compiledName(source))))
    .map(([, , source]) => `${path} has the path ${source}: write new URL('${source}', import.meta.url)`);
}

/** Of a package, relative to it; without its tests. */
function sourcesOf(folder: string): string[] {
  return filesBelow(join(folder, 'src'))
    .filter((file) => /(?<!\.d|\.test)\.ts$/.test(file))
    .map((file) => relative(folder, file));
}

function filesBelow(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
