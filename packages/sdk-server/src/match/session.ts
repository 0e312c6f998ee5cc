/** A session that a game server was given: who comes, what is played, and how it ends. */
import { AtlasError } from '@horizon-atlas/protocol';
import type { MatchServer } from './match-server.ts';

export class Session {
  /** Id of the request that it was given for: the match's. */
  readonly id: string;
  #players: readonly string[];
  #data: unknown;
  #text: string;
  readonly #changes = new Set<(session: Session) => void>();
  readonly #server: MatchServer;
  readonly #resultBytesMax: number;
  readonly #closed = Promise.withResolvers<string>();
  readonly #acknowledged = Promise.withResolvers<void>();
  #over = false;
  #result = '';

  constructor(server: MatchServer, id: string, players: readonly string[], data: string, resultBytesMax: number) {
    this.#server = server;
    this.id = id;
    this.#players = players;
    this.#text = data;
    this.#data = parsed(data);
    this.#resultBytesMax = resultBytesMax;
  }

  /** Who plays, or will come, as Atlas said last. */
  get players(): readonly string[] {
    return this.#players;
  }

  /** What whoever asked wants it to know, such as the teams; undefined: nothing. */
  get data(): unknown {
    return this.#data;
  }

  /** Somebody has been filled in, or something else is to be known: `players` and `data` are new. Returns how to stop. */
  onChanged(fn: (session: Session) => void): () => void {
    this.#changes.add(fn);
    return () => this.#changes.delete(fn);
  }

  /** Free places may be taken by strangers from the queue from now on, or no more. Who is filled in is told by `onChanged`. */
  openPlaces(open = true): void {
    if (!this.#over) this.#server.sessionPlaces(this, open);
  }

  /** Players who do not come back: their places are free. Who only lost the connection has not left. */
  playersLeft(...players: readonly string[]): void {
    if (!this.#over && players.length > 0) this.#server.sessionLeft(this, players);
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

  /** @internal It is told again at each hello, whether anything is new or not. */
  told(players: readonly string[], data: string): void {
    if (data === this.#text && players.join('\n') === this.#players.join('\n')) return;
    this.#players = players;
    this.#text = data;
    this.#data = parsed(data);
    for (const fn of this.#changes) fn(this);
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

function parsed(json: string): unknown {
  return json === '' ? undefined : JSON.parse(json);
}
