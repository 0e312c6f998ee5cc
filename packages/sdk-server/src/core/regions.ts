/** Which regions are ours: assigned, put to sleep, taken away, and where they lie in the world. */
import type { ControlToServer, Group, RegionPlace } from '@horizon-atlas/protocol';
import { Crossings, RegionMap } from '@horizon-atlas/world';
import { type Checkpoints, readWorld } from './checkpoints.ts';
import type { EntityGroup } from './groups.ts';
import type { Handoffs } from './handoffs.ts';
import { Region } from './region.ts';
import { RegionWorld, type WorldParts } from './region-world.ts';

type Place = Extract<ControlToServer, { kind: 'place' }>;
type Assign = Extract<ControlToServer, { kind: 'assign' }>;

export class Regions {
  readonly #parts: WorldParts;
  readonly #handoffs: Handoffs;
  readonly #checkpoints: Checkpoints;
  /** Set while draining: then it ends, whether saved or not. */
  #drainUntilMs: number | undefined = undefined;
  #drainTold = false;
  /** Highest epoch at which each region was ours, or was heard to be somebody's. */
  readonly #epochs = new Map<string, number>();

  constructor(parts: WorldParts, handoffs: Handoffs, checkpoints: Checkpoints) {
    this.#parts = parts;
    this.#handoffs = handoffs;
    this.#checkpoints = checkpoints;
  }

  get drained(): boolean {
    return this.#drainTold;
  }

  assign(message: Assign): void {
    const { state } = this.#parts;
    const { region: id, epoch } = message;
    const known = state.regions.get(id);
    const highest = this.#epochs.get(id) ?? 0;
    if (epoch < highest) {
      state.fence('assign', { region: id, epoch });
      state.out.toControl({
        kind: 'regionRefused',
        region: id,
        epoch,
        code: 'EPOCH_STALE',
        message: `known at ${highest}`,
      });
      return;
    }
    if (this.#drainUntilMs !== undefined) {
      state.out.toControl({
        kind: 'regionRefused',
        region: id,
        epoch,
        code: 'NO_REGION',
        message: 'the server is draining',
      });
      return;
    }
    if (known?.epoch === epoch) {
      state.out.toControl({ kind: 'regionUp', region: id, epoch });
      return;
    }
    if (known) this.#drop(known);
    this.#epochs.set(id, epoch);
    const region = new Region(id, epoch, message.tick, state.nowMs);
    region.world = new RegionWorld(region, this.#parts);
    state.regions.set(id, region);
    this.#locate(region);
    this.#fill(region, message.groups);
    const { world } = region;
    state.guard('onStart', () => state.game.onStart?.(world, readWorld(message.world)));
    this.#parts.shadows.remap();
    state.out.toControl({ kind: 'regionUp', region: id, epoch });
  }

  #fill(region: Region, groups: readonly Group[]): void {
    const { state, life, shadows } = this.#parts;
    // Larger states first: an entity that was alone once and joined a group later must come back once, within the group.
    for (const told of [...groups].sort((a, b) => b.state.length - a.state.length)) {
      if (region.entities.has(told.group)) {
        state.event('group-doubled', { group: told.group, region: region.id });
        continue;
      }
      const former = state.groups.get(told.group);
      if (former && former.epoch >= Math.max(told.epoch, region.epoch)) {
        state.fence('assign', { group: told.group, epoch: told.epoch });
        continue;
      }
      if (former) life.forget(former);
      const group = life.install(region, told, 'assign');
      for (const entity of group?.members ?? []) shadows.drop(entity.id);
    }
  }

  setMap(version: number, places: readonly RegionPlace[]): void {
    const { state, shadows } = this.#parts;
    if (state.map && version <= state.map.version) return;
    const result = state.map ? state.map.next(places, version) : RegionMap.from(places, version);
    if (!result.ok) {
      state.event('map-invalid', { problems: result.problems.map((each) => each.message) });
      return;
    }
    state.map = result.map;
    for (const place of places) {
      const region = state.regions.get(place.region);
      // The map says who owns what, too: a server that slept through its own end finds out here.
      if (region && place.epoch > region.epoch && place.server !== '' && place.server !== state.id) this.#depose(region, place);
    }
    for (const region of state.regions.values()) this.#locate(region);
    shadows.remap();
  }

  sleep(id: string, epoch: number): void {
    const { state } = this.#parts;
    const region = state.regions.get(id);
    if (!region) {
      state.out.toControl({ kind: 'slept', region: id, epoch });
      return;
    }
    if (epoch !== region.epoch) {
      if (epoch < region.epoch) state.fence('sleep', { region: id, epoch });
      return;
    }
    region.sleepRequested = true;
    this.#save(region);
  }

