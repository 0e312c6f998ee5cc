/** What a coordinator makes of words that come when they are no longer true. */
import { expect, test } from 'vitest';
import { Rig } from './rig.ts';

function world(): Rig {
  const rig = new Rig(1, {});
  rig.start();
  rig.until('the spawn region plays', () => rig.servers.get('s-a')?.regions.has('a') === true);
  return rig;
}

const login = (session: string, request: number) =>
  ({ kind: 'join', request, session, player: 'ann', name: 'ann', remoteAddress: '', format: 'atlas' }) as const;

test('a login that comes late does not take the player from the one that it gave way to', () => {
  const rig = world();
  // Her first try hung, her client gave it up and came again; then the first one arrives after all.
  const entry = rig.gateway.join('ann', 's2');
  rig.until('ann is in', () => entry.joined);
  rig.fromGateway(login('s1', 77));
  rig.run(3_000);
  expect(entry.over).toBe('');
  expect(rig.coordinator.figures.takeovers).toBe(0);
});

test('nor does its double, after it was the right one for a while', () => {
  const rig = world();
  const first = rig.gateway.join('ann', 's1');
  rig.until('ann is in', () => first.joined);
  const second = rig.gateway.join('ann', 's2');
  rig.until('ann is in again', () => second.joined);
  expect(first.over).toBe('SESSION_REPLACED');
  rig.fromGateway(login('s1', 1));
  rig.run(3_000);
  expect(second.over).toBe('');
  expect(rig.coordinator.figures.takeovers).toBe(1);
});

test('an answer to an earlier question is none to a later one', () => {
  const rig = world();
  const entry = rig.gateway.join('ann', 's2');
  rig.until('ann is in', () => entry.joined);
  rig.fromGateway(login('s1', 77));
  rig.fromGateway({ kind: 'confirmed', session: 's1', nonce: 99 });
  rig.run(1_000);
  expect(entry.over).toBe('');
});

test('who was replaced is told so when it asks where it is, and when it asks to come in again', () => {
  const rig = world();
  const first = rig.gateway.join('ann', 's1');
  rig.until('ann is in', () => first.joined);
  const second = rig.gateway.join('ann', 's2');
  rig.until('ann is in again', () => second.joined);
  // Its gateway had slept through the kick.
  first.over = '';
  rig.fromGateway({ kind: 'locate', session: 's1', epoch: 0 });
  rig.run(50);
  expect(first.over).toBe('SESSION_REPLACED');
  expect(second.over).toBe('');
});

test('a group frozen at an epoch that was drawn while the disk was full is given back by the next coordinator, whose record is behind', () => {
  const rig = world();
  const entry = rig.gateway.join('ann', 's1');
  rig.until('ann is in', () => entry.joined);
  const held = [...(rig.servers.get('s-a')?.regions.get('a')?.groups.values() ?? [])].find(({ session }) => session === 's1');
  if (!held) throw new Error('joined, and nowhere');
  // A thaw without a record, then a freeze; and the coordinator that knew of both is gone.
  rig.wasFull = true;
  held.epoch += 5;
  held.phase = 'frozen';
  rig.restartCoordinator(50);
  rig.until('she plays on', () => held.phase === 'owned');
  expect(rig.authority(held.group)?.group.epoch).toBe(held.epoch);
  expect(rig.problems).toEqual([]);
});

test('and one that has ended at such an epoch leaves the world', () => {
  const rig = world();
  const entry = rig.gateway.join('ann', 's1');
  rig.until('ann is in', () => entry.joined);
  const server = rig.servers.get('s-a');
  const held = [...(server?.regions.get('a')?.groups.values() ?? [])].find(({ session }) => session === 's1');
  if (!server || !held) throw new Error('joined, and nowhere');
  rig.wasFull = true;
  held.epoch += 5;
  rig.restartCoordinator(50);
  server.end('s1');
  rig.until('she is away', () => rig.authority(held.group) === undefined);
  expect(rig.problems).toEqual([]);
});
