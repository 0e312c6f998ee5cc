/** The priority of an edge's process: what it does for a datagram takes microseconds, and all of it is time that players wait. */
import { getPriority, setPriority } from 'node:os';

/** Three times the share of a process without it where cores are short; a flood at an edge still leaves game servers theirs. */
const ahead = 5;
const highest = -20;

/**
 * Of this thread, and so of the one that carries the datagrams. False: this system leaves it to others. On Linux it takes CAP_SYS_NICE, which root has, though not in
 * every container.
 */
export function runAheadOfOthers(): boolean {
  try {
    setPriority(Math.max(highest, getPriority() - ahead));
    return true;
  } catch {
    return false;
  }
}
