/**
 * I2: each accepted command takes effect exactly once, in the client's order.
 *
 * Each player's state counts its commands. A command that meets a state which has seen one more or one fewer than it should was
 * doubled, lost or overtaken; and at the end every state has seen all that its client sent.
 */
import { type Checker, Violation } from './checker.ts';

export function exactlyOnce(): Checker {
  const name = 'exactly-once';
  return {
    name,
    applied(player, n, before) {
      if (n !== before + 1)
        throw new Violation(name, `command ${n} of ${player} takes effect on a state that has seen ${before}`);
    },
    ended({ clients }) {
      for (const { player, sent, dropped, uncovered, counted, online } of clients) {
        if (counted === undefined) continue;
        if (counted > sent) throw new Violation(name, `${player}'s state has seen ${counted} commands, but ${sent} were sent`);
        if (online && dropped === 0 && counted !== sent)
          throw new Violation(name, `${player} sent ${sent} commands and ${counted} took effect`);
        if (online && uncovered > 0) throw new Violation(name, `${uncovered} commands of ${player} are still not covered`);
      }
    },
  };
}
