import { describe, expect, it } from 'vitest';
import { type FleetCounts, type FleetWish, planFleet, replicasOf } from './fleet-plan.ts';

const none: FleetCounts = { counted: 0, inUse: 0, free: 0, coming: 0, maintained: 0, all: 0 };
const wish: FleetWish = { held: undefined, scaled: 0, min: 0, max: 10, waiting: 0, stopped: false };
/** `replicas start stop` */
const plan = (counts: Partial<FleetCounts>, wished: Partial<FleetWish>, atOnce = 16) => {
  const all = { ...none, ...counts };
  const replicas = replicasOf(all, { ...wish, ...wished });
  const { start, stop } = planFleet(all, replicas, atOnce);
  return `${replicas} ${start} ${stop}`;
};

describe('a fleet is as large as', () => {
  it('it is scaled to', () => {
    expect(plan({}, { scaled: 3 })).toBe('3 3 0');
    expect(plan({ counted: 5, free: 5 }, { scaled: 3 })).toBe('3 0 2');
  });
  it('an operator holds it, whatever it is scaled to', () => {
    expect(plan({ counted: 3, free: 3 }, { scaled: 3, held: 7 })).toBe('7 4 0');
    expect(plan({ counted: 3, free: 3 }, { scaled: 3, held: 0 })).toBe('0 0 3');
  });
  it('those in use and the requests that wait, where that is more', () => {
    expect(plan({ counted: 2, inUse: 2 }, { scaled: 2, waiting: 3 })).toBe('5 3 0');
    expect(plan({ counted: 2, inUse: 2 }, { held: 2, waiting: 3 })).toBe('5 3 0');
  });
  it('its limits let it be', () => {
    expect(plan({}, { scaled: 50 })).toBe('10 10 0');
    expect(plan({}, { scaled: 0, min: 2 })).toBe('2 2 0');
    expect(plan({ counted: 10, inUse: 10 }, { scaled: 10, waiting: 5 })).toBe('10 0 0');
  });
});

describe('it never', () => {
  it('stops one that is in use, or taken out', () => {
    expect(plan({ counted: 4, inUse: 3, free: 1 }, { scaled: 0 })).toBe('3 0 1');
    expect(plan({ counted: 4, maintained: 2, free: 2 }, { scaled: 1 })).toBe('1 0 1');
  });
  it('starts more at once than may', () => {
    expect(plan({ counted: 3, coming: 3 }, { scaled: 9 }, 4)).toBe('9 1 0');
    expect(plan({ counted: 4, coming: 4 }, { scaled: 9 }, 4)).toBe('9 0 0');
  });
  it('starts one once it is to have none', () => {
    expect(plan({ counted: 2, inUse: 1, free: 1 }, { stopped: true, min: 3, waiting: 2 })).toBe('0 0 1');
  });
});
