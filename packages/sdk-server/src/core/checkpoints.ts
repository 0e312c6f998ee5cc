/**
 * Checkpoints: the whole of a region, at most a second old, in the hands of the control plane. When one is durable, the commands
 * that it contains are *covered*: they would survive the death of this server, and nobody has to keep them any more.
 */
import type { Group } from '@horizon-atlas/protocol';
import type { Delivery } from './delivery.ts';
import { encodeGroup } from './group-state.ts';
import type { EntityGroup } from './groups.ts';
import type { Life } from './life.ts';
import type { PendingCheckpoint, Region } from './region.ts';
import type { ServerState } from './server-state.ts';

/** Checkpoints that nobody has answered; the control plane has long lost the oldest of more. */
const PENDING_MAX = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const noBytes = new Uint8Array(0);

export class Checkpoints {
  readonly #state: ServerState;
  readonly #delivery: Delivery;
  readonly #life: Life;

  constructor(state: ServerState, delivery: Delivery, life: Life) {
    this.#state = state;
    this.#delivery = delivery;
    this.#life = life;
  }

  /** At the end of a tick. */
  tick(region: Region): void {
    const { nowMs, policy, controlUp } = this.#state;
    if (!controlUp || nowMs < region.checkpointDueMs) return;
    region.checkpointDueMs = nowMs + (region.phase === 'saving' ? policy.repeatMs : policy.checkpointMs);
    this.take(region);
  }

  take(region: Region): void {
    const groups: Group[] = [];
    const cursors: { session: PendingCheckpoint['cursors'][number]['session']; applied: number }[] = [];
    for (const group of region.groups.values()) {
      const written = this.#write(group);
      // Its authority record, if it has one, is what a recovery falls back on; its commands stay uncovered.
      if (!written) continue;
      groups.push(written);
      for (const session of group.sessions) cursors.push({ session, applied: session.applied });
    }
    for (const group of this.#life.ending(region)) groups.push(group);
    region.checkpoints.push({ tick: region.tick, cursors });
    if (region.checkpoints.length > PENDING_MAX) region.checkpoints.shift();
    this.#state.out.toControl({
      kind: 'checkpoint',
      region: region.id,
      epoch: region.epoch,
      tick: region.tick,
      world: this.#worldOf(region),
      groups,
    });
  }

  /** The checkpoint of that tick, and all before it, are durable. */
  covered(regionId: string, epoch: number, tick: number): Region | undefined {
    const region = this.#state.regions.get(regionId);
    if (!region) return undefined;
    if (epoch !== region.epoch) {
      this.#state.fence('covered', { region: regionId, epoch });
      return undefined;
    }
    while (true) {
      const oldest = region.checkpoints[0];
      if (!oldest || oldest.tick > tick) return region;
      region.checkpoints.shift();
      for (const { session, applied } of oldest.cursors) {
        if (applied <= session.covered) continue;
        session.covered = applied;
        this.#delivery.owesAck(session);
      }
    }
  }

  #write(group: EntityGroup): Group | undefined {
    const { game, nowMs, policy } = this.#state;
    const { id, epoch, claimed, frozen, mainSession } = group;
    const written = frozen ? { ok: true as const, state: frozen.state } : encodeGroup(group, game, nowMs, policy);
    if (!written.ok) {
      this.#state.event('state-invalid', { group: id, code: written.code, message: written.message });
      return undefined;
    }
    const player = mainSession?.player ?? '';
    const name = mainSession?.name ?? '';
    return { group: id, epoch, claimed, player, name, session: mainSession?.id ?? '', state: written.state };
  }

  #worldOf(region: Region): Uint8Array {
    const { game } = this.#state;
    const { world } = region;
    if (!game.saveWorld || !world) return noBytes;
    const saved = this.#state.guard('saveWorld', () => game.saveWorld?.(world));
    return saved === undefined ? noBytes : encoder.encode(JSON.stringify(saved));
  }
}

/** What `saveWorld` gave; undefined for none, or none that can be read. */
export function readWorld(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}
