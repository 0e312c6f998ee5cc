/**
 * TypeScript into what a browser runs, by esbuild: one script with all that it imports, and its source map. The result is kept until one of
 * the files that went into it is another than it was. esbuild is loaded with the first wish, and its process ends when wishes cease.
 */
import { statSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import type * as Esbuild from 'esbuild';
import { limits } from './limits.ts';
import { importable } from './media-types.ts';

export type Bundled =
  | {
      readonly ok: true;
      readonly script: Uint8Array;
      /** Everything else that came of it, by its path from the entry's folder: the source map, styles, imported files. */
      readonly others: ReadonlyMap<string, Uint8Array>;
    }
  /** `text`: what is wrong, for people, with file, line and the code there. */
  | { readonly ok: false; readonly text: string };

interface Kept {
  readonly bundled: Bundled;
  /** Files that went into it, with when they were last changed and how long they were. */
  readonly stamps: ReadonlyMap<string, string>;
}

export class Bundler {
  readonly #onBuilt: (news: { readonly entry: string; readonly bundled: Bundled; readonly ms: number }) => void;
  /** Asked for least recently first. */
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<Bundled>>();
  #esbuild: typeof Esbuild | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(onBuilt: (news: { readonly entry: string; readonly bundled: Bundled; readonly ms: number }) => void) {
    this.#onBuilt = onBuilt;
  }

  /** @param entry absolute. Several who ask at once wait for one build. */
  bundle(entry: string): Promise<Bundled> {
    const kept = this.#kept.get(entry);
    if (kept?.bundled.ok && isFresh(kept)) {
      this.#keep(entry, kept);
      return Promise.resolve(kept.bundled);
    }
    const underWay = this.#underWay.get(entry);
    if (underWay) return underWay;
    const made = this.#build(entry).finally(() => this.#underWay.delete(entry));
    this.#underWay.set(entry, made);
    return made;
  }

  /** Something that came of a bundle, by its absolute path. */
  output(path: string): Uint8Array | undefined {
    for (const [entry, { bundled }] of this.#kept) {
      const found = bundled.ok ? bundled.others.get(relative(dirname(entry), path)) : undefined;
      if (found) return found;
    }
    return undefined;
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await Promise.allSettled(this.#underWay.values());
    clearTimeout(this.#idle);
    await this.#esbuild?.stop();
    this.#kept.clear();
  }

  async #build(entry: string): Promise<Bundled> {
    const startedMs = performance.now();
    const { bundled, stamps } = await this.#run(entry);
    this.#keep(entry, { bundled, stamps });
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#esbuild?.stop(), limits.bundlerIdleMs).unref();
    this.#onBuilt({ entry, bundled, ms: Math.round(performance.now() - startedMs) });
    return bundled;
  }

  async #run(entry: string): Promise<Kept> {
    const startedAtMs = Date.now();
    const none = new Map<string, string>();
    try {
      this.#esbuild ??= await import('esbuild');
    } catch (error) {
      const why = `the bundler cannot be loaded: ${String(error)}\nIs the package esbuild installed?`;
      return { bundled: { ok: false, text: why }, stamps: none };
    }
    const { build, formatMessages } = this.#esbuild;
    try {
      const { outputFiles, metafile } = await build(optionsFor(entry));
      const stamps = new Map(Object.keys(metafile.inputs).map((input) => stampOf(resolve(dirname(entry), input), startedAtMs)));
      return { bundled: sorted(entry, outputFiles), stamps };
    } catch (error) {
      const { errors } = error as { errors?: Esbuild.Message[] };
      const text = errors ? (await formatMessages(errors, { kind: 'error', color: false })).join('\n') : String(error);
      return { bundled: { ok: false, text: text.trim() }, stamps: none };
    }
  }

  #keep(entry: string, kept: Kept): void {
    this.#kept.delete(entry);
    this.#kept.set(entry, kept);
    if (this.#kept.size > limits.bundles) this.#kept.delete(this.#kept.keys().next().value ?? '');
  }
}

function optionsFor(entry: string) {
  const folder = dirname(entry);
  return {
    absWorkingDir: folder,
    entryPoints: [entry],
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    sourcemap: 'linked',
    assetNames: '[name]-[hash]',
    loader: Object.fromEntries(importable.map((ending) => [`.${ending}`, 'file'])),
    define: { 'process.env.NODE_ENV': '"development"' },
    charset: 'utf8',
    metafile: true,
    write: false,
    logLevel: 'silent',
  } as const satisfies Esbuild.BuildOptions;
}

function sorted(entry: string, files: readonly Esbuild.OutputFile[]): Bundled {
  const folder = dirname(entry);
  const name = `${basename(entry).replace(/\.[^.]+$/, '')}.js`;
  const others = new Map(files.map(({ path, contents }) => [relative(folder, path), contents]));
  const script = others.get(name);
  others.delete(name);
  return script ? { ok: true, script, others } : { ok: false, text: `${entry} came to nothing` };
}

function isFresh({ stamps }: Kept): boolean {
  for (const [file, stamp] of stamps) if (stampOf(file)[1] !== stamp) return false;
  return true;
}

/** @param sinceMs what was changed after this may have been read before it or after: it counts as changed the next time */
function stampOf(file: string, sinceMs = Number.POSITIVE_INFINITY): [file: string, stamp: string] {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) return [file, 'gone'];
  return [file, found.mtimeMs >= sinceMs ? 'changing' : `${found.mtimeMs} ${found.size}`];
}
