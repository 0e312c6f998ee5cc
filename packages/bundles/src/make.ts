/** Makes the bundles of a checkout's packages: one a package, of its own modules, and of what is installed for it alone. */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BuildOptions, BuildResult, ImportKind, Loader, OutputFile, Plugin } from 'esbuild';
import { FORMAT, folder, freshBundle, type Kept, root, type Stamp, shared, stampOf } from './preload.ts';

export const policy = {
  /** A file that changed so shortly before may change again without its times telling, on a disk with coarse ones: it is waited for. */
  settledMs: 2_000,
  /** Waited for so often; whoever writes all the time has sources. */
  waits: 5,
  /** Of a former bundle nothing is removed before: a process that runs since then may still want a part of it. */
  keepMs: 14 * 24 * 3_600_000,
} as const;

/**
 * Installed packages that go into a bundle, with what they need: each is imported by one package of ours, has many modules, and finds nothing beside its own
 * files. All others are imported as they are.
 */
const taken = new Set(['fastify', 'jose', 'pino', 'commander', 'picocolors']);

/** What these need now and then: loaded when they ask for it. */
const left = new Set(['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request', 'pino']);

const rootPath = fileURLToPath(root);
const folderPath = fileURLToPath(folder);
const maker = fileURLToPath(import.meta.url);

/** Packages whose sources are not what their bundle was made of, or who have none. */
export function staleBundles(): string[] {
  return bundleNames().filter((name) => freshBundle(name) === undefined);
}

/** Resolves with those that could be made. Rejects where nothing can be written. */
export async function makeBundles(
  names: readonly string[] = staleBundles(),
  settledMs: number = policy.settledMs,
): Promise<string[]> {
  // A linked node_modules is that of another checkout, whose bundles are not ours.
  if (realpathSync(join(rootPath, 'node_modules')) !== join(realpathSync(rootPath), 'node_modules')) return [];
  mkdirSync(folderPath, { recursive: true });
  const programs = startedSources();
  const { build } = await import('esbuild');
  const made: string[] = [];
  for (const name of names) if (await makeOne(name, programs.get(name) ?? [], build, settledMs)) made.push(name);
  return made;
}

/** All that can be made here. */
export function bundleNames(): string[] {
  const installed = Object.entries(shared).filter(([specifier]) => existsSync(join(rootPath, 'node_modules', specifier)));
  return [...packageNames(), ...installed.map(([, name]) => name)];
}

export function packageNames(): string[] {
  return readdirSync(join(rootPath, 'packages'))
    .filter((name) => name !== 'bundles' && existsSync(join(rootPath, 'packages', name, 'src')))
    .sort();
}

type Build = (options: BuildOptions & { write: false; metafile: true }) => Promise<BuildResult<{ write: false; metafile: true }>>;

/** Whether it was: not while its sources change, and not where they cannot be bundled. */
async function makeOne(name: string, programs: readonly string[], build: Build, settledMs: number): Promise<boolean> {
  const { manifest, entryPoints, entryOf } = wantedOf(name, programs);
  for (let turn = 0; turn < policy.waits; turn++) {
    // What is looked at besides what is bundled: this maker, its tool, and what decides which file an import means.
    const besides = [relative(rootPath, maker), 'node_modules/esbuild/package.json', 'node_modules/.package-lock.json', manifest];
    const read = new Map(besides.map((path) => [path, stampOf(path)]));
    const outcome = await build(optionsOf(name, entryPoints, read)).catch(() => undefined);
    if (!outcome) return false;
    const inputs = settled(read, settledMs);
    if (!inputs) {
      await sleep(settledMs);
      continue;
    }
    const entries = Object.entries(outcome.metafile.outputs).flatMap(([path, { entryPoint }]) =>
      entryPoint === undefined ? [] : entryOf(entryPoint).map((entry) => [entry, relative(folderPath, join(rootPath, path))]),
    );
    keep(name, outcome.outputFiles, { format: FORMAT, inputs, entries: Object.fromEntries(entries) });
    return true;
  }
  return false;
}

