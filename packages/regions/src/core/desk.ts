/** What the parts of the coordinator share: the way out, the store, the clock of now, the book, the figures, and one another. */
import { type Histogram, histogram } from '@horizon-atlas/base';
import { noTracer, type Tracer } from '@horizon-atlas/ports';
import type { ControlToGateway, ControlToServer } from '@horizon-atlas/protocol';
import { HitRates, Transitions } from '@horizon-atlas/world';
import { Book, type RegionEntry, type WorldSpec } from './book.ts';
import type { Crossings } from './crossings.ts';
import { Epochs } from './epochs.ts';
import type { Handoff, HandoffEnd } from './handoff-states.ts';
import type { Lives } from './lives.ts';
import type { Players } from './players.ts';
import type { RegionsPolicy } from './policy.ts';
import { Timers } from './timers.ts';
import { type StoreOut, Writes } from './writes.ts';

export interface CoordinatorOut extends StoreOut {
  /** To a server that is linked. */
  toServer(server: string, message: ControlToServer): void;
  /** `*`: to all. */
  toGateway(gateway: string, message: ControlToGateway): void;
  /** Each step of each crossing, for those who show or measure them. Changes nothing. */
  crossing?(note: CrossingNote): void;
  /** Something that a person may want to read. */
  event(name: string, fields: Readonly<Record<string, unknown>>): void;
}

/** What a crossing has just become. */
export interface CrossingNote {
  readonly atMs: number;
  /** Tells it from others of the same group. */
  readonly crossing: number;
  readonly group: number;
  /** At the source. */
  readonly epoch: number;
  readonly source: string;
  readonly target: string;
  /** A phase of the machine, or how it ended. */
  readonly phase: Handoff['phase'] | HandoffEnd;
  readonly ended: boolean;
  /** At the new owner, once it is known; else 0. */
  readonly newEpoch: number;
  /** Whether the target's copy was there in time; undefined while nobody knows. */
  readonly warm: boolean | undefined;
  /** Why it turned back, or empty. */
  readonly why: string;
}

export interface Figures {
  readonly handoffs: {
    /** Crossings for which the source was asked to freeze. */
    total: number;
    /** Of those, ended neither at the target nor back at the source: a recovery took over. */
    failed: number;
    rolledBack: number;
    /** Groups whose record was gone when it was needed. Must stay 0. */
    lost: number;
    done: number;
    /** The target had the copy in time. */
    warm: number;
  };
  /** Freeze to activation, ms. */
  readonly frozenMs: Histogram;
  /** From waking a region to its first tick, ms: part of the lead of prediction. */
  readonly spawnMs: Histogram;
  /** `kinematic`: an approach was spoken of before the crossing. `markov`: what players before did, told before it is learned from. */
  readonly predictors: HitRates<'kinematic' | 'markov'>;
  /** Approaches that came to nothing, and crossings that nobody spoke of before. */
  readonly guesses: { wrong: number; missed: number };
  joins: number;
  takeovers: number;
  recoveries: number;
  ignored: number;
}

export class Desk {
  nowMs = 0;
  /** Until then a server that is not linked may still be alive. */
  graceUntilMs = 0;
  readonly policy: RegionsPolicy;
  readonly out: CoordinatorOut;
  readonly tracer: Tracer;
  readonly timers = new Timers();
  readonly writes: Writes;
  readonly epochs: Epochs;
  /** Where players go next, learned from all crossings since the start. */
  readonly transitions = new Transitions();
  readonly book: Book;
  readonly figures: Figures = {
    handoffs: { total: 0, failed: 0, rolledBack: 0, lost: 0, done: 0, warm: 0 },
    frozenMs: histogram(),
    spawnMs: histogram(256),
    predictors: new HitRates(['kinematic', 'markov']),
    guesses: { wrong: 0, missed: 0 },
    joins: 0,
    takeovers: 0,
    recoveries: 0,
    ignored: 0,
  };
  /** Set by the coordinator before anything happens. */
  declare crossings: Crossings;
  declare lives: Lives;
  declare players: Players;

  constructor(world: WorldSpec, out: CoordinatorOut, policy: RegionsPolicy, tracer: Tracer = noTracer) {
    this.policy = policy;
    this.out = out;
    this.tracer = tracer;
    this.book = new Book(world);
    this.writes = new Writes(out, this.timers, policy, () => out.event('coordinator.deposed', {}));
    this.epochs = new Epochs(this.writes);
  }

  /** To the server that plays a region; to nobody if none does: the sender's state asks again. */
  toRegion(region: RegionEntry, message: ControlToServer): void {
    const server = this.book.playing(region);
    if (server) this.out.toServer(server.server, message);
  }

  /** A word from a server that is out of date, or not its to say. */
  ignore(server: string, code: string, fields: Readonly<Record<string, unknown>>): void {
    this.figures.ignored++;
    this.out.event('server.ignored', { server, code, ...fields });
  }
}
