/**
 * A match's life. Accepting matches are kept nowhere: after a restart their tickets search on.
 *
 *   accepting ──all──▶ placing ──a server──▶ active ──result, or the server is gone──▶ ended
 *       └──── no ────────┴── no server, or a ticket is cancelled ──▶ (dissolved: its tickets search on)
 */
import type { GameServerPort } from '@horizon-atlas/protocol';
import type { QueueSettings } from './desk-io.ts';
import type { FormedMatch } from './former.ts';
import type { QueuedTicket } from './ticket-life.ts';

export type MatchStage = 'accepting' | 'placing' | 'active' | 'ended';

export interface MatchTeam {
  readonly name: string;
  readonly tickets: readonly QueuedTicket[];
}

/** What a game server, or whoever speaks for it, says of how it ended. Teams are those of the match, by name. */
export interface MatchResult {
  /** 1 is the winner; equal ranks are a draw. */
  readonly teams: readonly { readonly name: string; readonly rank: number; readonly score?: number }[];
  /** Kept and shown, not read. */
  readonly data?: unknown;
}

export interface MatchStep {
  readonly what: string;
  readonly atMs: number;
  readonly text: string;
}

export interface RatingMove {
  readonly player: string;
  readonly before: number;
  readonly after: number;
}

/** JSON as it stands: this is what the Store keeps. */
export interface Match {
  readonly id: string;
  readonly queue: string;
  readonly stage: MatchStage;
  readonly place: string;
  /** Level of the expansions that made it possible. */
  readonly level: number;
  readonly teams: readonly MatchTeam[];
  readonly createdMs: number;
  /** Players who have said yes. */
  readonly accepted: readonly string[];
  readonly acceptUntilMs: number;
  readonly server: string;
  readonly fleet: string;
  readonly ports: readonly GameServerPort[];
  readonly placedMs: number;
  /** Players who are there no more. */
  readonly left: readonly string[];
  /** Its free places are filled from the queue. */
  readonly backfill: boolean;
  readonly endedMs: number;
  /** `finished`: with a result. `over`: without one. `lost`: its server ended before. */
  readonly outcome: '' | 'finished' | 'over' | 'lost';
  readonly result: MatchResult | null;
  /** Whom its result moved, by how much; as people read ratings. Absent: nobody. */
  readonly ratings?: readonly RatingMove[];
  readonly timeline: readonly MatchStep[];
}

export type MatchInput =
  | { readonly kind: 'accepted'; readonly players: readonly string[] }
  | { readonly kind: 'place' }
  | { readonly kind: 'placed'; readonly server: string; readonly fleet: string; readonly ports: readonly GameServerPort[] }
  | { readonly kind: 'left'; readonly players: readonly string[] }
  | { readonly kind: 'backfill'; readonly open: boolean }
  | { readonly kind: 'filled'; readonly team: string; readonly ticket: QueuedTicket }
  | {
      readonly kind: 'ended';
      readonly outcome: 'finished' | 'over' | 'lost';
      readonly result: MatchResult | null;
      readonly ratings: readonly RatingMove[];
    };

export const limits = {
  /** Steps of a timeline; the first and the latest are kept. */
  timeline: 64,
} as const;

/** As it is formed: its players are asked, or a server is. */
export function makeMatch(id: string, { name, fleet, acceptMs }: QueueSettings, formed: FormedMatch, nowMs: number): Match {
  const { place, level } = formed;
  // What the queue was given came from here.
  const teams = formed.teams as readonly MatchTeam[];
  const tickets = teams.flatMap((team) => team.tickets);
  const oldest = tickets.reduce((least, { createdMs }) => Math.min(least, createdMs), nowMs);
  const text = `${tickets.length} ${tickets.length === 1 ? 'ticket' : 'tickets'}${place === '' ? '' : `, at ${place}`}, rules at step ${level + 1}`;
  return {
    id,
    queue: name,
    stage: acceptMs > 0 ? 'accepting' : 'placing',
    place,
    level,
    teams,
    createdMs: nowMs,
    accepted: [],
    acceptUntilMs: acceptMs > 0 ? nowMs + acceptMs : 0,
    server: '',
    fleet,
    ports: [],
    placedMs: 0,
    left: [],
    backfill: false,
    endedMs: 0,
    outcome: '',
    result: null,
    timeline: [
      { what: 'waiting', atMs: oldest, text: 'the oldest ticket came' },
      { what: 'formed', atMs: nowMs, text },
    ],
  };
}

