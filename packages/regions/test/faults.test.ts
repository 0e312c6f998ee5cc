/** Faults that random schedules hit too seldom to rely on, each told as a story of its own. */
import { encodeMovers } from '@horizon-atlas/protocol';
import { describe, expect, test } from 'vitest';
import { Rig } from './rig.ts';

/** Three regions in play, and ann in the first. */
function world(policy = {}): { rig: Rig; ann: number } {
  const rig = new Rig(1, policy);
  rig.start();
  const entry = rig.gateway.join('ann', 's1');
  rig.until('ann is in', () => entry.joined);
  rig.until('the neighbour is warm', () => rig.servers.get('s-b')?.regions.has('b') === true);
  rig.run(300);
  const ann = [...(rig.servers.get('s-a')?.regions.get('a')?.groups.keys() ?? [])][0];
  if (ann === undefined) throw new Error('ann is nowhere');
  return { rig, ann };
}

/** Runs on with play, and with the gateway asking where refused sessions are. */
function playOn(rig: Rig, ms: number): void {
  for (let i = 0; i < ms; i += 50) {
    rig.run(50);
    for (const session of rig.gateway.sessions.keys()) {
      rig.gateway.play(session);
      if (i % 300 === 0) rig.gateway.locate(session);
    }
  }
}

function plays(rig: Rig, server: string): boolean {
  const entry = rig.gateway.sessions.get('s1');
  return entry?.server === server && rig.servers.get(server)?.sessionAt('s1', entry.epoch) !== undefined;
}

describe('a crossing', () => {
  test('is not taken back from a target whose checkpoint shows that it plays', () => {
    const { rig, ann } = world({ activateTimeoutMs: 900 });
    rig.filter = (_, message) => message.kind !== 'activated';
    rig.servers.get('s-a')?.crossed(ann, 'b', true);
    playOn(rig, 2_000);
    expect(rig.coordinator.figures.handoffs).toMatchObject({ done: 1, rolledBack: 0 });
    expect(rig.authority(ann)?.region).toBe('b');
    expect(rig.problems).toEqual([]);
  });

  test('goes back to the source when the target says nothing at all', () => {
    const { rig, ann } = world();
    rig.filter = (to, message) => !(to === 's-b' && message.kind === 'activate');
    rig.servers.get('s-a')?.crossed(ann, 'b', true);
    playOn(rig, 2_000);
    expect(rig.coordinator.figures.handoffs).toMatchObject({ done: 0, rolledBack: 1 });
    expect(rig.authority(ann)?.region).toBe('a');
    expect(plays(rig, 's-a')).toBe(true);
    expect(rig.problems).toEqual([]);
  });
});

test('a gateway that missed a route before its old region was recovered finds the session again', () => {
  const { rig, ann } = world();
  rig.filter = (to, message) => !(to === 'gateway' && message.kind === 'route');
  rig.servers.get('s-a')?.crossed(ann, 'b', true);
  rig.until('ann is in b', () => rig.authority(ann)?.region === 'b' && rig.servers.get('s-b')?.find(ann)?.phase === 'owned');
  rig.kill('s-a');
  rig.until('a is back', () => rig.servers.get('s-a')?.regions.has('a') === true);
  rig.run(200);
  // The gateway took the recovery of `a` for ann's, and so knows a higher epoch than her record has.
  expect(rig.gateway.sessions.get('s1')?.epoch).toBeGreaterThan(rig.authority(ann)?.group.epoch ?? 0);
  rig.filter = () => true;
  playOn(rig, 3_000);
  expect(plays(rig, 's-b')).toBe(true);
  expect(rig.problems).toEqual([]);
});

test('a server that comes back from the dead is told to stop until it does', () => {
  const { rig } = world();
  let stops = 0;
  rig.filter = (_, message) => message.kind !== 'stop' || ++stops > 1;
  rig.pause('s-b', 1_500);
  rig.run(4_000);
  expect(stops).toBeGreaterThan(1);
  rig.until('b plays again', () => rig.coordinator.book.regions.get('b')?.life.phase === 'active');
  expect(rig.problems).toEqual([]);
});

test('a server that is there and never takes its region is told to make room for another', () => {
  const { rig } = world();
  let stops = 0;
  rig.filter = (_, message) => {
    if (message.kind === 'stop') stops++;
    return message.kind !== 'assign' || stops > 0;
  };
  rig.kill('s-b');
  rig.until('it is told to stop', () => stops > 0, 8_000);
  rig.until('b plays again', () => rig.coordinator.book.regions.get('b')?.life.phase === 'active');
  expect(rig.problems).toEqual([]);
});

describe('a server that lies', () => {
  test('about regions and groups that are not its own is ignored, and costs ann nothing', () => {
    const { rig, ann } = world();
    const liar = rig.servers.get('s-b');
    const epoch = rig.authority(ann)?.group.epoch ?? 0;
    const state = new Uint8Array([9, 9, 9, 9]);
    liar?.say({ kind: 'crossed', group: ann, epoch, region: 'a', target: 'b', teleport: true });
    liar?.say({ kind: 'crossed', group: ann, epoch, region: 'b', target: 'a', teleport: true });
    liar?.say({ kind: 'frozen', group: ann, epoch, version: 1, state, sessions: [] });
    liar?.say({ kind: 'checkpoint', region: 'a', epoch: 99, tick: 1e9, world: state, groups: [] });
    liar?.say({ kind: 'ended', session: 's1', player: 'ann', group: ann, epoch, region: 'a', x: 0, y: 0, z: 0, state, code: '' });
    liar?.say({ kind: 'slept', region: 'a', epoch: 1 });
    const nowhere = { entity: ann, kind: 0, frozen: false, x: Number.NaN, y: 0, z: 0 } as const;
    liar?.say({ kind: 'positions', region: 'a', survey: 1, movers: encodeMovers([nowhere]) });
    playOn(rig, 1_000);
    expect(rig.coordinator.figures.ignored).toBeGreaterThan(3);
    expect(rig.authority(ann)).toMatchObject({ region: 'a', group: { epoch } });
    expect(plays(rig, 's-a')).toBe(true);
    expect(rig.problems).toEqual([]);
  });
});

test('a coordinator whose term is taken writes nothing any more', () => {
  const { rig, ann } = world();
  const before = rig.coordinator;
  const term = rig.records.get('term');
  if (!term) throw new Error('no term');
  rig.records.set('term', { ...term, version: term.version + 1_000_000 });
  rig.servers.get('s-a')?.crossed(ann, 'b', true);
  rig.run(1_000);
  expect(before.deposed).toBe(true);
  expect(before.dueMs).toBe(Number.POSITIVE_INFINITY);
  expect(rig.authority(ann)?.region).toBe('a');
});
