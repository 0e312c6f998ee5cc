import { expect, test } from 'vitest';
import { Rig } from './rig.ts';

/** All die at once; milliseconds from the new coordinator's start until the spawn region plays again on a new process. */
function untilBack(rig: Rig): number {
  rig.start();
  rig.until('the spawn region plays', () => rig.servers.get('s-a')?.regions.has('a') === true);
  rig.kill('s-a', 40);
  rig.restartCoordinator(50);
  const fromMs = rig.nowMs + 50;
  rig.until('it plays again', () => rig.servers.get('s-a')?.regions.has('a') === true);
  return rig.nowMs - fromMs;
}

test('a coordinator that starts does not wait for a server whose process fleet has seen end', () => {
  for (let seed = 1; seed <= 5; seed++) expect(untilBack(new Rig(seed))).toBeLessThan(700);
});

test('a coordinator that starts takes nothing from a server that runs', () => {
  const rig = new Rig(1);
  rig.start();
  rig.until('the spawn region plays', () => rig.servers.get('s-a')?.regions.has('a') === true);
  const epoch = rig.region('a')?.epoch;
  rig.restartCoordinator(50);
  rig.run(3000);
  expect(rig.region('a')?.epoch).toBe(epoch);
  expect(rig.coordinator.figures.recoveries).toBe(0);
  expect(rig.problems).toEqual([]);
});
