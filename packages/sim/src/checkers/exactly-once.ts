/**
 * I2: each accepted command takes effect exactly once, in the client's order.
 *
 * Each player's state remembers the last command that it met, by session and number. The next one must be the next of that session, or the
 * first of a later one; what the player was promised by then (covered) must be in the state. At the end every state has met all that its
 * client sent. An action on somebody else takes effect at most once.
 */
import { type Checker, Violation } from './checker.ts';

export function exactlyOnce(): Checker {
  const name = 'exactly-once';
  /** By player and login. */
  const promises = new Map<string, number>();
  const pokes = new Set<number>();
  return {
    name,
    loggedIn(player, login, promised) {
      promises.set(`${player}/${login}`, promised);
    },
    applied(player, { login, i }, before) {
      const what = `command ${i} of ${player}'s login ${login}`;
      if (login < before.login) throw new Violation(name, `${what} takes effect after one of login ${before.login}`);
      const expected = login === before.login ? before.i + 1 : 1;
      if (i !== expected) throw new Violation(name, `${what} takes effect on a state that waits for command ${expected}`);
      const promised = promises.get(`${player}/${login}`) ?? 0;
      if (login > before.login && before.n < promised)
        throw new Violation(name, `${player} comes back as ${before.n}, having been promised ${promised} commands`);
    },
    poked(id) {
      if (pokes.has(id)) throw new Violation(name, `action ${id} takes effect a second time`);
      pokes.add(id);
    },
    ended({ players }) {
      for (const { player, login, sent, uncovered, sentInAll, coveredInAll, count, status } of players) {
        if (!count || status !== 'online') continue;
        if (count.n > sentInAll) throw new Violation(name, `${player} sent ${sentInAll} commands, and ${count.n} took effect`);
        if (count.n < coveredInAll)
          throw new Violation(name, `${player} was promised ${coveredInAll} commands, and ${count.n} took effect`);
        const met = count.login === login ? count.i : 0;
        if (met !== sent) throw new Violation(name, `${player} sent ${sent} commands in login ${login}, and ${met} took effect`);
        if (uncovered > 0) throw new Violation(name, `${uncovered} commands of ${player} are still not covered`);
      }
    },
  };
}
