import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { storeContract } from '@horizon-atlas/port-contracts';
import type { Store, StoreOp } from '@horizon-atlas/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from './index.ts';
import { migrations } from './migrations.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'atlas-sqlite-'));
  file = join(directory, 'deep', 'atlas.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

storeContract({
  name: 'sqlite',
  make: async ({ historyChanges }) => {
    // A file of its own: the suite holds two stores at a time.
    const own = join(directory, `${Math.random()}.db`);
    const history = historyChanges === undefined ? {} : { changes: historyChanges };
    let store = await openSqliteStore({ file: own, history });
    return {
      store,
      reopen: async () => {
        await store.close();
        store = await openSqliteStore({ file: own, history });
        return store;
      },
      dispose: () => store.close(),
    };
  },
});

describe('a database that cannot be taken', () => {
  it('is told to be damaged, with the way out, when it is no database', async () => {
    await prepared(() => writeFileSync(file, 'not a database, by any means '.repeat(400)));
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: wayOut() });
  });

  it('is told to be damaged when pages are overwritten or cut off', async () => {
    await filled(200);
    const size = statSync(file).size;
    truncateSync(file, size - 8192);
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: wayOut() });
  });

  it('is not taken from another program', async () => {
    await prepared(() => rawly('CREATE TABLE mine (x)'));
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: /another program/ });
  });

  it('is refused when a newer Atlas wrote it, and stays as it is', async () => {
    await filled(3);
    rawly(`PRAGMA user_version = ${migrations.length + 1}`);
    await expect(openSqliteStore({ file })).rejects.toMatchObject({
      code: 'STORE_NEWER',
      message: expect.stringContaining(file),
    });
    rawly(`PRAGMA user_version = ${migrations.length}`);
    const store = await openSqliteStore({ file });
    expect((await store.list('')).records).toHaveLength(3);
    await store.close();
  });

  it('is in use while another holds it, and free afterwards', async () => {
    const store = await openSqliteStore({ file });
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: /in use/ });
    expect((await store.transact([put('a', 10)])).ok).toBe(true);
    await store.close();
    await (await openSqliteStore({ file })).close();
  });

  it('says so when its directory cannot be made', async () => {
    writeFileSync(join(directory, 'deep'), 'a file stands where the directory should be');
    await expect(openSqliteStore({ file })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(file),
    });
  });

  function wayOut(): unknown {
    return expect.stringMatching(new RegExp(`${file.replaceAll('.', '\\.')} is damaged .*Restore a backup.*or move ${file}`));
  }
});

describe('a full disk', () => {
  it('answers STORE_FULL, loses nothing, still reads, and takes writes again when there is room', async () => {
    const store = await openSqliteStore({ file, limits: { fileBytesMax: 400_000 } });
    const acknowledged = await fill(store);
    expect(acknowledged.length).toBeGreaterThan(5);
    expect((await store.list('fill/')).records.map((r) => r.key)).toEqual(acknowledged);
    const { revision } = await store.list('');

    expect(await store.transact([put('more', 30_000)])).toMatchObject({ ok: false, code: 'STORE_FULL' });
    expect((await store.list('')).revision).toBe(revision);
    expect(await store.transact(acknowledged.slice(0, 3).map((key) => ({ op: 'delete', key })))).toMatchObject({ ok: true });
    expect(await store.transact([put('more', 30_000)])).toEqual({ ok: true, revision: revision + 2 });
    await store.close();

    const again = await openSqliteStore({ file });
    expect((await again.list('fill/')).records.map((r) => r.key)).toEqual(acknowledged.slice(3));
    await again.close();
  });

  it('lets small transactions through beside one that does not fit', async () => {
    const store = await openSqliteStore({ file, limits: { fileBytesMax: 400_000 } });
    const changes: string[] = [];
    store.watch('', 0, (event) => event.kind === 'changes' && changes.push(...event.changes.map((c) => c.key)));
    const answers = await Promise.all([
      store.transact([put('before', 10)]),
      store.transact([put('huge', 1_000_000)]),
      store.transact([put('after', 10)], [{ key: 'before', version: 1 }]),
    ]);
    expect(answers).toMatchObject([{ ok: true, revision: 1 }, { code: 'STORE_FULL' }, { ok: true, revision: 2 }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(changes).toEqual(['before', 'after']);
    await store.close();
  });
});

describe('group commit', () => {
  it('puts all transactions of a turn into one commit, each with conditions of its own on those before', async () => {
    const commits: number[] = [];
    const probe = { count: () => undefined, gauge: () => undefined, event: () => undefined, observe: () => commits.push(1) };
    const store = await openSqliteStore({ file, probe });
    const answers = await Promise.all([
      store.transact([put('a', 1)], [{ key: 'a', version: 0 }]),
      store.transact([put('a', 2)], [{ key: 'a', version: 0 }]),
      store.transact([put('a', 3)], [{ key: 'a', version: 1 }]),
      ...Array.from({ length: 100 }, (_, i) => store.transact([put(`k${i}`, 1)])),
    ]);
    expect(answers.slice(0, 4)).toEqual([
      { ok: true, revision: 1 },
      { ok: false, code: 'STORE_CONFLICT', key: 'a' },
      { ok: true, revision: 2 },
      { ok: true, revision: 3 },
    ]);
    expect(commits).toHaveLength(1);
    await store.close();
  });

  it('keeps its file to its owner: it holds secrets', async () => {
    const store = await openSqliteStore({ file });
    await store.transact([put('a', 1)]);
    expect([file, `${file}-wal`].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
    await store.close();
  });
});

function put(key: string, size: number): StoreOp {
  return { op: 'put', key, value: new Uint8Array(size).fill(7) };
}

/** Writes until the store is full; the keys that were acknowledged. */
async function fill(store: Store): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let i = 0; i < 100; i++) {
    const key = `fill/${String(i).padStart(3, '0')}`;
    const answer = await store.transact([put(key, 20_000)]);
    if (!answer.ok) {
      expect(answer.code).toBe('STORE_FULL');
      return acknowledged;
    }
    acknowledged.push(key);
  }
  throw new Error('the store was never full');
}

async function filled(count: number): Promise<void> {
  const store = await openSqliteStore({ file });
  for (let i = 0; i < count; i++) await store.transact([put(`k${i}`, 1000)]);
  await store.close();
}

/** Makes the directory as the store does, then lets `write` make the file. */
async function prepared(write: () => void): Promise<void> {
  await (await openSqliteStore({ file })).close();
  rmSync(file);
  write();
}

function rawly(sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}
