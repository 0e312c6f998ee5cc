/**
 * What a checker sees of a simulated world, and how it complains. A checker watches; it never changes anything.
 * Each invariant of ARCHITECTURE.md has its own file here, and `mutations.test.ts` shows that each one bites.
 */
import type { StoreChange } from '@horizon-atlas/ports';

export interface Checker {
  readonly name: string;
  /** A server has simulated a group for one tick. `life` tells two processes of one server id apart. */
  simulated?(server: string, life: number, group: number, epoch: number, nowMs: number): void;
  /** A client has got a view of its session: made by `epoch`'s owner. */
  viewed?(client: number, epoch: number, nowMs: number): void;
  /** A command took effect on a state that had seen `before` commands of that player. `n`: which one it was. */
  applied?(player: string, n: number, before: number, nowMs: number): void;
  /** The server's count came back to the client by a reliable message. `resumedTruly`: no loss was admitted since the last. */
  echoed?(client: number, n: number, nowMs: number): void;
  welcomed?(client: number, session: string, resumed: boolean, nowMs: number): void;
  /** A gateway closed a client's socket. */
  socketClosed?(client: number, code: string, nowMs: number): void;
  committed?(changes: readonly StoreChange[], nowMs: number): void;
  /** A process died in a way that rolls back simulated state. */
  serverDied?(server: string, nowMs: number): void;
  /** The end of the run, after a calm stretch in which everything must have come right. */
  ended?(end: Ending): void;
}

export interface Ending {
  readonly nowMs: number;
  readonly clients: readonly ClientEnding[];
  /** Groups that are simulated now, with their servers. */
  readonly live: ReadonlyMap<number, readonly string[]>;
  /** Groups with an authority record, and the player of each. */
  readonly recorded: ReadonlyMap<number, string>;
  /** Players who are out of the world, by their records. */
  readonly away: ReadonlySet<string>;
}

export interface ClientEnding {
  readonly client: number;
  readonly player: string;
  readonly online: boolean;
  readonly status: string;
  /** Commands that the game took for sending, less those whose loss was admitted. */
  readonly sent: number;
  readonly dropped: number;
  readonly uncovered: number;
  /** How many commands the player's state has seen, wherever it is; undefined: it is nowhere. */
  readonly counted: number | undefined;
  readonly viewedMs: number;
}

export class Violation extends Error {
  readonly checker: string;
  constructor(checker: string, message: string) {
    super(`${checker}: ${message}`);
    this.name = 'Violation';
    this.checker = checker;
  }
}