interface Wanted {
  readonly manifest: string;
  readonly entryPoints: string[];
  /** As what a source is asked for, by its path from the root. */
  entryOf(source: string): string[];
}

function wantedOf(name: string, programs: readonly string[]): Wanted {
  const [installed] = Object.entries(shared).find(([, bundle]) => bundle === name) ?? [];
  if (installed !== undefined)
    return { manifest: `node_modules/${installed}/package.json`, entryPoints: [installed], entryOf: () => ['.'] };
  const manifest = `packages/${name}/package.json`;
  const { exports = {} } = JSON.parse(readFileSync(join(rootPath, manifest), 'utf8')) as { exports?: Record<string, string> };
  const entries = [...Object.entries(exports), ...programs.map((path) => [path, path] as const)].map(
    ([entry, path]) => [entry, join('packages', name, path)] as const,
  );
  return {
    manifest,
    entryPoints: entries.map(([, path]) => join(rootPath, path)),
    entryOf: (source) => entries.flatMap(([entry, path]) => (path === source ? [entry] : [])),
  };
}

/** undefined: one of them is another than when it was read, or changed a moment ago. */
function settled(read: ReadonlyMap<string, Stamp | undefined>, settledMs: number): Stamp[] | undefined {
  const before = Date.now() - settledMs;
  const inputs: Stamp[] = [];
  for (const [path, stamp] of read) {
    const now = stampOf(path);
    if (!stamp || !now || now.some((value, i) => value !== stamp[i]) || now[3] > before) return undefined;
    inputs.push(now);
  }
  return inputs;
}

function optionsOf(
  name: string,
  entryPoints: string[],
  read: Map<string, Stamp | undefined>,
): BuildOptions & { write: false; metafile: true } {
  return {
    absWorkingDir: rootPath,
    entryPoints,
    outdir: join(folderPath, name),
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'esnext',
    sourcemap: 'linked',
    sourcesContent: false,
    charset: 'ascii',
    minifyWhitespace: true,
    legalComments: 'none',
    write: false,
    metafile: true,
    logLevel: 'silent',
    // For the CommonJS of what is installed.
    banner: {
      js: [
        `const require = process.getBuiltinModule('node:module').createRequire(new URL('../../../../packages/${name}/src/index.ts', import.meta.url));`,
        'const atlasPath = (path) => decodeURIComponent(new URL(path, import.meta.url).pathname);',
      ].join(' '),
    },
    plugins: [reading(name, read)],
  };
}

/** What is read is noted as it was just before; and a module goes on finding what lies beside its source. */
function reading(name: string, read: Map<string, Stamp | undefined>): Plugin {
  return {
    name: 'sources',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async ({ path, importer, kind, pluginData }) => {
        if (kind === 'entry-point') return undefined;
        if (path.startsWith('node:') || builtinModules.includes(path))
          return kind === 'import-statement' ? { path, namespace: 'builtin' } : { path, external: true };
        // What one that is taken needs is taken, too.
        if (importer.includes('/node_modules/')) return left.has(path) && !pluginData ? found(path, importer, kind) : undefined;
        return taken.has(packageOf(path)) ? undefined : { path, external: true };
      });
      // As CommonJS has them. An `import` of one asks it for all that it exports, and that of `fs`, `crypto` or `http` loads promises,
      // WebCrypto and a whole fetch with it: up to a quarter of the CPU of a start.
      build.onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
        loader: 'js',
      }));
      // From where it is required in the bundle: see the banner.
      const found = async (path: string, importer: string, kind: ImportKind) => {
        const there = await build.resolve(path, { importer, kind, resolveDir: dirname(importer), pluginData: true });
        return { path: relative(join(rootPath, 'packages', name, 'src'), there.path), external: true };
      };
      build.onLoad({ filter: /\.[cm]?[jt]sx?$|\.json$/ }, ({ path }) => {
        const from = relative(rootPath, path);
        read.set(from, stampOf(from));
        const text = readFileSync(path, 'utf8');
        return { contents: path.endsWith('.json') ? text : placed(text, path, join(folderPath, name)), loader: loaderOf(path) };
      });
    },
  };
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function loaderOf(path: string): Loader {
  const kind = extname(path).slice(1).replace(/^[cm]/, '');
  return kind as Loader;
}

