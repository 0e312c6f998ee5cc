/**
 * What a load test's script exports:
 *
 *   export default defineScenario({
 *     schema,
 *     async player(atlas, ctx) {
 *       for await (const turn of ctx.turns()) atlas.send('walk/to', { x: ctx.between(-90, 90), y: 0 });
 *     },
 *   });
 */
import type { EventFields, Fields, GameSchema } from '@horizon-atlas/protocol';
import type { Atlas } from '@horizon-atlas/sdk-client';

export interface ScenarioPlayer {
  /** 0 is the first of all players, whatever process it runs in. */
  readonly index: number;
  readonly id: string;
  readonly name: string;
}

export interface Scenario<C extends EventFields = any, S extends EventFields = any, E extends Fields = any> {
  readonly schema: GameSchema<C, S, E>;
  /** A JWT for a player, where the world is no development installation of this machine. Asked before each connection. */
  readonly token?: (player: ScenarioPlayer) => string | Promise<string>;
  /**
   * What one player does from the moment it has joined. It stays in the world until the test ends, however early this returns. What it throws
   * is counted as a failure of the player.
   */
  readonly player: (atlas: Atlas<C, S, E>, ctx: PlayerContext) => Promise<void> | void;
}

export interface PlayerContext extends ScenarioPlayer {
  /** Of all players of the test. */
  readonly players: number;
  /** Turns a second that were asked for. */
  readonly ratePerS: number;
  /** Aborted when the test ends. */
  readonly signal: AbortSignal;
  /** In [0, 1): of a seed of the player's own, so that a test can be repeated. */
  random(): number;
  between(least: number, most: number): number;
  /** Sooner when the test ends. */
  sleep(ms: number): Promise<void>;
  /** 0, 1, 2 … at the rate that was asked for, until the test ends. Players' turns are spread over time. */
  turns(): AsyncGenerator<number>;
  /** Adds to a count of the report's `counts`. */
  count(name: string, by?: number): void;
  /** Adds to a distribution of the report's `samples`, in milliseconds. */
  sample(name: string, ms: number): void;
  /**
   * What only the game can see: commands that never took effect, or more than once, as totals of this player. Commands that the SDK gave up
   * are counted without it.
   */
  faults(totals: { readonly lost?: number; readonly doubled?: number }): void;
}

/** Gives the script the types of its schema. */
export function defineScenario<C extends EventFields, S extends EventFields, E extends Fields>(
  scenario: Scenario<C, S, E>,
): Scenario<C, S, E> {
  return scenario;
}

export function isScenario(value: unknown): value is Scenario {
  const { schema, player, token } = (value ?? {}) as Partial<Scenario>;
  const known = typeof schema === 'object' && schema !== null && typeof schema.hash === 'number';
  return known && typeof player === 'function' && (token === undefined || typeof token === 'function');
}
