/**
 * A whole Atlas around a game, on one thread: gateways, coordinator, a server for each region that is awake, and players, all of them the
 * code of production on a virtual clock. Nothing happens between two calls of the test, ten seconds of play take milliseconds, and the same
 * seed gives the same run.
 */
import type { EventFields, Fields, FieldsOf, GameSchema } from '@horizon-atlas/protocol';
import {
  defaultServerPolicy,
  type Game,
  type GameEntity,
  type World as GameWorld,
  type ServerEngine,
  type TypedGame,
} from '@horizon-atlas/sdk-server';
import { calm, onePlace, oneWriter, steady, World } from '@horizon-atlas/sim';
import { checkPlaces } from '@horizon-atlas/world';
import { Bank } from './bank.ts';
import { TestPlayer } from './test-player.ts';

export interface TestRegion {
  readonly id: string;
  readonly name?: string | undefined;
  readonly bounds: {
    readonly minX: number;
    readonly maxX: number;
    readonly minY: number;
    readonly maxY: number;
    readonly minZ?: number | undefined;
    readonly maxZ?: number | undefined;
  };
}

export interface TestOptions {
  /** As in `atlas.config.ts`. */
  readonly world: { readonly regions: readonly TestRegion[]; readonly spawn?: { readonly region: string } | undefined };
  /** What chance there is comes from it. Default 1. */
  readonly seed?: number;
  /** Where the game does not say; default 30. */
  readonly tickHz?: number;
  /** How long a message is on its way, from and to, milliseconds; default 0.1 to 2. */
  readonly delayMs?: readonly [least: number, most: number];
}

type Region = ServerEngine['regions'] extends ReadonlyMap<string, infer R> ? R : never;

/** Virtual seconds in which what is waited for must have happened. */
const DEADLINE_S = 30;
const LOOK_MS = 10;

/** Starts it; players can join. */
export function testWorld<C extends EventFields, S extends EventFields, F extends Fields, D>(
  game: TypedGame<C, S, F, D>,
  options: TestOptions,
): TestWorld<C, S, F, D> {
  return new TestWorld(game, options);
}

export class TestWorld<C extends EventFields, S extends EventFields, F extends Fields, D> {
  readonly players: TestPlayer<C, S, F>[] = [];
  readonly #schema: GameSchema<C, S, F>;
  readonly #bank = new Bank();
  readonly #world: World;
  readonly #spawn: string;

  /** For `testWorld`, which is the way in. */
  constructor(game: Game, { world, seed = 1, tickHz, delayMs }: TestOptions) {
    this.#schema = game.schema as unknown as GameSchema<C, S, F>;
    const regions = world.regions.map(({ id, name, bounds }) => {
      const { minZ = -1e6, maxZ = 1e6, ...flat } = bounds;
      return { region: id, name: name ?? id, ...flat, minZ, maxZ };
    });
    const [problem] = checkPlaces(regions);
    if (problem) throw new Error(`this is no world: ${problem.message}`);
    this.#spawn = world.spawn?.region ?? regions[0]?.region ?? '';
    this.#world = new World({
      seed,
      faults: { ...calm, delayMsMin: delayMs?.[0] ?? calm.delayMsMin, delayMsMax: delayMs?.[1] ?? calm.delayMsMax },
      habits: steady,
      // A test of a game is one of Atlas, too: whatever it does, these hold. What a hook throws ends the run as well.
      checkers: [oneWriter(), onePlace()],
      played: {
        game,
        places: { spawn: this.#spawn, regions },
        serverPolicy: { tickHz: game.tickHz ?? tickHz ?? defaultServerPolicy.tickHz },
        regionsPolicy: {},
        bank: (question) => this.#bank.answer(question),
      },
    });
    this.#world.network.stormy = false;
    this.#world.boot();
    this.until(() => this.awake.includes(this.#spawn), `${this.#spawn} is awake`);
  }

  /** Virtual seconds since the start. */
  get nowS(): number {
    return this.#world.kernel.nowMs / 1_000;
  }

  /** Regions that a server plays now. */
  get awake(): string[] {
    return [...this.#regions()].map(({ region }) => region.id);
  }

  /** A player comes in. Throws if it is refused. */
  join(name: string): TestPlayer<C, S, F> {
    const player = new TestPlayer<C, S, F>(this.#world, this.#schema, name);
    this.players.push(player);
    this.until(() => player.status === 'closed' || player.seen !== undefined, `${name} is in the world`);
    if (player.status === 'closed') throw new Error(`${name} may not come in: ${player.code}`);
    return player;
  }

  /** Lets time pass. */
  run(seconds: number): void {
    this.#world.kernel.runUntil(this.#world.kernel.nowMs + seconds * 1_000);
  }

  /** Lets time pass until it is so; throws if that takes longer than `seconds` (default 30). */
  until(isSo: () => boolean, what = 'it is so', seconds = DEADLINE_S): void {
    const { kernel } = this.#world;
    const endMs = kernel.nowMs + seconds * 1_000;
    while (!isSo()) {
      if (kernel.nowMs >= endMs) throw new Error(`after ${seconds} s still not: ${what}`);
      kernel.runUntil(Math.min(endMs, kernel.nowMs + LOOK_MS));
    }
  }

  /** The game's side of a player: position, `entity` and `data` as its server has them. Throws if it is nowhere. */
  entityOf(player: TestPlayer<C, S, F>): GameEntity<FieldsOf<F>, D> {
    for (const { region, game } of this.#regions()) {
      // Of a frozen copy nobody knows yet what becomes of it.
      if (region.groups.get(player.entity)?.frozen) continue;
      const entity = game.get(player.entity);
      if (entity) return entity;
    }
    throw new Error(`${player.name} is in no region just now`);
  }

  /** The game's side of a region that is awake: its entities, and all that hooks can do. */
  region(id: string): GameWorld<S, FieldsOf<F>, D> {
    for (const { region, game } of this.#regions()) if (region.id === id) return game;
    throw new Error(`${id} is asleep: it has no players, and none comes near`);
  }

  /** The region's process dies on the spot, as by `kill -9`. Another one takes over while the world runs on. */
  kill(id: string): void {
    for (const server of [...this.#world.servers.values()]) if (server.region === id) this.#world.crashServer(server);
  }

  /** The gateway that players came in by dies and is started anew; they come back by themselves. */
  killGateway(): void {
    const [gateway] = this.#world.gateways;
    gateway?.crash();
    this.#world.kernel.after(200, () => gateway?.start());
  }

  /** A holder's items and money, as `world.transfer` has left them. */
  balances(holder: string): ReadonlyMap<string, number> {
    return this.#bank.balances(holder);
  }

  *#regions(): Iterable<{ readonly region: Region; readonly game: GameWorld<S, FieldsOf<F>, D> }> {
    for (const { process, engine } of this.#world.servers.values()) {
      if (!process.alive || !engine) continue;
      for (const region of engine.regions.values()) {
        if (region.phase !== 'active' || !region.world) continue;
        yield { region, game: region.world as unknown as GameWorld<S, FieldsOf<F>, D> };
      }
    }
  }
}
