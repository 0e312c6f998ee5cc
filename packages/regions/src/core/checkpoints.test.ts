import type { StoreCondition } from '@horizon-atlas/ports';
import type { ControlToServer } from '@horizon-atlas/protocol';
import { expect, test } from 'vitest';
import { Checkpoints } from './checkpoints.ts';
import { Crossings } from './crossings.ts';
import { Desk } from './desk.ts';
import { defaultPolicy, regionsLimits } from './policy.ts';

/** Region `a` at epoch 5 (record version 40), played by s1; its checkpoint record has version 30. */
function story() {
  const writes: { token: number; conditions: readonly StoreCondition[] }[] = [];
  const reads: number[] = [];
  const said: ControlToServer[] = [];
  const events: string[] = [];
  const box = { minX: 0, maxX: 1, minY: 0, maxY: 1, minZ: 0, maxZ: 1 };
  const world = { regions: [{ region: 'a', name: 'a', ...box }], spawn: 'a' };
  const out = {
    transact: (token: number, _: unknown, conditions: readonly StoreCondition[]) => void writes.push({ token, conditions }),
    read: (token: number) => void reads.push(token),
    list: () => {},
    toServer: (_: string, message: ControlToServer) => void said.push(message),
    toGateway: () => {},
    event: (name: string) => void events.push(name),
  };
  const desk = new Desk(world, out, defaultPolicy);
  desk.crossings = new Crossings(desk);
  const region = desk.book.spawn;
  Object.assign(region, {
    epoch: 5,
    version: 40,
    life: { phase: 'active', server: 's1', epoch: 5, dueMs: Number.POSITIVE_INFINITY },
  });
  desk.book.server('s1').linked = true;
  const checkpoints = new Checkpoints(desk);
  const hear = (tick: number, epoch = 5, bytes = 0) =>
    checkpoints.heard('s1', { kind: 'checkpoint', region: 'a', epoch, tick, world: new Uint8Array(bytes), groups: [] });
  const readIs = () => desk.writes.recordRead(reads[0] ?? 0, [{ key: 'checkpoint/a', value: new Uint8Array(0), version: 30 }], 0);
  return { desk, region, checkpoints, hear, readIs, writes, said, events };
}

test('a checkpoint is written under its own record and its region’s, and covered only then', () => {
  const { desk, hear, readIs, writes, said } = story();
  hear(1);
  readIs();
  expect(writes[0]?.conditions).toEqual([
    { key: 'checkpoint/a', version: 30 },
    { key: 'region/a', version: 40 },
  ]);
  expect(said).toEqual([]);
  desk.writes.stored(writes[0]?.token ?? 0, { ok: true, revision: 50 }, 0);
  expect(said).toEqual([{ kind: 'covered', region: 'a', epoch: 5, tick: 1 }]);
});

test('one at a time; of those that wait only the newest is written', () => {
  const { desk, hear, readIs, writes } = story();
  hear(1);
  readIs();
  for (const tick of [2, 3, 4]) hear(tick);
  expect(writes).toHaveLength(1);
  desk.writes.stored(writes[0]?.token ?? 0, { ok: true, revision: 50 }, 0);
  expect(writes).toHaveLength(2);
  expect(writes[1]?.conditions[0]).toEqual({ key: 'checkpoint/a', version: 50 });
});

test('what the disk refused is not covered, and keeps the region from falling asleep', () => {
  const { desk, hear, readIs, writes, said, checkpoints, region } = story();
  hear(1);
  readIs();
  desk.writes.stored(writes[0]?.token ?? 0, { ok: false, code: 'STORE_FULL', message: '' }, 0);
  expect(said).toEqual([]);
  expect(checkpoints.isCovered(region)).toBe(false);
});

test('an old epoch and a too large one are refused', () => {
  const { hear, writes, events } = story();
  hear(1, 4);
  hear(1, 5, regionsLimits.checkpointBytes + 1);
  expect(writes).toEqual([]);
  expect(events).toEqual(['server.ignored', 'checkpoint.too-big']);
});
