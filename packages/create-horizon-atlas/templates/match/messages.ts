/** What players and the match server say to each other, as JSON over WebSocket. Both sides import it. */
import type { Phase } from './duel.ts';

/** The first word is the join token that came with the ticket; after that there is one thing to say. */
export type FromPlayer = { readonly token: string } | { readonly draw: true };

/** All of it, whenever something has changed. */
export interface ToPlayer {
  readonly phase: Phase;
  /** Of `names` and `wins`. */
  readonly you: number;
  readonly names: readonly string[];
  readonly wins: readonly number[];
  /** How the last round went. */
  readonly last: string;
}
