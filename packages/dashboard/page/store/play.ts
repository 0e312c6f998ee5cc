/** What the page knows of queues and matches, as signals; lists come whole and are swapped. Undefined: not heard of yet. */
import type { Match, Queue } from '@horizon-atlas/sdk-admin';
import { computed, signal } from '@preact/signals';
import { FigureRing } from './figure-ring.ts';

export const limits = {
  /** One a second, as the page has seen them. */
  figures: 600,
} as const;

export interface QueueFigures {
  readonly atMs: number;
  readonly tickets: number;
  readonly players: number;
  readonly expanding: number;
  readonly oldestMs: number | null;
  readonly estimatedWaitMs: number | null;
}

export const queues = signal<readonly Queue[] | undefined>(undefined);
/** The latest first, and of the last ones only. */
export const matches = signal<readonly Match[] | undefined>(undefined);
export const queueFigures = new FigureRing<QueueFigures>(limits.figures);

export const hasQueues = computed(() => (queues.value?.length ?? 0) > 0);

export function takeQueues(list: readonly Queue[], atMs: number): void {
  queues.value = list;
  for (const { name, tickets, players, expanding, oldestMs, estimatedWaitMs } of list)
    queueFigures.push(name, { atMs, tickets, players, expanding, oldestMs, estimatedWaitMs });
}

export function forgetPlay(): void {
  queues.value = undefined;
  matches.value = undefined;
  queueFigures.clear();
}
