/**
 * When a server can be played: any or all of its conditions, in whatever order they come true.
 *
 *   waiting ── conditions hold ──▶ ready
 *      └────── withinMs is over ──▶ late (says which are missing)
 */
import type { GameDefinition, ReadyCondition } from './definition-schema.ts';

export type ReadyState = 'waiting' | 'ready' | 'late';

export class Readiness {
  readonly conditions: readonly ReadyCondition[];
  readonly dueMs: number;
  readonly #any: boolean;
  readonly #holds = new Set<number>();
  #state: ReadyState = 'waiting';

  constructor(definition: GameDefinition, nowMs: number) {
    this.conditions = conditionsOf(definition);
    this.#any = definition.ready?.any !== undefined;
    this.dueMs = nowMs + withinMsOf(definition);
  }

  get state(): ReadyState {
    return this.#state;
  }

  /** A condition came true; it stays so. */
  met(condition: number): ReadyState {
    this.#holds.add(condition);
    const enough = this.#any ? this.#holds.size > 0 : this.#holds.size === this.conditions.length;
    if (this.#state === 'waiting' && enough) this.#state = 'ready';
    return this.#state;
  }

  tick(nowMs: number): ReadyState {
    if (this.#state === 'waiting' && nowMs >= this.dueMs) this.#state = 'late';
    return this.#state;
  }

  /** What is still to come. */
  missing(): ReadyCondition[] {
    return this.conditions.filter((_, i) => !this.#holds.has(i));
  }
}

/** Of a definition that says nothing: all its game ports are bound. */
export function conditionsOf({ ready, ports }: GameDefinition): readonly ReadyCondition[] {
  if (ready?.any) return ready.any;
  if (ready?.all) return ready.all;
  return Object.entries(ports)
    .filter(([, { role, check }]) => role === 'game' && check)
    .map(([bound]) => ({ bound }));
}

export function withinMsOf({ ready }: GameDefinition): number {
  return ready?.withinMs ?? 60_000;
}

export function conditionText(condition: ReadyCondition): string {
  if ('log' in condition) return `a line that matches ${condition.log}`;
  if ('bound' in condition) return `that the port ${condition.bound} is bound`;
  return 'an answer to a query';
}
