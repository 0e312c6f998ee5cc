/** The whole `allocation` bench in miniature: everybody gets a server of his own, and kill -9 takes and doubles none. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = new URL('../src/main.ts', import.meta.url).pathname;

it('gives servers away, is killed, and finds every answer again', { timeout: 240_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'allocation', '--quick', '--json']);
  const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    figures: Record<string, { median: number }>;
    bars: object[];
  };
  expect(report.bars).toEqual(
    ['lost', 'doubled', 'refused'].map((name) => expect.objectContaining({ name, value: 0, ok: true })),
  );
  // Somebody had been answered when it was killed, and so there was something to lose.
  expect(report.figures['answered before kill -9']?.median).toBeGreaterThan(10);
  for (const name of ['allocations a second, closed', 'CPU ms each', 'ms p99 at 500/s'])
    expect(report.figures[name]?.median, name).toBeGreaterThan(0);
});
