/** What the `gateway` bench says to its processes, and what they answer. */
import type { Answers, Counts, Delivery } from './traffic.ts';

/**
 *   join                  everybody connects and is welcomed      ▶ {joined}
 *   paced                 each sends 20 messages a second, all at moments of their own
 *   saturated             each keeps a window of messages under way
 *   stop                  nobody sends any more
 *   count                                                         ▶ LoadCounts
 */
export type LoadOrder =
  | { readonly do: 'join'; readonly port: number; readonly secure: boolean }
  | { readonly do: 'paced' | 'saturated'; readonly delivery: Delivery }
  | { readonly do: 'stop' | 'count' };

export interface LoadSettings {
  readonly clients: number;
  readonly secret: string;
  /** Tells the players of several such processes apart. */
  readonly prefix: string;
  /** Messages that each keeps under way in saturated traffic. */
  readonly window: number;
}

export interface LoadCounts extends Counts {
  /** Times there and back in paced traffic since the last count: see round-trips.ts. */
  readonly rtt: readonly number[];
}

/** `count` is answered by `Counts`. */
export type ServerOrder = { readonly do: 'answers'; readonly answers: Answers | 'none' } | { readonly do: 'count' };
