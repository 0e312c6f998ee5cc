import { describe, expect, test } from 'vitest';
import { cross, endsWell, enter, playOn, plays, world } from './story.ts';

describe('a server that is to be emptied', () => {
  test('plays on until another one is there, and gives its region over with everybody in it', () => {
    const rig = world();
    enter(rig);
    rig.coordinator.emptyServer('s-a', rig.nowMs);
    playOn(rig, 500);
    expect(plays(rig, 's1', 'a')).toBe(true);
    const before = rig.region('a')?.epoch ?? 0;
    rig.startServer('s-spare', '');
    rig.until('the other has it', () => rig.region('a')?.server === 's-spare');
    rig.until('the first is empty', () => rig.events.some(({ name }) => name === 'server.emptied'));
    playOn(rig, 500);
    expect(rig.region('a')?.epoch).toBeGreaterThan(before);
    expect(rig.gateway.sessions.get('s1')).toMatchObject({ region: 'a', server: 's-spare' });
    expect(rig.events.filter(({ name }) => name === 'region.lost')).toEqual([]);
    expect(rig.events.filter(({ name }) => name === 'region.moving')).toHaveLength(1);
    expect(rig.coordinator.figures.recoveries).toBe(0);
    // It gets nothing any more, though it is there.
    rig.kill('s-spare', 60_000);
    playOn(rig, 500);
    expect(rig.region('a')?.server).toBe('');
    rig.startServer('s-other', '');
    rig.until('yet another has it', () => rig.region('a')?.server === 's-other');
    playOn(rig, 500);
    endsWell(rig);
  });

  test('says at once that it is empty when it plays nothing, and nothing of one that is not there', () => {
    const rig = world();
    rig.startServer('s-spare', '');
    rig.run(50);
    rig.coordinator.emptyServer('s-spare', rig.nowMs);
    rig.coordinator.emptyServer('s-nobody', rig.nowMs);
    expect(rig.events.filter(({ name }) => name === 'server.emptied').map(({ fields }) => fields.server)).toEqual(['s-spare']);
  });
});

describe("a server's link that breaks", () => {
  test('is no death while fleet knows its process alive: it dials again, and has its region still', () => {
    const rig = world();
    enter(rig);
    // Past the time that a new coordinator gives everybody.
    playOn(rig, 2_000);
    const before = rig.region('a');
    rig.cutLink('s-a', 200);
    playOn(rig, 500);
    expect(rig.region('a')).toEqual(before);
    expect(rig.events.filter(({ name }) => name === 'region.lost')).toEqual([]);
    expect(plays(rig, 's1', 'a')).toBe(true);
    endsWell(rig);
  });

  test('is one when nobody dials again', () => {
    const rig = world();
    enter(rig);
    // Past the time that a new coordinator gives everybody.
    playOn(rig, 2_000);
    const epoch = rig.region('a')?.epoch ?? 0;
    rig.startServer('s-spare', '');
    rig.run(50);
    // Twice: the first break ends, and its time with it.
    rig.cutLink('s-a', 200);
    rig.run(250);
    rig.cutLink('s-a', 60_000);
    rig.run(200);
    expect(rig.region('a')?.epoch).toBe(epoch);
    rig.until('another has it', () => rig.region('a')?.server === 's-spare', 300);
    expect(rig.coordinator.figures.recoveries).toBe(1);
    rig.kill('s-a');
    endsWell(rig);
  });
});

describe('a walk over a border', () => {
  test('wakes the neighbour, copies, crosses, releases', () => {
    const rig = world();
    const group = enter(rig);
    rig.until('the neighbour is warm', () => rig.servers.get('s-b')?.regions.has('b') === true);
    rig.servers.get('s-a')?.approach(group, 'b');
    rig.run(50);
    cross(rig, group, 'a', 'b');
    rig.until('the source let go', () => rig.servers.get('s-a')?.find(group) === undefined);
    rig.run(500);
    expect(rig.coordinator.figures.handoffs).toMatchObject({ total: 1, done: 1, failed: 0, rolledBack: 0, lost: 0, warm: 1 });
    expect(rig.gateway.sessions.get('s1')).toMatchObject({ server: 's-b', region: 'b' });
    expect(rig.coordinator.crossing).toBe(0);
    endsWell(rig);
  });
});
