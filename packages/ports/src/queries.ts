/** What a game server answers to a question in its own protocol. */
export interface QueryAnswer {
  /** Undefined: the protocol does not tell. */
  readonly players: number | undefined;
  readonly capacity: number | undefined;
  readonly names: readonly string[] | undefined;
}

export interface QueryTarget {
  readonly host: string;
  readonly port: number;
  /** The answer comes by then, or never. */
  readonly timeoutMs: number;
}

/** Asks game servers about themselves, each kind in the protocol of its game. */
export interface Queries {
  /** False: no such kind. */
  knows(kind: string): Promise<boolean>;
  /** All of them, for "did you mean". */
  kinds(): Promise<readonly string[]>;
  /** Rejects with a sentence where it did not answer in time, or not in that protocol. Leaves nothing open behind. */
  ask(kind: string, target: QueryTarget): Promise<QueryAnswer>;
}
