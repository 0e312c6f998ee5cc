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
  journal.put('allocation/r1', Uint8Array.of(1), (ok) => void said.push(ok));
  await settled();
  // The deletion is on its way, and so is the same request, which has come again.
  await clock.advance(100);
  journal.put('allocation/r1', Uint8Array.of(2), (ok) => void said.push(ok));
  await settled();
  expect(said).toEqual([false, true]);
  deleted.resolve(refused);
  await settled();
  await clock.advance(1_000);
  expect((await store.get('allocation/r1'))?.value).toEqual(Uint8Array.of(2));
});
