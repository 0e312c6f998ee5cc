/**
 * Where the built page lies. In a checkout it is built when it is missing or older in content than its sources, which takes about two seconds, and kept;
 * a published package brings it along and has no sources to build from.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const here = join(import.meta.dirname, '..');
const dist = join(here, 'dist');
const stamp = join(dist, '.fingerprint');

export interface FolderOptions {
  /** Hears that a build begins, before it does. */
  readonly onBuild?: () => void;
}

/** The folder with `index.html`. Builds first where needed; concurrent callers of one process share one build. */
export function dashboardFolder(options: FolderOptions = {}): Promise<string> {
  building ??= ensure(options).finally(() => {
    building = undefined;
  });
  return building;
}

let building: Promise<string> | undefined;

async function ensure({ onBuild }: FolderOptions): Promise<string> {
  if (!existsSync(join(here, 'page/main.tsx'))) return dist;
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return dist;
  onBuild?.();
  // Named at run time: a published package has no such file, and no Vite.
  const builder = new URL('../build.ts', import.meta.url).href;
  const { buildPage } = (await import(builder)) as { buildPage(outDir: string): Promise<void> };
  // Beside it and then in one step, so that whoever is served from the folder meanwhile, or builds at the same time, sees a whole page.
  const fresh = join(here, `dist.${process.pid}`);
  await buildPage(fresh);
  writeFileSync(join(fresh, '.fingerprint'), wanted);
  swap(fresh, wanted);
  return dist;
}

function swap(fresh: string, wanted: string): void {
  try {
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
  } catch (error) {
    // Another process was quicker with the same page.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) throw error;
  }
}

/** Of all that goes into the page: by content, because times of files tell nothing after a checkout. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const folders = ['page', '../sdk-admin/src', '../protocol/src', '../base/src'];
  const files = folders
    .map((folder) => join(here, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  const own = ['build.ts', 'vite.config.ts', 'package.json'].map((name) => join(here, name));
  for (const file of [...files, ...own].sort())
    hash
      .update(`${relative(here, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}
