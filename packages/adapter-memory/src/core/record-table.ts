/**
 * Records with versions and compare-and-set, in memory and at once: the decisions of a Store without its waiting.
 * The simulator calls it directly and adds delays and crashes of its own.
 */

import {
  overStoreLimits,
  type StoreChange,
  type StoreCondition,
  type StoreOp,
  type StoreRecord,
  type StoreResult,
} from '@horizon-atlas/ports';

export interface TableAnswer {
  readonly result: StoreResult;
  /** What changed, with the table's own bytes: do not write to them. Empty unless `ok`, and where nothing changed. */
  readonly changes: readonly StoreChange[];
}

const NOTHING: readonly StoreChange[] = [];

export class RecordTable {
  readonly #records = new Map<string, StoreRecord>();
  /** All keys in the order of bytes; undefined after a key came or went, until somebody lists. */
  #sorted: string[] | undefined;
  #revision = 0;

  get revision(): number {
    return this.#revision;
  }

  get(key: string): StoreRecord | undefined {
    const record = this.#records.get(key);
    return record && copyOf(record);
  }

  list(prefix: string): { readonly records: readonly StoreRecord[]; readonly revision: number } {
    this.#sorted ??= [...this.#records.keys()].sort(compareBytes);
    const records: StoreRecord[] = [];
    for (let i = firstAtOrAfter(this.#sorted, prefix); i < this.#sorted.length; i++) {
      const key = this.#sorted[i] as string;
      if (!key.startsWith(prefix)) break;
      records.push(copyOf(this.#records.get(key) as StoreRecord));
    }
    return { records, revision: this.#revision };
  }

  transact(ops: readonly StoreOp[], conditions: readonly StoreCondition[] = []): TableAnswer {
    const message = overStoreLimits(ops, conditions);
    if (message !== undefined) return { result: { ok: false, code: 'STORE_FULL', message }, changes: NOTHING };
    for (const { key, version } of conditions) {
      if ((this.#records.get(key)?.version ?? 0) !== version) {
        return { result: { ok: false, code: 'STORE_CONFLICT', key }, changes: NOTHING };
      }
    }
    const changes = this.#apply(ops);
    return { result: { ok: true, revision: this.#revision }, changes };
  }

  #apply(ops: readonly StoreOp[]): readonly StoreChange[] {
    const version = this.#revision + 1;
    const changes: StoreChange[] = [];
    for (const op of lastOfEachKey(ops)) {
      const existed = this.#records.has(op.key);
      if (op.op === 'put') {
        const record: StoreRecord = { key: op.key, value: op.value.slice(), version };
        this.#records.set(op.key, record);
        changes.push(record);
      } else if (existed) {
        this.#records.delete(op.key);
        changes.push({ key: op.key, value: undefined, version });
      }
      if (existed !== (op.op === 'put')) this.#sorted = undefined;
    }
    if (changes.length > 0) this.#revision = version;
    return changes;
  }
}

/** In the order of their first mention. */
function lastOfEachKey(ops: readonly StoreOp[]): Iterable<StoreOp> {
  if (ops.length < 2) return ops;
  const last = new Map<string, StoreOp>();
  for (const op of ops) last.set(op.key, op);
  return last.size === ops.length ? ops : last.values();
}

function copyOf(record: StoreRecord): StoreRecord {
  return { key: record.key, value: record.value.slice(), version: record.version };
}

function firstAtOrAfter(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareBytes(sorted[middle] as string, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The order of UTF-8, which is that of code points. UTF-16 units sort alike, but for surrogates (of code points from U+10000)
 * against units from U+E000.
 */
function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return aboveSurrogates(x) - aboveSurrogates(y);
  }
  return a.length - b.length;
}

function aboveSurrogates(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x2800 : unit;
}
