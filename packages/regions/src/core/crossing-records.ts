/**
 * What a crossing has written, and what it reads: the one place where the record of a crossing group changes.
 *
 * Whatever the outcome, the book follows the record first, and the machine hears of it afterwards.
 */
import { AuthorityRecord, decodeRecord, encodeRecord, keys } from '@horizon-atlas/protocol';
import { type GroupEntry, groupOf, type RegionEntry } from './book.ts';
import type { Desk } from './desk.ts';
import type { Frozen, HandoffInput } from './handoff-states.ts';
import type { Machine } from './machine.ts';
import type { Outcome } from './writes.ts';

export interface CrossingRecordsOut {
  feed(machine: Machine, input: HandoffInput): void;
  /** Whether a region can be told to activate something. */
  ready(region: RegionEntry): boolean;
  /** The record names a region that may not know it. */
  place(entry: GroupEntry, source: RegionEntry, sourceEpoch: number): void;
}

export class CrossingRecords {
  readonly #desk: Desk;
  readonly #out: CrossingRecordsOut;

  constructor(desk: Desk, out: CrossingRecordsOut) {
    this.#desk = desk;
    this.#out = out;
  }

  commit(machine: Machine, frozen: Frozen): void {
    const { group } = machine.state;
    const entry = this.#desk.book.groups.get(group);
    const newEpoch = this.#desk.epochs.draw();
    if (newEpoch === 0) {
      this.#out.feed(machine, { kind: 'notCommitted', why: 'refused' });
      return;
    }
    const record = recordOf(machine.target, group, entry, newEpoch, frozen.state, newEpoch);
    this.#write(machine, record, entry?.version ?? 0, (outcome) => {
      if (outcome === 'written') this.#out.feed(machine, { kind: 'committed', newEpoch });
      else if (outcome === 'refused' || outcome === 'unsettled') this.#out.feed(machine, { kind: 'notCommitted', why: outcome });
      else this.#moved(machine);
    });
  }

  revert(machine: Machine, frozen: Frozen | undefined): void {
    const { state, source } = machine;
    const { book, epochs } = this.#desk;
    const entry = book.groups.get(state.group);
    const newEpoch = epochs.draw();
    if (newEpoch === 0) {
      this.#out.feed(machine, { kind: 'notReverted', why: 'refused', newEpoch });
      return;
    }
    const doubt = state.phase === 'reverting' && state.doubt;
    // Without a record, and none on its way, there is nothing to fence.
    if (!entry && !doubt) {
      this.#out.feed(machine, { kind: 'reverted', newEpoch });
      return;
    }
    if (frozen) {
      const record = recordOf(source, state.group, entry, newEpoch, frozen.state, newEpoch);
      this.#write(machine, record, entry?.version ?? 0, (outcome) => this.#reverted(machine, outcome, newEpoch));
      return;
    }
    // Nobody told what the group is like now: the record keeps what it has, and remembers of when that is.
    const key = keys.authority(state.group);
    this.#desk.writes.read([key], (records) => {
      const stored = records.get(key);
      const old = stored && decodeRecord(AuthorityRecord, stored.value);
      if (!entry || !stored || !old) {
        this.#desk.figures.handoffs.lost++;
        return this.#out.feed(machine, { kind: 'notReverted', why: 'moved', newEpoch });
      }
      const record = { ...old, region: source.id, group: { ...old.group, epoch: newEpoch } };
      this.#write(machine, record, entry.version, (outcome) => this.#reverted(machine, outcome, newEpoch));
    });
  }

  activate(machine: Machine, newEpoch: number, frozen: Frozen | undefined, withState: boolean): void {
    const { state, target } = machine;
    const { book } = this.#desk;
    const entry = book.groups.get(state.group);
    if (!entry) return;
    const epoch = Math.max(newEpoch, target.epoch);
    const { traceparent } = machine.trace;
    if (frozen) {
      const group = groupOf(entry, epoch, withState ? frozen.state : EMPTY);
      this.#desk.toRegion(target, { kind: 'activate', region: target.id, version: frozen.version, group, traceparent });
      return;
    }
    const key = keys.authority(state.group);
    this.#desk.writes.read([key], (records) => {
      const stored = records.get(key);
      const record = stored && decodeRecord(AuthorityRecord, stored.value);
      if (!record || machine.ended || machine.state.phase !== 'activating') return;
      const group = groupOf(entry, epoch, record.group.state);
      const { x, y, z } = record;
      // Without a state it has never been in the world: the game is to spawn it.
      if (group.state.length === 0)
        this.#desk.toRegion(target, { kind: 'admit', region: target.id, group, x, y, z, traceparent });
      else this.#desk.toRegion(target, { kind: 'activate', region: target.id, version: 0, group, traceparent });
    });
  }

  /** The record says something else than this crossing knew. It is right, and whoever it names is told. */
  #moved(machine: Machine): void {
    const { group, epoch } = machine.state;
    this.#out.feed(machine, { kind: 'notCommitted', why: 'moved' });
    const entry = this.#desk.book.groups.get(group);
    if (entry && entry.region !== machine.source && this.#out.ready(entry.region)) this.#out.place(entry, machine.source, epoch);
  }

  #reverted(machine: Machine, outcome: Written, newEpoch: number): void {
    const { book } = this.#desk;
    const entry = book.groups.get(machine.state.group);
    if (outcome === 'written' || outcome === 'source') {
      this.#out.feed(machine, { kind: 'reverted', newEpoch: entry?.epoch ?? newEpoch });
      return;
    }
    if (outcome === 'target' && entry) {
      this.#out.feed(machine, { kind: 'committed', newEpoch: entry.epoch });
      if (!this.#out.ready(machine.target)) this.#out.feed(machine, { kind: 'targetLost' });
      return;
    }
    const why = outcome === 'refused' || outcome === 'unsettled' ? outcome : 'moved';
    this.#out.feed(machine, { kind: 'notReverted', why, newEpoch });
    // A thaw on a full disk: this epoch is ahead of the record, which follows with the next write.
    if (machine.state.phase === 'thawing' && entry) entry.epoch = Math.max(entry.epoch, newEpoch);
  }

  /** The one place where the record of a crossing group is written. */
  #write(machine: Machine, record: AuthorityRecord, version: number, done: (outcome: Written) => void): void {
    const key = keys.authority(record.group.group);
    const value = encodeRecord(AuthorityRecord, record);
    this.#desk.writes.write({ ops: [{ op: 'put', key, value }], conditions: [{ key, version }] }, (outcome) => {
      done(this.#adopt(machine, outcome, record));
    });
  }

  /** Takes the outcome into the book, and says whom the record names now. */
  #adopt(machine: Machine, outcome: Outcome, record: AuthorityRecord): Written {
    const { book, lives } = this.#desk;
    if (outcome.kind === 'written') {
      book.take(record, outcome.version);
      lives.populationChanged(machine.source, machine.target);
      return 'written';
    }
    if (outcome.kind !== 'conflict') return outcome.kind;
    const found = outcome.record && decodeRecord(AuthorityRecord, outcome.record.value);
    if (!found || !outcome.record) {
      this.#desk.figures.handoffs.lost++;
      return 'gone';
    }
    book.take(found, outcome.record.version);
    lives.populationChanged(machine.source, machine.target);
    if (found.region === machine.target.id) return 'target';
    return found.region === machine.source.id ? 'source' : 'gone';
  }
}

/** `source` and `target`: it was not this write, but that is whom the record names. `gone`: neither. */
type Written = 'written' | 'refused' | 'unsettled' | 'source' | 'target' | 'gone';

const EMPTY = new Uint8Array(0);

function recordOf(
  region: RegionEntry,
  group: number,
  entry: GroupEntry | undefined,
  epoch: number,
  state: Uint8Array,
  stateEpoch: number,
): AuthorityRecord {
  const { player = '', name = '', session = '' } = entry ?? {};
  const place = { x: undefined, y: undefined, z: undefined };
  return { region: region.id, group: { group, epoch, claimed: true, player, name, session, state }, stateEpoch, ...place };
}
