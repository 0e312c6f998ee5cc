/**
 * How close matches could be: takes what was matched and improves it offline, by exchanging tickets between matches as long as that helps, from
 * several starts. Slow, and it sees everybody at once; the bench says how far the engine is from it.
 */
import { Prng } from '@horizon-atlas/base';
import type { FormedMatch, Ticket } from '@horizon-atlas/matchmaker';
import { violations } from './verifier.ts';

/** Mean over matches of the difference between the highest and the lowest skill of a ticket. */
export function meanSpread(matches: readonly (readonly Ticket[])[]): number {
  return matches.reduce((sum, tickets) => sum + spread(tickets), 0) / Math.max(1, matches.length);
}

/** The same tickets in as many matches; only exchanges that the verifier accepts count. The best that was seen is the answer. */
export function improve(matches: readonly FormedMatch[], nowMs: number, seed: number): (readonly Ticket[])[] {
  const start = matches.map(({ teams }) => teams.flatMap(({ tickets }) => tickets));
  const places = matches.map(({ place }) => place);
  let best = start;
  for (const heat of [0, 5, 20]) {
    const cooled = anneal(start, places, nowMs, new Prng(seed + heat), heat);
    if (meanSpread(cooled) < meanSpread(best)) best = cooled;
  }
  return best;
}

/** Simulated annealing: a worse exchange is taken at first, and ever more seldom. */
function anneal(
  start: readonly (readonly Ticket[])[],
  places: readonly string[],
  nowMs: number,
  random: Prng,
  heat: number,
): Ticket[][] {
  const groups = start.map((group) => [...group]);
  const tries = 200 * groups.flat().length;
  for (let i = 0; i < tries && groups.length > 1; i++) {
    const [a, b] = [random.below(groups.length), random.below(groups.length)];
    const [ga, gb] = [groups[a] as Ticket[], groups[b] as Ticket[]];
    const [x, y] = [random.below(ga.length), random.below(gb.length)];
    const [tx, ty] = [ga[x] as Ticket, gb[y] as Ticket];
    if (a === b || places[a] !== places[b] || tx.players.length !== ty.players.length) continue;
    const before = spread(ga) + spread(gb);
    [ga[x], gb[y]] = [ty, tx];
    const worse = spread(ga) + spread(gb) - before;
    const taken = worse < 0 || (heat > 0 && random.unit() < Math.exp(-worse / (heat * (1 - i / tries))));
    if (!taken || !legal(ga, places[a] ?? '', nowMs) || !legal(gb, places[b] ?? '', nowMs)) [ga[x], gb[y]] = [tx, ty];
  }
  return groups;
}

function spread(tickets: readonly Ticket[]): number {
  const skills = tickets.map(
    ({ players }) => players.reduce((sum, each) => sum + Number(each.attributes.skill), 0) / players.length,
  );
  return Math.max(...skills) - Math.min(...skills);
}

/** Team sizes are left as they are by an exchange of equal parties, so any teams will do here. */
function legal(tickets: readonly Ticket[], place: string, nowMs: number): boolean {
  const known = new Map(tickets.map((ticket) => [ticket.id, ticket]));
  const teams = [{ name: 'all', tickets }];
  return violations([{ teams, place, level: 0 }], known, nowMs).every((text) => text.includes('team all has'));
}
