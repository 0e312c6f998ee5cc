import type { Handoff } from '@horizon-atlas/control';
import type { CrossingNote } from '@horizon-atlas/regions';
import { describe, expect, it } from 'vitest';
import { HandoffLog, handoffLimits } from './handoff-log.ts';

function log() {
  const told: string[] = [];
  const who = (group: number) => (group === 7 ? { player: 'ada', name: 'Ada', session: 'ses_ada' } : undefined);
  const made = new HandoffLog(who, ({ id, phase, outcome, gapMs }) => told.push(`${id} ${phase} ${outcome} ${gapMs}`));
  let atMs = 1000;
  /** Steps ten milliseconds apart. */
  const steps = (crossing: number, phases: string, changes: Partial<CrossingNote> = {}) => {
    for (const phase of phases.split(' ')) {
      const ended = ['done', 'lapsed', 'rolled-back', 'moved'].includes(phase);
      const note: CrossingNote = {
        atMs: 0,
        crossing,
        group: 7,
        epoch: 3,
        source: 'west',
        target: 'east',
        phase: phase as CrossingNote['phase'],
        ended,
        newEpoch: ['activating', 'releasing'].includes(phase) ? 4 : 0,
        warm: undefined,
        why: '',
        ...changes,
      };
      made.note(note, atMs);
      atMs += 10;
    }
  };
  return { made, told, steps };
}
const only = (made: HandoffLog): Handoff => {
  const all = made.list();
  expect(all).toHaveLength(1);
  return all[0] as Handoff;
};

describe('the log of crossings', () => {
  it('has one with all its phases, how long its player stood still, and the gap that its gateway saw', () => {
    const { made, told, steps } = log();
    steps(1, 'predicted preparing syncing');
    expect(made.list()).toEqual([]);
    steps(1, 'freezing');
    expect(only(made)).toMatchObject({ outcome: 'under-way', phase: 'freezing', startedAtMs: 1000, newEpoch: null });
    steps(1, 'committing activating', { warm: true });
    steps(1, 'releasing');
    made.gap('ses_ada', 34.56, 1500);
    made.gap('ses_ada', 99, 1600);
    steps(1, 'done');
    expect(only(made)).toEqual({
      id: '7-3',
      group: 7,
      player: 'ada',
      name: 'Ada',
      source: 'west',
      target: 'east',
      epoch: 3,
      newEpoch: 4,
      phase: 'done',
      outcome: 'done',
      why: '',
      warm: true,
      phases: ['predicted', 'preparing', 'syncing', 'freezing', 'committing', 'activating', 'releasing', 'done'].map(
        (phase, i) => ({ phase, atMs: 1000 + 10 * i }),
      ),
      frozenMs: 30,
      gapMs: 34.6,
      startedAtMs: 1000,
      endedAtMs: 1060,
    });
    expect(told).toContain('7-3 releasing done 34.6');
  });

  it('keeps none that came to nothing, nor one that only places a group by its record', () => {
    const { made, steps } = log();
    steps(1, 'predicted preparing lapsed');
    steps(2, 'activating done', { target: 'west' });
    expect(made.list()).toEqual([]);
  });

  it.each([
    ['freezing reverting thawing rolled-back', { why: 'no-answer' }, 'rolled-back', 'no-answer'],
    ['freezing lapsed', {}, 'failed', 'put off for too long'],
    ['freezing committing moved', {}, 'failed', 'a recovery took over'],
  ])('%s', (phases, changes, outcome, why) => {
    const { made, steps } = log();
    steps(1, phases, changes);
    expect(only(made)).toMatchObject({ outcome, why });
    expect(only(made).endedAtMs).not.toBeNull();
  });

  it('tells a second attempt at the same epoch from the first', () => {
    const { made, steps } = log();
    steps(1, 'freezing lapsed');
    steps(2, 'freezing');
    expect(made.list().map(({ id }) => id)).toEqual(['7-3', '7-3.2']);
  });

  it('leaves nothing open when another coordinator begins', () => {
    const { made, steps } = log();
    steps(1, 'freezing committing');
    made.abandon(2000);
    expect(only(made)).toMatchObject({ outcome: 'failed', endedAtMs: 2000 });
    steps(1, 'freezing', { epoch: 9 });
    expect(made.list()).toHaveLength(2);
  });

  it('is bounded, and takes no gap for one that ended long ago', () => {
    const { made, steps } = log();
    for (let i = 0; i <= handoffLimits.handoffs; i++) steps(i, 'freezing releasing', { epoch: 10 + i, group: i });
    expect(made.list()).toHaveLength(handoffLimits.handoffs);
    expect(made.list()[0]?.epoch).toBe(11);
    const other = log();
    other.steps(1, 'freezing releasing');
    other.made.gap('ses_ada', 5, 60_000);
    expect(only(other.made).gapMs).toBeNull();
  });
});