  /** An operator puts a group elsewhere. Crossing detection sees the jump, and the rest is a crossing like any other. */
  place({ group: id, epoch, x, y, z }: Place): { ok: boolean; code: string } {
    const { state } = this.#parts;
    const group = state.groups.get(id);
    const refuse = (code: string) => ({ ok: false, code });
    if (!group || group.epoch < epoch) return refuse('NOT_OWNER');
    if (group.epoch > epoch) {
      state.fence('place', { group: id, epoch });
      return refuse('EPOCH_STALE');
    }
    if (group.frozen || group.region.phase !== 'active') return refuse('PLAYER_BUSY');
    return group.region.world?.teleport(group.anchor, { x, y, z }) ? { ok: true, code: '' } : refuse('POSITION_INVALID');
  }

  covered(id: string, epoch: number, tick: number): void {
    const region = this.#checkpoints.covered(id, epoch, tick);
    if (region?.phase !== 'saving' || tick < region.lastTick) return;
    const { state } = this.#parts;
    if (region.sleepRequested) state.out.toControl({ kind: 'slept', region: id, epoch });
    this.#drop(region);
    this.#parts.shadows.remap();
    this.#drainIfDone();
  }

  drain(untilMs: number): void {
    if (this.#drainUntilMs !== undefined) {
      this.#drainUntilMs = Math.min(this.#drainUntilMs, untilMs);
      return;
    }
    this.#drainUntilMs = untilMs;
    const { state } = this.#parts;
    for (const region of state.regions.values()) {
      const { world } = region;
      if (world && region.phase === 'active') state.guard('onDrain', () => state.game.onDrain?.(world));
      this.#save(region);
    }
    this.#drainIfDone();
  }

  /** At the end of a tick. */
  tick(nowMs: number): void {
    for (const region of this.#parts.state.regions.values()) this.#checkpoints.tick(region);
    if (this.#drainUntilMs === undefined || this.#drainTold || nowMs < this.#drainUntilMs) return;
    for (const region of this.#parts.state.regions.values()) this.#parts.state.event('drain-unsaved', { region: region.id });
    this.#drainDone();
  }

  /** Nothing happens after the last checkpoint, or it would be lost. */
  #save(region: Region): void {
    if (region.phase === 'saving') return;
    region.phase = 'saving';
    // Groups may have come since the tick's own checkpoint.
    region.tick++;
    region.lastTick = region.tick;
    const { nowMs, policy } = this.#parts.state;
    region.checkpointDueMs = nowMs + policy.repeatMs;
    this.#checkpoints.take(region);
  }

  #drainIfDone(): void {
    if (this.#drainUntilMs !== undefined && !this.#drainTold && this.#parts.state.regions.size === 0) this.#drainDone();
  }

  #drainDone(): void {
    this.#drainTold = true;
    const { out } = this.#parts.state;
    out.toControl({ kind: 'drained' });
    out.drained?.();
  }

  #depose(region: Region, place: RegionPlace): void {
    const { state } = this.#parts;
    this.#epochs.set(region.id, place.epoch);
    state.fence('region', { region: region.id, epoch: region.epoch, now: place.epoch, server: place.server });
    this.#drop(region);
  }

  #drop(region: Region): void {
    const { state, life } = this.#parts;
    this.#handoffs.forgetRegion(region);
    for (const group of [...region.groups.values()]) life.forget(group);
    state.regions.delete(region.id);
  }

  /** Gives a region its place, and its groups to crossing detection. */
  #locate(region: Region): void {
    const { state, life } = this.#parts;
    const { map } = state;
    if (!map) return;
    region.place = map.get(region.id)?.place;
    if (region.crossings) {
      region.crossings.setMap(map);
      return;
    }
    region.crossings = new Crossings<EntityGroup>(map, {
      approach: (group, target, etaMs) => this.#approach(group, target, etaMs, false),
      retreat: (group, target) => {
        this.#handoffs.turnedAway(group);
        if (!group.frozen) state.out.toControl({ kind: 'retreat', group: group.id, epoch: group.epoch, target });
      },
      crossed: (group, target, teleport) => {
        // Nothing has announced a jump, so this has to wake the target.
        if (teleport) this.#approach(group, target, 0, true);
        if (group.frozen) return;
        state.out.toControl({ kind: 'crossed', group: group.id, epoch: group.epoch, region: region.id, target, teleport });
      },
    });
    for (const group of region.groups.values()) life.track(group);
  }

  #approach(group: EntityGroup, target: string, etaMs: number, teleport: boolean): void {
    if (group.frozen) return;
    const { out } = this.#parts.state;
    out.toControl({ kind: 'approach', group: group.id, epoch: group.epoch, region: group.region.id, target, etaMs, teleport });
  }
}
