/** Servers that claim what is not theirs, or speak of what was theirs once. What they say about themselves costs nobody else anything. */
import type { ServerToControl } from '@horizon-atlas/protocol';
import { describe, expect, test } from 'vitest';
import type { RegionsPolicy } from '../src/index.ts';
import type { FakeServer } from './fake-server.ts';
import type { Rig } from './rig.ts';
import { endsWell, enter, playOn, plays, world } from './story.ts';

function annInA(policy: Partial<RegionsPolicy> = {}): { rig: Rig; ann: number; a: FakeServer; b: FakeServer } {
  const rig = world(policy);
  const ann = enter(rig);
  rig.until('the neighbour is warm', () => rig.coordinator.book.regions.get('b')?.life.phase === 'active');
  playOn(rig, 1_000);
  const a = rig.servers.get('s-a');
  const b = rig.servers.get('s-b');
  if (!a || !b) throw new Error('two servers should play');
  return { rig, ann, a, b };
}

/** What servers are told from now on. */
function told(rig: Rig): { to: string; kind: string }[] {
  const seen: { to: string; kind: string }[] = [];
  rig.filter = (to, { kind }) => {
    seen.push({ to, kind });
    return true;
  };
  return seen;
}

type Claim = (ServerToControl & { kind: 'hello' })['regions'][number];

function claim(rig: Rig, liar: FakeServer, regions: Claim[]): void {
  liar.say({ ...liar.hello(), regions });
  rig.run(5);
}

describe('a server that presents itself', () => {
  test('with a region of another is told to stop, and its claim comes to nothing', () => {
    const { rig, ann, a, b } = annInA();
    const epoch = rig.region('a')?.epoch ?? 0;
    const record = rig.authority(ann);
    const orders = told(rig);
    claim(rig, b, [
      { region: 'b', epoch: rig.region('b')?.epoch ?? 0, groups: [] },
      { region: 'a', epoch, groups: [{ group: ann, epoch: record?.group.epoch ?? 0, phase: 'owned' }] },
    ]);
    expect(orders).toContainEqual({ to: 's-b', kind: 'stop' });
    expect(orders).not.toContainEqual({ to: 's-a', kind: 'stop' });
    expect(rig.region('a')).toMatchObject({ server: a.id, epoch });
    expect(rig.authority(ann)).toEqual(record);
    endsWell(rig);
    expect(plays(rig, 's1', 'a')).toBe(true);
    expect(rig.coordinator.book.regions.get('b')?.life.phase).toBe('active');
  });

  test('with its region at an epoch that is over loses it to a recovery', () => {
    const { rig, b } = annInA();
    const epoch = rig.region('b')?.epoch ?? 0;
    const { recoveries } = rig.coordinator.figures;
    // Even if it does not hear that it is to stop.
    rig.filter = (_, message) => message.kind !== 'stop';
    claim(rig, b, [{ region: 'b', epoch: epoch - 1, groups: [] }]);
    expect(rig.region('b')).toMatchObject({ server: '', state: 'starting' });
    rig.run(500);
    expect(rig.region('b')?.server).toBe('');
    rig.filter = () => true;
    rig.until('b plays again', () => rig.coordinator.book.regions.get('b')?.life.phase === 'active');
    expect(rig.region('b')?.epoch).toBeGreaterThan(epoch);
    expect(rig.coordinator.figures.recoveries).toBe(recoveries + 1);
    endsWell(rig);
    expect(plays(rig, 's1', 'a')).toBe(true);
  });

  test('with an epoch that nobody has drawn yet does not get it', () => {
    const { rig, b } = annInA();
    const orders = told(rig);
    claim(rig, b, [{ region: 'b', epoch: 1_000_000, groups: [] }]);
    expect(orders).toContainEqual({ to: 's-b', kind: 'stop' });
    rig.until('b plays again', () => rig.coordinator.book.regions.get('b')?.life.phase === 'active');
    expect(rig.region('b')?.epoch).toBeLessThan(1_000_000);
    endsWell(rig);
  });

  test('with a group of another in its own region is told to drop it', () => {
    const { rig, ann, b } = annInA();
    const record = rig.authority(ann);
    const groups = [{ group: ann, epoch: (record?.group.epoch ?? 0) - 1, phase: 'owned' as const }];
    const orders = told(rig);
    claim(rig, b, [{ region: 'b', epoch: rig.region('b')?.epoch ?? 0, groups }]);
    expect(orders).toContainEqual({ to: 's-b', kind: 'release' });
    expect(orders).not.toContainEqual({ to: 's-b', kind: 'stop' });
    expect(rig.authority(ann)).toEqual(record);
    endsWell(rig);
    expect(plays(rig, 's1', 'a')).toBe(true);
  });
});

