/**
 * The desk at which game servers are asked for: drives the allocator, writes what it decides before anybody hears of it, and knows of each
 * allocation whom it was for and how it ended.
 *
 * The records are the only truth of who has which server. Ended ones stay for a while: a request that comes again is told so, also by the next
 * Atlas, and a result that nobody has taken yet is told again.
 */
import type { Probe, StoreRecord } from '@horizon-atlas/ports';
import { AllocationRecord, decodeRecord, encodeRecord, keys, type SessionEnd, type SessionResult } from '@horizon-atlas/protocol';
import { type Allocation, type AllocationAnswer, type AllocationRequest, Allocator } from '../core/allocation/allocator.ts';
import type { GameServer, Selector } from '../core/allocation/game-server.ts';
import type { Journal } from './journal.ts';

/** Beside an allocation: what whoever asked wants the game server to know. */
export interface AllocationNote {
  readonly players: readonly string[];
  /** JSON; empty: none. */
  readonly session: string;
  /** It counts one of its server's sessions. */
  readonly counted: boolean;
}

export interface DeskOut {
  /** Running time, and wall-clock time, ms. */
  now(): number;
  wall(): number;
  granted(allocation: Allocation): void;
  /** Nobody came in time. */
  expired(allocation: Allocation): void;
  etaMs(selector: Selector): number | undefined;
  /** Something may have become due. */
  changed(): void;
}

export const deskLimits = {
  /** Ended allocations are remembered so long, ms, and so many of them. */
  rememberMs: 600_000,
  remembered: 100_000,
  /** Who listens to results does so within this time after the start, ms. */
  listenMs: 10_000,
  /** A result's JSON, in characters. */
  resultChars: 16_384,
} as const;

const noChange = { counters: {}, lists: {}, labels: {}, annotations: {} };

interface Ended {
  readonly record: AllocationRecord;
  readonly atMs: number;
}

export class Desk {
  readonly #out: DeskOut;
  readonly #journal: Journal;
  readonly #probe: Probe;
  readonly #allocator: Allocator;
  readonly #askers = new Map<string, ((answer: AllocationAnswer) => void)[]>();
  /** What the Store says, or will, of those that are granted. */
  readonly #records = new Map<string, AllocationRecord>();
  readonly #ended = new Map<string, Ended>();
  #openedMs = 0;
  readonly #listeners = new Set<(result: SessionResult) => void | Promise<void>>();

