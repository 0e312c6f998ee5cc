/** Fleets, game servers and allocations as columns. */
import type { Fleet, GameServer } from '@horizon-atlas/sdk-admin';
import { age, bytes, ms, percent } from './figures.ts';
import type { Formatter, Paint } from './paint.ts';
import type { Column } from './table.ts';

const plain: Formatter = (text) => text;

export const fleetColumns: readonly Column<Fleet>[] = [
  { title: 'FLEET', rank: 0, min: 8, cell: ({ name }) => name },
  { title: 'SERVERS', right: true, rank: 0, cell: ({ states }) => String(Object.values(states).reduce((sum, n) => sum + n, 0)) },
  { title: 'WANTED', right: true, rank: 1, cell: ({ replicas }) => String(replicas) },
  {
    title: 'READY',
    right: true,
    rank: 0,
    cell: ({ states }) => String(states.Ready ?? 0),
    tone: ({ states }, paint) => ((states.Ready ?? 0) > 0 ? paint.green : plain),
  },
  { title: 'IN USE', right: true, rank: 0, cell: ({ inUse }) => String(inUse) },
  {
    title: 'WAITING',
    right: true,
    rank: 2,
    cell: ({ waiting }) => String(waiting),
    tone: ({ waiting }, paint) => (waiting > 0 ? paint.yellow : plain),
  },
  { title: 'SIZE', rank: 3, cell: sizeText },
  { title: 'START MS', right: true, rank: 4, cell: ({ startMs }) => (startMs ? `${ms(startMs.p50)}/${ms(startMs.p99)}` : null) },
  { title: 'VERSION', rank: 5, cell: ({ version }) => version },
  { title: 'SITES', rank: 6, cell: ({ sites }) => sites.join(' ') },
  {
    title: 'WHY',
    rank: 7,
    min: 10,
    cell: ({ trouble }) => (trouble ? `${trouble.code}: ${trouble.message}` : ''),
    tone: (_, paint) => paint.red,
  },
];

/** Its limits, and by what it is as large as it is between them. */
function sizeText({ min, max, held, warm, policy }: Fleet): string {
  const by = held !== null ? 'held' : warm !== null ? `${warm} warm` : policy;
  return by === null ? `${min}-${max}` : `${min}-${max}, ${by}`;
}

export const stateTone = (state: GameServer['state'], paint: Paint): Formatter => {
  if (state === 'Ready') return paint.green;
  if (state === 'Unhealthy' || state === 'Error') return paint.red;
  if (state === 'Allocated' || state === 'Activating' || state === 'Active') return paint.cyan;
  return state === 'Sleeping' || state === 'Shutdown' ? paint.dim : paint.yellow;
};

export function gameServerColumns(nowMs: number): readonly Column<GameServer>[] {
  return [
    { title: 'SERVER', rank: 0, min: 13, id: true, cell: ({ id }) => id },
    { title: 'FLEET', rank: 2, min: 6, cell: ({ fleet }) => fleet },
    { title: 'STATE', rank: 0, cell: ({ state }) => state, tone: ({ state }, paint) => stateTone(state, paint) },
    { title: 'FOR', right: true, rank: 3, cell: ({ sinceMs }) => age(sinceMs, nowMs) },
    { title: 'PLAYERS', right: true, rank: 1, cell: ({ players }) => (players ? String(players.count) : null) },
    { title: 'CPU', right: true, rank: 5, cell: ({ cpu }) => percent(cpu) },
    { title: 'MEMORY', right: true, rank: 6, cell: ({ memoryBytes }) => bytes(memoryBytes) },
    { title: 'LIMITS', rank: 8, min: 8, cell: ({ limits }) => limits.map(limitText).join(' ') },
    { title: 'PORTS', rank: 1, cell: ({ ports }) => ports.map(({ name, port }) => `${name}:${port}`).join(' ') },
    { title: 'SESSIONS', rank: 4, min: 8, cell: ({ allocations }) => allocations.join(' ') },
    { title: 'AGE', right: true, rank: 5, cell: ({ startedAtMs }) => (startedAtMs > 0 ? age(startedAtMs, nowMs) : null) },
    { title: 'PID', right: true, rank: 6, cell: ({ pid }) => (pid > 0 ? String(pid) : null) },
    { title: 'VERSION', rank: 7, cell: ({ version }) => version },
    { title: 'WHY', rank: 8, min: 8, cell: ({ why }) => why },
  ];
}

/** What nobody holds it to is said to be so. */
function limitText({ resource, max, by }: GameServer['limits'][number]): string {
  const text = resource === 'memoryBytes' ? bytes(max) : `${max} ${resource}`;
  return by === 'kernel' ? `${text}` : `(${text}: not enforced here)`;
}
