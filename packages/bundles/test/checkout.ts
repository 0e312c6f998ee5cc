/** A small checkout with the real maker and the real preload in it, to change and to run. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const own = join(import.meta.dirname, '..');
const installed = join(own, '../../node_modules');

export class Checkout {
  readonly root: string;

  /** Without files: one that is there. */
  constructor(files?: Readonly<Record<string, string>>, root = mkdtempSync(join(tmpdir(), 'atlas-bundles-'))) {
    this.root = root;
    if (!files) return;
    this.write('node_modules/.package-lock.json', '{}');
    cpSync(join(own, 'src'), join(this.root, 'packages/bundles/src'), { recursive: true });
    cpSync(join(own, 'package.json'), join(this.root, 'packages/bundles/package.json'));
    mkdirSync(join(this.root, 'node_modules/@horizon-atlas'));
    symlinkSync(join(installed, 'esbuild'), join(this.root, 'node_modules/esbuild'));
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  addPackage(name: string, exports: Readonly<Record<string, string>>): void {
    this.write(`packages/${name}/package.json`, JSON.stringify({ name: `@horizon-atlas/${name}`, type: 'module', exports }));
    symlinkSync(`../../packages/${name}`, join(this.root, 'node_modules/@horizon-atlas', name));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** As one who hides it: the time of change is put back, and the size is the same if the texts are equally long. */
  edit(path: string, before: string, after: string, by: 'write' | 'rename' = 'write'): void {
    const file = join(this.root, path);
    const { atime, mtime } = statSync(file);
    const text = readFileSync(file, 'utf8').replace(before, after);
    writeFileSync(by === 'write' ? file : `${file}.new`, text);
    if (by === 'rename') renameSync(`${file}.new`, file);
    utimesSync(file, atime, mtime);
  }

  /** Returns what was made. A file that has not changed for so long is taken for settled. */
  bundle(settledMs = 0): string[] {
    const script = `import('./packages/bundles/src/make.ts').then(async ({ makeBundles, staleBundles }) =>
      console.log(JSON.stringify(await makeBundles(staleBundles(), ${settledMs}))))`;
    return JSON.parse(this.#node(['-e', script], {})) as string[];
  }

  /** What a program of it says, by lines. */
  run(path: string, env: Readonly<Record<string, string>> = {}): string[] {
    const preload = join(this.root, 'packages/bundles/src/preload.ts');
    return this.#node(['--require', preload, join(this.root, path)], env)
      .trim()
      .split('\n');
  }

  copyTo(root: string): Checkout {
    cpSync(this.root, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    return new Checkout(undefined, root);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  #node(args: readonly string[], env: Readonly<Record<string, string>>): string {
    const { ATLAS_BUNDLES: _, NODE_OPTIONS: __, ...inherited } = process.env;
    return execFileSync(process.execPath, args, { cwd: this.root, env: { ...inherited, ...env }, encoding: 'utf8' });
  }
}
