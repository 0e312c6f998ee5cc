/**
 * What a bench is. Each is one file in `benches/`, named as it is called, whose only export is a `Bench`: to add one is to
 * add the file. A bench measures and states its bars; running it several times, medians and the verdict are not its business.
 */
import type { Helper, SpawnOptions } from './helper-processes.ts';

export interface Bench {
  /** One line for `--list`. */
  readonly about: string;
  /** What must be said for the figures to mean something: the load, its density, what stands against what. */
  readonly method: string;
  /** How often it is run for the medians; default 3. All runs together have five minutes. */
  readonly runs?: number;
  run(ctx: BenchContext): Promise<Outcome>;
}

export interface Outcome {
  /** By name, units in the name: `near r150 10k ns`. Each run must give the same names. */
  readonly figures: Readonly<Record<string, number>>;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  /** Which side of the limit is good; default 'at-most'. */
  readonly must?: 'at-most' | 'at-least';
  /** Which run counts; default 'median'. 'worst' is for what may never happen, such as loss. */
  readonly judge?: 'median' | 'worst';
}

export interface BenchContext {
  /** Which run this is, from 1. */
  readonly run: number;
  /** Only to see that all of it works: a few clients, a moment each. The figures mean nothing, so bars on them are left out. */
  readonly quick: boolean;
  /** Aborted when the five minutes are over; long loops should look at it. */
  readonly signal: AbortSignal;
  /** For whoever watches; goes to stderr. */
  log(text: string): void;
  /** A process that is ended with the run at the latest, together with all that it started. */
  spawn(argv: readonly string[], options?: SpawnOptions): Helper;
  /** The same for a TypeScript file of ours on this very Node.js, with a channel for messages. It ends when this process does. */
  fork(file: URL, args?: readonly string[], options?: SpawnOptions): Helper;
  /** CPU seconds that a process has used, all of its threads; in steps of 10 ms. */
  cpuOf(pid: number): number;
  /** The same with all its living descendants, such as a proxy's workers. */
  cpuOfTree(pid: number): number;
}

/** Thrown where something to compare with is not installed; the bench then fails and says what brings it. */
export class PeerMissing extends Error {
  constructor(peer: string, brings: string) {
    super(`${peer} is missing, and without it there is no ratio; it comes with ${brings}`);
    this.name = 'PeerMissing';
  }
}

/** A peer from npm. */
export async function needModule<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new PeerMissing(name, `the npm package ${name} (npm install)`);
  }
}
