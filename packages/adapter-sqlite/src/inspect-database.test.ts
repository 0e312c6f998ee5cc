import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { inspectDatabase } from './inspect-database.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'atlas-inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'atlas.db');
const refuse = (path: string, code: string) =>
  expect(() => inspectDatabase(path)).toThrow(expect.objectContaining({ code }) as Error);

it('one that is not there yet', () =>
  expect(inspectDatabase(join(folder, 'none.db'))).toEqual({ bytes: 0, version: 0, whole: true }));

it('one that is in use, then one that is not', async () => {
  const store = await openSqliteStore({ file });
  await store.transact([{ op: 'put', key: 'a', value: new Uint8Array([1]) }], []);
  refuse(file, 'STORE_UNAVAILABLE');
  await store.close();
  expect(inspectDatabase(file)).toMatchObject({ version: 1, whole: true });
});

it('one of a newer Atlas', () => {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  refuse(file, 'STORE_NEWER');
});

it('one of another program, and no database at all', () => {
  const other = join(folder, 'other.db');
  const database = new DatabaseSync(other);
  database.exec('CREATE TABLE a (b)');
  database.close();
  refuse(other, 'STORE_CORRUPT');
  const text = join(folder, 'text.db');
  writeFileSync(
    text,
    'this is no database at all, but it is long enough to have a header of one hundred bytes, which it is not.',
  );
  refuse(text, 'STORE_CORRUPT');
});
