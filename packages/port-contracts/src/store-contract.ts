/** What every Store adapter promises: see ports/src/store.ts. Crashes are the adapter's own tests. */

import type { Store } from '@horizon-atlas/ports';
import { storeLimits } from '@horizon-atlas/ports';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { turns } from './await.ts';
import { bytes, changed, del, put, revisionOf, snapshot, text, watching } from './store-story.ts';
import { watchTests } from './store-watch-contract.ts';

export interface StoreRig {
  readonly store: Store;
  /** Closes the store and opens it again on the same data. Absent where nothing outlives the process. */
  reopen?(): Promise<Store>;
  dispose(): Promise<void>;
}

export interface StoreSubject {
  readonly name: string;
  /** `historyChanges`: how many changes back a watch may reach at most; the adapter's default where it is not given. */
  make(options: { readonly historyChanges?: number }): Promise<StoreRig> | StoreRig;
}

export function storeContract(subject: StoreSubject): void {
  describe(`Store contract: ${subject.name}`, () => {
    let rig: StoreRig;
    beforeEach(async () => {
      rig = await subject.make({});
    });
    afterEach(() => rig.dispose());
    const store = () => rig.store;

    recordTests(store);
    listTests(store);
    conditionTests(store);
    concurrencyTests(store);
    limitTests(store);
    modelTest(store);
    watchTests(store, subject);
    closeTests(() => rig);
  });
}

function recordTests(store: () => Store): void {
  it('has nothing at first', async () => {
    expect(await store().get('region/a')).toBeUndefined();
    const { records, revision } = await store().list('');
    expect(records).toEqual([]);
    expect(revision).toBeGreaterThanOrEqual(0);
  });

  it('gives back what was put, at the revision of its change', async () => {
    const revision = await revisionOf(store().transact([put('region/a', 'one')]));
    expect(await store().get('region/a')).toEqual({ key: 'region/a', value: bytes('one'), version: revision });
    expect((await store().list('')).revision).toBe(revision);
    const later = await revisionOf(store().transact([put('region/a', 'two')]));
    expect(later).toBeGreaterThan(revision);
    expect(await store().get('region/a')).toEqual({ key: 'region/a', value: bytes('two'), version: later });
  });

  it('keeps empty values, which are not absence', async () => {
    const revision = await revisionOf(store().transact([put('empty', '')]));
    expect(await store().get('empty')).toEqual({ key: 'empty', value: new Uint8Array(0), version: revision });
  });

  it('deletes; the key may come back, at a version that was never used', async () => {
    const first = await revisionOf(store().transact([put('a', '1')]));
    const deleted = await revisionOf(store().transact([del('a')]));
    expect(await store().get('a')).toBeUndefined();
    const again = await revisionOf(store().transact([put('a', '1')], [{ key: 'a', version: 0 }]));
    expect([deleted > first, again > deleted]).toEqual([true, true]);
  });

  it('gives the records of one transaction one version', async () => {
    const revision = await revisionOf(store().transact([put('a', '1'), put('b', '2'), put('c', '3')]));
    const { records } = await store().list('');
    expect(records.map((r) => [r.key, r.version])).toEqual([
      ['a', revision],
      ['b', revision],
      ['c', revision],
    ]);
  });

  it('lets the last of several ops on one key count', async () => {
    await store().transact([put('a', '1'), del('a'), put('a', '2'), put('b', '1'), del('b')]);
    expect(await snapshot(store())).toEqual({ a: '2' });
  });

  it('answers with its revision where nothing changes', async () => {
    const revision = await revisionOf(store().transact([put('a', '1')]));
    expect(await store().transact([])).toEqual({ ok: true, revision });
    expect(await store().transact([del('nobody')])).toEqual({ ok: true, revision });
    expect(await store().transact([], [{ key: 'a', version: revision }])).toEqual({ ok: true, revision });
    expect((await store().list('')).revision).toBe(revision);
  });
}