/** In the first line, so that all others keep their numbers. */
function placed(text: string, path: string, out: string): string {
  const from = relative(out, path).split('/').map(encodeURIComponent).join('/');
  const words: string[] = [];
  if (path.includes('/node_modules/')) {
    if (/\b__filename\b/.test(text)) words.push(`var __filename = atlasPath('${from}');`);
    if (/\b__dirname\b/.test(text)) words.push(`var __dirname = atlasPath('${dirname(from)}');`);
    return words.join(' ') + text;
  }
  if (!/\bimport\.meta\b/.test(text)) return text;
  if (/\bimport\.meta\.(?!(url|filename|dirname)\b)/.test(text))
    throw new Error(`${path} asks for more of import.meta than a bundle has`);
  words.push(
    `const atlasHere = { url: new URL('${from}', import.meta.url).href, filename: atlasPath('${from}'), dirname: atlasPath('${dirname(from)}') };`,
  );
  return `${words.join(' ')}${text.replace(/\bimport\.meta\.(url|filename|dirname)\b/g, 'atlasHere.$1')}`;
}

/** By package, sources that are started or read by their place rather than imported: `new URL('./x.ts', import.meta.url)`, and what programs in `bin` import. */
function startedSources(): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of packageNames()) {
    const home = join(rootPath, 'packages', name);
    const files = ['src', 'bin']
      .filter((each) => existsSync(join(home, each)))
      .flatMap((each) =>
        readdirSync(join(home, each), { recursive: true, encoding: 'utf8' }).map((path) => join(home, each, path)),
      );
    for (const file of files) {
      if (!/(?<!\.test)\.(ts|mjs)$/.test(file)) continue;
      for (const [, url, imported] of readFileSync(file, 'utf8').matchAll(
        /new URL\(\s*'(\.[^']+\.ts)',\s*import\.meta\.url|import\('(\.\.\/src\/[^']+\.ts)'\)/g,
      )) {
        const [owner, path] = ownerOf(resolve(dirname(file), url ?? imported ?? ''));
        if (owner !== undefined && path !== undefined && existsSync(join(rootPath, 'packages', owner, path)))
          found.set(owner, [...new Set([...(found.get(owner) ?? []), path])]);
      }
    }
  }
  return found;
}

function ownerOf(file: string): [name?: string, path?: string] {
  const [, name, path] = /^packages\/([^/]+)\/(src\/.+)$/.exec(relative(rootPath, file)) ?? [];
  return [name, path];
}

/** The note comes last, and at once: who reads it finds all that it names. */
function keep(name: string, files: readonly OutputFile[], note: Omit<Kept, 'outputs'>): void {
  const home = join(folderPath, name);
  mkdirSync(home, { recursive: true });
  for (const { path, contents } of files) write(path, contents);
  const outputs = files.map(({ path, contents }) => [relative(folderPath, path), contents.length] as const);
  write(join(folderPath, `${name}.json`), JSON.stringify({ ...note, outputs } satisfies Kept));
  const wanted = new Set(outputs.map(([path]) => basename(path)));
  for (const file of readdirSync(home)) {
    const path = join(home, file);
    if (
      !wanted.has(file) &&
      (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY) < Date.now() - policy.keepMs
    )
      rmSync(path, { force: true });
  }
}

function write(path: string, contents: Uint8Array | string): void {
  const partial = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(partial, contents);
  renameSync(partial, path);
}
