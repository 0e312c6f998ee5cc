/**
 * The Store under the fleets' service: transactions are written one after the other, each after a while, and answered once they are on the disk. A death loses
 * what was not: of the transactions under way the first few may have been written, unanswered, and the others never were. It may refuse for a while, as a full
 * disk does, or leave open whether it has written.
 */
import type { Prng } from '@horizon-atlas/base';
import type { Store, StoreOp, StoreRecord, StoreResult } from '@horizon-atlas/ports';
import type { FleetKernel, Life } from './fleet-kernel.ts';

interface Flight {
  readonly life: Life;
  readonly ops: readonly StoreOp[];
  readonly answer: (result: StoreResult) => void;
}

export interface DiskSabotage {
  /** A put that is acknowledged and not done. */
  readonly forgets?: (key: string) => boolean;
  /** Acknowledged before it is written, so that a death takes it with it. */
  readonly lies?: boolean;
}

export class FleetDisk {
  readonly #kernel: FleetKernel;
  readonly #prng: Prng;
  readonly #sabotage: DiskSabotage;
  readonly #records = new Map<string, StoreRecord>();
  #flights: Flight[] = [];
  #revision = 0;
  #fullUntilMs = 0;
  writeMsMax = 8;

  constructor(kernel: FleetKernel, prng: Prng, sabotage: DiskSabotage = {}) {
    this.#kernel = kernel;
    this.#prng = prng;
    this.#sabotage = sabotage;
  }

  below(prefix: string): StoreRecord[] {
    return [...this.#records.values()].filter(({ key }) => key.startsWith(prefix)).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Nothing is on its way to it. */
  get isIdle(): boolean {
    return this.#flights.length === 0;
  }

  fillUp(ms: number): void {
    this.#fullUntilMs = this.#kernel.nowMs + ms;
  }

  /** Whoever wrote is dead. */
  crash(): void {
    const written = this.#sabotage.lies ? 0 : this.#prng.below(this.#flights.length + 1);
    for (const { ops } of this.#flights.slice(0, written)) this.#apply(ops);
    this.#flights = [];
  }

  store(life: Life): Store {
    const read = <T>(of: () => T): Promise<T> =>
      new Promise((resolve) => this.#kernel.within(life, this.#prng.between(0.1, 3), () => resolve(of())));
    return {
      get: (key) => read(() => this.#records.get(key)),
      list: (prefix) => read(() => ({ records: this.below(prefix), revision: this.#revision })),
      transact: (ops) =>
        new Promise((resolve) => {
          const copies = ops.map((op) => (op.op === 'put' ? { ...op, value: op.value.slice() } : op));
          const flight: Flight = { life, ops: copies, answer: resolve };
          if (this.#sabotage.lies) this.#kernel.within(life, 0, () => resolve({ ok: true, revision: this.#revision }));
          this.#flights.push(flight);
          if (this.#flights.length === 1) this.#write();
        }),
      watch: () => () => {},
      close: () => Promise.resolve(),
    };
  }

  #write(): void {
    const [flight] = this.#flights;
    if (!flight) return;
    const slow = this.#sabotage.lies ? 200 : this.writeMsMax;
    this.#kernel.after(this.#prng.between(0.2, slow), () => {
      // Of a former life: what it had under way is over.
      if (this.#flights[0] !== flight) return;
      this.#flights.shift();
      const full = this.#kernel.nowMs < this.#fullUntilMs;
      if (!full) this.#apply(flight.ops);
      const unknown = !full && this.#prng.chance(0.01);
      this.#kernel.live(flight.life, () =>
        flight.answer(full ? fullDisk : unknown ? lost : { ok: true, revision: this.#revision }),
      );
      this.#write();
    });
  }

  #apply(ops: readonly StoreOp[]): void {
    this.#revision++;
    for (const op of ops) {
      if (op.op === 'delete') this.#records.delete(op.key);
      else if (!this.#sabotage.forgets?.(op.key))
        this.#records.set(op.key, { key: op.key, value: op.value, version: this.#revision });
    }
  }
}

const fullDisk: StoreResult = { ok: false, code: 'STORE_FULL', message: 'the simulated disk is full' };
const lost: StoreResult = { ok: false, code: 'STORE_UNAVAILABLE', message: 'the simulated store lost the answer' };
