/** Quiet seeds are quiet, each kind of thing happens in them, and each checker bites: with a sabotage some seed soon breaks what it watches over. */
import { describe, expect, test } from 'vitest';
import { Violation } from '../checkers/checker.ts';
import {
  allFleetCheckers,
  answersAreDurable,
  type FleetChecker,
  heldIsNotStopped,
  leasesEnd,
  noOrphan,
  oneHolder,
  playedIsNotExpired,
  rolloutsEnd,
  viewsAreTrue,
} from './fleet-checkers.ts';
import { type FleetFaults, type FleetTaps, FleetWorld, quietFaults } from './fleet-world.ts';

const seeds = 12;

async function firstViolation(
  checkers: () => readonly FleetChecker[],
  taps: FleetTaps,
  faults?: FleetFaults,
): Promise<string | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      await new FleetWorld({ seed, checkers: checkers(), taps, ...(faults ? { faults } : {}) }).run();
    } catch (error) {
      if (error instanceof Violation) return error.message;
      throw error;
    }
  }
  return undefined;
}

test(`${seeds} worlds keep every invariant, and each kind of thing happens in them`, { timeout: 120_000 }, async () => {
  const total: Record<string, number> = {};
  for (let seed = 1; seed <= seeds; seed++) {
    const world = new FleetWorld({ seed, checkers: allFleetCheckers.map((make) => make()) });
    await world.run().catch((cause) => {
      throw new Error(`npm run sim -- --world fleets --seed ${seed} --trace`, { cause });
    });
    for (const [what, n] of Object.entries(world.seen)) total[what] = (total[what] ?? 0) + n;
  }
  expect(Object.entries(total).flatMap(([what, n]) => (n === 0 ? [what] : []))).toEqual([]);
});

test('one seed is one run: the same events, to the last', async () => {
  const run = async () => {
    const world = new FleetWorld({ seed: 3, checkers: [] });
    await world.run();
    return [world.kernel.events, world.seen];
  };
  expect(await run()).toEqual(await run());
});

describe('a sabotage is seen', { timeout: 120_000 }, () => {
  const dying: FleetFaults = { ...quietFaults, crashS: 2 };
  const cutting: FleetFaults = { ...quietFaults, cutS: 0.3 };
  const mutations: readonly [what: string, by: () => FleetChecker, taps: FleetTaps, faults: FleetFaults][] = [
    ['a disk that forgets who has which server', oneHolder, { forgets: (key) => key.startsWith('allocation/') }, dying],
    ['a disk that says that it has written, and has not', answersAreDurable, { lies: true }, dying],
    ['whoever asks is put on no lease', leasesEnd, { noLeases: true }, quietFaults],
    [
      'a match server that does not say again at a hello what holds on',
      playedIsNotExpired,
      {
        loses: ({ kind }, sinceHelloMs, links) =>
          (kind === 'active' || kind === 'joined' || kind === 'players') && (links === 1 || sinceHelloMs < 5),
      },
      cutting,
    ],
    [
      'an Atlas that ends servers whoever has them',
      heldIsNotStopped,
      {
        control: ({ service }, world) => {
          const end = () => {
            const used = service.list().find(({ state }) => state === 'Active');
            if (used) service.order(used.id, 'shutdown');
            world.kernel.within(world.control, 900, end);
          };
          world.kernel.after(1000, end);
        },
      },
      quietFaults,
    ],
    ['a restart that does not find all processes', noOrphan, { hides: true }, dying],
    [
      'a rollout that somebody has paused, and never lets go on',
      rolloutsEnd,
      {
        control: ({ service }, world) => {
          const hold = () => {
            service.holdRollout('arena', true);
            world.kernel.after(50, hold);
          };
          world.kernel.after(500, hold);
        },
      },
      quietFaults,
    ],
    ['a view that counts one too many', viewsAreTrue, { views: (view) => ({ ...view, inUse: view.inUse + 1 }) }, quietFaults],
  ];
  test.each(mutations)('%s', async (_what, by, taps, faults) => {
    expect(await firstViolation(() => [by()], taps, faults)).toBeDefined();
    expect(await firstViolation(() => [by()], {}, faults)).toBeUndefined();
  });
});
