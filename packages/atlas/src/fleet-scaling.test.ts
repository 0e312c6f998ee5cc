/** What a fleet without a policy, and a mode, come to: with the real autoscaler on a fleet in memory. */
import { makeAutoscaler } from '@horizon-atlas/autoscaler';
import { scalingDefaults } from '@horizon-atlas/autoscaler/configuration';
import type { FleetView } from '@horizon-atlas/protocol';
import { manualClock, noProbe, seededEntropy } from '@horizon-atlas/runtime';
import { describe, expect, it } from 'vitest';
import { modeOf, termsOf, warmOf } from './fleet-scaling.ts';

const steady = { downAfterMs: scalingDefaults.downAfterMs, downKeep: scalingDefaults.downKeep };
const scaling = { min: 0, max: 20, warm: 2, ...steady };

/** A fleet that is as large as it is told to be at once. */
function scaled(terms: ReturnType<typeof termsOf>, limits: { readonly min: number; readonly max: number }) {
  const clock = manualClock();
  let view = { name: 'arena', replicas: 0, held: undefined, ...limits, states: {}, inUse: 0, waiting: 0 } as unknown as FleetView;
  let told = (_view: FleetView): void => {};
  const autoscaler = makeAutoscaler({
    clock,
    entropy: seededEntropy(1, clock),
    probe: noProbe,
    servers: { list: () => [], watch: () => () => {} },
    fleets: {
      fleet: () => view,
      fleets: () => [view],
      watchFleets: (fn) => {
        told = fn;
        return () => {};
      },
      scale: (_name, replicas) => {
        view = asLargeAs({ ...view, replicas });
        return true;
      },
      hold: () => false,
    },
  });
  autoscaler.set('arena', terms);
  return {
    use(inUse: number): number {
      view = asLargeAs({ ...view, inUse });
      told(view);
      return view.replicas;
    },
    after(ms: number): number {
      clock.advance(ms);
      return view.replicas;
    },
  };
}

function asLargeAs(view: FleetView): FleetView {
  return { ...view, states: { Ready: Math.max(0, view.replicas - view.inUse), Allocated: view.inUse } };
}

describe('a fleet without a policy', () => {
  it('has as many as are in use and its warm ones, at once; fewer only after five minutes of low use, and a fifth stays in each step', () => {
    const fleet = scaled(termsOf({ scaling }, undefined), scaling);
    expect(fleet.use(0)).toBe(2);
    expect(fleet.use(13)).toBe(15);
    expect(fleet.use(0)).toBe(15);
    expect(fleet.after(299_999)).toBe(15);
    expect(fleet.use(1)).toBe(15);
    expect(fleet.after(1)).toBe(3);
    expect(fleet.use(0)).toBe(3);
    expect(fleet.after(300_000)).toBe(2);
  });
  it('keeps a fifth where even fewer would do', () => {
    const fleet = scaled(termsOf({ scaling: { ...scaling, warm: 0 } }, undefined), scaling);
    fleet.use(18);
    fleet.use(0);
    expect(fleet.after(300_000)).toBe(4);
    // The fleet tells of its new size, and the next step waits as long again.
    expect(fleet.use(0)).toBe(4);
    expect(fleet.after(299_999)).toBe(4);
    expect(fleet.after(1)).toBe(1);
  });
  it('is not smaller for a match that is over, nor larger for the one that follows', () => {
    const fleet = scaled(termsOf({ scaling }, undefined), scaling);
    fleet.use(6);
    for (let match = 0; match < 20; match++) {
      expect(fleet.use(5)).toBe(8);
      expect(fleet.after(10_000)).toBe(8);
      expect(fleet.use(6)).toBe(8);
    }
  });
});

describe('a mode', () => {
  it('has at least one server, and at most one for each fifty players', () => {
    expect([1, 50, 51, 500].map((players) => modeOf(players, []).max)).toEqual([1, 1, 2, 10]);
    expect(modeOf(1, []).min).toBe(1);
  });
  it('has more above 0.8 in use and not at it, and so always one that is ready', () => {
    const mode = modeOf(1000, []);
    const fleet = scaled(termsOf({ scaling }, mode), mode);
    expect(fleet.use(0)).toBe(1);
    expect(fleet.use(1)).toBe(2);
    expect(fleet.use(2)).toBe(3);
    expect(fleet.use(4)).toBe(5);
    expect(fleet.use(4)).toBe(5);
    expect(fleet.use(5)).toBe(7);
    expect(fleet.use(19)).toBe(20);
    expect(fleet.use(20)).toBe(20);
  });
  it('has fewer below 0.3 and not at it, to the middle of both, and only after five minutes', () => {
    const mode = modeOf(1000, []);
    const fleet = scaled(termsOf({ scaling }, mode), mode);
    expect(fleet.use(8)).toBe(10);
    expect(fleet.use(3)).toBe(10);
    expect(fleet.after(3_600_000)).toBe(10);
    expect(fleet.use(2)).toBe(10);
    expect(fleet.after(299_999)).toBe(10);
    expect(fleet.after(1)).toBe(4);
  });
  it('stands in place of the policy of its fleet', () => {
    const policy = termsOf({ scaling: { ...scaling, policy: termsOf({ scaling }, undefined).policy } }, modeOf(100, [])).policy;
    expect(policy.type).toBe('Utilization');
  });
});

it('how many are kept warm is told where that is how the size is found', () => {
  const own = termsOf({ scaling }, undefined);
  expect(warmOf({ held: undefined }, own)).toBe(2);
  expect(warmOf({ held: 7 }, own)).toBeNull();
  expect(warmOf({ held: undefined }, termsOf({ scaling }, modeOf(100, [])))).toBeNull();
});
