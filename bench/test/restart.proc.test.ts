/** The whole `restart` bench in miniature: Atlas is killed twice, and no game server and no session notices. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = new URL('../src/main.ts', import.meta.url).pathname;

it('kills Atlas under load, and loses nothing', { timeout: 240_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'restart', '--quick', '--json']);
  const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    figures: Record<string, { median: number }>;
    bars: object[];
  };
  expect(report.bars).toEqual(
    ['game servers killed', 'sessions lost', 'servers given to two'].map((name) =>
      expect.objectContaining({ name, value: 0, ok: true }),
    ),
  );
  expect(report.figures['kills of Atlas']?.median).toBe(2);
  expect(report.figures['allocating again p50, ms']?.median).toBeGreaterThan(0);
  expect(report.figures['servers taken by the load']?.median).toBeGreaterThan(2);
});
