import { describe, expect, test } from 'vitest';
import { Rig } from './rig.ts';

function world(seed = 1, policy = {}): Rig {
  const rig = new Rig(seed, policy);
  rig.start();
  rig.until('the spawn region plays', () => rig.servers.get('s-a')?.regions.has('a') === true);
  return rig;
}

function player(rig: Rig, name = 'ann', session = 's1'): number {
  const entry = rig.gateway.join(name, session);
  rig.until(`${name} is in`, () => entry.joined);
  for (const server of rig.servers.values()) {
    for (const { groups } of server.regions.values()) {
      for (const held of groups.values()) if (held.session === session) return held.group;
    }
  }
  throw new Error('joined, and nowhere');
}

function cross(rig: Rig, group: number, from: string, to: string): void {
  const before = rig.authority(group)?.group.epoch ?? 0;
  rig.until(`${group} crosses to ${to}`, () => {
    if (rig.nowMs % 50 < 1) rig.servers.get(`s-${from}`)?.crossed(group, to);
    return rig.servers.get(`s-${to}`)?.find(group)?.phase === 'owned';
  });
  expect(rig.authority(group)?.region).toBe(to);
  expect(rig.authority(group)?.group.epoch).toBeGreaterThan(before);
}

describe('a walk over a border', () => {
  test('wakes the neighbour, copies, crosses, releases', () => {
    const rig = world();
    const group = player(rig);
    rig.until('the neighbour is warm', () => rig.servers.get('s-b')?.regions.has('b') === true);
    rig.servers.get('s-a')?.approach(group, 'b');
    rig.run(50);
    cross(rig, group, 'a', 'b');
    rig.until('the source let go', () => rig.servers.get('s-a')?.find(group) === undefined);
    rig.run(500);
    expect(rig.coordinator.figures.handoffs).toMatchObject({ total: 1, done: 1, failed: 0, rolledBack: 0, lost: 0, warm: 1 });
    expect(rig.gateway.sessions.get('s1')).toMatchObject({ server: 's-b', region: 'b' });
    expect(rig.coordinator.crossing).toBe(0);
    expect(rig.problems).toEqual([]);
  });
});