const state = new Uint8Array([9, 9, 9, 9]);
const nowhere = { x: 0, y: 0, z: 0 };

/** Each with the epochs of ann's group and of her region. */
const words: readonly { what: string; word: (group: number, epoch: number, regionEpoch: number) => ServerToControl }[] = [
  { what: 'a crossing', word: (group, epoch) => ({ kind: 'crossed', group, epoch, region: 'a', target: 'b', teleport: true }) },
  {
    what: 'an ending',
    word: (group, epoch) => ({
      kind: 'ended',
      session: 's1',
      player: 'ann',
      group,
      epoch,
      region: 'a',
      ...nowhere,
      state,
      code: '',
    }),
  },
  { what: 'a frozen copy', word: (group, epoch) => ({ kind: 'frozen', group, epoch, version: 1, state, sessions: [] }) },
  {
    what: 'a checkpoint',
    word: (_, __, epoch) => ({ kind: 'checkpoint', region: 'a', epoch, tick: 1e9, world: state, groups: [] }),
  },
];

describe.each(words)('$what', ({ word }) => {
  test('that another server speaks of changes nothing', () => {
    const { rig, ann, b } = annInA();
    const record = rig.authority(ann);
    const region = rig.region('a');
    const checkpoint = rig.records.get('checkpoint/a')?.version ?? 0;
    b.say(word(ann, record?.group.epoch ?? 0, region?.epoch ?? 0));
    rig.run(20);
    expect(rig.authority(ann)).toEqual(record);
    expect(rig.region('a')).toEqual(region);
    expect(checkpoint).toBeGreaterThan(0);
    endsWell(rig);
    expect(rig.region('a')).toEqual(region);
    expect(plays(rig, 's1', 'a')).toBe(true);
  });

  test('from before a recovery changes nothing', () => {
    const { rig, ann } = annInA();
    const former = { group: rig.authority(ann)?.group.epoch ?? 0, region: rig.region('a')?.epoch ?? 0 };
    rig.kill('s-a');
    rig.until('a plays again', () => (rig.region('a')?.epoch ?? 0) > former.region && rig.region('a')?.state === 'active');
    endsWell(rig);
    const record = rig.authority(ann);
    const region = rig.region('a');
    rig.servers.get('s-a')?.say(word(ann, former.group, former.region));
    endsWell(rig);
    expect(rig.authority(ann)?.region).toBe('a');
    expect(rig.authority(ann)?.group.session).toBe(record?.group.session);
    expect(rig.region('a')).toEqual(region);
    expect(plays(rig, 's1', 'a')).toBe(true);
  });
});

describe('a region', () => {
  test('that is assigned comes up, or is refused, by the word of its own server at its present epoch only', () => {
    const { rig, a } = annInA();
    rig.kill('s-b');
    let held = true;
    rig.filter = (to, { kind }) => !(held && to === 'control from s-b' && kind === 'regionUp');
    const life = () => rig.coordinator.book.regions.get('b')?.life;
    rig.until('it is assigned', () => life()?.phase === 'assigning');
    const epoch = rig.region('b')?.epoch ?? 0;
    const refusal = { kind: 'regionRefused', region: 'b', code: 'INTERNAL', message: '' } as const;
    a.say({ kind: 'regionUp', region: 'b', epoch });
    a.say({ ...refusal, epoch });
    rig.servers.get('s-b')?.say({ ...refusal, epoch: epoch - 1 });
    rig.run(50);
    expect(life()).toMatchObject({ phase: 'assigning', epoch, server: 's-b' });
    held = false;
    rig.until('it plays', () => life()?.phase === 'active');
    expect(rig.region('b')?.epoch).toBe(epoch);
    endsWell(rig);
  });

  test('that is to sleep does so by the word of its own server only', () => {
    const { rig, a } = annInA({ sleepAfterMs: 500 });
    rig.filter = (to, { kind }) => !(to === 'control from s-b' && kind === 'slept');
    a.end('s1');
    const life = () => rig.coordinator.book.regions.get('b')?.life;
    rig.until('it is to sleep', () => life()?.phase === 'draining');
    const epoch = rig.region('b')?.epoch ?? 0;
    a.say({ kind: 'slept', region: 'b', epoch });
    rig.run(50);
    expect(rig.region('b')).toMatchObject({ state: 'active', epoch });
    rig.filter = () => true;
    rig.until('it sleeps', () => rig.region('b')?.state === 'asleep');
    endsWell(rig);
  });
});
