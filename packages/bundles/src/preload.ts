/**
 * Loaded first by a process of ours in a checkout: modules of our packages come out of their bundles, where those are what the sources are now.
 *
 * A package is asked about once a process, at its first import: every file that went into its bundle is looked at, and one that is another than it
 * was then (size, times, inode) means that the package runs from its sources, as all of them do where there are no bundles. So no process runs
 * code that has changed, and a change to one package leaves the others fast. A process has each module once: a package's bundle has its own
 * modules only and imports the other packages by their names, and a package comes from its bundle or from its sources, whole.
 *
 * One file without imports of ours, because it is what stands before every start.
 */
import type { RegisterHooksOptions, SourceMap } from 'node:module';

// An `import` of them would load more than they are (see make.ts).
const { readFileSync, statSync } = process.getBuiltinModule('node:fs');
const { fileURLToPath } = process.getBuiltinModule('node:url');
const module = process.getBuiltinModule('node:module');

/** What is known of a package's bundle; beside the bundles, `<package>.json`. */
export interface Kept {
  readonly format: number;
  /** All that went in, from the root of the checkout. */
  readonly inputs: readonly Stamp[];
  /** All that came out, from `folder`, with its size. */
  readonly outputs: readonly (readonly [path: string, bytes: number])[];
  /** Sources that are imported by name (`.`, `./tokens`) or started (`src/main.ts`), and what stands for them. */
  readonly entries: Readonly<Record<string, string>>;
}

export type Stamp = readonly [path: string, bytes: number, modifiedMs: number, changedMs: number, inode: number];

export const FORMAT = 2;
/** Installed packages that several of ours import, with what their bundles are called. One copy for all of ours; whoever else imports them has his own. */
export const shared: Readonly<Record<string, string>> = { zod: 'npm-zod' };

/** The checkout. In a published package there are no bundles: nothing of it is TypeScript, and nothing changes. */
export const root = new URL('../../../', import.meta.url);
export const folder = new URL('node_modules/.cache/atlas-bundles/', root);
const isCheckout = import.meta.url.endsWith('.ts');
const rootPath = fileURLToPath(root);
const packagesUrl = new URL('packages/', root).href;

/** `off`: sources only. `keep`: bundles that are right are used, none are made. */
export const mode = process.env.ATLAS_BUNDLES ?? '';

/** undefined: gone. */
export function stampOf(path: string): Stamp | undefined {
  const stat = statSync(rootPath + path, { throwIfNoEntry: false });
  return stat && [path, stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino];
}

/** What stands for a package as its sources are now; undefined: nothing does. */
export function freshBundle(name: string): Kept | undefined {
  try {
    const kept = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Kept;
    if (kept.format !== FORMAT) return undefined;
    const isSame = (input: Stamp): boolean => {
      const now = stampOf(input[0]);
      return now?.every((value, i) => value === input[i]) ?? false;
    };
    const isThere = ([path, bytes]: Kept['outputs'][0]): boolean =>
      statSync(new URL(path, folder), { throwIfNoEntry: false })?.size === bytes;
    return kept.inputs.every(isSame) && kept.outputs.every(isThere) ? kept : undefined;
  } catch {
    // There is none, or it cannot be read.
    return undefined;
  }
}

/** Of this process: what was answered first holds. */
const decided = new Map<string, Kept['entries'] | undefined>();

function entriesOf(name: string): Kept['entries'] | undefined {
  if (!decided.has(name)) decided.set(name, freshBundle(name)?.entries);
  return decided.get(name);
}

type Resolve = NonNullable<RegisterHooksOptions['resolve']>;

const resolve: Resolve = (specifier, context, next) => {
  const { parentURL: parent = root.href } = context;
  const isBundle = parent.startsWith(folder.href);
  if (isBundle && specifier.startsWith('./')) return found(new URL(specifier, parent).href);
  const url = parent.startsWith(root.href) ? standIn(specifier, parent) : undefined;
  if (url !== undefined) return found(url);
  if (!isBundle) return next(specifier, context);
  // What is installed is found from where the package is.
  const [name] = parent.slice(folder.href.length).split('/', 1);
  return next(specifier, { ...context, parentURL: `${packagesUrl}${name}/src/index.ts` });
};

function found(url: string): ReturnType<Resolve> {
  // With --enable-source-maps Node.js does it itself.
  if (!process.sourceMapsEnabled) Error.prepareStackTrace = tellSources;
  return { url, format: 'module', shortCircuit: true };
}

/** Of an import that leads into a package of ours. */
function standIn(specifier: string, parent: string): string | undefined {
  const byName = /^(?:@horizon-atlas\/([^/]+)|((?:create-)?horizon-atlas))(\/.+)?$/.exec(specifier);
  if (byName) return entryUrl(byName[1] ?? byName[2] ?? '', `.${byName[3] ?? ''}`);
  const isInside =
    parent.startsWith(folder.href) || (parent.startsWith(packagesUrl) && /^[^/]+\/src\//.test(parent.slice(packagesUrl.length)));
  if (isInside && Object.hasOwn(shared, specifier)) return entryUrl(shared[specifier] ?? '', '.');
  // A file that is started or imported from outside of the sources. Within them, what is next to a source is a source.
  if (isInside && specifier.startsWith('.')) return undefined;
  if (!/^(file:|\/|\.)/.test(specifier)) return undefined;
  const url = new URL(specifier, parent).href;
  const [, name = '', path = ''] =
    /^([^/]+)\/(src\/.+)$/.exec(url.startsWith(packagesUrl) ? url.slice(packagesUrl.length) : '') ?? [];
  if (name === '' || url === import.meta.url) return undefined;
  const entry = entryUrl(name, path);
  // It is a source that nobody said is started: from here on the package's sources are what runs, or there would be two of each.
  if (entry === undefined && !decided.get(name)) decided.set(name, undefined);
  return entry;
}

function entryUrl(name: string, entry: string): string | undefined {
  const output = entriesOf(name)?.[entry];
  return output === undefined ? undefined : new URL(output, folder).href;
}

const maps = new Map<string, SourceMap | undefined>();

/** As V8 writes stacks, with places in sources where the code came from a bundle. Maps are read when there is something to tell, and not before. */
function tellSources(error: Error, sites: readonly NodeJS.CallSite[]): string {
  return [headOf(error), ...sites.map((site) => `    at ${placeOf(site)}`)].join('\n');
}

function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return '<error>';
  }
}

function placeOf(site: NodeJS.CallSite): string {
  const text = site.toString();
  const [file, line, column] = [site.getScriptNameOrSourceURL() ?? '', site.getLineNumber(), site.getColumnNumber()];
  if (line === null || column === null || !file.startsWith(folder.href)) return text;
  const entry = mapOf(file)?.findEntry(line - 1, column - 1);
  if (!entry || !('originalSource' in entry)) return text;
  const { originalSource, originalLine, originalColumn } = entry;
  const source = `${new URL(originalSource, file).href}:${originalLine + 1}:${originalColumn + 1}`;
  return text.replace(`${file}:${line}:${column}`, source);
}

function mapOf(file: string): SourceMap | undefined {
  if (!maps.has(file)) {
    try {
      maps.set(file, new module.SourceMap(JSON.parse(readFileSync(new URL(`${file}.map`), 'utf8'))));
    } catch {
      maps.set(file, undefined);
    }
  }
  return maps.get(file);
}

// Node.js before 22.15 has no such hooks, and runs sources.
if (isCheckout && mode !== 'off') module.registerHooks?.({ resolve });
