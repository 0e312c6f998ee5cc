/** The whole `servers` bench in miniature: what is killed or frozen is replaced, and a player gets in, cold and warm. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = new URL('../src/main.ts', import.meta.url).pathname;

it('sees servers replaced, and matches that can be played', { timeout: 240_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'servers', '--quick', '--json']);
  const { figures } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { figures: Record<string, { median: number }> };
  expect(figures['killed with kill -9']?.median).toBe(2);
  expect(figures.frozen?.median).toBe(1);
  const measured = ['killed, replaced', 'frozen, noticed', 'frozen, replaced', 'cold, playable', 'warm, playable'];
  for (const name of measured) expect(figures[`${name} p50, ms`]?.median, name).toBeGreaterThan(0);
  // A start takes longer than no start.
  expect(figures['cold, playable p50, ms']?.median).toBeGreaterThan(figures['warm, playable p50, ms']?.median ?? Number.NaN);
});
