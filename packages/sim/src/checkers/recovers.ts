/**
 * I5 and I6: whatever was lost, doubled or late, and whoever died or slept, when the storm is over everybody plays: the routes were
 * rebuilt from the records, and each client is online and sees the world.
 */
import { type Checker, Violation } from './checker.ts';

/** A view is at most this old at the end. */
const freshMs = 1_000;

export function recovers(): Checker {
  const name = 'recovers';
  return {
    name,
    ended({ players, nowMs }) {
      for (const { player, status, viewedMs, count } of players) {
        if (status !== 'online') throw new Violation(name, `${player} is ${status} at the end`);
        if (nowMs - viewedMs > freshMs)
          throw new Violation(name, `${player} has seen nothing for ${Math.round(nowMs - viewedMs)} ms`);
        if (count === undefined) throw new Violation(name, `${player} plays, but no server has its state`);
      }
    },
  };
}
