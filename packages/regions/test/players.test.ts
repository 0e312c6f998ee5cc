/** Players come, are refused, come again from elsewhere, go, and return. */
import { decodeRecord, keys, PlayerRecord } from '@horizon-atlas/protocol';
import { describe, expect, test } from 'vitest';
import { defaultPolicy } from '../src/index.ts';
import { Rig } from './rig.ts';
import { cross, endsWell, enter, held, playOn, plays, world } from './story.ts';

function playerRecord(rig: Rig, player = 'ann'): PlayerRecord | undefined {
  const record = rig.records.get(keys.player(player));
  return record && decodeRecord(PlayerRecord, record.value);
}

function authorities(rig: Rig): string[] {
  return [...rig.records.keys()].filter((key) => key.startsWith('authority/'));
}

/** The session ends on its server, and the gateway hears of it. */
function leave(rig: Rig, region: string, session: string): void {
  rig.servers.get(`s-${region}`)?.end(session);
  rig.until(`${session} is over`, () => rig.gateway.sessions.get(session)?.over !== '');
}

describe('a server that has no room', () => {
  test('refuses somebody new with REGION_FULL, and nothing is left of it', () => {
    const rig = world();
    const server = rig.servers.get('s-a');
    if (server) server.full = true;
    const refused = rig.gateway.join('ann', 's1');
    rig.until('ann is refused', () => refused.over !== '');
    expect(refused).toMatchObject({ over: 'REGION_FULL', joined: false });
    expect(authorities(rig)).toEqual([]);
    expect(playerRecord(rig)).toBeUndefined();
    expect(rig.coordinator.book.spawn.players).toBe(0);
    expect(rig.coordinator.joining).toBe(0);

    if (server) server.full = false;
    enter(rig, 'ann', 's2');
    expect(plays(rig, 's2', 'a')).toBe(true);
    endsWell(rig);
  });

  test('costs somebody who returns nothing of what was kept', () => {
    const rig = world();
    enter(rig);
    playOn(rig, 500);
    leave(rig, 'a', 's1');
    const before = playerRecord(rig);
    expect(before?.state.some((byte) => byte !== 0)).toBe(true);

    const server = rig.servers.get('s-a');
    if (server) server.full = true;
    const refused = rig.gateway.join('ann', 's2');
    rig.until('ann is refused', () => refused.over !== '');
    expect(refused.over).toBe('REGION_FULL');
    expect(playerRecord(rig)).toEqual(before);
    expect(authorities(rig)).toEqual([]);
    endsWell(rig);
  });
});

describe('a join that takes too long', () => {
  test('is refused with NO_REGION when no server comes, and leaves nothing behind', () => {
    const rig = new Rig(1);
    rig.fleet = false;
    rig.start();
    const entry = rig.gateway.join('ann', 's1');
    const afterMs = rig.until('ann is refused', () => entry.over !== '', defaultPolicy.joinDeadlineMs * 2);
    expect(entry.over).toBe('NO_REGION');
    expect(afterMs).toBeGreaterThanOrEqual(defaultPolicy.joinDeadlineMs);
    expect(afterMs).toBeLessThan(defaultPolicy.joinDeadlineMs + 100);
    expect(authorities(rig)).toEqual([]);
    expect(rig.coordinator.joining).toBe(0);

    rig.startServer('s-a', 'a');
    enter(rig, 'ann', 's2');
    endsWell(rig);
  });

  test('is refused when the server never answers, and the player goes on with what was written for it', () => {
    const rig = world({ joinDeadlineMs: 1_000 });
    rig.filter = (_, message) => message.kind !== 'admit';
    const entry = rig.gateway.join('ann', 's1');
    rig.until('ann is refused', () => entry.over !== '');
    expect(entry.over).toBe('NO_REGION');
    expect(authorities(rig)).toHaveLength(1);
    const [key] = authorities(rig);

    rig.filter = () => true;
    const group = enter(rig, 'ann', 's2');
    expect(keys.authority(group)).toBe(key);
    expect(plays(rig, 's2', 'a')).toBe(true);
    endsWell(rig);
  });
});

