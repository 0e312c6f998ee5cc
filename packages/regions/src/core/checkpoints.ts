/**
 * A region's state on its way to the Store. One transaction a region at a time; what comes meanwhile waits, and only the newest does.
 *
 * What is covered makes gateways forget commands, so a checkpoint that contains a group which its server does not own is refused
 * whole, unless the group's commands are safe anyway: it left by a handoff, whose commit covers them.
 */
import { CheckpointRecord, encodeRecord, keys, type ServerToControl } from '@horizon-atlas/protocol';
import type { RegionEntry } from './book.ts';
import type { Desk } from './desk.ts';
import { regionsLimits } from './policy.ts';

type Checkpoint = ServerToControl & { kind: 'checkpoint' };

interface Slot {
  inFlight: Checkpoint | undefined;
  next: Checkpoint | undefined;
  /** Of the newest that was heard of, and of the newest that is durable, at `epoch`. */
  heardTick: number;
  coveredTick: number;
  epoch: number;
  /** Of the record; undefined: not read yet. Conditions each write, so that a late one does not undo a newer one. */
  version: number | undefined;
}

export class Checkpoints {
  readonly #desk: Desk;
  readonly #slots = new Map<RegionEntry, Slot>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  heard(server: string, message: Checkpoint): void {
    const { book } = this.#desk;
    const region = book.regions.get(message.region);
    if (!region || book.playing(region)?.server !== server) {
      this.#desk.ignore(server, 'NOT_OWNER', about(message));
      return;
    }
    if (message.epoch !== region.epoch) {
      this.#desk.ignore(server, 'EPOCH_STALE', about(message));
      return;
    }
    if (!this.#mayCover(server, region, message)) {
      this.#desk.ignore(server, 'NOT_OWNER', about(message));
      return;
    }
    const slot = this.#slot(region);
    const bytes = message.groups.reduce((sum, group) => sum + group.state.length + 256, message.world.length);
    if (bytes > regionsLimits.checkpointBytes) {
      this.#desk.out.event('checkpoint.too-big', { region: region.id, bytes });
      return;
    }
    if (message.tick <= slot.coveredTick) {
      this.#cover(region, slot);
      return;
    }
    slot.heardTick = Math.max(slot.heardTick, message.tick);
    if (!slot.inFlight) {
      this.#store(region, slot, message);
      return;
    }
    if (message.tick > slot.inFlight.tick && message.tick > (slot.next?.tick ?? -1)) slot.next = message;
  }

  /** Everything that the region's server has told of is durable: it may be put to sleep. */
  isCovered(region: RegionEntry): boolean {
    const slot = this.#slot(region);
    return !slot.inFlight && !slot.next && slot.coveredTick >= slot.heardTick;
  }

  #mayCover(server: string, region: RegionEntry, message: Checkpoint): boolean {
    let ok = true;
    for (const { group, epoch } of message.groups) {
      // That it simulates the group tells that it was activated, which ends the time in which the source may be given it back.
      this.#desk.crossings.heardOf(server, group, epoch);
      if (!this.#desk.crossings.mayCover(server, region, group, epoch)) ok = false;
    }
    return ok;
  }

  #store(region: RegionEntry, slot: Slot, message: Checkpoint): void {
    slot.inFlight = message;
    if (slot.version !== undefined) {
      this.#write(region, slot, message, slot.version);
      return;
    }
    const key = keys.checkpoint(region.id);
    this.#desk.writes.read([key], (records) => {
      slot.version = records.get(key)?.version ?? 0;
      if (slot.epoch === region.epoch) this.#write(region, slot, message, slot.version);
    });
  }

  #write(region: RegionEntry, slot: Slot, message: Checkpoint, version: number): void {
    const { epoch, tick, world, groups } = message;
    const key = keys.checkpoint(region.id);
    const value = encodeRecord(CheckpointRecord, { region: region.id, epoch, tick, world, groups });
    // Under the region's record, too: who was deposed in the meantime must not overwrite.
    const conditions = [
      { key, version },
      { key: keys.region(region.id), version: region.version },
    ];
    this.#desk.writes.write({ ops: [{ op: 'put', key, value }], conditions }, (outcome) => {
      slot.inFlight = undefined;
      if (slot.epoch !== region.epoch) return;
      if (outcome.kind === 'written') {
        slot.version = outcome.version;
        slot.coveredTick = Math.max(slot.coveredTick, tick);
        this.#cover(region, slot);
      } else {
        if (outcome.kind === 'conflict') slot.version = outcome.record?.version ?? 0;
        // The server brings a newer one within the second.
        this.#desk.out.event('checkpoint.failed', { region: region.id, outcome: outcome.kind });
      }
      const { next } = slot;
      slot.next = undefined;
      if (next) this.#store(region, slot, next);
    });
  }

  #cover(region: RegionEntry, slot: Slot): void {
    this.#desk.toRegion(region, { kind: 'covered', region: region.id, epoch: slot.epoch, tick: slot.coveredTick });
  }

  /** Ticks begin anew with each owner. */
  #slot(region: RegionEntry): Slot {
    let slot = this.#slots.get(region);
    if (!slot || slot.epoch !== region.epoch) {
      slot = { inFlight: undefined, next: undefined, heardTick: -1, coveredTick: -1, epoch: region.epoch, version: undefined };
      this.#slots.set(region, slot);
    }
    return slot;
  }
}

function about(message: Checkpoint): Readonly<Record<string, unknown>> {
  return { message: 'checkpoint', region: message.region, epoch: message.epoch };
}
