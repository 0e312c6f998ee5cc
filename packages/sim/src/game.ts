/**
 * The game of a simulated world: each player's state counts its commands, walks, jumps across borders, leads a pet, locks itself
 * against a crossing for a while, and pokes whoever is near, next door too.
 */
import { defineGame, f32, u16, u32 } from '@horizon-atlas/protocol';
import type { Entity, GameHooks, RegionWorld } from '@horizon-atlas/sdk-server';
import type { Notes } from './notes.ts';

export const game = defineGame({
  client: {
    /** `login` and `i`: the i-th command of that login of the player. */
    'probe/count': { login: u32, i: u32, vx: f32, vy: f32, jump: f32, lockMs: u16, errand: u16 },
  },
  server: { 'probe/counted': { login: u32, i: u32 } },
  entity: { n: u32 },
});

/** What a command asks for beside being counted. */
export const errand = { none: 0, pet: 1, poke: 2 } as const;

/** A player's state: commands in all, and the last one by login and number. */
export interface Count {
  readonly n: number;
  readonly login: number;
  readonly i: number;
}

interface Pet {
  readonly n: number;
}

interface Command {
  readonly login: number;
  readonly i: number;
  readonly vx: number;
  readonly vy: number;
  readonly jump: number;
  readonly lockMs: number;
  readonly errand: number;
}

export function makeGame(note: Notes, nextId: () => number): GameHooks {
  const count = (entity: Entity, data: unknown, world: RegionWorld): void => {
    const { login, i, vx, vy, jump, lockMs, errand: wanted } = data as Command;
    const before = entity.data as Count;
    note.applied(entity.session?.player ?? '', { login, i }, before);
    entity.data = { n: before.n + 1, login, i } satisfies Count;
    const pet = entity.group?.members[1];
    if (pet) {
      note.led((pet.data as Pet).n, before.n);
      pet.data = { n: before.n + 1 };
    }
    entity.velocity.x = vx;
    entity.velocity.y = vy;
    if (jump !== 0) world.teleport(entity, { x: jump, y: entity.position.y, z: 0 });
    if (lockMs > 0) world.lock(entity, 'a fight', lockMs);
    if (wanted === errand.pet && !pet) {
      const spawned = world.spawn({ position: { ...entity.position }, entity: { n: 0 }, data: { n: before.n + 1 } });
      world.group(entity, [spawned]);
    } else if (wanted === errand.pet && pet) world.remove(pet);
    if (wanted === errand.poke) poke(entity, world);
    world.send(entity, 'probe/counted', { login, i });
  };

  /** Somebody of another group, here or seen across the border. */
  const poke = (entity: Entity, world: RegionWorld): void => {
    let other: number | undefined;
    for (const shadow of world.shadows()) other ??= shadow.id;
    for (const near of world.players()) if (near !== entity) other ??= near.id;
    if (other !== undefined) world.act(other, 'poke', { id: nextId() });
  };

  return {
    schema: game,
    spawn: (_player, world) => ({
      position: { x: (world.bounds.minX + world.bounds.maxX) / 2, y: 0, z: 0 },
      entity: { n: 0 },
      data: { n: 0, login: 0, i: 0 } satisfies Count,
    }),
    commands: { 'probe/count': count },
    actions: {
      poke: (_entity, data) => note.poked((data as { id: number }).id),
    },
    tick: walk,
    snapshot: (data) => freeze(data as Count | Pet),
    restore: thaw,
  };
}

/** Of a player's entity three numbers, of a pet one. */
function freeze(data: Count | Pet): Uint8Array {
  return new Uint8Array(('login' in data ? Uint32Array.of(data.n, data.login, data.i) : Uint32Array.of(data.n)).buffer);
}

function thaw(bytes: Uint8Array): Count | Pet {
  const [n = 0, login = 0, i = 0] = new Uint32Array(bytes.slice().buffer);
  return isPet(bytes) ? { n } : { n, login, i };
}

export function isPet(snapshot: Uint8Array): boolean {
  return snapshot.length === 4;
}

/** Everybody goes on, and turns round at the edge of the world; a pet keeps to its master. */
function walk(world: RegionWorld, dtS: number): void {
  for (const entity of world.entities()) {
    const { position, velocity, group } = entity;
    const anchor = group?.anchor;
    if (anchor && anchor !== entity) {
      position.x = anchor.position.x;
      position.y = anchor.position.y;
      continue;
    }
    position.x += velocity.x * dtS;
    position.y += velocity.y * dtS;
    if (Math.abs(position.x) > 295) velocity.x = -Math.sign(position.x) * Math.abs(velocity.x);
    if (Math.abs(position.y) > 95) velocity.y = -Math.sign(position.y) * Math.abs(velocity.y);
  }
}
