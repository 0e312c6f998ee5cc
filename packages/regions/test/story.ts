/** How stories begin, what happens in them again and again, and what has to hold at the end of each. */
import { expect } from 'vitest';
import type { RegionsPolicy } from '../src/index.ts';
import type { Held } from './fake-server.ts';
import { Rig } from './rig.ts';
import { judge } from './schedule.ts';

/** Three regions in a row, of which the first is in play. */
export function world(policy: Partial<RegionsPolicy> = {}, seed = 1): Rig {
  const rig = new Rig(seed, policy);
  rig.start();
  rig.until('the spawn region plays', () => rig.servers.get('s-a')?.regions.has('a') === true);
  return rig;
}

/** A player comes in, and its group is told. */
export function enter(rig: Rig, player = 'ann', session = 's1'): number {
  const entry = rig.gateway.join(player, session);
  rig.until(`${player} is in`, () => entry.joined);
  for (const server of rig.servers.values()) {
    for (const { groups } of server.regions.values()) {
      for (const held of groups.values()) if (held.session === session) return held.group;
    }
  }
  throw new Error(`${player} has joined, and is nowhere`);
}

/** The source speaks of the crossing until the target plays. */
export function cross(rig: Rig, group: number, source: string, target: string): void {
  const before = rig.authority(group)?.group.epoch ?? 0;
  let ticks = 0;
  rig.until(`${group} crosses to ${target}`, () => {
    if (ticks++ % 50 === 0) rig.servers.get(`s-${source}`)?.crossed(group, target);
    return held(rig, target, group)?.phase === 'owned';
  });
  expect(rig.authority(group)?.region).toBe(target);
  expect(rig.authority(group)?.group.epoch).toBeGreaterThan(before);
}

/** The group as the server of a region has it. */
export function held(rig: Rig, region: string, group: number): Held | undefined {
  return rig.servers.get(`s-${region}`)?.regions.get(region)?.groups.get(group);
}

/** All sessions play, and those that are refused ask where they are. */
export function playOn(rig: Rig, ms: number): void {
  for (let i = 0; i < ms; i += 50) {
    rig.run(50);
    for (const session of rig.gateway.sessions.keys()) {
      rig.gateway.play(session);
      if (i % 300 === 0) rig.gateway.locate(session);
    }
  }
}

/** Whether the session's commands reach its group in that region. */
export function plays(rig: Rig, session: string, region: string): boolean {
  const entry = rig.gateway.sessions.get(session);
  const server = rig.servers.get(`s-${region}`);
  return entry?.region === region && entry.server === server?.id && server.sessionAt(session, entry.epoch) !== undefined;
}

/** Play goes on for a while, and then everybody is in one place, with everything that was covered. */
export function endsWell(rig: Rig): void {
  playOn(rig, 2_000);
  expect([...rig.problems, ...judge(rig)]).toEqual([]);
}