describe('a player who comes again from elsewhere', () => {
  test('takes its live group over: a new session at a new epoch, with the state as it is', () => {
    const rig = world();
    const group = enter(rig);
    playOn(rig, 1_000);
    const before = { ...held(rig, 'a', group) };
    const record = rig.authority(group);
    expect(before.applied).toBeGreaterThan(10);

    expect(enter(rig, 'ann', 's2')).toBe(group);
    expect(rig.gateway.sessions.get('s1')?.over).toBe('SESSION_REPLACED');
    const after = held(rig, 'a', group);
    expect(after).toMatchObject({ session: 's2', applied: before.applied, phase: 'owned' });
    expect(after?.epoch).toBeGreaterThan(before.epoch ?? 0);
    // The same owner at another epoch: of when its state is has not changed.
    expect(rig.authority(group)).toMatchObject({ stateEpoch: record?.stateEpoch, group: { session: 's2', epoch: after?.epoch } });
    expect(rig.coordinator.figures.takeovers).toBe(1);
    endsWell(rig);
    expect(plays(rig, 's2', 'a')).toBe(true);
  });

  test('waits for its crossing to end, and takes it over where it then is', () => {
    const rig = world();
    const group = enter(rig);
    rig.until('the neighbour is warm', () => rig.servers.get('s-b')?.regions.has('b') === true);
    rig.filter = (_, message) => message.kind !== 'frozen';
    rig.servers.get('s-a')?.crossed(group, 'b', true);
    rig.until('it is frozen', () => held(rig, 'a', group)?.phase === 'frozen');
    const second = rig.gateway.join('ann', 's2');
    rig.run(100);
    expect(second.joined).toBe(false);
    expect(rig.authority(group)?.group.session).toBe('s1');

    rig.filter = () => true;
    rig.until('ann is in', () => second.joined);
    expect(rig.gateway.sessions.get('s1')?.over).toBe('SESSION_REPLACED');
    expect(held(rig, 'b', group)?.session).toBe('s2');
    endsWell(rig);
    expect(plays(rig, 's2', 'b')).toBe(true);
  });
});

describe('a player who leaves', () => {
  test('becomes a player record, and the group is no more', () => {
    const rig = world();
    const group = enter(rig);
    playOn(rig, 500);
    leave(rig, 'a', 's1');
    expect(rig.gateway.sessions.get('s1')?.over).toBe('SESSION_ENDED');
    expect(rig.authority(group)).toBeUndefined();
    expect(playerRecord(rig)).toMatchObject({ player: 'ann', region: 'a', x: 1, y: 2, z: 3 });
    rig.until('the server forgets it', () => rig.servers.get('s-a')?.find(group) === undefined);
    expect(rig.coordinator.book.spawn.players).toBe(0);
    endsWell(rig);
  });

  test('returns to where it was, as another group, with the state that it had', () => {
    const rig = world();
    const group = enter(rig);
    cross(rig, group, 'a', 'b');
    playOn(rig, 1_000);
    const applied = held(rig, 'b', group)?.applied ?? 0;
    expect(applied).toBeGreaterThan(10);
    leave(rig, 'b', 's1');
    expect(playerRecord(rig)?.region).toBe('b');

    const again = enter(rig, 'ann', 's2');
    expect(again).not.toBe(group);
    expect(held(rig, 'b', again)?.applied).toBe(applied);
    expect(playerRecord(rig)).toBeUndefined();
    expect(rig.authority(group)).toBeUndefined();
    endsWell(rig);
    expect(plays(rig, 's2', 'b')).toBe(true);
  });

  test('is let go although the first answer to its server is lost', () => {
    const rig = world();
    const group = enter(rig);
    let lost = 0;
    rig.filter = (_, message) => message.kind !== 'endedAck' || ++lost > 2;
    leave(rig, 'a', 's1');
    rig.until('the server forgets it', () => rig.servers.get('s-a')?.find(group) === undefined);
    expect(lost).toBe(3);
    endsWell(rig);
  });
});

test('a region without players falls asleep, loses its server, and wakes for one who returns to it', () => {
  const rig = world({ sleepAfterMs: 500 });
  const group = enter(rig);
  cross(rig, group, 'a', 'b');
  rig.until('its neighbour is warm', () => rig.servers.get('s-c')?.regions.has('c') === true);
  rig.run(300);
  cross(rig, group, 'b', 'c');
  playOn(rig, 1_000);
  const applied = held(rig, 'c', group)?.applied;
  const epoch = rig.region('c')?.epoch ?? 0;
  leave(rig, 'c', 's1');

  rig.until('c sleeps', () => rig.region('c')?.state === 'asleep');
  expect(rig.region('c')?.server).toBe('');
  expect(rig.records.has(keys.want('c'))).toBe(false);
  rig.until('its server is gone', () => !rig.servers.has('s-c'));
  expect(rig.region('a')?.state).toBe('active');

  const again = enter(rig, 'ann', 's2');
  expect(held(rig, 'c', again)?.applied).toBe(applied);
  expect(rig.region('c')).toMatchObject({ state: 'active', server: 's-c' });
  expect(rig.region('c')?.epoch).toBeGreaterThan(epoch);
  endsWell(rig);
  expect(plays(rig, 's2', 'c')).toBe(true);
});
