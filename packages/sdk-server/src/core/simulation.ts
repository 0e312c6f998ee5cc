/** One step of a region: what came in, the game's own step, and what came of it held against the world. */
import { clamp, type Point } from '@horizon-atlas/world';
import type { Acts } from './act.ts';
import type { Commands } from './commands.ts';
import { type Entity, isFiniteVec } from './entities.ts';
import type { EntityGroup } from './groups.ts';
import type { Region } from './region.ts';
import type { ServerState } from './server-state.ts';

export class Simulation {
  readonly #state: ServerState;
  readonly #commands: Commands;
  readonly #acts: Acts;
  readonly #point: Point = { x: 0, y: 0, z: 0 };

  constructor(state: ServerState, commands: Commands, acts: Acts) {
    this.#state = state;
    this.#commands = commands;
    this.#acts = acts;
  }

  /** Before the regions' steps, once a tick. */
  begin(): void {
    this.#acts.tick();
  }

  step(region: Region, dtS: number): void {
    const { game } = this.#state;
    const { world } = region;
    region.tick++;
    region.simMs += dtS * 1000;
    this.#commands.apply(region.id);
    if (region.timed.size > 0) this.#timers(region);
    if (world) this.#state.guard('tick', () => game.tick?.(world, dtS));
    this.#positions(region);
  }

  #timers(region: Region): void {
    for (const group of [...region.timed]) {
      if (group.frozen) continue;
      this.#fire(region, group);
      if (group.timers.length === 0) region.timed.delete(group);
    }
  }

  #fire(region: Region, group: EntityGroup): void {
    const due = group.timers.filter((timer) => timer.dueMs <= region.simMs);
    if (due.length === 0) return;
    for (const timer of due) group.timers.splice(group.timers.indexOf(timer), 1);
    due.sort((a, b) => a.dueMs - b.dueMs);
    const { world } = region;
    for (const { entity: id, name, data } of due) {
      const entity = region.entities.get(id);
      const handler = this.#state.game.timers?.[name];
      if (!handler) this.#state.event('timer-unknown', { timer: name });
      else if (entity && world) this.#state.guard(`timers.${name}`, () => handler(entity, data, world));
    }
  }

  /** Whatever the game has done: nothing leaves here that is not a place in the world. */
  #positions(region: Region): void {
    const hull = this.#state.worldBounds;
    for (const entity of region.entities.values()) {
      const { position: p, good } = entity;
      if (p.x === good.x && p.y === good.y && p.z === good.z) continue;
      if (!isFiniteVec(p) || (hull && !clamp(hull, p.x, p.y, p.z, this.#point))) {
        this.#refuse(entity);
        entity.position = { x: good.x, y: good.y, z: good.z };
        continue;
      }
      const to = this.#point;
      if (hull && (to.x !== p.x || to.y !== p.y || to.z !== p.z)) {
        // Leaving the world is stopped at its edge. On the edge itself it is no news.
        const wasIn = good.x === to.x && good.y === to.y && good.z === to.z;
        if (!wasIn) this.#refuse(entity);
        entity.position = { x: to.x, y: to.y, z: to.z };
      }
      good.x = entity.position.x;
      good.y = entity.position.y;
      good.z = entity.position.z;
    }
    for (const entity of region.entities.values()) {
      if (isFiniteVec(entity.velocity)) continue;
      this.#refuse(entity);
      entity.velocity = { x: 0, y: 0, z: 0 };
    }
  }

  #refuse(entity: Entity): void {
    const { x, y, z } = entity.position;
    this.#state.event('position-invalid', { code: 'POSITION_INVALID', entity: entity.id, x, y, z });
  }

  /** Tells crossing detection where everybody is. */
  watch(region: Region, nowMs: number): void {
    const { crossings } = region;
    if (!crossings) return;
    for (const [group, track] of region.tracks) {
      if (group.frozen) continue;
      const { x, y, z } = group.anchor.position;
      crossings.update(track, x, y, z, nowMs);
    }
    if (crossings.busy > 0) crossings.tick(nowMs);
  }
}
