/**
 * What a checker sees of a simulated world, and how it complains. A checker watches; it never changes anything.
 * Each invariant of ARCHITECTURE.md has its own file here, and `mutations.test.ts` shows that each one bites.
 */
import type { StoreChange } from '@horizon-atlas/ports';
import type { Count } from '../game.ts';

export interface Checker {
  readonly name: string;
  /** A server has simulated a group for one tick. `life` tells two processes of one server id apart. */
  simulated?(server: string, life: number, group: number, epoch: number, nowMs: number): void;
  /** A client has got a view of its session: made by `epoch`'s owner. */
  viewed?(client: number, epoch: number, nowMs: number): void;
  /** What a client sees: itself and somebody else. */
  sighted?(client: number, entities: readonly { readonly entity: number }[], nowMs: number): void;
  /** A player begins a session, having been promised by then that so many commands are safe. */
  loggedIn?(player: string, login: number, promised: number, nowMs: number): void;
  /** A command took effect on a state that was `before`. */
  applied?(player: string, command: { readonly login: number; readonly i: number }, before: Count, nowMs: number): void;
  /** The same, as a pet and its master counted it before. */
  led?(pet: number, master: number, nowMs: number): void;
  /** An action on somebody took effect. */
  poked?(id: number, nowMs: number): void;
  /** The server's count came back to the client by a reliable message. */
  echoed?(client: number, login: number, i: number, nowMs: number): void;
  welcomed?(client: number, session: string, resumed: boolean, nowMs: number): void;
  /** A gateway closed a client's socket. */
  socketClosed?(client: number, code: string, nowMs: number): void;
  committed?(changes: readonly StoreChange[], nowMs: number): void;
  /** The end of the run, after a calm stretch in which everything must have come right. */
  ended?(end: Ending): void;
}

export interface Ending {
  readonly nowMs: number;
  readonly players: readonly PlayerEnding[];
  /** Groups that are simulated now, with their servers. */
  readonly live: ReadonlyMap<number, readonly string[]>;
  /** Groups with an authority record, and the player of each. */
  readonly recorded: ReadonlyMap<number, string>;
  /** Players who are out of the world, by their records. */
  readonly away: ReadonlySet<string>;
}

export interface PlayerEnding {
  readonly player: string;
  /** Of the client that was started last: all others are over. */
  readonly status: string;
  readonly viewedMs: number;
  /** Its present session, and the commands that it sent in it. */
  readonly login: number;
  readonly sent: number;
  readonly uncovered: number;
  /** Of all sessions of the player. */
  readonly sentInAll: number;
  readonly coveredInAll: number;
  /** The player's state, wherever it is; undefined: it is nowhere. */
  readonly count: Count | undefined;
}

export class Violation extends Error {
  readonly checker: string;
  constructor(checker: string, message: string) {
    super(`${checker}: ${message}`);
    this.name = 'Violation';
    this.checker = checker;
  }
}
