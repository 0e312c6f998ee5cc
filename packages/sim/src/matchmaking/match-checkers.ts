/** What may never happen in matchmaking, each as a checker that throws a Violation; proved by mutations in match-mutations.test.ts. */
import type { QueuedTicket } from '@horizon-atlas/matchmaker';
import { Violation } from '../checkers/checker.ts';
import { type MatchWorld, rosters } from './match-world.ts';

export interface MatchChecker {
  readonly name: string;
  acknowledged?(ticket: QueuedTicket): void;
  cancelled?(ticket: string): void;
  matched?(match: string, tickets: readonly string[], world: MatchWorld): void;
  restarted?(world: MatchWorld): void;
  /** Nothing is under way any more. */
  over?(world: MatchWorld): void;
}

/** A ticket is told of one match at most, whatever dies in between. */
export function exactlyOneMatch(): MatchChecker {
  const told = new Map<string, string>();
  return {
    name: 'exactly-one-match',
    matched(match, tickets) {
      for (const ticket of tickets) {
        const before = told.get(ticket);
        if (before !== undefined && before !== match)
          throw violation('exactly-one-match', `${ticket} is in ${before} and in ${match}`);
        told.set(ticket, match);
      }
    },
  };
}

export function noPlayerInTwoMatches(): MatchChecker {
  return {
    name: 'no-player-in-two-matches',
    matched(_match, _tickets, world) {
      const where = new Map<string, string>();
      for (const [match, players] of rosters(world)) {
        for (const player of players) {
          const other = where.get(player);
          if (other !== undefined) throw violation('no-player-in-two-matches', `${player} plays ${other} and ${match}`);
          where.set(player, match);
        }
      }
    },
  };
}

export function cancelledIsNeverMatched(): MatchChecker {
  const cancelled = new Set<string>();
  return {
    name: 'cancelled-is-never-matched',
    cancelled: (ticket) => void cancelled.add(ticket),
    matched(match, tickets) {
      const wrong = tickets.find((ticket) => cancelled.has(ticket));
      if (wrong !== undefined) throw violation('cancelled-is-never-matched', `${wrong} was cancelled, and is in ${match}`);
    },
  };
}

/** An acknowledged ticket that is not over is known after a death, too. */
export function noTicketLost(): MatchChecker {
  return {
    name: 'no-ticket-lost',
    restarted(world) {
      for (const id of world.open) {
        if (!world.desk.ticket(id)) throw violation('no-ticket-lost', `${id} was acknowledged, and is gone after a restart`);
      }
    },
  };
}

/** Once all is quiet each server that is held is held for a match that is played, and nobody is in between. */
export function noServerLeaked(): MatchChecker {
  return {
    name: 'no-server-leaked',
    over(world) {
      const active = rosters(world);
      const leaked = [...world.held.keys()].find((match) => !active.has(match));
      if (leaked !== undefined) throw violation('no-server-leaked', `a server is held for ${leaked}, which is not played`);
      const stuck = [...world.desk.tickets()].find(({ status }) => status === 'PLACING' || status === 'QUEUED');
      if (stuck) throw violation('no-server-leaked', `${stuck.ticket.id} is ${stuck.status} for ever`);
    },
  };
}

export const allMatchCheckers = [exactlyOneMatch, noPlayerInTwoMatches, cancelledIsNeverMatched, noTicketLost, noServerLeaked];

function violation(name: string, text: string): Violation {
  return new Violation(name, text);
}
