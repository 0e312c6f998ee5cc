/** Opens the file: locked to this process, of a known version, whole. Whatever stands against it is told in full sentences. */

import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrations } from './migrations.ts';
import { messageOf, troubleOf } from './sqlite-error.ts';
import { StoreError } from './store-error.ts';

/** Marks a database as ours in the file's header: "HATL". */
export const APPLICATION_ID = 0x4841544c;

export interface DatabaseLimits {
  /** The file's size, without its log; beyond, STORE_FULL. Infinity: as large as the disk. */
  readonly fileBytesMax: number;
  /** Files up to this size are checked as a whole when they are opened (about 1 ms a MB); larger ones page by page in use. */
  readonly checkBytesMax: number;
}

/** Throws StoreError: STORE_CORRUPT, STORE_NEWER, or STORE_UNAVAILABLE when it is in use or cannot be opened. */
export function openDatabase(file: string, limits: DatabaseLimits): DatabaseSync {
  const bytes = touch(file);
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw refusal(file, error);
  }
  try {
    prepare(database, file, limits, bytes);
    return database;
  } catch (error) {
    database.close();
    throw error instanceof StoreError ? error : refusal(file, error);
  }
}

/** The file's size. Makes it if need be, readable by its owner alone: it holds the keys that sign resume tokens. */
function touch(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true });
    closeSync(openSync(file, 'a', 0o600));
    return statSync(file).size;
  } catch (error) {
    throw new StoreError('STORE_UNAVAILABLE', `cannot open the database ${file}: ${messageOf(error)}`);
  }
}

function prepare(database: DatabaseSync, file: string, limits: DatabaseLimits, bytes: number): void {
  // Exclusive before WAL: the log's index is then kept in memory, and nobody else gets in.
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  // The log is cut back to this after a burst.
  database.exec(`PRAGMA journal_size_limit = ${64 * 1024 * 1024}`);
  refuseForeign(database, file);
  if (bytes <= limits.checkBytesMax) {
    const found = pragma(database, 'quick_check(1)');
    if (found !== 'ok') throw corrupt(file, String(found));
  }
  migrate(database, file);
  if (Number.isFinite(limits.fileBytesMax)) {
    const pages = Math.max(1, Math.floor(limits.fileBytesMax / Number(pragma(database, 'page_size'))));
    database.exec(`PRAGMA max_page_count = ${pages}`);
  }
}

function refuseForeign(database: DatabaseSync, file: string): void {
  const id = pragma(database, 'application_id');
  const tables = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n;
  if (id === APPLICATION_ID || (id === 0 && tables === 0)) return;
  throw corrupt(file, 'it is a database of another program');
}

function migrate(database: DatabaseSync, file: string): void {
  const version = Number(pragma(database, 'user_version'));
  if (version > migrations.length) {
    throw newer(file, version);
  }
  // Also with no step to take: it proves that the file can be written, and takes the lock.
  database.exec('BEGIN IMMEDIATE');
  for (const step of migrations.slice(version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${migrations.length}; PRAGMA application_id = ${APPLICATION_ID}; COMMIT`);
}

function pragma(database: DatabaseSync, name: string): unknown {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}

function refusal(file: string, error: unknown): StoreError {
  switch (troubleOf(error)) {
    case 'corrupt':
      return corrupt(file, messageOf(error));
    case 'busy':
      return new StoreError('STORE_UNAVAILABLE', `the database ${file} is in use by another process`);
    default:
      return new StoreError('STORE_UNAVAILABLE', `cannot open the database ${file}: ${messageOf(error)}`);
  }
}

export function newer(file: string, version: number): StoreError {
  return new StoreError(
    'STORE_NEWER',
    `the database ${file} has version ${version}, and this Atlas knows versions up to ${migrations.length}: ` +
      'run the newer Atlas that wrote it, or restore a backup from before',
  );
}

export function corrupt(file: string, detail: string): StoreError {
  return new StoreError(
    'STORE_CORRUPT',
    `the database ${file} is damaged (${detail}). Restore a backup in its place, without ${file}-wal; ` +
      `or move ${file} and ${file}-wal away to start with an empty world`,
  );
}
