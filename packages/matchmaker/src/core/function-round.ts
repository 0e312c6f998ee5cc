/**
 * One call of a match function: what it is shown, and what of its answer becomes matches. The function is believed nothing: every proposal is looked at from
 * what the queue knows, when the answer is there.
 */

import type { LevelConstraints } from './constraints.ts';
import type { FormedMatch } from './former.ts';
import { candidateOf } from './former.ts';
import { judge } from './judge.ts';
import { limits, type MatchPool } from './match-function.ts';
import { PlaceChoice } from './place-choice.ts';
import type { Player, Ticket } from './rule-set.ts';
import type { SlotQueue } from './slot-queue.ts';

export interface RoundOutcome {
  readonly matches: readonly FormedMatch[];
  /** What was wrong with proposals, a sentence each; the first few. */
  readonly refusals: readonly string[];
  readonly refused: number;
  /** Proposals with tickets that were cancelled, filled in elsewhere or timed out while the function thought: nobody's fault. */
  readonly stale: number;
}

/** Sentences that are kept of a round. */
const refusalsKept = 5;

type Verdict =
  | { readonly match: FormedMatch; readonly slots: readonly number[] }
  | { readonly stale: true }
  | { readonly wrong: string };

export class FunctionRound {
  readonly pool: MatchPool;
  readonly #queue: SlotQueue;
  /** Where the tickets that it was shown wait, and which of the slot's tickets they are. */
  readonly #shown = new Map<string, { readonly slot: number; readonly turn: number }>();
  readonly #taken = new Set<string>();

  constructor(queue: SlotQueue, name: string, nowMs: number) {
    const { pool, constraints } = queue;
    this.#queue = queue;
    const slots = inOrder(queue).slice(0, limits.tickets);
    const tickets = slots.map((slot) => {
      const { id, players, createdMs, priority = 0 } = pool.tickets[slot] as Ticket;
      this.#shown.set(id, { slot, turn: pool.turnOf(slot) });
      return { id, players, ageMs: nowMs - createdMs, priority };
    });
    const teams = (constraints.levels[0] as LevelConstraints).teams.map(({ name: team, minPlayers, maxPlayers }) => ({
      name: team,
      minPlayers,
      maxPlayers,
    }));
    this.pool = { queue: name, nowMs, teams, tickets, more: queue.size - tickets.length };
  }

  /** Takes the tickets of what becomes a match out of the queue. Earlier proposals come first. */
  settle(proposals: readonly unknown[], nowMs: number): RoundOutcome {
    const matches: FormedMatch[] = [];
    const refusals: string[] = [];
    let [refused, stale] = [0, 0];
    for (const [i, proposal] of proposals.entries()) {
      const verdict = this.#verdict(proposal, nowMs);
      if ('match' in verdict) {
        matches.push(verdict.match);
        for (const slot of verdict.slots) this.#queue.take(slot);
      } else if ('stale' in verdict) stale++;
      else if (refused++ < refusalsKept) refusals.push(`proposal ${i + 1}: ${verdict.wrong}`);
    }
    return { matches, refusals, refused, stale };
  }

  #verdict(proposal: unknown, nowMs: number): Verdict {
    const read = readProposal(proposal);
    if (typeof read === 'string') return { wrong: read };
    const { pool } = this.#queue;
    const ids = read.teams.flatMap((team) => team.tickets);
    const own = new Set<string>();
    const slots: number[] = [];
    let stale = false;
    for (const id of ids) {
      const shown = this.#shown.get(id);
      if (!shown) return { wrong: `it was shown no ticket ${short(id)}` };
      if (own.has(id)) return { wrong: `ticket ${id} is in it twice` };
      if (this.#taken.has(id)) return { wrong: `ticket ${id} is in an earlier proposal` };
      own.add(id);
      stale ||= pool.tickets[shown.slot]?.id !== id || pool.turnOf(shown.slot) !== shown.turn;
      slots.push(shown.slot);
    }
    if (slots.length === 0) return { wrong: 'nobody is in it' };
    if (stale) return { stale: true };
    const made = this.#lineup(read, slots, nowMs);
    if (typeof made === 'string') return { wrong: made };
    for (const id of ids) this.#taken.add(id);
    return { match: made, slots };
  }

