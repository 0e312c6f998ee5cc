/** What the page knows of edges. Undefined: not heard of yet. Ways through them may be thousands: pages ask for those they show. */
import type { Edge } from '@horizon-atlas/sdk-admin';
import { computed, signal } from '@preact/signals';
import { FigureRing } from './figure-ring.ts';

export const limits = {
  /** One a second, as the page has seen them. */
  figures: 300,
} as const;

export interface EdgeFigures {
  readonly atMs: number;
  readonly sessions: number;
  readonly held: number;
  readonly inPerS: number | null;
  readonly outPerS: number | null;
  readonly droppedPerS: number | null;
  readonly cpu: number | null;
}

export const edges = signal<readonly Edge[] | undefined>(undefined);
export const edgeFigures = new FigureRing<EdgeFigures>(limits.figures);
export const hasEdges = computed(() => (edges.value?.length ?? 0) > 0);

interface Sums {
  readonly atMs: number;
  readonly edge: Edge;
}
const before = new Map<string, Sums>();

export function takeEdges(list: readonly Edge[], atMs: number): void {
  edges.value = list;
  for (const edge of list) {
    const last = before.get(edge.id);
    const s = last ? (atMs - last.atMs) / 1000 : 0;
    // Lists that come together say nothing of a rate; a figure that fell is of another process.
    const perS = (of: (edge: Edge) => number | null): number | null => {
      const [now, then] = [of(edge), last ? of(last.edge) : null];
      return s < 0.2 || now === null || then === null || now < then ? null : (now - then) / s;
    };
    before.set(edge.id, { atMs, edge });
    edgeFigures.push(edge.id, {
      atMs,
      sessions: edge.sessions - edge.held,
      held: edge.held,
      inPerS: perS(({ bytesIn }) => bytesIn),
      outPerS: perS(({ bytesOut }) => bytesOut),
      droppedPerS: perS(droppedOf),
      cpu: perS(({ cpuS }) => cpuS),
    });
  }
  for (const id of before.keys()) if (!list.some((edge) => edge.id === id)) before.delete(id);
}

export const droppedOf = ({ dropped }: Edge): number => Object.values(dropped).reduce((sum, count) => sum + count, 0);

export function forgetEdges(): void {
  edges.value = undefined;
  edgeFigures.clear();
  before.clear();
}
