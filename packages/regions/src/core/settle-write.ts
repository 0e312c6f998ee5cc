/** Writing for those who cannot go on without a definite outcome. */
import type { RegionEntry } from './book.ts';
import type { Desk } from './desk.ts';
import type { Timed } from './timers.ts';
import type { Outcome, Write } from './writes.ts';

/** Writes until the outcome is definite; meanwhile nobody reads the region's state to give it to another server. */
export function settleWrite(desk: Desk, region: RegionEntry, write: Write, done: (outcome: Outcome) => void): void {
  region.busy++;
  // Once an attempt is out whose outcome nobody knows, not even a refusal of the next one is the end of it.
  let doubt = false;
  const attempt = (): void =>
    desk.writes.write(write, (outcome) => {
      if (outcome.kind === 'unsettled' || (doubt && outcome.kind === 'refused')) {
        doubt = true;
        const again: Timed = { dueMs: Number.POSITIVE_INFINITY, queuedMs: Number.POSITIVE_INFINITY, due: attempt };
        desk.timers.set(again, desk.nowMs + desk.policy.storeRetryMs);
        return;
      }
      done(outcome);
      region.busy--;
      if (region.busy === 0) desk.lives.settled(region);
    });
  attempt();
}
