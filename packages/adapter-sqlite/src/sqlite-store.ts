/**
 * The Store on one SQLite file. All transactions of one turn of the loop share one commit and so one fsync; each is held against
 * its own conditions, and is answered only when the commit is on the disk.
 */

import type { DatabaseSync } from 'node:sqlite';
import { ByteBlocks } from '@horizon-atlas/base';
import {
  overStoreLimits,
  type Probe,
  type Store,
  type StoreChange,
  type StoreCondition,
  type StoreOp,
  type StoreRecord,
  type StoreResult,
} from '@horizon-atlas/ports';
import { ChangeFeed, type ChangeFeedLimits, changeFeedLimits } from '@horizon-atlas/runtime';
import { corrupt, type DatabaseLimits, openDatabase } from './open-database.ts';
import { RecordTables } from './record-tables.ts';
import { messageOf, troubleOf } from './sqlite-error.ts';
import { StoreError } from './store-error.ts';

export interface SqliteStoreOptions {
  /** Path of the database. It and its directory are made if need be; `<file>-wal` lies beside it while it is open. */
  readonly file: string;
  readonly limits?: Partial<DatabaseLimits>;
  /** How far back a watch may reach. The history is kept in memory: a watch from before the last start is 'too-old'. */
  readonly history?: Partial<ChangeFeedLimits>;
  readonly probe?: Probe;
}

/** Rejects with StoreError: STORE_CORRUPT, STORE_NEWER, or STORE_UNAVAILABLE when it is in use or cannot be opened. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const limits = { fileBytesMax: Number.POSITIVE_INFINITY, checkBytesMax: 256 * 1024 * 1024, ...options.limits };
  const database = openDatabase(options.file, limits);
  return new SqliteStore(database, options);
}

interface Request {
  readonly ops: readonly StoreOp[];
  readonly conditions: readonly StoreCondition[];
  readonly resolve: (result: StoreResult) => void;
}

/** What a batch did, while it is not yet committed. */
interface Draft {
  readonly answers: StoreResult[];
  readonly changes: (readonly StoreChange[])[];
  readonly revision: number;
}

