/** One match as lines for people: what it is, who plays in which team, and how it came about. */
import type { Match } from '@horizon-atlas/sdk-admin';
import { clockTime, dayTime, duration } from './figures.ts';
import { fields, type TableSpace, table } from './table.ts';

export function matchLines(match: Match, space: TableSpace, nowMs: number): string[] {
  const inner = { ...space, indent: 2 };
  return [
    ...fields(pairsOf(match), space),
    '',
    ...table(rosterColumns, rosterOf(match), inner),
    '',
    ...table(stepColumns(match.timeline[0]?.atMs ?? 0, nowMs), match.timeline, inner),
  ];
}

function pairsOf(match: Match): (readonly [string, string])[] {
  const { id, queue, stage, outcome, place, level, server, fleet, backfill, result } = match;
  const dash = (text: string) => (text === '' ? '–' : text);
  return [
    ['match', id],
    ['queue', queue],
    ['stage', outcome === '' ? stage : `${stage}: ${outcome}`],
    ['server', dash(server)],
    ['fleet', fleet],
    ['place', dash(place)],
    ['rules', `at step ${level + 1}`],
    ['backfill', backfill ? 'its free places are filled' : 'off'],
    [
      'result',
      result
        ? result.teams.map(({ name, rank, score }) => `${rank}. ${name}${score === undefined ? '' : ` (${score})`}`).join('  ')
        : '–',
    ],
  ];
}

interface RosterRow {
  readonly team: string;
  readonly player: string;
  readonly ticket: string;
  readonly left: boolean;
}

function rosterOf({ teams }: Match): readonly RosterRow[] {
  return teams.flatMap(({ name, players }) => players.map(({ id, ticket, left }) => ({ team: name, player: id, ticket, left })));
}

const rosterColumns = [
  { title: 'TEAM', rank: 0, cell: ({ team }: RosterRow) => team },
  { title: 'PLAYER', rank: 0, min: 8, cell: ({ player }: RosterRow) => player },
  { title: 'TICKET', rank: 1, min: 12, id: true, cell: ({ ticket }: RosterRow) => ticket },
  { title: '', rank: 2, cell: ({ left }: RosterRow) => (left ? 'has left' : '') },
];

type Step = Match['timeline'][0];

const stepColumns = (startMs: number, nowMs: number) => [
  { title: 'AT', rank: 0, cell: ({ atMs }: Step) => (nowMs - atMs > 86_400_000 ? dayTime(atMs) : clockTime(atMs)) },
  { title: 'AFTER', rank: 1, right: true, cell: ({ atMs }: Step) => duration((atMs - startMs) / 1000) },
  { title: 'WHAT', rank: 0, cell: ({ what }: Step) => what },
  { title: '', rank: 2, min: 10, cell: ({ text }: Step) => text },
];
