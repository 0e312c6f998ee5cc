import { memoryStore } from '@horizon-atlas/adapter-memory';
import type { Store, StoreOp, StoreResult } from '@horizon-atlas/ports';
import { keys } from '@horizon-atlas/protocol';
import { expect, it } from 'vitest';
import { Arcade, fleetOf } from '../../test/arcade.ts';
import { settled } from '../../test/manual-clock.ts';

const full: StoreResult = { ok: false, code: 'STORE_FULL', message: 'full' };

/** Refuses what it is told to; the next one late, if it is told when. */
function stubborn(): { readonly store: Store; refuse: boolean; late: Promise<void> | undefined } {
  const inner = memoryStore();
  const box = { store: inner, refuse: false, late: undefined as Promise<void> | undefined };
  box.store = {
    ...inner,
    transact: (ops: readonly StoreOp[], conditions) => {
      const { late } = box;
      box.late = undefined;
      if (late) return late.then(() => full);
      return box.refuse ? Promise.resolve(full) : inner.transact(ops, conditions);
    },
  };
  return box;
}

it('a full disk: nobody is given a server, none is lost, and all goes on when it has room', async () => {
  const disk = stubborn();
  const arcade = await new Arcade([fleetOf()], disk.store).start();
  await arcade.ready();
  disk.refuse = true;
  expect(await arcade.ask('r1')).toBe('STORE_UNAVAILABLE');
  expect(arcade.states).toBe('Ready Ready');
  disk.refuse = false;
  await arcade.clock.advance(200);
  expect(arcade.ids()).toContain(await arcade.ask('r2'));
  expect(await arcade.store.get(keys.allocation('r1'))).toBeUndefined();
});

it('a session’s end that a full disk refuses, and the next grant of its server, which had room: whoever dies then leaves one of them (seed 4098 of fleets)', async () => {
  const disk = stubborn();
  const fleet = fleetOf({ policy: { afterSession: 'reuse' }, scaling: { min: 0, max: 1, warm: 1 } });
  const arcade = await (await new Arcade([fleet], disk.store).start()).ready();
  const server = await arcade.ask('r1');
  const refusal = Promise.withResolvers<void>();
  disk.late = refusal.promise;
  arcade.service.release('r1');
  await settled();
  // The server is free, and given to the next one, while the end of the session before is still under way to the disk.
  void arcade.ask('r2', { waitMs: 1_000 });
  await settled();
  disk.refuse = true;
  refusal.resolve();
  await settled();
  const crashed = arcade.crash();
  disk.refuse = false;
  await crashed;
  expect(arcade.service.get(server)?.allocations).toEqual(['r1']);
});
