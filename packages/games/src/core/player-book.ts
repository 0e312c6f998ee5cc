/**
 * Who plays on a server, from sources that each know something else: the log names who comes and goes, a query counts, the edge has sessions.
 *
 * The log is the quickest and may miss lines; a query is the truth, but may be as old as its way and its server's cache. So the log's word counts at
 * once, and where a query contradicts it twice in a row, the query wins. Sessions of the edge count where nobody else does.
 * A server is empty only when no source knows of anybody.
 */

export interface PlayersNow {
  /** Undefined: nobody counts them. */
  readonly count: number | undefined;
  readonly capacity: number | undefined;
  readonly names: readonly string[] | undefined;
}

const unknownPlayers: PlayersNow = { count: undefined, capacity: undefined, names: undefined };

export class PlayerBook {
  /** By key; the value is the name. */
  #log = new Map<string, string>();
  #logCounts: boolean;
  #query: PlayersNow = unknownPlayers;
  /** Answers in a row that contradict the log. */
  #contradictions = 0;
  #sessions: number | undefined;
  readonly #capacity: number | undefined;

  /** @param logCounts the definition has patterns for who comes and goes */
  constructor(logCounts: boolean, capacity: number | undefined) {
    this.#logCounts = logCounts;
    this.#capacity = capacity;
  }

  joined(player: string, key: string): void {
    this.#log.set(key, player);
    this.#contradictions = 0;
  }

  left(player: string, key: string): void {
    if (this.#log.delete(key)) return;
    // What a query told of is known by name only, and so may a pattern for leaving.
    for (const [each, name] of this.#log) {
      if (name !== player) continue;
      this.#log.delete(each);
      return;
    }
  }

  listed(players: readonly string[]): void {
    this.#log = new Map(players.map((player) => [player, player]));
    this.#contradictions = 0;
  }

  queried({ count, capacity, names }: PlayersNow): void {
    this.#query = { count, capacity, names };
    if (count === undefined || !this.#logCounts || count === this.#log.size) {
      this.#contradictions = 0;
      return;
    }
    if (++this.#contradictions < 2) return;
    // Lines were missed. Where names are not known, places are kept free of one, so that the number is right.
    this.#log = new Map(names?.length === count ? names.map((name) => [name, name]) : [...this.#log].slice(0, count));
    for (let i = this.#log.size; i < count; i++) this.#log.set(`?${i}`, '');
    this.#contradictions = 0;
  }

  /** How many sessions the edge has to this server. */
  edged(sessions: number): void {
    this.#sessions = sessions;
  }

  /** A new process: nobody plays yet. */
  emptied(): void {
    this.#log.clear();
    this.#query = unknownPlayers;
    this.#contradictions = 0;
  }

  now(): PlayersNow {
    const capacity = this.#query.capacity ?? this.#capacity;
    if (this.#logCounts) {
      const names = [...this.#log.values()].filter((name) => name !== '');
      return { count: this.#log.size, capacity, names: names.length === this.#log.size ? names : undefined };
    }
    if (this.#query.count !== undefined) return { count: this.#query.count, capacity, names: this.#query.names };
    return { count: this.#sessions, capacity, names: undefined };
  }

  /** Undefined: nobody can tell. */
  get empty(): boolean | undefined {
    const counts = [this.#logCounts ? this.#log.size : undefined, this.#query.count, this.#sessions].filter(
      (count) => count !== undefined,
    );
    return counts.length === 0 ? undefined : counts.every((count) => count === 0);
  }
}
