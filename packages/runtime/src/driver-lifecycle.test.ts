import type { Clock } from '@horizon-atlas/ports';
import { describe, expect, it } from 'vitest';
import { drive, Lifecycle, manualClock, type Part, systemClock } from './index.ts';

describe('the driver', () => {
  /** An engine that is due when it is told, and writes down when it ticked. */
  class Diary {
    dueMs = Number.POSITIVE_INFINITY;
    readonly ticks: number[] = [];
    everyMs = 0;
    tick(nowMs: number): void {
      this.ticks.push(nowMs);
      this.dueMs = this.everyMs > 0 ? nowMs + this.everyMs : Number.POSITIVE_INFINITY;
    }
  }

  function watched(): { clock: ReturnType<typeof manualClock>; timers: () => number } {
    const clock = manualClock();
    let timers = 0;
    const at: Clock['at'] = (ms, fn) => {
      timers++;
      return clock.at(ms, fn);
    };
    return { clock: { ...clock, at }, timers: () => timers };
  }

  it('ticks when the engine is due, again and again', () => {
    const clock = manualClock();
    const engine = new Diary();
    engine.dueMs = 10;
    engine.everyMs = 5;
    drive(clock, engine);
    clock.advance(22);
    expect(engine.ticks).toEqual([10, 15, 20]);
  });

  it('sets no timer for an engine that wants none', () => {
    const { clock, timers } = watched();
    drive(clock, new Diary());
    clock.advance(1_000);
    expect(timers()).toBe(0);
  });

  it('looks again after each input: sooner, later, or not at all', () => {
    const { clock, timers } = watched();
    const engine = new Diary();
    const driver = drive(clock, engine);
    const due = (ms: number) => driver.feed(() => (engine.dueMs = ms));
    due(100);
    due(50);
    clock.advance(50);
    expect(engine.ticks).toEqual([50]);
    due(100);
    // Later costs no new timer: the old one rings, finds nothing due, and is set again.
    for (let ms = 101; ms <= 200; ms++) due(ms);
    clock.advance(149);
    expect(engine.ticks).toEqual([50]);
    clock.advance(1);
    expect(engine.ticks).toEqual([50, 200]);
    expect(timers()).toBe(4);
    due(300);
    due(Number.POSITIVE_INFINITY);
    clock.advance(1_000);
    expect(engine.ticks).toEqual([50, 200]);
  });

  it('gives the input the time, and its answer back', () => {
    const clock = manualClock();
    const driver = drive(clock, new Diary());
    clock.advance(7);
    expect(driver.feed((now) => `at ${now}`)).toBe('at 7');
  });

  it('does not tick after its stop', () => {
    const clock = manualClock();
    const engine = new Diary();
    engine.dueMs = 10;
    const driver = drive(clock, engine);
    driver.stop();
    driver.feed(() => (engine.dueMs = 5));
    clock.advance(100);
    expect(engine.ticks).toEqual([]);
  });
});

describe('the lifecycle', () => {
  function stage(clock: Clock = systemClock()) {
    const diary: string[] = [];
    const lifecycle = new Lifecycle(clock);
    const add = (name: string, part: Partial<Part> = {}) =>
      lifecycle.add({ name, start: () => void diary.push(`+${name}`), stop: () => void diary.push(`-${name}`), ...part });
    return { diary, lifecycle, add };
  }
  const failing = () => Promise.reject(new Error('broken'));
  const hanging = () => new Promise<void>(() => undefined);

  it('starts in order and stops in reverse', async () => {
    const { diary, lifecycle, add } = stage();
    for (const name of ['store', 'links', 'gateway']) add(name);
    await lifecycle.start();
    expect(await lifecycle.stop()).toEqual([]);
    expect(diary).toEqual(['+store', '+links', '+gateway', '-gateway', '-links', '-store']);
  });

  it('stops what had started when a part does not, and says why', async () => {
    const { diary, lifecycle, add } = stage();
    add('store');
    add('links', { start: failing });
    add('gateway');
    await expect(lifecycle.start()).rejects.toThrow('broken');
    expect(diary).toEqual(['+store', '-links', '-store']);
  });

  it('stops the others when one fails to stop, and collects the errors', async () => {
    const { diary, lifecycle, add } = stage();
    add('store');
    add('links', { stop: failing });
    add('gateway', {
      stop: () => {
        throw new Error('thrown at once');
      },
    });
    await lifecycle.start();
    const failures = await lifecycle.stop();
    expect(failures.map(({ name, error }) => `${name}: ${String(error)}`)).toEqual([
      'gateway: Error: thrown at once',
      'links: Error: broken',
    ]);
    expect(diary).toEqual(['+store', '+links', '+gateway', '-store']);
  });

  it('waits for nobody beyond its deadline', async () => {
    const clock = manualClock();
    const { diary, lifecycle, add } = stage(clock);
    add('store');
    add('links', { stop: hanging, stopMs: 3_000 });
    await lifecycle.start();
    const stopping = lifecycle.stop();
    await clock.advanceSettled(2_999);
    expect(diary).toEqual(['+store', '+links']);
    await clock.advanceSettled(1);
    expect((await stopping).map(({ error }) => String(error))).toEqual(['Error: links did not stop within 3000 ms']);
    expect(diary).toEqual(['+store', '+links', '-store']);
  });

  it('stops once, however often it is asked, and starts nothing more when it is stopped meanwhile', async () => {
    const { diary, lifecycle, add } = stage();
    let started = () => {};
    add('store', { start: () => new Promise<void>((resolve) => (started = resolve)) });
    add('links');
    const starting = lifecycle.start();
    const stopping = Promise.all([lifecycle.stop(), lifecycle.stop()]);
    started();
    await starting;
    await stopping;
    expect(diary).toEqual(['-store']);
  });
});
