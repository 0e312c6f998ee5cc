/** What is seen of a fleet when its size is decided. */
export interface Sight {
  /** How many servers are asked for now. */
  readonly replicas: number;
  /** All that count for its size, whatever they do; each once, which `ready` and `busy` do not promise while a server goes from one to the other. */
  readonly there: number;
  readonly ready: number;
  /** On their way to Ready. */
  readonly coming: number;
  /** Given to somebody or kept from everybody: not to be had by who asks next. */
  readonly busy: number;
  /** Requests that wait for a server. */
  readonly waiting: number;
  readonly min: number;
  readonly max: number;
  /** What nearly every start took so far, ms; undefined: none was seen yet. */
  readonly startMs: number | undefined;
  /** Of those counters and lists that the policy looks at, by `Counter key` and `List key`. */
  readonly capacities: ReadonlyMap<string, Capacity>;
  /** What a forecast expects, where there is one; the place for it. undefined: only what was measured counts. */
  readonly expected?: { readonly arrivalsPerS: number; readonly why: string } | undefined;
}

/** A counter or list over all servers of a fleet. */
export interface Capacity {
  /** Used, and how much there is. */
  readonly count: number;
  readonly capacity: number;
  /** Servers of which something is used, and what is free on them. */
  readonly occupied: number;
  readonly freeOnOccupied: number;
  /** What a new server brings; undefined: nobody knows. */
  readonly perServer: number | undefined;
}

/** What a webhook said last. */
export interface WebhookAnswer {
  /** undefined: it said that the size may stay, or it never answered well. */
  readonly replicas: number | undefined;
  /** When it last answered well, Unix ms; 0: never. */
  readonly answeredAtMs: number;
  /** What was wrong with the last ask; '' if nothing was. */
  readonly trouble: string;
}