function listTests(store: () => Store): void {
  it('lists what starts with the prefix, in the order of bytes', async () => {
    // U+FF5E is before U+1F600 in UTF-8, and after it in UTF-16.
    const keys = ['a', 'a/', 'a/b', 'a/b/c', 'a/\u{1f600}', 'a/\uff5e', 'a0', 'b/%', 'b/_', 'A/x'];
    await store().transact(keys.map((key) => put(key, key)));
    const list = async (prefix: string) => (await store().list(prefix)).records.map((r) => r.key);
    expect(await list('a/')).toEqual(['a/', 'a/b', 'a/b/c', 'a/\uff5e', 'a/\u{1f600}']);
    expect(await list('a/b')).toEqual(['a/b', 'a/b/c']);
    expect(await list('a/\u{1f600}')).toEqual(['a/\u{1f600}']);
    expect(await list('b/%')).toEqual(['b/%']);
    expect(await list('c')).toEqual([]);
    expect(await list('')).toEqual(['A/x', 'a', 'a/', 'a/b', 'a/b/c', 'a/\uff5e', 'a/\u{1f600}', 'a0', 'b/%', 'b/_']);
  });

  it('copies bytes in and out', async () => {
    const value = bytes('kept');
    const done = store().transact([{ op: 'put', key: 'a', value }]);
    value.fill(0);
    await done;
    (await store().get('a'))?.value.fill(0);
    for (const record of (await store().list('')).records) record.value.fill(0);
    expect(await snapshot(store())).toEqual({ a: 'kept' });
  });

  it('keeps only the view, where the value is a part of a larger buffer', async () => {
    await store().transact([{ op: 'put', key: 'a', value: bytes('0123456789').subarray(3, 6) }]);
    expect(text((await store().get('a'))?.value)).toBe('345');
  });
}

function conditionTests(store: () => Store): void {
  it('creates where version 0 says that nothing is there, once', async () => {
    const created = await store().transact([put('a', 'mine')], [{ key: 'a', version: 0 }]);
    expect(created.ok).toBe(true);
    expect(await store().transact([put('a', 'yours')], [{ key: 'a', version: 0 }])).toEqual({
      ok: false,
      code: 'STORE_CONFLICT',
      key: 'a',
    });
    expect(await snapshot(store())).toEqual({ a: 'mine' });
  });

  it('replaces exactly the version that was read', async () => {
    const version = await revisionOf(store().transact([put('a', '1')]));
    expect((await store().transact([put('a', '2')], [{ key: 'a', version }])).ok).toBe(true);
    expect(await store().transact([put('a', '3')], [{ key: 'a', version }])).toMatchObject({ code: 'STORE_CONFLICT', key: 'a' });
    expect(await snapshot(store())).toEqual({ a: '2' });
  });

  it('writes nothing of a transaction of which one condition fails, and names the first that does', async () => {
    const version = await revisionOf(store().transact([put('a', '1'), put('b', '1'), put('c', '1')]));
    const { revision } = await store().list('');
    const answer = await store().transact(
      [put('a', '2'), del('b'), put('d', '2')],
      [
        { key: 'a', version },
        { key: 'b', version: version + 1 },
        { key: 'c', version: 0 },
      ],
    );
    expect(answer).toEqual({ ok: false, code: 'STORE_CONFLICT', key: 'b' });
    expect(await snapshot(store())).toEqual({ a: '1', b: '1', c: '1' });
    expect((await store().list('')).revision).toBe(revision);
  });

  it('holds conditions against what was there before the first op', async () => {
    const answer = await store().transact(
      [put('a', '1'), put('b', '1')],
      [
        { key: 'a', version: 0 },
        { key: 'b', version: 0 },
      ],
    );
    expect(answer.ok).toBe(true);
  });

  it('holds conditions on keys that are not written', async () => {
    const version = await revisionOf(store().transact([put('lease', 'me')]));
    expect((await store().transact([put('a', '1')], [{ key: 'lease', version }])).ok).toBe(true);
    await store().transact([put('lease', 'other')]);
    expect(await store().transact([put('a', '2')], [{ key: 'lease', version }])).toMatchObject({ key: 'lease' });
    expect((await store().get('a'))?.value).toEqual(bytes('1'));
  });
}

