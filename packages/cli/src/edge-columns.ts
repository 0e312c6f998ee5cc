/** Edges and the ways through them as columns. */
import type { Edge, EdgeWay } from '@horizon-atlas/sdk-admin';
import { age, bytes, count } from './figures.ts';
import type { Column } from './table.ts';

const portsText = ({ ports }: Edge): string =>
  ports.map(({ name, port, code }) => `${name}:${port === 0 ? code : port}`).join(' ');
const droppedCount = ({ dropped }: Edge): number => Object.values(dropped).reduce((sum, each) => sum + each, 0);

export const edgeColumns: readonly Column<Edge>[] = [
  { title: 'EDGE', rank: 0, min: 10, id: true, cell: ({ id }) => id },
  { title: 'SESSIONS', right: true, rank: 0, cell: ({ sessions }) => String(sessions) },
  {
    title: 'HELD',
    right: true,
    rank: 2,
    cell: ({ held }) => String(held),
    tone: ({ held }, paint) => (held > 0 ? paint.yellow : paint.dim),
  },
  { title: 'IN', right: true, rank: 5, cell: ({ bytesIn }) => bytes(bytesIn) },
  { title: 'OUT', right: true, rank: 5, cell: ({ bytesOut }) => bytes(bytesOut) },
  { title: 'DROPPED', right: true, rank: 3, cell: (edge) => count(droppedCount(edge)) },
  { title: 'MEMORY', right: true, rank: 6, cell: ({ memoryBytes }) => (memoryBytes === null ? null : bytes(memoryBytes)) },
  {
    title: 'PORTS',
    rank: 1,
    min: 16,
    cell: portsText,
    tone: ({ ports }, paint) => (ports.some(({ code }) => code !== '') ? paint.red : (text) => text),
  },
];

export function edgeWayColumns(nowMs: number): readonly Column<EdgeWay>[] {
  return [
    { title: 'SESSION', rank: 2, min: 10, id: true, cell: ({ id }) => id },
    { title: 'PLAYER', rank: 0, min: 8, cell: ({ player }) => (player === '' ? null : player) },
    { title: 'FROM', rank: 0, min: 12, cell: ({ peer }) => peer },
    { title: 'PORT', rank: 1, min: 10, cell: ({ port, protocol }) => `${port} (${protocol})` },
    { title: 'SERVER', rank: 1, min: 12, id: true, cell: ({ server }) => (server === '' ? null : server) },
    { title: 'SEEN AS', rank: 3, min: 12, cell: ({ seenAs }) => (seenAs === '' ? null : seenAs) },
    {
      title: 'STATE',
      rank: 2,
      cell: ({ state }) => state,
      tone: ({ state }, paint) => (state === 'held' ? paint.yellow : paint.green),
    },
    { title: 'AGE', right: true, rank: 4, cell: ({ sinceMs }) => age(sinceMs, nowMs) },
  ];
}
