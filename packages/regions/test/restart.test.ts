/** The coordinator dies in the middle of a handoff. The records and what servers hold are all that its successor has. */
import { describe, expect, test } from 'vitest';
import { calm, type Rig } from './rig.ts';
import { cross, endsWell, enter, held, playOn, plays, world } from './story.ts';

/** Ann in `a`, with commands behind her, and `b` ready for her. */
function aboutToCross(seed: number): { rig: Rig; ann: number } {
  const rig = world({}, seed);
  const ann = enter(rig);
  rig.until('the neighbour is warm', () => rig.servers.get('s-b')?.regions.has('b') === true);
  playOn(rig, 1_000);
  return { rig, ann };
}

/** The coordinator dies when this word is said for the first time, and the word with it. */
function diesAt(rig: Rig, to: string, kind: string): void {
  let said = false;
  const { life } = rig;
  rig.filter = (whom, message) => {
    if (rig.life !== life || whom !== to || message.kind !== kind) return true;
    if (!said) rig.after(0, () => rig.restartCoordinator());
    said = true;
    return false;
  };
}

interface Moment {
  readonly when: string;
  /** Of the message at which it dies. */
  readonly to: string;
  readonly kind: string;
  /** Where ann is afterwards. */
  readonly stays: 'a' | 'b';
}

const moments: readonly Moment[] = [
  { when: 'before the copy', to: 's-a', kind: 'prepare', stays: 'a' },
  { when: 'before the freeze', to: 's-a', kind: 'freeze', stays: 'a' },
  { when: 'when the source is frozen', to: 'control from s-a', kind: 'frozen', stays: 'a' },
  { when: 'when the commit is written', to: 's-b', kind: 'activate', stays: 'b' },
  { when: 'when the target plays', to: 'control from s-b', kind: 'activated', stays: 'b' },
  { when: 'when the source is to let go', to: 's-a', kind: 'release', stays: 'b' },
  { when: 'when the source has let go', to: 'control from s-a', kind: 'released', stays: 'b' },
];

describe.each(moments)('a coordinator that dies $when', ({ to, kind, stays }) => {
  test.each([1, 2, 3, 4, 5])(`is succeeded by one that finds ann in ${stays} (seed %i)`, (seed) => {
    const { rig, ann } = aboutToCross(seed);
    const { life } = rig;
    const epoch = rig.authority(ann)?.group.epoch ?? 0;
    diesAt(rig, to, kind);
    rig.servers.get('s-a')?.crossed(ann, 'b');
    rig.until('it dies', () => rig.life > life);
    rig.until('another one runs', () => rig.coordinatorUp && rig.coordinator.running);
    endsWell(rig);
    expect(rig.authority(ann)?.region).toBe(stays);
    expect(plays(rig, 's1', stays)).toBe(true);
    expect(held(rig, stays === 'a' ? 'b' : 'a', ann)).toBeUndefined();
    if (stays === 'b') expect(rig.authority(ann)?.group.epoch).toBeGreaterThan(epoch);
    expect(rig.coordinator.crossing).toBe(0);

    // Nothing of the old crossing is in the way of the next.
    cross(rig, ann, stays, stays === 'a' ? 'b' : 'a');
    endsWell(rig);
  });
});

describe('a commit that was on its way to the store', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('is written before the successor takes the term, or never (seed %i)', (seed) => {
    const { rig, ann } = aboutToCross(seed);
    // The transaction outlives its coordinator, and in some of these worlds reaches the store after the next one's first.
    rig.faults = { ...calm, storeMs: 150 };
    rig.servers.get('s-a')?.crossed(ann, 'b');
    rig.until('it is frozen', () => held(rig, 'a', ann)?.phase === 'frozen');
    rig.run(3);
    rig.restartCoordinator(20);
    rig.faults = calm;
    rig.until('another one runs', () => rig.coordinatorUp && rig.coordinator.running);
    const { region } = rig.authority(ann) ?? {};
    endsWell(rig);
    expect(rig.authority(ann)?.region).toBe(region);
    expect(plays(rig, 's1', region ?? '')).toBe(true);
  });
});

test('a coordinator that dies with its source and the source frozen brings ann back from the record', () => {
  const { rig, ann } = aboutToCross(1);
  const { life } = rig;
  diesAt(rig, 'control from s-a', 'frozen');
  rig.servers.get('s-a')?.crossed(ann, 'b');
  rig.until('it dies', () => rig.life > life);
  rig.kill('s-a');
  endsWell(rig);
  expect(rig.authority(ann)?.region).toBe('a');
  expect(plays(rig, 's1', 'a')).toBe(true);
});

test('a coordinator that dies with its target after the commit brings ann back in the target', () => {
  const { rig, ann } = aboutToCross(1);
  const { life } = rig;
  diesAt(rig, 's-b', 'activate');
  rig.servers.get('s-a')?.crossed(ann, 'b');
  rig.until('it dies', () => rig.life > life);
  rig.kill('s-b');
  endsWell(rig);
  expect(rig.authority(ann)?.region).toBe('b');
  expect(plays(rig, 's1', 'b')).toBe(true);
});

test('a region that its server gives up because the coordinator before had asked for it goes on with everybody in it', () => {
  const { rig, ann } = aboutToCross(1);
  const epoch = rig.region('a')?.epoch ?? 0;
  rig.startServer('s-spare', '');
  rig.run(50);
  // The disk is full: the last checkpoint is asked for, and is not stored before another coordinator is there.
  rig.faults = { ...calm, full: 1 };
  rig.coordinator.emptyServer('s-a', rig.nowMs);
  rig.until('it is asked for', () => rig.servers.get('s-a')?.regions.get('a')?.lastTick !== undefined);
  rig.run(20);
  rig.restartCoordinator();
  rig.faults = calm;
  rig.until('its server has given it up', () => rig.servers.get('s-a')?.regions.has('a') === false);
  endsWell(rig);
  expect(rig.region('a')?.epoch).toBeGreaterThan(epoch);
  expect(plays(rig, 's1', 'a')).toBe(true);
  expect(held(rig, 'a', ann)?.phase).toBe('owned');
  expect(rig.coordinator.figures.recoveries).toBe(0);
});
