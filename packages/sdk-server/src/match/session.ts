/** A session that a game server was given: who comes, what is played, and how it ends. */
import { AtlasError } from '@horizon-atlas/protocol';
import type { MatchServer } from './match-server.ts';

export class Session {
  /** Id of the request that it was given for: the match's. */
  readonly id: string;
  readonly players: readonly string[];
  /** What whoever asked wants it to know; undefined: nothing. */
  readonly data: unknown;
  readonly #server: MatchServer;
  readonly #resultBytesMax: number;
  readonly #closed = Promise.withResolvers<string>();
  readonly #acknowledged = Promise.withResolvers<void>();
  #over = false;
  #result = '';

  constructor(server: MatchServer, id: string, players: readonly string[], data: string, resultBytesMax: number) {
    this.#server = server;
    this.id = id;
    this.players = players;
    this.data = data === '' ? undefined : JSON.parse(data);
    this.#resultBytesMax = resultBytesMax;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** @internal As JSON. */
  get result(): string {
    return this.#result;
  }

  /** Resolves when it is over: `ended` by `end`, or `expired`, `released` by who asked for it. */
  get closed(): Promise<string> {
    return this.#closed.promise;
  }

  /** It can be played; before that, players are told to wait. */
  active(): void {
    if (!this.#over) this.#server.sessionActive(this);
  }

  /**
   * It is over; the result goes to matchmaking, and to whoever asked. Resolves when Atlas has it on its disk, also after a restart of Atlas.
   * Throws REQUEST_INVALID if the result is no JSON, or larger than 16 KiB.
   */
  async end(result?: unknown): Promise<void> {
    if (!this.#over) {
      const text = result === undefined ? '' : JSON.stringify(result);
      if (text === undefined || text.length > this.#resultBytesMax) {
        throw new AtlasError('REQUEST_INVALID', `a result is JSON of at most ${this.#resultBytesMax} characters`);
      }
      this.#over = true;
      this.#result = text;
      this.#closed.resolve('ended');
      this.#server.sessionEnded(this);
    }
    await this.#acknowledged.promise;
  }

  /** @internal */
  overBy(end: string): void {
    this.#over = true;
    this.#closed.resolve(end);
    this.#acknowledged.resolve();
  }

  /** @internal */
  acknowledged(): void {
    this.#acknowledged.resolve();
  }
}
