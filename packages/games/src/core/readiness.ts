/**
 * When a server can be played: any or all of its conditions hold, in whatever order they come true, and its game ports are bound, whatever else it says:
 * players who are led to a port where nobody listens find nothing.
 *
 *   waiting ── conditions hold ──▶ ready
 *      └────── withinMs is over ──▶ late (says which are missing)
 */
import type { GameDefinition, ReadyCondition } from './definition-schema.ts';

export type ReadyState = 'waiting' | 'ready' | 'late';

export class Readiness {
  /** Those of the definition, and behind them the ports that are to be bound in any case. */
  readonly conditions: readonly ReadyCondition[];
  readonly dueMs: number;
  /** So many of `conditions`, from the front, of which one is enough; 0: each of all is needed. */
  readonly #alternatives: number;
  readonly #holds = new Set<number>();
  #state: ReadyState = 'waiting';

  constructor(definition: GameDefinition, nowMs: number) {
    this.conditions = conditionsOf(definition);
    this.#alternatives = definition.ready?.any?.length ?? 0;
    this.dueMs = nowMs + withinMsOf(definition);
  }

  get state(): ReadyState {
    return this.#state;
  }

  /** A condition came true; it stays so. */
  met(condition: number): ReadyState {
    this.#holds.add(condition);
    if (this.#state === 'waiting' && this.missing().length === 0) this.#state = 'ready';
    return this.#state;
  }

  tick(nowMs: number): ReadyState {
    if (this.#state === 'waiting' && nowMs >= this.dueMs) this.#state = 'late';
    return this.#state;
  }

  /** What is still to come. */
  missing(): ReadyCondition[] {
    const one = [...this.#holds].some((i) => i < this.#alternatives);
    return this.conditions.filter((_, i) => !this.#holds.has(i) && !(one && i < this.#alternatives));
  }

  /** The same for people. */
  missingText(): string {
    const missing = this.missing();
    const either = missing.filter((each) => this.conditions.indexOf(each) < this.#alternatives).map(conditionText);
    const each = missing.filter((one) => this.conditions.indexOf(one) >= this.#alternatives).map(conditionText);
    return [...(either.length > 0 ? [either.join(' or ')] : []), ...each].join(' and ');
  }
}

export function conditionsOf({ ready, ports }: GameDefinition): readonly ReadyCondition[] {
  const said = ready?.any ?? ready?.all ?? [];
  const bound = Object.entries(ports)
    .filter(([name, { role, check }]) => role === 'game' && check && !(ready?.all ?? []).some((each) => isBound(each, name)))
    .map(([bound]) => ({ bound }));
  return [...said, ...bound];
}

function isBound(condition: ReadyCondition, port: string): boolean {
  return 'bound' in condition && condition.bound === port;
}

export function withinMsOf({ ready }: GameDefinition): number {
  return ready?.withinMs ?? 60_000;
}

export function conditionText(condition: ReadyCondition): string {
  if ('log' in condition) return `a line that matches ${condition.log}`;
  if ('bound' in condition) return `that the port ${condition.bound} is bound`;
  return 'an answer to a query';
}
