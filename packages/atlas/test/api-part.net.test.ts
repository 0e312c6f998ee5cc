/** The API of an Atlas whose world takes its time to start. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '@horizon-atlas/adapter-memory';
import type { ControlDeps } from '@horizon-atlas/control';
import { type ManualClock, manualClock } from '@horizon-atlas/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ApiPart, policy, type WorldStarts } from '../src/api-part.ts';
import { checkConfig } from '../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'atlas-api-part-'));
const bounds = { minX: 0, maxX: 1000, minY: 0, maxY: 1000 };
let clock: ManualClock;
let part: ApiPart;
let opened: boolean;

beforeEach(async () => {
  const input = { world: { regions: [{ id: 'alpha', bounds }] }, regionServer: { command: ['true'] }, api: { port: 0 } };
  const checked = checkConfig(input, join(folder, 'atlas.config.ts'));
  if (!checked.ok) throw new Error('a wrong configuration');
  clock = manualClock();
  opened = false;
  part = new ApiPart(checked.config, clock, join(folder, 'token'));
  await part.hold();
});
afterEach(async () => {
  await part.close();
  rmSync(folder, { recursive: true, force: true });
});

const deps = (): ControlDeps => {
  opened = true;
  return {
    status: () => {
      throw new Error('nobody asks for it here');
    },
    metrics: { snapshot: () => [] },
    missing: () => [],
    sources: {},
    onFault: () => {},
    clock,
    store: memoryStore(),
  };
};

/** What happens while the clock moves has happened when it stands again. */
async function passes(ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 20) await clock.advanceSettled(Math.min(20, ms - at));
}

it('who asks while the world starts is answered once the players are back', async () => {
  const world = { open: false, whole: false };
  part.openSoon({ isOpen: () => world.open, isWhole: () => world.whole }, deps);
  const answer = fetch(`${part.url}/healthz`);
  await passes(policy.worldMs - 20);
  world.open = true;
  await passes(policy.playersMs - 20);
  expect(opened).toBe(false);
  world.whole = true;
  await passes(20);
  await part.opened();
  expect((await answer).status).toBe(200);
});

it('a world that does not open is waited for no longer than that', async () => {
  part.openSoon({ isOpen: () => false, isWhole: () => false } satisfies WorldStarts, deps);
  await passes(policy.worldMs + policy.playersMs + 40);
  await part.opened();
  expect((await fetch(`${part.url}/healthz`)).status).toBe(200);
});

it('where nothing has to start it opens at once', async () => {
  part.openSoon(undefined, deps);
  await part.opened();
  expect((await fetch(`${part.url}/healthz`)).status).toBe(200);
});

it('an Atlas that is stopped while its world starts lets go of who waits', async () => {
  part.openSoon({ isOpen: () => false, isWhole: () => false }, deps);
  const answer = fetch(`${part.url}/healthz`);
  const refused = expect(answer).rejects.toThrow();
  const closes = part.close();
  await passes(40);
  await closes;
  await refused;
  expect(opened).toBe(false);
  await expect(fetch(`${part.url}/healthz`)).rejects.toThrow();
});
