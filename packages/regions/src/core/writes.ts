/**
 * The Store as the core sees it: questions out with a token, answers in by token.
 *
 * Every transaction hangs on the term record, so a predecessor that wakes up writes nothing any more. And every transaction gets a
 * definite outcome: when the store does not know whether it was written, the first record is read before anything else, and compared
 * with what was to be written there. That is sound because every value that is written carries an epoch of its own.
 */
import type { StoreCondition, StoreOp, StoreRecord, StoreResult } from '@horizon-atlas/ports';
import { keys } from '@horizon-atlas/protocol';
import type { RegionsPolicy } from './policy.ts';
import type { Timed, Timers } from './timers.ts';

export interface StoreOut {
  transact(token: number, ops: readonly StoreOp[], conditions: readonly StoreCondition[]): void;
  /** Answered by `recordRead` with the records that exist, in any order. */
  read(token: number, keys: readonly string[]): void;
  /** Answered by `recordRead` with every record below the prefixes. */
  list(token: number, prefixes: readonly string[]): void;
}

export type Outcome =
  /** `version` of everything that the transaction wrote. */
  | { readonly kind: 'written'; readonly version: number }
  /** Nothing was written, and nothing will be. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Nothing is written yet, but the store may still do it: whoever gives up must first write under the same condition. */
  | { readonly kind: 'unsettled' }
  /** The first record holds something else than expected: it is right. undefined: it does not exist. */
  | { readonly kind: 'conflict'; readonly record: StoreRecord | undefined };

export interface Write {
  /** The first op's key is the one to read when the outcome is unknown; it must be conditioned. */
  readonly ops: readonly StoreOp[];
  readonly conditions: readonly StoreCondition[];
}

type Waiting =
  | { readonly kind: 'write'; readonly write: Write; readonly done: (outcome: Outcome) => void }
  | { readonly kind: 'check'; readonly write: Write; readonly done: (outcome: Outcome) => void; readonly conflict: boolean }
  | {
      readonly kind: 'read';
      readonly keys: readonly string[];
      readonly list: boolean;
      readonly done: (records: Records) => void;
    };

export type Records = ReadonlyMap<string, StoreRecord>;

export class Writes {
  /** The version of the term record; conditions everything once it is set. */
  termVersion: number | undefined;
  /** Another coordinator has taken over: nothing that this one wants is written any more. */
  deposed = false;
  readonly #out: StoreOut;
  readonly #timers: Timers;
  readonly #policy: RegionsPolicy;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onDeposed: () => void;
  #token = 0;
  #nowMs = 0;

  constructor(out: StoreOut, timers: Timers, policy: RegionsPolicy, onDeposed: () => void) {
    this.#out = out;
    this.#timers = timers;
    this.#policy = policy;
    this.#onDeposed = onDeposed;
  }

  write(write: Write, done: (outcome: Outcome) => void): void {
    if (this.deposed) return;
    const fence = this.termVersion === undefined ? [] : [{ key: keys.term, version: this.termVersion }];
    const token = this.#wait({ kind: 'write', write, done });
    this.#out.transact(token, write.ops, [...fence, ...write.conditions]);
  }

  /** Reads again until the store answers. */
  read(wanted: readonly string[], done: (records: Records) => void): void {
    this.#ask({ kind: 'read', keys: wanted, list: false, done });
  }

  list(prefixes: readonly string[], done: (records: Records) => void): void {
    this.#ask({ kind: 'read', keys: prefixes, list: true, done });
  }

  /** The answer to `transact`. An unknown token is a repeated answer. */
  stored(token: number, result: StoreResult, nowMs: number): void {
    this.#nowMs = nowMs;
    const waiting = this.#waiting.get(token);
    if (waiting?.kind !== 'write' || this.deposed) return;
    this.#waiting.delete(token);
    const { write, done } = waiting;
    if (result.ok) {
      done({ kind: 'written', version: result.revision });
    } else if (result.code === 'STORE_FULL') {
      done({ kind: 'refused', code: result.code });
    } else if (result.code === 'STORE_CONFLICT' && result.key === keys.term) {
      this.deposed = true;
      this.#onDeposed();
    } else {
      this.#ask({ kind: 'check', write, done, conflict: result.code === 'STORE_CONFLICT' });
    }
  }

  /** The answer to `read` and `list`; undefined when the store could not. */
  recordRead(token: number, records: readonly StoreRecord[] | undefined, nowMs: number): void {
    this.#nowMs = nowMs;
    const waiting = this.#waiting.get(token);
    if (!waiting || waiting.kind === 'write' || this.deposed) return;
    this.#waiting.delete(token);
    if (!records) {
      this.#later(() => this.#ask(waiting));
      return;
    }
    const byKey = new Map(records.map((record) => [record.key, record]));
    if (waiting.kind === 'read') waiting.done(byKey);
    else waiting.done(settle(waiting.write, byKey, waiting.conflict));
  }

  #ask(waiting: Exclude<Waiting, { kind: 'write' }>): void {
    if (this.deposed) return;
    const token = this.#wait(waiting);
    if (waiting.kind === 'check') this.#out.read(token, [waiting.write.ops[0]?.key ?? keys.term]);
    else if (waiting.list) this.#out.list(token, waiting.keys);
    else this.#out.read(token, waiting.keys);
  }

  /** Runs something after the store has had a moment to recover. */
  #later(run: () => void): void {
    const thing: Timed = { dueMs: Number.POSITIVE_INFINITY, queuedMs: Number.POSITIVE_INFINITY, due: run };
    this.#timers.set(thing, this.#nowMs + this.#policy.storeRetryMs);
  }

  #wait(waiting: Waiting): number {
    this.#token++;
    this.#waiting.set(this.#token, waiting);
    return this.#token;
  }
}

/** What became of a write, judged by its first record. */
function settle(write: Write, records: Records, conflict: boolean): Outcome {
  const op = write.ops[0];
  if (!op) return { kind: 'unsettled' };
  const record = records.get(op.key);
  if (op.op === 'put' && record && equal(record.value, op.value)) return { kind: 'written', version: record.version };
  if (op.op === 'delete' && !record) return { kind: 'written', version: 0 };
  const expected = write.conditions.find((each) => each.key === op.key)?.version;
  // A conflict is definite: that transaction will never be written. Its first record may still be as expected, when another
  // condition failed.
  if (expected === (record?.version ?? 0)) return conflict ? { kind: 'refused', code: 'STORE_CONFLICT' } : { kind: 'unsettled' };
  return { kind: 'conflict', record };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
