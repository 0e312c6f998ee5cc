/** The statements on an open database, prepared once. Synchronous; the caller holds the transaction. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { must } from '@horizon-atlas/base';
import type { StoreChange, StoreCondition, StoreOp, StoreRecord } from '@horizon-atlas/ports';

export class RecordTables {
  readonly #get: StatementSync;
  readonly #version: StatementSync;
  readonly #from: StatementSync;
  readonly #between: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #revision: StatementSync;
  readonly #setRevision: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare('SELECT version, value FROM records WHERE key = ?');
    this.#version = database.prepare('SELECT version FROM records WHERE key = ?');
    this.#from = database.prepare('SELECT key, version, value FROM records WHERE key >= ? ORDER BY key');
    this.#between = database.prepare('SELECT key, version, value FROM records WHERE key >= ? AND key < ? ORDER BY key');
    this.#put = database.prepare(
      `INSERT INTO records (key, version, value) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET version = excluded.version, value = excluded.value`,
    );
    this.#delete = database.prepare('DELETE FROM records WHERE key = ?');
    this.#revision = database.prepare('SELECT revision FROM revision');
    this.#setRevision = database.prepare('UPDATE revision SET revision = ?');
  }

  get revision(): number {
    return must(this.#revision.get(), 'the revision is one row').revision as number;
  }

  set revision(revision: number) {
    this.#setRevision.run(revision);
  }

  get(key: string): StoreRecord | undefined {
    const row = this.#get.get(key);
    return row && { key, value: row.value as Uint8Array, version: row.version as number };
  }

  list(prefix: string): StoreRecord[] {
    const end = firstAfterPrefix(prefix);
    const rows = end === undefined ? this.#from.all(prefix) : this.#between.all(prefix, end);
    return rows.map((row) => ({
      key: row.key as string,
      value: row.value as Uint8Array,
      version: row.version as number,
    }));
  }

  /** The first condition that does not hold. */
  failed(conditions: readonly StoreCondition[]): StoreCondition | undefined {
    return conditions.find(({ key, version }) => (this.#version.get(key)?.version ?? 0) !== version);
  }

  /** Applies the ops under one version and answers what changed by them. */
  apply(ops: readonly StoreOp[], version: number): StoreChange[] {
    const changes: StoreChange[] = [];
    for (const op of ops.length === 1 ? ops : new Map(ops.map((op) => [op.key, op])).values()) {
      if (op.op === 'put') {
        this.#put.run(op.key, version, op.value);
        changes.push({ key: op.key, value: op.value, version });
      } else if (this.#delete.run(op.key).changes !== 0) {
        changes.push({ key: op.key, value: undefined, version });
      }
    }
    return changes;
  }
}

/** The smallest text that is greater than all that start with the prefix; undefined: there is none. SQLite compares UTF-8. */
function firstAfterPrefix(prefix: string): string | undefined {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = must(last.codePointAt(0), 'a character is a code point');
    if (point === 0x10ffff) continue;
    // Surrogates are not characters: U+D7FF is followed by U+E000.
    return points.join('') + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
}
