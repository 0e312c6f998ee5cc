/**
 * The repository's packages as their manifests tell them: which are published, and which others a published one carries inside.
 *
 * A package is published if it is not `private`. It carries every package of the repository that it depends on, directly or not, so that
 * whoever installs it needs nothing else of ours and can never mix two releases.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  /** From a path such as `./node` to a source file. */
  readonly exports?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  /** Folders and files that go along as they are. */
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  /** What npm itself reads (`access`), and a `bin` that only the published package has; its paths may lead to carried packages. */
  readonly publishConfig?: { readonly access?: string; readonly bin?: Readonly<Record<string, string>> };
}

export interface Workspace {
  /** The folder's name within `packages`. */
  readonly home: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

/** All of `packages`, by the name that others import them by. */
export function readWorkspaces(): ReadonlyMap<string, Workspace> {
  const all = new Map<string, Workspace>();
  for (const home of readdirSync(join(root, 'packages')).sort()) {
    const folder = join(root, 'packages', home);
    if (!existsSync(join(folder, 'package.json'))) continue;
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    all.set(manifest.name, { home, folder, manifest });
  }
  return all;
}

export function published(all: ReadonlyMap<string, Workspace>): Workspace[] {
  return [...all.values()].filter(({ manifest }) => manifest.private !== true);
}

/** The package itself first, then what it stands on. */
export function carriedBy(workspace: Workspace, all: ReadonlyMap<string, Workspace>): Workspace[] {
  const found = new Set([workspace]);
  for (const { manifest } of found) {
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
      const sibling = all.get(name);
      if (sibling) found.add(sibling);
    }
  }
  return [...found];
}

/** What the carried packages need from outside. Two that pin different versions of one thing are a mistake. */
export function outsideDependencies(
  carried: readonly Workspace[],
  kind: 'dependencies' | 'optionalDependencies',
  all: ReadonlyMap<string, Workspace>,
): Record<string, string> {
  const found = new Map<string, string>();
  for (const { home, manifest } of carried) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      if (all.has(name)) continue;
      const other = found.get(name);
      if (other !== undefined && other !== version)
        throw new Error(`packages/${home} wants ${name} ${version}, another ${other}`);
      found.set(name, version);
    }
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Where an import of a package of the repository leads: `@horizon-atlas/sdk-client/node` to `sdk-client/src/node.ts`, within `packages`.
 * undefined: it is not one of ours. Throws if the package has no such export.
 */
export function sourceOf(specifier: string, all: ReadonlyMap<string, Workspace>): string | undefined {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const sibling = all.get(name);
  if (!sibling) return undefined;
  const path = `.${specifier.slice(name.length)}`;
  const source = sibling.manifest.exports?.[path];
  if (source === undefined) throw new Error(`${name} exports no "${path}"`);
  return join(sibling.home, source);
}
