import { Inbox, within } from '@horizon-atlas/port-contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff, IdSource, manualClock, seededEntropy, systemClock, systemEntropy } from './index.ts';

describe('the system clock', () => {
  const clock = systemClock();

  it('never runs a timer early', async () => {
    const rung = new Inbox<readonly [due: number, at: number]>();
    const start = clock.now();
    for (const ms of [7.3, 0.2, 3.9, -5, 3.9, 1]) clock.at(start + ms, () => rung.add([start + ms, clock.now()]));
    const rings = await rung.atLeast(6, 'all timers');
    for (const [due, at] of rings) expect(at).toBeGreaterThanOrEqual(due);
  });

  it('never runs a cancelled timer, nor one within the call that sets it', async () => {
    const rung = new Inbox<string>();
    const cancel = clock.at(clock.now() + 1, () => rung.add('cancelled'));
    clock.at(clock.now() - 1, () => rung.add('past'));
    expect(rung.items).toEqual([]);
    cancel();
    cancel();
    await within(new Promise<void>((resolve) => clock.at(clock.now() + 5, resolve)), 'a later timer');
    expect(rung.items).toEqual(['past']);
  });

  it('takes times that are further than a timer of Node reaches', () => {
    clock.at(clock.now() + 2 ** 40, () => expect.unreachable())();
    clock.at(Number.POSITIVE_INFINITY, () => expect.unreachable())();
  });

  it('tells the time of people, too', () => {
    expect(Math.abs(clock.wall() - Date.now())).toBeLessThan(1_000);
  });
});

describe('ids', () => {
  it('have a prefix and 26 characters that can be read out', () => {
    for (const entropy of [systemEntropy(), seededEntropy(1, manualClock())]) {
      expect(entropy.id('session')).toMatch(/^session_[0-9A-HJKMNP-TV-Z]{26}$/);
    }
  });

  it('are different, and sort by the time they were made', () => {
    const entropy = systemEntropy();
    const ids = Array.from({ length: 5_000 }, () => entropy.id('x'));
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('sort even when the wall clock stands still or goes back, whatever chance gives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 50 }),
        fc.constantFrom(0, 0xffff_ffff, 0x7fff_ffff),
        (times, bits) => {
          let wall = 0;
          const source = new IdSource(
            () => wall,
            () => bits,
          );
          const ids = times.map((time) => {
            wall = time;
            return source.id('x');
          });
          expect([...ids].sort()).toEqual(ids);
          expect(new Set(ids).size).toBe(ids.length);
        },
      ),
    );
  });

  it('begin with the time, as ULIDs do', () => {
    const source = new IdSource(
      () => 1_469_918_176_385,
      () => 0,
    );
    // The example of the ULID specification.
    expect(source.id('x')).toBe('x_01ARYZ6S410000000000000000');
  });
});

describe('entropy', () => {
  it('from a seed is the same again', () => {
    const draw = (seed: number) => {
      const entropy = seededEntropy(seed, manualClock());
      return [entropy.u32(), entropy.id('a'), entropy.u32(), entropy.id('b')];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('does not draw other numbers because of ids', () => {
    const one = seededEntropy(7, manualClock());
    const two = seededEntropy(7, manualClock());
    one.id('a');
    expect(one.u32()).toBe(two.u32());
  });

  it('of the system fills all bits', () => {
    const entropy = systemEntropy();
    let ones = 0;
    let zeros = 0;
    for (let i = 0; i < 600; i++) {
      const value = entropy.u32();
      ones |= value;
      zeros |= ~value;
    }
    expect([ones >>> 0, zeros >>> 0]).toEqual([0xffff_ffff, 0xffff_ffff]);
  });
});

describe('back-off', () => {
  const never = { u32: () => 0 };
  const most = { u32: () => 0xffff_ffff };

  it('doubles up to its maximum', () => {
    const wait = backoff({ firstMs: 100, maxMs: 1_000, factor: 2, jitter: 0 });
    expect([1, 2, 3, 4, 5, 6, 5_000].map((n) => wait(n, most))).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  it('leaves a share to chance', () => {
    const wait = backoff({ firstMs: 100, maxMs: 1_000, factor: 2, jitter: 0.5 });
    expect(wait(2, never)).toBe(200);
    expect(wait(2, most)).toBeCloseTo(100);
  });
});
