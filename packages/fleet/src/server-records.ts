/**
 * Writes the server records: told what they should be, it brings the store there, one transaction at a time, and tries again
 * as long as the store refuses. Fleet is their only writer, so nothing is conditional.
 */
import type { Clock, Probe, Store, StoreOp } from '@horizon-atlas/ports';
import { storeLimits } from '@horizon-atlas/ports';
import { encodeRecord, keys, ServerRecord } from '@horizon-atlas/protocol';

/** Until a refused transaction is tried again, ms. */
const retryMs = 100;

export class ServerRecords {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #probe: Probe;
  /** What is to be, and what is known to be, by key. */
  #wanted = new Map<string, Uint8Array>();
  readonly #written = new Map<string, Uint8Array>();
  #busy = false;
  #writing = Promise.resolve();
  #closed = false;

  constructor(store: Store, clock: Clock, probe: Probe) {
    this.#store = store;
    this.#clock = clock;
    this.#probe = probe;
  }

  /** What an earlier Atlas wrote is taken as written: what is not wanted of it will be deleted. */
  found(key: string, value: Uint8Array): void {
    this.#written.set(key, value);
  }

  /** These records and no others. */
  set(records: readonly ServerRecord[]): void {
    this.#wanted = new Map(records.map((record) => [keys.server(record.server), encodeRecord(ServerRecord, record)]));
    if (!this.#busy) this.#writing = this.#write();
  }

  /** Resolves when what was set is written, or the store has refused it once more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
  }

  async #write(): Promise<void> {
    this.#busy = true;
    for (let ops = this.#difference(); ops.length > 0; ops = this.#difference()) {
      const result = await this.#store.transact(ops);
      if (result.ok) {
        for (const op of ops) {
          if (op.op === 'put') this.#written.set(op.key, op.value);
          else this.#written.delete(op.key);
        }
        continue;
      }
      this.#probe.count('atlas_fleet_store_refused_total', 1, { code: result.code });
      if (this.#closed) return;
      // Written or not: the same values again do no harm.
      await new Promise<void>((resolve) => this.#clock.at(this.#clock.now() + retryMs, resolve));
    }
    this.#busy = false;
  }

  #difference(): StoreOp[] {
    const ops: StoreOp[] = [];
    for (const [key, value] of this.#wanted) if (!same(value, this.#written.get(key))) ops.push({ op: 'put', key, value });
    for (const key of this.#written.keys()) if (!this.#wanted.has(key)) ops.push({ op: 'delete', key });
    return ops.slice(0, storeLimits.ops);
  }
}

function same(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
