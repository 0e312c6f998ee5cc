/** Looks at a database without changing it, for those who want to know whether Atlas could open it. */
import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { migrations } from './migrations.ts';
import { APPLICATION_ID, corrupt, newer } from './open-database.ts';
import { messageOf, troubleOf } from './sqlite-error.ts';
import { StoreError } from './store-error.ts';

export interface DatabaseReport {
  readonly bytes: number;
  /** 0: there is none yet, or an empty one. */
  readonly version: number;
  /** False: too large to be read as a whole now. */
  readonly whole: boolean;
}

const checkBytesMax = 256 * 1024 * 1024;

/** Throws StoreError: STORE_CORRUPT, STORE_NEWER, or STORE_UNAVAILABLE when it is in use or cannot be read. */
export function inspectDatabase(file: string): DatabaseReport {
  if (!existsSync(file)) return { bytes: 0, version: 0, whole: true };
  const { size } = statSync(file);
  if (size === 0) return { bytes: 0, version: 0, whole: true };
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    const number = (name: string) => Number(Object.values(database?.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    if (number('application_id') !== APPLICATION_ID) throw corrupt(file, 'it is a database of another program');
    const version = number('user_version');
    if (version > migrations.length) throw newer(file, version);
    const whole = size <= checkBytesMax;
    const found = whole ? Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0] : 'ok';
    if (found !== 'ok') throw corrupt(file, String(found));
    return { bytes: size, version, whole };
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const trouble = troubleOf(error);
    if (trouble === 'corrupt') throw corrupt(file, messageOf(error));
    const why = trouble === 'busy' ? 'is in use by another process' : `cannot be read: ${messageOf(error)}`;
    throw new StoreError('STORE_UNAVAILABLE', `the database ${file} ${why}`);
  } finally {
    database?.close();
  }
}
