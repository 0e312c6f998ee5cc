/**
 * Filling free places of matches that run: who waits joins them before a new match is opened. Each ticket is tried in the order of age, in the
 * team with the fewest players first, and taken if every rule holds for the lineup with it. Seldom many, so the judge decides, without an index.
 */
import type { LevelConstraints } from './constraints.ts';
import { candidateOf } from './former.ts';
import { holds } from './judge.ts';
import type { Pool } from './pool.ts';
import type { Ticket } from './rule-set.ts';

/** A match with free places, as its server has told of it. */
export interface OpenMatch {
  readonly id: string;
  /** Where it is played; empty: the rules ask for no place. */
  readonly place: string;
  /** Who is there, by team: tickets without those who have left. */
  readonly teams: readonly { readonly name: string; readonly tickets: readonly Ticket[] }[];
  /** How loose the rules were for it, at least. */
  readonly level: number;
  /** Tickets that have been looked at for it are not looked at again, unless something has changed. */
  fresh: boolean;
}

export interface Fill {
  readonly match: string;
  readonly team: string;
  readonly ticket: Ticket;
}

export const limits = {
  /** Tickets that are looked at for one match at once. */
  looked: 2_000,
} as const;

/** Takes whom it fills in out of the pool. @param seeds tickets that are new, or whose rules have just loosened */
export function fill(pool: Pool, opens: readonly OpenMatch[], seeds: readonly number[], nowMs: number): readonly Fill[] {
  const fills: Fill[] = [];
  for (const open of opens) {
    const teams = open.teams.map(({ name, tickets }) => ({ name, tickets: [...tickets] }));
    for (const slot of inOrder(pool, open.fresh ? [...pool.slots()] : seeds)) {
      const ticket = pool.tickets[slot];
      if (ticket === undefined) continue;
      const team = teamFor(pool, { ...open, teams }, slot, ticket, nowMs);
      if (team === undefined) continue;
      pool.remove(slot);
      teams.find(({ name }) => name === team)?.tickets.push(ticket);
      fills.push({ match: open.id, team, ticket });
    }
    open.fresh = false;
  }
  return fills;
}

function teamFor(pool: Pool, open: OpenMatch, slot: number, ticket: Ticket, nowMs: number): string | undefined {
  const { constraints } = pool;
  const level = constraints.levels[Math.max(open.level, pool.levelAt(slot, nowMs))] as LevelConstraints;
  const count = (name: string) =>
    open.teams.find((team) => team.name === name)?.tickets.reduce((sum, { players }) => sum + players.length, 0) ?? 0;
  const rooms = level.teams
    .map(({ name, maxPlayers }) => ({ name, room: maxPlayers - count(name) }))
    .filter(({ room }) => room >= ticket.players.length)
    .sort((a, b) => b.room - a.room);
  for (const { name } of rooms) {
    const tickets: Ticket[] = [];
    const way: number[] = [];
    for (const [t, team] of level.teams.entries()) {
      const own = open.teams.find((each) => each.name === team.name)?.tickets ?? [];
      for (const each of team.name === name ? [...own, ticket] : own) {
        tickets.push(open.place === '' ? each : atPlace(each, open.place));
        way.push(t);
      }
    }
    if (holds(level.rules, candidateOf(constraints.ruleSet, level.teams, tickets, way))) return name;
  }
  return undefined;
}

/** The match is played where it is: other places do not count. Who is there already counts with what is known. */
function atPlace(ticket: Ticket, place: string): Ticket {
  return {
    ...ticket,
    players: ticket.players.map((player) => ({
      ...player,
      latencyMs: place in player.latencyMs ? { [place]: player.latencyMs[place] as number } : {},
    })),
  };
}

function inOrder(pool: Pool, slots: readonly number[]): readonly number[] {
  const known = slots.filter((slot) => pool.tickets[slot] !== undefined);
  const age = (slot: number) => pool.createdMs[slot] as number;
  const priority = (slot: number) => pool.tickets[slot]?.priority ?? 0;
  return known.sort((a, b) => priority(b) - priority(a) || age(a) - age(b) || a - b).slice(0, limits.looked);
}
