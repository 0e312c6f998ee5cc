import type { Probe } from '@horizon-atlas/ports';
import { manualClock } from '@horizon-atlas/runtime';
import { expect, it } from 'vitest';
import { busLimits, memoryBus } from './index.ts';

it('drops and counts notices beyond its limit, and goes on afterwards', () => {
  const turns: (() => void)[] = [];
  let dropped = 0;
  const probe: Probe = { count: () => dropped++, gauge: () => {}, observe: () => {}, event: () => {} };
  const bus = memoryBus({ clock: manualClock(), later: (fn) => turns.push(fn), probe });
  const heard: number[] = [];
  bus.subscribe('a', (payload) => void heard.push(payload.length));
  for (let i = 0; i < busLimits.waiting + 3; i++) bus.publish('a', new Uint8Array(1));
  turns.shift()?.();
  expect([heard.length, dropped]).toEqual([busLimits.waiting, 3]);
  bus.publish('a', new Uint8Array(2));
  turns.shift()?.();
  expect(heard.at(-1)).toBe(2);
});

it('times a request out on the clock that it was given, and only once', async () => {
  const clock = manualClock();
  const bus = memoryBus({ clock, later: (fn) => void clock.at(clock.now() + 10, fn) });
  const early = bus.request('a', new Uint8Array(1), 100);
  bus.subscribe('a', (payload) => payload);
  const answered = bus.request('a', new Uint8Array(1), 100);
  clock.advance(99);
  expect(await answered).toEqual(new Uint8Array(1));
  clock.advance(1);
  expect(await early).toBeUndefined();
});
