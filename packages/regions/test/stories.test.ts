import { describe, expect, test } from 'vitest';
import { cross, endsWell, enter, world } from './story.ts';

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
