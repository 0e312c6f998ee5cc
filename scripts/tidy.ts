/**
 * The house rules as a test: `npm run tidy`. Each rule is a function from the list of source files to complaints.
 * What STYLE.md says in words and a machine can check stands here; nothing else enforces it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { errors } from '../packages/protocol/src/errors.ts';

const root = join(import.meta.dirname, '..');

export interface Source {
  /** Path from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Which packages a package may import, besides itself. Names not listed are complaints: a new package says where it stands. */
const floor = ['base', 'protocol', 'world', 'ports'];
const service = [...floor, 'runtime'];
const testOnly = ['port-contracts', 'adapter-memory'];
export const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  bundles: [],
  protocol: ['base'],
  world: ['base', 'protocol'],
  ports: ['base'],
  runtime: ['base', 'protocol', 'ports'],
  gateway: service,
  regions: service,
  fleet: service,
  ledger: service,
  matchmaker: service,
  agones: service,
  autoscaler: service,
  edges: service,
  games: service,
  control: service,
  'port-contracts': ['base', 'ports'],
  'adapter-memory': ['base', 'ports', 'runtime'],
  'adapter-sqlite': ['base', 'ports', 'runtime'],
  'adapter-link': ['base', 'ports', 'runtime'],
  'adapter-minecraft': ['base', 'ports'],
  'adapter-process': ['base', 'ports', 'runtime'],
  'adapter-query': ['base', 'ports', 'runtime'],
  'sdk-server': [...floor, 'adapter-link'],
  'sdk-client': ['base', 'protocol'],
  web: ['base', 'protocol', 'sdk-client'],
  'sdk-admin': ['base', 'protocol'],
  dashboard: ['protocol', 'sdk-admin'],
  audit: service,
  atlas: [
    ...service,
    'bundles',
    'agones',
    'autoscaler',
    'gateway',
    'regions',
    'fleet',
    'edges',
    'ledger',
    'matchmaker',
    'control',
    'audit',
    'dashboard',
    'web',
    'adapter-memory',
    'adapter-sqlite',
    'adapter-link',
    'adapter-minecraft',
    'adapter-process',
    'adapter-query',
    'games',
  ],
  sim: [
    ...service,
    'gateway',
    'regions',
    'fleet',
    'autoscaler',
    'ledger',
    'matchmaker',
    'sdk-server',
    'sdk-client',
    'adapter-memory',
  ],
  loadtest: ['base', 'protocol', 'sdk-client'],
  cli: [...floor, 'runtime', 'bundles', 'atlas', 'games', 'sim', 'sdk-admin', 'audit', 'loadtest', 'matchmaker'],
  testing: [...floor, 'ledger', 'sdk-server', 'sdk-client', 'sim'],
  'create-horizon-atlas': ['base', 'protocol'],
  'horizon-atlas': ['protocol', 'atlas', 'sdk-server', 'sdk-client', 'sdk-admin', 'loadtest', 'cli', 'testing'],
};

/** Host words that a core must not speak: it is told the time, and it waits for nothing. */
const impure =
  /\b(Date\.now|new Date|Math\.random|performance\.|setTimeout|setInterval|setImmediate|queueMicrotask|process\.|console\.)|\basync\b|\bawait\b/;
const vagueNames = /(^|\/)(utils?|helpers?|managers?|types|common|misc)\.ts$/;
const limits = { fileLines: 500, functionLines: 70 };

export function complaints(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => [
    ...headComment(source),
    ...size(source),
    ...names(source),
    ...purity(source),
    ...imports(source),
    ...words(source),
  ]);
}

