/** Whole worlds, quickly: two hundred as seeds draw them, and those kinds in which bugs were found, each with what was wrong. */
import { describe, expect, test } from 'vitest';
import { calm, type Faults } from './faults.ts';
import { type Habits, steady } from './habits.ts';
import type { Notes } from './notes.ts';
import { World } from './world.ts';

const SEEDS = 200;

test(`${SEEDS} worlds keep every invariant, and each kind of thing happens in them`, { timeout: 120_000 }, () => {
  const total = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = new World({ seed });
    try {
      world.run();
    } catch (error) {
      throw new Error(`seed ${seed} at ${world.kernel.nowMs} ms (npm run sim -- --seed ${seed} --trace)`, { cause: error });
    }
    for (const [what, count] of Object.entries(world.note.seen)) total.set(what, (total.get(what) ?? 0) + count);
  }
  // A session that could not be resumed is too rare to be counted on in so few worlds.
  const never = [...total].flatMap(([what, count]) => (count === 0 && what !== 'begunAnew' ? [what] : []));
  expect(never).toEqual([]);
  // And not only once: these are what the protocols are about.
  for (const what of ['crossed', 'warm', 'resumed', 'returned', 'thawed', 'died'] as const) {
    expect(total.get(what), what).toBeGreaterThan(SEEDS / 2);
  }
});

test('one seed is one run: the same events, to the last', () => {
  const run = (): readonly [number, Notes['seen']] => {
    const world = new World({ seed: 7 });
    world.run();
    return [world.kernel.events, world.note.seen];
  };
  expect(run()).toEqual(run());
});

test('in calm weather who walks over a border finds a warm copy there, on the way back, too', () => {
  const { warm, cold, crossed } = play({}, { jump: 0 }, 6);
  expect(crossed).toBeGreaterThan(60);
  expect(warm / (warm + cold)).toBeGreaterThan(0.98);
});

describe('worlds in which bugs were found', () => {
  found(
    'a gateway whose route was lost stayed with the former owner, until the window of the session ended at the new one',
    { lose: 0.1 },
    { jump: 0.1 },
  );
  found(
    'a gateway that had missed the list with a new server in it waited for its address for ever',
    { lose: 0.1, serverCrashS: 5 },
    {},
  );
  found(
    'a login that was late by seconds took the player from the one that its client had made since',
    { late: 0.2, lateMsMax: 3_000, storeFullS: 4 },
    {},
  );
  found(
    'the client of a login that had been replaced came back and took the player again, and so on',
    { clientCutS: 2, gatewayCrashS: 8 },
    { takeoverS: 4 },
  );
  found(
    'a session ended while nobody listened: its state was lost with its server, or it began anew with its numbers at zero',
    { coordinatorPauseS: 5, pauseMsMax: 8_000, gatewayCrashS: 8, serverCrashS: 8 },
    {},
  );
  found(
    'a gateway that attached again right after a resume which was not whole asked for messages from the first on',
    { serverCrashS: 6, gatewayCrashS: 8, linkFlapS: 4, delayMsMax: 60 },
    {},
  );
  found(
    'a lonely player leaves, regions fall asleep, and it comes back to what it was',
    { storeMsMax: 50 },
    { players: 1, leaveS: 4, awayMsMax: 15_000, sleepAfterMs: 2_000, warmNeighbours: false, jump: 0.1 },
  );
  found(
    'a server was asked for its last checkpoint, its coordinator died, and nobody looked for the region that it then gave up',
    { storeFullS: 2, drainS: 1, coordinatorCrashS: 2 },
    {},
  );
});

function found(what: string, faults: Partial<Faults>, habits: Partial<Habits>): void {
  test(what, () => {
    play(faults, habits, 6);
  });
}

/** Runs some seeds of one kind of world; answers what was seen in all of them. */
function play(faults: Partial<Faults>, habits: Partial<Habits>, seeds: number): Notes['seen'] {
  let total: Notes['seen'] | undefined;
  for (let seed = 1; seed <= seeds; seed++) {
    const world = new World({ seed, faults: { ...calm, ...faults }, habits: { ...steady, ...habits } });
    world.run();
    const { seen } = world.note;
    for (const what of Object.keys(seen) as (keyof typeof seen)[]) seen[what] += total?.[what] ?? 0;
    total = seen;
  }
  if (!total) throw new Error('no seed was played');
  return total;
}
