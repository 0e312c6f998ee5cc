/**
 * The Store of a simulated world: it survives every crash, takes a while, may be full for a while, and may leave a transaction's
 * outcome unknown (written or not, by a coin). It checks conditions as the real ones do; the mutation `ignoreConditions` is how
 * the checkers are shown to need that.
 */
import type { Prng } from '@horizon-atlas/base';
import type { StoreChange, StoreCondition, StoreOp, StoreRecord, StoreResult } from '@horizon-atlas/ports';
import type { Kernel, Process } from './kernel.ts';

export class Disk {
  readonly #kernel: Kernel;
  readonly #prng: Prng;
  readonly #records = new Map<string, StoreRecord>();
  #revision = 0;
  #fullUntilMs = 0;
  #unknownUntilMs = 0;
  /** Sees every transaction that took effect, at the moment it does. */
  onCommit: (changes: readonly StoreChange[]) => void = () => {};
  ignoreConditions = false;
  /** A transaction takes at most so long. */
  slowMsMax = 5;

  constructor(kernel: Kernel, prng: Prng) {
    this.#kernel = kernel;
    this.#prng = prng;
  }

  fillUp(ms: number): void {
    this.#fullUntilMs = this.#kernel.nowMs + ms;
  }

  losesAnswers(ms: number): void {
    this.#unknownUntilMs = this.#kernel.nowMs + ms;
  }

  get(key: string): StoreRecord | undefined {
    return this.#records.get(key);
  }

  below(prefix: string): StoreRecord[] {
    return [...this.#records.values()].filter((record) => record.key.startsWith(prefix)).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The answer reaches `caller` only while it lives the life in which it asked. */
  transact(
    caller: Process,
    ops: readonly StoreOp[],
    conditions: readonly StoreCondition[],
    answer: (result: StoreResult) => void,
  ): void {
    const life = caller.life;
    const copies = ops.map((op) => (op.op === 'put' ? { ...op, value: op.value.slice() } : op));
    this.#kernel.after(this.#prng.between(0.2, this.slowMsMax), () => {
      const unknown = this.#kernel.nowMs < this.#unknownUntilMs;
      const result =
        unknown && this.#prng.chance(0.5)
          ? undefined
          : this.#kernel.nowMs < this.#fullUntilMs
            ? full
            : this.#apply(copies, conditions);
      const said: StoreResult = unknown || result === undefined ? lost : result;
      this.#kernel.after(this.#prng.between(0, 1), () => caller.input(() => answer(said), life));
    });
  }

  read(caller: Process, keys: readonly string[], answer: (records: readonly StoreRecord[]) => void): void {
    const life = caller.life;
    this.#kernel.after(this.#prng.between(0.1, 1), () => {
      const found = keys.flatMap((key) => this.#records.get(key) ?? []);
      caller.input(() => answer(found), life);
    });
  }

  list(caller: Process, prefixes: readonly string[], answer: (records: readonly StoreRecord[]) => void): void {
    const life = caller.life;
    this.#kernel.after(this.#prng.between(0.1, 1), () => {
      const found = prefixes.flatMap((prefix) => this.below(prefix));
      caller.input(() => answer(found), life);
    });
  }

  /** A write by somebody who is not under test. */
  plain(key: string, value: Uint8Array | undefined): void {
    this.#apply([value ? { op: 'put', key, value } : { op: 'delete', key }], []);
  }

  #apply(ops: readonly StoreOp[], conditions: readonly StoreCondition[]): StoreResult {
    if (!this.ignoreConditions) {
      const broken = conditions.find(({ key, version }) => (this.#records.get(key)?.version ?? 0) !== version);
      if (broken) return { ok: false, code: 'STORE_CONFLICT', key: broken.key };
    }
    this.#revision++;
    for (const op of ops) {
      if (op.op === 'put') this.#records.set(op.key, { key: op.key, value: op.value, version: this.#revision });
      else this.#records.delete(op.key);
    }
    this.onCommit(ops.map((op) => ({ key: op.key, value: op.op === 'put' ? op.value : undefined, version: this.#revision })));
    return { ok: true, revision: this.#revision };
  }
}

const full: StoreResult = { ok: false, code: 'STORE_FULL', message: 'the simulated disk is full' };
const lost: StoreResult = { ok: false, code: 'STORE_UNAVAILABLE', message: 'the simulated store lost the answer' };