function headComment({ path, text }: Source): string[] {
  if (isTest(path) || path.endsWith('.d.ts')) return [];
  return /^(#!.*\n)?\/\*\*|^(#!.*\n)?\/\//.test(text) || /\/\*\*/.test(text.slice(0, 1200))
    ? []
    : [`${path}:1 says nowhere what it is for`];
}

function size({ path, text }: Source): string[] {
  // As long as what it is made of.
  if (/^\/\*\*[^\n]*Generated from [^\n]*don't edit/.test(text)) return [];
  const lines = text.split('\n');
  const found =
    lines.length - 1 > limits.fileLines ? [`${path} has ${lines.length - 1} lines; ${limits.fileLines} is the limit`] : [];
  if (isTest(path)) return found;
  // Formatted code: a function's first line ends in `{` and its last is the same indentation and a closing brace.
  for (let i = 0; i < lines.length; i++) {
    const opened =
      /^(\s*)(export )?(default )?(async )?(function\b|(static |private |protected |override |async |get |set |\*)*[#\w]+(<.*>)?\(.*\{$)/.exec(
        lines[i] ?? '',
      );
    if (!opened || /^\s*(if|for|while|switch|catch|return)\b/.test(lines[i] ?? '')) continue;
    const indent = opened[1] ?? '';
    const end = lines.findIndex((line, j) => j > i && line.startsWith(`${indent}}`));
    if (end - i + 1 > limits.functionLines)
      found.push(`${path}:${i + 1} a function of ${end - i + 1} lines; ${limits.functionLines} is the limit`);
  }
  return found;
}

function names({ path }: Source): string[] {
  const file = path.slice(path.lastIndexOf('/') + 1);
  const found = vagueNames.test(path) ? [`${path}: name the file after what it holds`] : [];
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.(tsx?|mjs)$/.test(file)) found.push(`${path}: file names are kebab-case`);
  return found;
}

function purity({ path, text }: Source): string[] {
  if (isTest(path) || !/^packages\/([^/]+\/src\/core|(base|protocol|world|ports)\/src)\//.test(path)) return [];
  return stripComments(text)
    .split('\n')
    .flatMap((line, i) => {
      const word = impure.exec(line.replace(/(['"`])(?:\\.|(?!\1).)*\1/g, "''"));
      return word ? [`${path}:${i + 1} core code says ${word[0]}`] : [];
    });
}

function imports({ path, text }: Source): string[] {
  const home = /^packages\/([^/]+)\//.exec(path)?.[1];
  if (home === undefined) return [];
  const allowed = layers[home];
  if (!allowed) return [`packages/${home} stands in no layer: add it to scripts/tidy.ts`];
  const declared = declaredBy(home);
  const found: string[] = [];
  for (const [, specifier = ''] of stripComments(text).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    const sibling = /^@horizon-atlas\/([^/]+)(\/.*)?$/.exec(specifier);
    if (sibling) {
      const name = sibling[1] ?? '';
      const extra = isTest(path)
        ? [
            ...testOnly,
            'runtime',
            ...(home === 'fleet' ? ['adapter-process'] : []),
            ...(home === 'gateway' || home === 'edges' ? ['adapter-link'] : []),
            ...(home === 'games' ? ['adapter-process', 'adapter-query'] : []),
            ...(home === 'gateway' ? ['adapter-link'] : []),
          ]
        : [];
      if (name !== home && ![...allowed, ...extra].includes(name))
        found.push(`${path} imports ${name}, which is not below ${home}`);
      if (!declared.has(specifier.split('/').slice(0, 2).join('/')))
        found.push(`${path} imports ${specifier}, which packages/${home}/package.json does not declare`);
    } else if (/^\.\.?\//.test(specifier)) {
      if (path.includes('/src/core/') && !isTest(path) && !relativeWithin(path, specifier, 'core'))
        found.push(`${path} imports ${specifier}: a core does not know its shell`);
      if (!relativeWithin(path, specifier, home)) found.push(`${path} imports ${specifier}: reach other packages by their name`);
      if (!/\.(tsx?|mjs|json|css)$/.test(specifier)) found.push(`${path} imports ${specifier} without its ending`);
    } else if (!specifier.startsWith('node:')) {
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      const rootHas = isTest(path) && declaredBy(undefined).has(name);
      if (!declared.has(name) && !rootHas)
        found.push(`${path} imports ${name}, which packages/${home}/package.json does not declare`);
    }
    if (specifier === 'node:http' && !['control', 'gateway', 'sdk-client', 'cli', 'agones'].includes(home) && !isTest(path))
      found.push(`${path}: only control knows HTTP`);
  }
  return found;
}

function words({ path, text }: Source): string[] {
  const found: string[] = [];
  if (/^packages\/(?!atlas\/)/.test(path) && /\bclustered\b/.test(stripComments(text)))
    found.push(`${path} asks whether it is clustered: only atlas may know`);
  if (/@ts-ignore|@ts-nocheck/.test(text) && path !== 'scripts/tidy.ts') found.push(`${path} silences the type checker`);
  if (/\b(describe|it|test)\.(only|todo)\(/.test(text)) found.push(`${path} leaves tests out`);
  return found;
}

/** docs/reference/errors.md names every code of the table, and no other. */
export function errorDocs(text: string): string[] {
  const documented = new Set([...text.matchAll(/^\| `([A-Z_]+)`/gm)].map((match) => match[1] ?? ''));
  const known = Object.keys(errors);
  return [
    ...known.filter((code) => !documented.has(code)).map((code) => `docs/reference/errors.md lacks ${code}: run npm run docs`),
    ...[...documented]
      .filter((code) => !known.includes(code))
      .map((code) => `docs/reference/errors.md names ${code}, which does not exist`),
  ];
}

export function sourcesOf(folders: readonly string[] = ['packages', 'examples', 'bench', 'e2e', 'scripts']): Source[] {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(tsx?|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !/(^|\/)(node_modules|dist|\.atlas)\//.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const declarations = new Map<string, Set<string>>();
function declaredBy(home: string | undefined): Set<string> {
  const file = home === undefined ? 'package.json' : `packages/${home}/package.json`;
  let set = declarations.get(file);
  if (!set) {
    const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, Record<string, string> | undefined>;
    set = new Set(
      ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((kind) =>
        Object.keys(manifest[kind] ?? {}),
      ),
    );
    if (home !== undefined) set.add(`@horizon-atlas/${home}`);
    declarations.set(file, set);
  }
  return set;
}

function relativeWithin(path: string, specifier: string, folder: string): boolean {
  const target = join(path, '..', specifier);
  const at = path.split('/').indexOf(folder);
  return (
    at < 0 ||
    target
      .split('/')
      .slice(0, at + 1)
      .join('/') ===
      path
        .split('/')
        .slice(0, at + 1)
        .join('/')
  );
}

function isTest(path: string): boolean {
  return /\.test\.ts$|\/test\//.test(path);
}

function stripComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, '')).replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}

if (import.meta.main) {
  const sources = sourcesOf();
  const docs = join(root, 'docs/reference/errors.md');
  const found = [...complaints(sources), ...errorDocs(existsSync(docs) ? readFileSync(docs, 'utf8') : '')];
  for (const complaint of found) console.error(complaint);
  console.log(found.length === 0 ? `tidy: ${sources.length} files in order` : `tidy: ${found.length} complaints`);
  process.exit(found.length === 0 ? 0 : 1);
}
