import { Prng } from '@horizon-atlas/base';
import { describe, expect, test } from 'vitest';
import { parseTraceparent, type SpanRecord, SpanRecorder } from './spans.ts';

function recorder(ratio: number, clock = { now: () => 0, wall: () => 1_000_000 }) {
  const ended: SpanRecord[] = [];
  const prng = new Prng(7);
  const made = new SpanRecorder({ clock, u32: () => prng.u32(), ratio, ended: (span) => ended.push(span) });
  return { made, ended };
}

describe('a trace', () => {
  test('has its parts below one another, with times of the wall clock', () => {
    const { made, ended } = recorder(1);
    const whole = made.begin('handoff', 10, { group: 7, source: 'west' });
    const part = made.follow(whole?.traceparent, 'handoff.freeze', 12);
    part?.end(15.5);
    whole?.set({ source: 'east', warm: true });
    whole?.end(20, 'moved');
    const [freeze, handoff] = ended;
    expect(handoff).toMatchObject({ name: 'handoff', parent: '', startMs: 1_000_010, endMs: 1_000_020, code: 'moved' });
    expect(handoff?.fields).toEqual([
      { name: 'group', value: 7 },
      { name: 'source', value: 'east' },
      { name: 'warm', value: true },
    ]);
    expect(freeze).toMatchObject({
      trace: handoff?.trace,
      parent: handoff?.span,
      startMs: 1_000_012,
      endMs: 1_000_015.5,
      code: '',
    });
    expect(whole?.traceparent).toBe(`00-${handoff?.trace}-${handoff?.span}-01`);
  });

  test('is sampled at its beginning, as often as was asked for', () => {
    const { made } = recorder(0.25);
    const sampled = Array.from({ length: 1600 }, () => made.begin('join', 0)).filter(Boolean);
    expect(sampled.length).toBeGreaterThan(200);
    expect(sampled.length).toBeLessThan(600);
    expect(recorder(0).made.begin('join', 0)).toBeUndefined();
  });

  test('is gone on with only where one came along', () => {
    const { made } = recorder(1);
    for (const nothing of [undefined, '', 'nonsense', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`]) {
      expect(made.follow(nothing, 'x', 0)).toBeUndefined();
    }
  });

  test('ends once, and after that nothing changes it', () => {
    const { made, ended } = recorder(1);
    const span = made.begin('join', 5);
    span?.end(6);
    span?.end(9, 'late');
    expect(ended.map(({ endMs, code }) => ({ endMs, code }))).toEqual([{ endMs: 1_000_006, code: '' }]);
  });

  test('keeps its length when the wall clock jumps, and the next one follows the clock', () => {
    let wall = 1_000_000;
    const { made, ended } = recorder(1, { now: () => 100, wall: () => wall });
    const first = made.begin('a', 100);
    wall += 3_600_000;
    first?.end(107);
    made.begin('b', 110)?.end(111);
    expect(ended.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [1_000_000, 1_000_007],
      [4_600_010, 4_600_011],
    ]);
  });
});

test('only a traceparent of a sampled trace is one', () => {
  const good = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  expect(parseTraceparent(good)).toEqual({ trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' });
  for (const bad of [good.replace(/01$/, '00'), good.replace(/^00/, '01'), `${good}-x`, good.toUpperCase()]) {
    expect(parseTraceparent(bad), bad).toBeUndefined();
  }
});
