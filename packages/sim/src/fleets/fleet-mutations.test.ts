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
import { holdIsObeyed, hungIsFound, ordersAreObeyed, sleepIsFree, starvedIsNotHung } from './fleet-order-checkers.ts';
import { countsAreTrue, fillsFirst } from './fleet-packing-checkers.ts';
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

describe('a sabotage is seen by one checker, and by no other', { timeout: 240_000 }, () => {
  const mutations: readonly [what: string, by: () => FleetChecker, taps: FleetTaps, faults: FleetFaults][] = [
    [
      'a session that is not counted',
      countsAreTrue,
      {
        control: ({ service }, world) => {
          const miscount = () => {
            const free = service.list().find(({ state }) => state === 'Ready');
            const count = (by: number) => free && service.heard(free.id, { say: 'counter', name: 'sessions', by });
            count(1);
            // Put right before anybody is the worse for it.
            world.kernel.within(world.control, 400, () => count(-1));
            world.kernel.within(world.control, 1500, miscount);
          };
          world.kernel.after(1000, miscount);
        },
      },
      quietFaults,
    ],
    ['whoever asks takes a free server, though another has room', fillsFirst, { unpacked: true }, quietFaults],
    [
      'servers in use that are put to sleep',
      sleepIsFree,
      {
        control: ({ service }, world) => {
          const freeze = () => {
            const used = service.list().find(({ state }) => state === 'Active');
            if (used) {
              world.processes.all.get(used.id)?.freeze();
              world.froze(used.id);
              world.processes.all.get(used.id)?.thaw();
            }
            world.kernel.within(world.control, 900, freeze);
          };
          world.kernel.after(1000, freeze);
        },
      },
      quietFaults,
    ],
    [
      'a size that is let go of by itself',
      holdIsObeyed,
      {
        control: ({ service }, world) => {
          const hold = service.hold.bind(service);
          service.hold = (fleet, size) => {
            if (size !== undefined) world.kernel.within(world.control, 400, () => hold(fleet, undefined));
            return hold(fleet, size);
          };
        },
      },
      quietFaults,
    ],
    [
      'orders that are taken, and not followed',
      ordersAreObeyed,
      {
        control: ({ service }) => {
          const order = service.order.bind(service);
          service.order = (id, what) => (what === 'maintain' || what === 'drain' ? undefined : order(id, what));
        },
      },
      quietFaults,
    ],
    [
      'a host that calls those stopped that wait for a core',
      starvedIsNotHung,
      {
        vitals: (process) => process && { ...process.vitals(), ...(Number.isNaN(process.starvedMs) ? {} : { doing: 'stopped' }) },
      },
      { ...quietFaults, starves: 0.5 },
    ],
    [
      'a host that calls those ready to run that are stopped',
      hungIsFound,
      { vitals: (process) => process && { ...process.vitals(), doing: 'runnable', ranMs: 0 } },
      { ...quietFaults, pauses: 0.5 },
    ],
  ];
  test.each(mutations)('%s', async (_what, by, taps, faults) => {
    const name = by().name;
    expect(await firstViolation(() => [by()], taps, faults)).toMatch(name);
    expect(
      await firstViolation(() => allFleetCheckers.map((make) => make()).filter((each) => each.name !== name), taps, faults),
    ).toBeUndefined();
    expect(await firstViolation(() => [by()], {}, faults)).toBeUndefined();
  });
});