/** The match after it; the same one if it means nothing in its stage. */
export function stepMatch(match: Match, input: MatchInput, nowMs: number): Match {
  const { stage } = match;
  switch (input.kind) {
    case 'accepted':
      if (stage !== 'accepting') return match;
      return { ...match, accepted: [...new Set([...match.accepted, ...input.players])] };
    case 'place':
      if (stage !== 'accepting') return match;
      return noted({ ...match, stage: 'placing' }, 'accepted', nowMs, 'everybody has said yes');
    case 'placed': {
      if (stage !== 'placing') return match;
      const { server, fleet, ports } = input;
      return noted({ ...match, stage: 'active', server, fleet, ports, placedMs: nowMs }, 'placed', nowMs, `on server ${server}`);
    }
    case 'left': {
      if (stage !== 'active') return match;
      const gone = input.players.filter((player) => playersOf(match).includes(player));
      if (gone.length === 0) return match;
      return noted({ ...match, left: [...match.left, ...gone] }, 'left', nowMs, gone.join(', '));
    }
    case 'backfill':
      if (stage !== 'active' || match.backfill === input.open) return match;
      return noted(
        { ...match, backfill: input.open },
        'backfill',
        nowMs,
        input.open ? 'free places are filled' : 'no more players',
      );
    case 'filled': {
      if (stage !== 'active') return match;
      const { team, ticket } = input;
      const names = ticket.players.map(({ id }) => id);
      // Who was there before, and comes again, is there once.
      const teams = without(match.teams, names).map((each) =>
        each.name === team ? { ...each, tickets: [...each.tickets, ticket] } : each,
      );
      const left = match.left.filter((player) => !names.includes(player));
      return noted({ ...match, teams, left }, 'filled', nowMs, `${names.join(', ')} joined ${team}`);
    }
    case 'ended': {
      if (stage !== 'active') return match;
      const { outcome, result, ratings } = input;
      return noted(
        { ...match, stage: 'ended', backfill: false, outcome, result, ratings, endedMs: nowMs },
        'ended',
        nowMs,
        endText(input),
      );
    }
  }
}

/** Who plays, without those who have left. */
export function playersOf({ teams, left }: Match): readonly string[] {
  const all = teams.flatMap(({ tickets }) => tickets.flatMap(({ players }) => players.map(({ id }) => id)));
  return left.length === 0 ? all : all.filter((player) => !left.includes(player));
}

function without(teams: readonly MatchTeam[], names: readonly string[]): readonly MatchTeam[] {
  if (!teams.some(({ tickets }) => tickets.some(({ players }) => players.some(({ id }) => names.includes(id))))) return teams;
  return teams.map((team) => ({
    ...team,
    tickets: team.tickets
      .map((ticket) => ({ ...ticket, players: ticket.players.filter(({ id }) => !names.includes(id)) }))
      .filter(({ players }) => players.length > 0),
  }));
}

export function ticketsOf({ teams }: Match): readonly QueuedTicket[] {
  return teams.flatMap(({ tickets }) => tickets);
}

/** Of its tickets. */
export function idsOf(match: Match): readonly string[] {
  return ticketsOf(match).map(({ id }) => id);
}

function noted(match: Match, what: string, atMs: number, text: string): Match {
  const timeline = [...match.timeline, { what, atMs, text }];
  if (timeline.length > limits.timeline) timeline.splice(limits.timeline >> 1, 1);
  return { ...match, timeline };
}

function endText({ outcome, result }: Extract<MatchInput, { kind: 'ended' }>): string {
  if (outcome === 'lost') return 'its server ended before it did';
  const winners = result?.teams.filter(({ rank }) => rank === 1).map(({ name }) => name) ?? [];
  if (winners.length === 0) return 'without a result';
  return winners.length === 1 ? `${winners[0]} won` : `a draw of ${winners.join(' and ')}`;
}