function concurrencyTests(store: () => Store): void {
  it('lets one of many creators at once win', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store().transact([put('a', String(i))], [{ key: 'a', version: 0 }])),
    );
    expect(answers.map((answer) => answer.ok)).toEqual([true, ...Array.from({ length: 19 }, () => false)]);
    expect(await snapshot(store())).toEqual({ a: '0' });
  });

  it('takes effect in the order of the calls', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => store().transact([put('a', String(i))])));
    const revisions = answers.map((answer) => (answer.ok ? answer.revision : -1));
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
    expect(new Set(revisions).size).toBe(50);
    expect(await snapshot(store())).toEqual({ a: '49' });
  });

  it('loses no increment of writers that read, add and compare', async () => {
    const increment = async () => {
      for (;;) {
        const record = await store().get('n');
        const next = Number(text(record?.value) || '0') + 1;
        const answer = await store().transact([put('n', String(next))], [{ key: 'n', version: record?.version ?? 0 }]);
        if (answer.ok) return;
        expect(answer.code).toBe('STORE_CONFLICT');
      }
    };
    await Promise.all(Array.from({ length: 15 }, increment));
    expect(await snapshot(store())).toEqual({ n: '15' });
  });

  it('shows a transaction whole or not at all to readers meanwhile', async () => {
    let done = false;
    const writing = (async () => {
      for (let i = 0; i < 30; i++) await store().transact([put('pair/a', String(i)), put('pair/b', String(i))]);
      done = true;
    })();
    while (!done) {
      const { records } = await store().list('pair/');
      expect(new Set(records.map((r) => text(r.value))).size).toBeLessThanOrEqual(1);
      await turns();
    }
    await writing;
  });

  it('is not held up by a transaction beside it that fails', async () => {
    const answers = await Promise.all([
      store().transact([put('a', '1')]),
      store().transact([put('b', '1')], [{ key: 'b', version: 99_999 }]),
      store().transact([put('c'.repeat(storeLimits.keyBytes + 1), '1')]),
      store().transact([put('d', '1')]),
    ]);
    expect(answers.map((answer) => (answer.ok ? 'ok' : answer.code))).toEqual(['ok', 'STORE_CONFLICT', 'STORE_FULL', 'ok']);
    expect(await snapshot(store())).toEqual({ a: '1', d: '1' });
  });
}

function limitTests(store: () => Store): void {
  const over: readonly [what: string, ops: () => ReturnType<typeof put>[]][] = [
    ['a key of 513 bytes', () => [put(`${'ä'.repeat(256)}x`, '1')]],
    ['an empty key', () => [put('', '1')]],
    ['a key with a lone surrogate', () => [put('a\ud800', '1')]],
    ['a key with NUL', () => [put('a\0b', '1')]],
    ['a value of 4 MiB and a byte', () => [{ op: 'put', key: 'a', value: new Uint8Array(storeLimits.valueBytes + 1) }]],
    ['1,001 ops', () => Array.from({ length: 1001 }, (_, i) => put(`k${i}`, '1'))],
  ];

  for (const [what, ops] of over) {
    it(`answers STORE_FULL to ${what}, writes nothing and goes on reading and writing`, async () => {
      await store().transact([put('there', 'before')]);
      expect(await store().transact([put('beside', '1'), ...ops()])).toMatchObject({ ok: false, code: 'STORE_FULL' });
      expect(await snapshot(store())).toEqual({ there: 'before' });
      expect((await store().transact([put('there', 'after')])).ok).toBe(true);
    });
  }

  it('takes the largest key, value and transaction', async () => {
    const key = 'ä'.repeat(256);
    const value = new Uint8Array(storeLimits.valueBytes).fill(7);
    expect((await store().transact([{ op: 'put', key, value }])).ok).toBe(true);
    expect((await store().get(key))?.value).toHaveLength(value.length);
    const many = Array.from({ length: storeLimits.ops }, (_, i) => put(`many/${i}`, '1'));
    const answer = await store().transact(
      many,
      many.map((op) => ({ key: op.key, version: 0 })),
    );
    expect(answer.ok).toBe(true);
    expect((await store().list('many/')).records).toHaveLength(storeLimits.ops);
  });
}

