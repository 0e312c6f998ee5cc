/** Waiting for what nobody tells of: it is looked at again and again. */
import type { Clock } from '@horizon-atlas/ports';

/** Between two looks, in milliseconds. */
const LOOK_MS = 20;

/** Resolves once it is so, or after `ms`. */
export async function until(is: () => boolean, clock: Clock, ms: number): Promise<void> {
  const deadlineMs = clock.now() + ms;
  while (!is() && clock.now() < deadlineMs) await new Promise<void>((resolve) => void clock.at(clock.now() + LOOK_MS, resolve));
}