  constructor(journal: Journal, probe: Probe, out: DeskOut) {
    this.#journal = journal;
    this.#probe = probe;
    this.#out = out;
    this.#allocator = new Allocator({
      write: (allocation) => this.#write(allocation),
      answer: (requestId, answer) => this.#answer(requestId, answer),
      expired: (allocation) => out.expired(allocation),
      etaMs: (selector) => out.etaMs(selector),
    });
  }

  get dueMs(): number {
    const oldest = this.#ended.values().next().value;
    return Math.min(this.#allocator.dueMs, oldest ? oldest.atMs + deskLimits.rememberMs : Number.POSITIVE_INFINITY);
  }

  waits(requestId: string): boolean {
    return this.#allocator.waits(requestId);
  }

  /** Takes in what the Store has; answers who holds which server, by server. */
  restore(stored: readonly StoreRecord[]): ReadonlyMap<string, readonly AllocationRecord[]> {
    const live: Allocation[] = [];
    const holders = new Map<string, AllocationRecord[]>();
    const [nowMs, wallMs] = [this.#out.now(), this.#out.wall()];
    this.#openedMs = nowMs;
    for (const { key, value } of stored) {
      const record = decodeRecord(AllocationRecord, value);
      if (!record) this.#probe.event('allocation_record_unreadable', { key });
      else if (record.state === 'ended')
        this.#ended.set(record.requestId, { record, atMs: nowMs - Math.max(0, wallMs - record.endedAtMs) });
      else {
        this.#records.set(record.requestId, record);
        holders.set(record.server, [...(holders.get(record.server) ?? []), record]);
        live.push(allocationOf(record, nowMs, wallMs));
      }
    }
    this.#allocator.restore(live, [...this.#ended.keys()], nowMs);
    return holders;
  }

  /** The same request id is the same request. */
  ask(request: AllocationRequest & { readonly note: AllocationNote }): Promise<AllocationAnswer> {
    return new Promise((resolve) => {
      const askers = this.#askers.get(request.requestId);
      if (askers) askers.push(resolve);
      else this.#askers.set(request.requestId, [resolve]);
      const { dueMs } = this.#allocator;
      this.#allocator.allocate(request, this.#out.now());
      if (this.#allocator.dueMs !== dueMs) this.#out.changed();
    });
  }

  cancel(requestId: string): boolean {
    const cancelled = this.#allocator.cancel(requestId);
    if (cancelled) this.#out.changed();
    return cancelled;
  }

  record(requestId: string): AllocationRecord | undefined {
    return this.#records.get(requestId) ?? this.#ended.get(requestId)?.record;
  }

  /** Of those that are not over. */
  records(): IterableIterator<AllocationRecord> {
    return this.#records.values();
  }

  server(id: string): GameServer | undefined {
    return this.#allocator.server(id);
  }

  heard(server: GameServer): void {
    this.#allocator.heard(server, this.#out.now());
  }

  /** A grant of it is being written: nobody has it yet, and somebody may in a moment. */
  isPromised(server: string): boolean {
    return this.#allocator.isPromised(server);
  }

  gone(server: string): void {
    // Behind its own writing, and before that of another request with its id.
    for (const requestId of this.#allocator.gone(server)) this.#journal.put(keys.allocation(requestId), undefined, server);
  }

  /** What whoever asked wants its server to know, anew. Undefined: there is no such allocation any more. */
  note(requestId: string, note: Pick<AllocationNote, 'players' | 'session'>): AllocationRecord | undefined {
    const record = this.#records.get(requestId);
    if (!record) return undefined;
    const next = { ...record, players: [...note.players], session: note.session };
    this.#put(next);
    return next;
  }

  /** Its players have come. False: there is no such allocation any more. */
  activate(requestId: string): boolean {
    const record = this.#records.get(requestId);
    if (!record || !this.#allocator.activate(requestId)) return false;
    if (record.state !== 'active') this.#put({ ...record, state: 'active', leaseUntilMs: 0 });
    return true;
  }

  /** Undefined: it was over already. `done`: it is durable, and so is all that is said after. */
  end(requestId: string, end: SessionEnd, result = '', done?: () => void): AllocationRecord | undefined {
    const record = this.#records.get(requestId);
    if (!record) return undefined;
    this.#allocator.release(requestId);
    this.#records.delete(requestId);
    const kept = result.length > deskLimits.resultChars ? '' : result;
    // Whoever wants results listens soon after the start; if nobody does, nobody wants them.
    const told = this.#listeners.size === 0 && this.#out.now() > this.#openedMs + deskLimits.listenMs;
    const ended: AllocationRecord = { ...record, state: 'ended', end, endedAtMs: this.#wall(), result: kept, told };
    this.#ended.set(requestId, { record: ended, atMs: this.#out.now() });
    this.#journal.put(keys.allocation(requestId), encodeRecord(AllocationRecord, ended), record.server, (ok) => {
      // Without it the allocation would stand for the next Atlas: said until it is written.
      if (!ok) this.#journal.put(keys.allocation(requestId), encodeRecord(AllocationRecord, ended), record.server);
      this.#tell(ended);
      done?.();
    });
    if (this.#ended.size > deskLimits.remembered) this.#forget(this.#ended.keys().next().value ?? '');
    this.#probe.count('atlas_sessions_ended_total', 1, { fleet: record.fleet, end });
    return ended;
  }

  results(fn: (result: SessionResult) => void | Promise<void>): () => void {
    const listener = (result: SessionResult) => fn(result);
    this.#listeners.add(listener);
    for (const { record } of [...this.#ended.values()]) if (!record.told) this.#tell(record);
    return () => this.#listeners.delete(listener);
  }

  tick(): void {
    const nowMs = this.#out.now();
    this.#allocator.tick(nowMs);
    for (const [requestId, { atMs }] of this.#ended) {
      if (atMs + deskLimits.rememberMs > nowMs) break;
      this.#forget(requestId);
    }
  }

  #forget(requestId: string): void {
    const ended = this.#ended.get(requestId);
    if (!ended) return;
    this.#ended.delete(requestId);
    this.#journal.put(keys.allocation(requestId), undefined, ended.record.server);
  }

  #write(allocation: Allocation): void {
    const { requestId, server, fleet, leaseUntilMs } = allocation;
    const { players = [], session = '', counted = false } = (allocation.note ?? {}) as Partial<AllocationNote>;
    const leaseMs = leaseUntilMs - this.#out.now();
    const record: AllocationRecord = {
      requestId,
      server,
      fleet,
      state: 'granted',
      grantedAtMs: this.#wall(),
      leaseUntilMs: leaseMs === Number.POSITIVE_INFINITY ? 0 : Math.ceil(this.#out.wall() + leaseMs),
      counted,
      players: [...players],
      session,
      end: 'none',
      endedAtMs: 0,
      told: false,
      result: '',
    };
    this.#journal.put(keys.allocation(requestId), encodeRecord(AllocationRecord, record), server, (ok) => {
      if (!this.#allocator.isWriting(allocation)) return;
      if (ok) this.#records.set(requestId, record);
      // First the allocator, which puts the change in itself: what is heard of the server afterwards has it already.
      const { dueMs } = this.#allocator;
      this.#allocator.written(requestId, ok, this.#out.now());
      if (ok) this.#out.granted(allocation);
      if (this.#allocator.dueMs !== dueMs) this.#out.changed();
    });
  }

  #put(record: AllocationRecord): void {
    this.#records.set(record.requestId, record);
    this.#journal.put(keys.allocation(record.requestId), encodeRecord(AllocationRecord, record), record.server);
  }

  #answer(requestId: string, answer: AllocationAnswer): void {
    const askers = this.#askers.get(requestId) ?? [];
    this.#askers.delete(requestId);
    this.#probe.count('atlas_allocations_total', 1, { code: answer.ok ? 'OK' : answer.code });
    for (const asker of askers) asker(answer);
  }

  #tell(record: AllocationRecord): void {
    if (record.told) return;
    const result = resultOf(record);
    const told = [...this.#listeners].map(async (listener) => listener(result));
    if (told.length === 0) return;
    Promise.all(told).then(
      () => {
        const kept = this.#ended.get(record.requestId);
        if (!kept) return;
        const done = { ...kept.record, told: true };
        this.#ended.set(record.requestId, { ...kept, record: done });
        this.#journal.put(keys.allocation(record.requestId), encodeRecord(AllocationRecord, done), record.server);
      },
      (error) => this.#probe.event('session_result_refused', { requestId: record.requestId, error: String(error) }),
    );
  }

  #wall(): number {
    return Math.floor(this.#out.wall());
  }
}

export function resultOf({ requestId, server, fleet, end, result, endedAtMs }: AllocationRecord): SessionResult {
  return { requestId, server, fleet, end: end === 'none' ? 'ended' : end, result: parse(result), atMs: endedAtMs };
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function allocationOf(record: AllocationRecord, nowMs: number, wallMs: number): Allocation {
  const { requestId, server, fleet, leaseUntilMs, players, session, counted } = record;
  const note: AllocationNote = { players, session, counted };
  return {
    requestId,
    server,
    fleet,
    leaseUntilMs: leaseUntilMs === 0 ? Number.POSITIVE_INFINITY : nowMs + Math.max(0, leaseUntilMs - wallMs),
    change: noChange,
    note,
  };
}