  /** Every rule is asked, at the level that the ages of the tickets allow. */
  #lineup(read: ReadProposal, slots: readonly number[], nowMs: number): FormedMatch | string {
    const { pool, constraints } = this.#queue;
    const levels = slots.map((slot) => pool.levelAt(slot, nowMs));
    const level = constraints.ruleSet.algorithm.expansionAge === 'newest' ? Math.min(...levels) : Math.max(...levels);
    const { teams, rules, hasLatency, latencyParty } = constraints.levels[level] as LevelConstraints;
    const stranger = read.teams.find(({ name }) => !teams.some((team) => team.name === name));
    if (stranger) return `there is no team ${short(stranger.name)}; there are ${teams.map(({ name }) => name).join(', ')}`;
    const made = teams.map(({ name }) => {
      const ids = read.teams.find((team) => team.name === name)?.tickets ?? [];
      return { name, tickets: ids.map((id) => pool.tickets[this.#shown.get(id)?.slot ?? -1] as Ticket) };
    });
    for (const [t, { name, minPlayers, maxPlayers }] of teams.entries()) {
      const players = made[t]?.tickets.reduce((sum, ticket) => sum + ticket.players.length, 0) ?? 0;
      if (players < minPlayers || players > maxPlayers)
        return `team ${name} has ${players} ${players === 1 ? 'player' : 'players'}, and ${minPlayers === maxPlayers ? minPlayers : `${minPlayers} to ${maxPlayers}`} play in it`;
    }
    const tickets = made.flatMap((team) => team.tickets);
    const way = made.flatMap((team, t) => team.tickets.map(() => t));
    const { place } = read;
    const nowhere =
      place !== '' && tickets.find(({ players }) => players.some(({ latencyMs }) => !Object.hasOwn(latencyMs, place)));
    if (nowhere) return `ticket ${nowhere.id} knows no round trip to ${place}`;
    const there = place === '' ? tickets : tickets.map((ticket) => onlyAt(ticket, place));
    const broken = judge(rules, candidateOf(constraints.ruleSet, teams, there, way)).filter(({ holds }) => !holds);
    if (broken.length > 0)
      return `it breaks ${broken.map(({ rule, found }) => (found === '' ? rule : `${rule} (${found})`)).join(', ')}`;
    const mask = slots.reduce((all, slot) => all & (pool.masks[level]?.[slot] ?? -1), -1);
    const best = () => (hasLatency ? new PlaceChoice(pool).best(mask, tickets, latencyParty) : '');
    return { teams: made, place: place === '' ? best() : place, level };
  }
}

interface ReadProposal {
  readonly teams: readonly { readonly name: string; readonly tickets: readonly string[] }[];
  readonly place: string;
}

/** What it proposes, or what is wrong with its shape. */
function readProposal(value: unknown): ReadProposal | string {
  const expected = "expected { teams: { red: ['ticket_1', …], … } }";
  if (typeof value !== 'object' || value === null || !('teams' in value)) return `${expected}, found ${short(value)}`;
  const { teams, place = '' } = value as { teams: unknown; place?: unknown };
  if (typeof place !== 'string' || place.length > limits.placeText) return `expected the name of a place, found ${short(place)}`;
  if (typeof teams !== 'object' || teams === null || Array.isArray(teams)) return `${expected}, found teams ${short(teams)}`;
  const read: ReadProposal['teams'][0][] = [];
  for (const [name, tickets] of Object.entries(teams)) {
    if (!Array.isArray(tickets) || tickets.length > limits.tickets || !tickets.every((id) => typeof id === 'string'))
      return `${expected}, found ${short(tickets)} as team ${short(name)}`;
    read.push({ name, tickets: tickets as string[] });
  }
  return { teams: read, place };
}

function inOrder({ pool }: SlotQueue): readonly number[] {
  const [createdMs, priority] = [pool.createdMs, pool.priority];
  return [...pool.slots()].sort(
    (a, b) => (priority[b] as number) - (priority[a] as number) || (createdMs[a] as number) - (createdMs[b] as number) || a - b,
  );
}

function onlyAt(ticket: Ticket, place: string): Ticket {
  const players = ticket.players.map(
    (player): Player => ({ ...player, latencyMs: { [place]: player.latencyMs[place] as number } }),
  );
  return { ...ticket, players };
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