/** Random histories against a Map: the answers and the records are the model's, and a watch from any point tells the rest. */
function modelTest(store: () => Store): void {
  const key = fc.constantFrom('a', 'b', 'c/1', 'c/2');
  const op = fc.oneof(
    fc.record({ op: fc.constant('put' as const), key, value: fc.uint8Array({ maxLength: 4 }) }),
    fc.record({ op: fc.constant('delete' as const), key }),
  );
  /** A condition is drawn as a guess: right, stale, or "absent". */
  const condition = fc.record({ key, guess: fc.constantFrom('right', 'stale', 'absent') });
  const step = fc.record({ ops: fc.array(op, { maxLength: 4 }), conditions: fc.array(condition, { maxLength: 2 }) });

  it('behaves like a map with versions, whatever the history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.nat(25), async (steps, watchFrom) => {
        await clear(store());
        const model = new Map<string, { value: Uint8Array; version: number }>();
        let revision = (await store().list('')).revision;
        let watched: { state: Record<string, string>; stop: () => void } | undefined;
        for (const [i, { ops, conditions }] of steps.entries()) {
          if (i === watchFrom) watched = await watching(store(), '');
          const told = conditions.map((c) => ({ key: c.key, version: guess(model.get(c.key)?.version ?? 0, c.guess) }));
          const failed = told.find((c) => (model.get(c.key)?.version ?? 0) !== c.version);
          const answer = await store().transact(ops, told);
          if (failed !== undefined) {
            expect(answer).toEqual({ ok: false, code: 'STORE_CONFLICT', key: failed.key });
            continue;
          }
          const last = new Map(ops.map((o) => [o.key, o]));
          const effective = [...last.values()].filter((o) => o.op === 'put' || model.has(o.key));
          if (effective.length > 0) revision++;
          expect(answer.ok && answer.revision >= revision).toBe(true);
          revision = answer.ok ? answer.revision : revision;
          for (const o of effective)
            o.op === 'put' ? model.set(o.key, { value: o.value, version: revision }) : model.delete(o.key);
        }
        const { records } = await store().list('');
        const wanted = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => ({ key: k, ...v }));
        expect(records.map((r) => ({ ...r, value: [...r.value] }))).toEqual(wanted.map((r) => ({ ...r, value: [...r.value] })));
        if (watched !== undefined) {
          await changed(store(), 'end-of-watch');
          expect(watched.state).toEqual(await snapshot(store()));
          watched.stop();
        }
      }),
      { numRuns: 40 },
    );
  });
}

function guess(version: number, how: 'right' | 'stale' | 'absent' | string): number {
  if (how === 'right') return version;
  return how === 'stale' ? Math.max(1, version - 1) : 0;
}

async function clear(store: Store): Promise<void> {
  const { records } = await store.list('');
  await store.transact(records.map((record) => del(record.key)));
}

function closeTests(rig: () => StoreRig): void {
  it('finishes what is under way before it closes, and is unavailable afterwards', async () => {
    const { store } = rig();
    const underWay = store.transact([put('a', '1')]);
    const closing = store.close();
    expect((await underWay).ok).toBe(true);
    await closing;
    expect(await store.transact([put('a', '2')])).toMatchObject({ ok: false, code: 'STORE_UNAVAILABLE' });
    await expect(store.get('a')).rejects.toThrow(/closed/);
    await expect(store.list('')).rejects.toThrow(/closed/);
    await store.close();
  });

  it('has everything again after it is opened again, and counts on from there', async ({ skip }) => {
    const { store, reopen } = rig();
    if (reopen === undefined) return skip('nothing outlives the process');
    await store.transact([put('a', '1'), put('b', '1')]);
    const revision = await revisionOf(store.transact([put('a', '2'), del('b')]));
    const again = await reopen();
    expect(await again.get('a')).toEqual({ key: 'a', value: bytes('2'), version: revision });
    expect(await again.list('')).toMatchObject({ revision, records: [{ key: 'a' }] });
    const watch = await watching(again, '');
    expect(await revisionOf(again.transact([put('c', '1')]))).toBeGreaterThan(revision);
    await changed(again, 'end-of-watch');
    expect(watch.state).toEqual(await snapshot(again));
    watch.stop();
  });
}