class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #tables: RecordTables;
  readonly #feed: ChangeFeed;
  readonly #file: string;
  readonly #probe: Probe | undefined;
  readonly #values = new ByteBlocks();
  #revision: number;
  #waiting: Request[] = [];
  #delivering = false;
  #open = true;

  constructor(database: DatabaseSync, options: SqliteStoreOptions) {
    this.#database = database;
    this.#file = options.file;
    this.#probe = options.probe;
    this.#tables = new RecordTables(database);
    this.#revision = this.#tables.revision;
    this.#feed = new ChangeFeed(this.#revision, { ...changeFeedLimits, ...options.history });
  }

  async get(key: string): Promise<StoreRecord | undefined> {
    return this.#read(() => this.#tables.get(key));
  }

  async list(prefix: string): Promise<{ readonly records: readonly StoreRecord[]; readonly revision: number }> {
    return this.#read(() => ({ records: this.#tables.list(prefix), revision: this.#revision }));
  }

  transact(ops: readonly StoreOp[], conditions: readonly StoreCondition[] = []): Promise<StoreResult> {
    if (!this.#open) return Promise.resolve(unavailable('the store is closed'));
    const message = overStoreLimits(ops, conditions);
    if (message !== undefined) return Promise.resolve({ ok: false, code: 'STORE_FULL', message });
    const own = ops.map((op) => (op.op === 'put' ? { op: op.op, key: op.key, value: this.#values.copy(op.value) } : op));
    return new Promise((resolve) => {
      this.#waiting.push({ ops: own, conditions, resolve });
      if (this.#waiting.length === 1) setImmediate(() => this.#flushSoon());
    });
  }

  watch(prefix: string, from: number, fn: Parameters<Store['watch']>[2]): () => void {
    const cancel = this.#feed.watch(prefix, from, fn);
    this.#deliverLater();
    return cancel;
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#flush();
    this.#open = false;
    this.#feed.close();
    this.#database.close();
  }

  /** Where one turn brought several, the next one brings more: they share the commit. One alone waits for nobody. */
  #flushSoon(): void {
    if (this.#waiting.length > 1) setImmediate(() => this.#flush());
    else this.#flush();
  }

  #flush(): void {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    const started = performance.now();
    this.#commit(batch);
    this.#probe?.observe('atlas_store_commit_ms', performance.now() - started);
    this.#probe?.count('atlas_store_transactions_total', batch.length);
    this.#deliverLater();
  }

  #commit(batch: readonly Request[]): void {
    let draft: Draft | undefined;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      draft = this.#draft(batch);
      this.#database.exec('COMMIT');
    } catch (error) {
      if (draft === undefined || !this.#committedAfterAll(draft)) {
        this.#rollBack();
        this.#refuse(batch, error);
        return;
      }
    }
    this.#accept(batch, draft);
  }

  /** Executes each request on top of those before it. A conflict touches nothing, so it needs no savepoint. */
  #draft(batch: readonly Request[]): Draft {
    let revision = this.#revision;
    const answers: StoreResult[] = [];
    const changes: (readonly StoreChange[])[] = [];
    for (const { ops, conditions } of batch) {
      const failed = this.#tables.failed(conditions);
      if (failed !== undefined) {
        answers.push({ ok: false, code: 'STORE_CONFLICT', key: failed.key });
        continue;
      }
      const changed = this.#tables.apply(ops, revision + 1);
      if (changed.length > 0) {
        revision++;
        changes.push(changed);
      }
      answers.push({ ok: true, revision });
    }
    if (revision !== this.#revision) this.#tables.revision = revision;
    return { answers, changes, revision };
  }

  #accept(batch: readonly Request[], draft: Draft): void {
    for (const changes of draft.changes) this.#feed.append(++this.#revision, changes);
    for (let i = 0; i < batch.length; i++) batch[i]?.resolve(draft.answers[i] as StoreResult);
  }

  /** A COMMIT that answered with an error may have reached the disk. What the file says counts: watchers must not miss it. */
  #committedAfterAll(draft: Draft): boolean {
    this.#rollBack();
    try {
      return draft.changes.length > 0 && this.#tables.revision === draft.revision;
    } catch {
      return false;
    }
  }

  /** SQLite rolls back by itself after most errors. */
  #rollBack(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } catch (error) {
      this.#probe?.event('atlas_store_failed', { file: this.#file, message: messageOf(error) });
    }
  }

  #refuse(batch: readonly Request[], error: unknown): void {
    const trouble = troubleOf(error);
    if (trouble === 'full' && batch.length > 1) {
      // One large checkpoint must not take small handoffs down with it: each gets the room that is left.
      for (const request of batch) this.#commit([request]);
      return;
    }
    this.#probe?.count('atlas_store_failures_total', 1, { kind: trouble });
    this.#probe?.event('atlas_store_failed', { file: this.#file, message: messageOf(error) });
    const message = `${this.#file}: ${messageOf(error)}`;
    const answer: StoreResult = trouble === 'full' ? { ok: false, code: 'STORE_FULL', message } : unavailable(message);
    for (const request of batch) request.resolve(answer);
  }

  #read<T>(read: () => T): T {
    if (!this.#open) throw new StoreError('STORE_UNAVAILABLE', 'the store is closed');
    try {
      return read();
    } catch (error) {
      if (troubleOf(error) === 'corrupt') throw corrupt(this.#file, messageOf(error));
      throw new StoreError('STORE_UNAVAILABLE', `${this.#file}: ${messageOf(error)}`);
    }
  }

  #deliverLater(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    setImmediate(() => {
      this.#delivering = false;
      this.#feed.deliver();
    });
  }
}

function unavailable(message: string): StoreResult {
  return { ok: false, code: 'STORE_UNAVAILABLE', message };
}
