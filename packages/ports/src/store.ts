import type { Cancel } from './clock.ts';

/**
 * `version` is the store-wide revision of the record's last change: it grows with each transaction that changes something,
 * and is never used twice. Records changed together share it.
 */
export interface StoreRecord {
  readonly key: string;
  readonly value: Uint8Array;
  readonly version: number;
}

export type StoreOp =
  | { readonly op: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly op: 'delete'; readonly key: string };

/** Version 0 says "does not exist". */
export interface StoreCondition {
  readonly key: string;
  readonly version: number;
}

export type StoreResult =
  | { readonly ok: true; readonly revision: number }
  /** A condition did not hold; `key` is the first that failed. Nothing was written. */
  | { readonly ok: false; readonly code: 'STORE_CONFLICT'; readonly key: string }
  /** The disk is full, or a limit was passed. Nothing was written; reads still work. */
  | { readonly ok: false; readonly code: 'STORE_FULL'; readonly message: string }
  /** Whether it was written is not known: read before trying again. */
  | { readonly ok: false; readonly code: 'STORE_UNAVAILABLE'; readonly message: string };

export interface StoreChange {
  readonly key: string;
  /** undefined: deleted. */
  readonly value: Uint8Array | undefined;
  readonly version: number;
}

export type WatchEvent =
  | { readonly kind: 'changes'; readonly changes: readonly StoreChange[] }
  /** The history no longer reaches back to where the watch stood: list again and watch from there. */
  | { readonly kind: 'too-old' };

/**
 * Records under slash-separated keys, changed by atomic compare-and-set.
 *
 * What was acknowledged survives kill -9 of the process (the memory adapter excepted, which says so).
 * A transaction is seen whole or not at all. Keys are at most 512 bytes, values at most 4 MiB, a transaction at most 1,000 ops
 * (`storeLimits`). Values are copied on their way in and out.
 */
export interface Store {
  get(key: string): Promise<StoreRecord | undefined>;
  /** All records whose key starts with `prefix`, by the bytes of their keys, and the revision at which this was true. */
  list(prefix: string): Promise<{ readonly records: readonly StoreRecord[]; readonly revision: number }>;
  /**
   * All ops or none, if every condition held before the first op. Of several ops on one key the last counts. `revision` is the
   * version of the changed records, or the store's revision where nothing changed (no ops, or deletes of what is not there).
   * Transactions take effect in the order of the calls. Resolves when the change is durable; never rejects for what the
   * outside did. After `close` the answer is STORE_UNAVAILABLE, while `get` and `list` reject.
   */
  transact(ops: readonly StoreOp[], conditions?: readonly StoreCondition[]): Promise<StoreResult>;
  /**
   * Every later change below `prefix` with a version above `from`, in order, once, in batches of whole transactions.
   * It misses nothing, or says 'too-old' once and stops. `fn` is called on later turns only, and never after the cancel.
   */
  watch(prefix: string, from: number, fn: (event: WatchEvent) => void): Cancel;
  /** Waits for the transactions that are under way. Watches end. */
  close(): Promise<void>;
}
