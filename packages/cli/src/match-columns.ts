/** Queues, tickets and matches as columns, what matters most first. */
import type { Match, Queue, Ticket } from '@horizon-atlas/sdk-admin';
import { age, duration } from './figures.ts';
import type { Formatter, Paint } from './paint.ts';
import type { Column } from './table.ts';

const plain: Formatter = (text) => text;
const some = (text: string): string | null => (text === '' ? null : text);
const wait = (ms: number | null): string | null => (ms === null ? null : duration(ms / 1000));

const statusTone = (status: Ticket['status'], paint: Paint): Formatter =>
  ({
    QUEUED: paint.dim,
    SEARCHING: plain,
    REQUIRES_ACCEPTANCE: paint.yellow,
    PLACING: paint.yellow,
    COMPLETED: paint.green,
    FAILED: paint.red,
    CANCELLED: paint.dim,
    TIMED_OUT: paint.red,
  })[status] ?? plain;

export const queueColumns: readonly Column<Queue>[] = [
  { title: 'QUEUE', rank: 0, min: 8, cell: ({ name }) => name },
  { title: 'TICKETS', right: true, rank: 0, cell: ({ tickets }) => String(tickets) },
  { title: 'PLAYERS', right: true, rank: 1, cell: ({ players }) => String(players) },
  { title: 'EXPANDING', right: true, rank: 3, cell: ({ expanding }) => String(expanding) },
  { title: 'OLDEST', right: true, rank: 2, cell: ({ oldestMs }) => wait(oldestMs) },
  { title: 'WAIT', right: true, rank: 1, cell: ({ estimatedWaitMs }) => wait(estimatedWaitMs) },
  { title: 'PLACING', right: true, rank: 5, cell: ({ matches }) => String(matches.placing + matches.accepting) },
  { title: 'MATCHES', right: true, rank: 2, cell: ({ matches }) => String(matches.active) },
  { title: 'FORMED', right: true, rank: 6, cell: ({ matchesFormed }) => String(matchesFormed) },
  { title: 'FLEET', rank: 7, min: 8, cell: ({ fleet }) => fleet },
  { title: 'WHY', rank: 4, min: 16, cell: ({ why }) => some(why) },
];

export function ticketColumns(nowMs: number): readonly Column<Ticket>[] {
  return [
    { title: 'TICKET', rank: 0, min: 13, id: true, cell: ({ id }) => id },
    { title: 'QUEUE', rank: 1, min: 8, cell: ({ queue }) => queue },
    { title: 'STATUS', rank: 0, cell: ({ status }) => status, tone: ({ status }, paint) => statusTone(status, paint) },
    { title: 'PLAYERS', rank: 2, min: 8, cell: ({ players }) => players.join(' ') },
    { title: 'AGE', right: true, rank: 3, cell: ({ createdAtMs }) => age(createdAtMs, nowMs) },
    { title: 'WAIT', right: true, rank: 5, cell: ({ estimatedWaitMs }) => wait(estimatedWaitMs) },
    { title: 'MATCH', rank: 4, min: 12, id: true, cell: ({ match }) => some(match) },
    {
      title: 'WHY',
      rank: 6,
      min: 10,
      cell: ({ code, message }) => some([code, message].filter((text) => text !== '').join(': ')),
    },
  ];
}

export function matchColumns(nowMs: number): readonly Column<Match>[] {
  return [
    { title: 'MATCH', rank: 0, min: 13, id: true, cell: ({ id }) => id },
    { title: 'QUEUE', rank: 1, min: 8, cell: ({ queue }) => queue },
    {
      title: 'STAGE',
      rank: 0,
      cell: ({ stage, outcome }) => (stage === 'ended' ? outcome : stage),
      tone: ({ stage, outcome }, paint) =>
        stage === 'active' ? paint.green : outcome === 'lost' ? paint.red : stage === 'ended' ? paint.dim : paint.yellow,
    },
    { title: 'PLAYERS', right: true, rank: 1, cell: ({ players }) => String(players) },
    { title: 'PLACE', rank: 4, cell: ({ place }) => some(place) },
    { title: 'AGE', right: true, rank: 3, cell: ({ createdAtMs }) => age(createdAtMs, nowMs) },
    { title: 'SERVER', rank: 2, min: 12, id: true, cell: ({ server }) => some(server) },
    { title: 'WINNER', rank: 5, min: 6, cell: ({ result }) => some(winners(result)) },
  ];
}

function winners(result: Match['result']): string {
  return (result?.teams ?? [])
    .filter(({ rank }) => rank === 1)
    .map(({ name }) => name)
    .join(' ');
}
