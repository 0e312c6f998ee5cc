import { memoryStore } from '@horizon-atlas/adapter-memory';
import type { StoreOp, StoreResult } from '@horizon-atlas/ports';
import { noProbe } from '@horizon-atlas/runtime';
import { expect, it } from 'vitest';
import { ManualClock, settled } from '../../test/manual-clock.ts';
import { Journal } from './journal.ts';

it('what was refused, and is to be deleted, is not deleted once its key has been written anew (seed 4498 of fleets)', async () => {
  const store = memoryStore();
  const refused: StoreResult = { ok: false, code: 'STORE_FULL', message: 'full' };
  const deleted = Promise.withResolvers<StoreResult>();
  const answers: (StoreResult | Promise<StoreResult>)[] = [refused, deleted.promise];
  const transact = async (ops: readonly StoreOp[]) => (await answers.shift()) ?? store.transact(ops);
  const clock = new ManualClock();
  const journal = new Journal({ ...store, transact }, clock, noProbe);
  const said: boolean[] = [];
  journal.put('allocation/r1', Uint8Array.of(1), 'a', (ok) => void said.push(ok));
  await settled();
  // The deletion is on its way, and so is the same request, which has come again.
  await clock.advance(100);
  journal.put('allocation/r1', Uint8Array.of(2), 'a', (ok) => void said.push(ok));
  await settled();
  deleted.resolve(refused);
  await settled();
  await clock.advance(1_000);
  expect(said).toEqual([false, true]);
  expect((await store.get('allocation/r1'))?.value).toEqual(Uint8Array.of(2));
});

it('what is about one server is not under way twice: the second stands on the first, which may be refused alone (seed 4098 of fleets)', async () => {
  const store = memoryStore();
  const first = Promise.withResolvers<StoreResult>();
  const answers: Promise<StoreResult>[] = [first.promise];
  const written: string[] = [];
  const transact = (ops: readonly StoreOp[]) => {
    written.push(ops.map(({ op, key }) => `${op} ${key}`).join(', '));
    return answers.shift() ?? store.transact(ops);
  };
  const clock = new ManualClock();
  const journal = new Journal({ ...store, transact }, clock, noProbe);
  journal.put('allocation/r1', Uint8Array.of(1), 'a');
  await settled();
  journal.put('allocation/r3', Uint8Array.of(3), 'b', () => {});
  journal.put('allocation/r2', Uint8Array.of(2), 'a', () => {});
  await settled();
  expect(written).toEqual(['put allocation/r1', 'put allocation/r3']);
  first.resolve({ ok: false, code: 'STORE_FULL', message: 'full' });
  await settled();
  await clock.advance(100);
  expect(written).toEqual(['put allocation/r1', 'put allocation/r3', 'put allocation/r1, put allocation/r2']);
});

it('at its close, what waited for another one to be written is written, too', async () => {
  const store = memoryStore();
  const journal = new Journal(store, new ManualClock(), noProbe);
  journal.put('allocation/r1', Uint8Array.of(1), 'a');
  await Promise.resolve();
  journal.put('allocation/r2', Uint8Array.of(2), 'a');
  await journal.close();
  expect((await store.list('allocation/')).records.map(({ key }) => key)).toEqual(['allocation/r1', 'allocation/r2']);
});

it('a request that comes again and again while the disk is full is one deletion', async () => {
  const store = memoryStore();
  const sizes: number[] = [];
  let full = true;
  const transact = async (ops: readonly StoreOp[]): Promise<StoreResult> => {
    sizes.push(ops.length);
    return full ? { ok: false, code: 'STORE_FULL', message: 'full' } : store.transact(ops);
  };
  const clock = new ManualClock();
  const journal = new Journal({ ...store, transact }, clock, noProbe);
  for (let times = 0; times < 5; times++) {
    journal.put('allocation/r1', Uint8Array.of(times), 'a', () => {});
    await settled();
    await clock.advance(100);
  }
  full = false;
  await clock.advance(100);
  expect(Math.max(...sizes)).toBe(2);
  expect(await store.get('allocation/r1')).toBeUndefined();
});
