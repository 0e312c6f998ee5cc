/**
 * `npm run pack -- --out folder`: the published packages as tarballs, as `npm publish` would send them. Without `--out` they lie in
 * dist/tarballs. Try them with `npm install ./horizon-atlas-….tgz` anywhere.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Built, buildPackages } from './build.ts';
import { root } from './workspace.ts';

export interface Tarball {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  readonly files: readonly string[];
}

/** Throws with what is wrong. */
export async function packAll(out: string): Promise<Tarball[]> {
  mkdirSync(out, { recursive: true });
  return (await buildPackages()).map((built) => packOne(built, out));
}

function packOne({ name, folder }: Built, out: string): Tarball {
  const { status, stdout, stderr } = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm pack of ${name} failed:\n${stderr}`);
  const answer: unknown = JSON.parse(stdout);
  // A list in npm 11, a record by name in npm 12.
  const [told] = Object.values(answer as Record<string, { filename: string; size: number; files: { path: string }[] }>);
  if (!told) throw new Error(`npm pack of ${name} made nothing`);
  return { name, file: join(out, told.filename), bytes: told.size, files: told.files.map(({ path }) => path) };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const out = resolve(values.out ?? join(root, 'dist/tarballs'));
  try {
    if (values.out === undefined) rmSync(out, { recursive: true, force: true });
    for (const { file, bytes, files } of await packAll(out)) {
      console.log(`${file}  ${(bytes / 1000).toFixed(0)} kB, ${files.length} files`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
