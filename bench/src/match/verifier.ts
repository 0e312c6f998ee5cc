/**
 * Checks matches of the bench's rule set from what the tickets say, by code of its own: it shares nothing with the matchmaker but the shape of a ticket.
 */
import type { FormedMatch, Ticket } from '@horizon-atlas/matchmaker';

/** What is wrong, a sentence each. `nowMs`: when they were formed. */
export function violations(matches: readonly FormedMatch[], tickets: ReadonlyMap<string, Ticket>, nowMs: number): string[] {
  const found: string[] = [];
  const matched = new Set<string>();
  for (const [i, { teams, place }] of matches.entries()) {
    const own = teams.flatMap((team) => team.tickets);
    for (const { id } of own) {
      if (!tickets.has(id)) found.push(`match ${i} has ticket ${id}, which nobody made`);
      if (matched.has(id)) found.push(`ticket ${id} is in two matches`);
      matched.add(id);
    }
    for (const { name, tickets: members } of teams) {
      const size = members.reduce((sum, { id }) => sum + (tickets.get(id)?.players.length ?? 0), 0);
      if (size !== 4) found.push(`match ${i}: team ${name} has ${size} players`);
    }
    found.push(...skillViolations(i, own, nowMs), ...placeViolations(i, own, place));
    const modes = new Set(own.flatMap(({ players }) => players.map(({ attributes }) => attributes.mode)));
    if (modes.size !== 1) found.push(`match ${i} mixes ${[...modes].join(' and ')}`);
  }
  return found;
}

function skillViolations(i: number, tickets: readonly Ticket[], nowMs: number): string[] {
  // A party has one skill, its mean; every one of its players counts.
  const skills = tickets.flatMap(({ players }) =>
    players.map(() => mean(players.map(({ attributes }) => Number(attributes.skill)))),
  );
  const newest = Math.max(...tickets.map(({ createdMs }) => createdMs));
  const most = nowMs - newest >= 15_000 ? 300 : 100;
  const centre = mean(skills);
  const far = Math.max(...skills.map((skill) => Math.abs(skill - centre)));
  return far > most + 1e-6 ? [`match ${i}: a player is ${far.toFixed(1)} from the mean, ${most} is allowed`] : [];
}

function placeViolations(i: number, tickets: readonly Ticket[], place: string): string[] {
  return tickets
    .filter(({ players }) => mean(players.map(({ latencyMs }) => latencyMs[place] ?? Number.POSITIVE_INFINITY)) > 80)
    .map(({ id }) => `match ${i} at ${place}: ticket ${id} is more than 80 ms away`);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
