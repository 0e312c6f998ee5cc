/** Servers that start in the background, where this machine lets Atlas lift them again. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@horizon-atlas/port-contracts';
import type { Runner } from '@horizon-atlas/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProcessRunner } from '../src/index.ts';
import { hasCapability } from '../src/priority.ts';
import { childrenOf, threadsOf } from '../src/proc-files.ts';
import { hostClock } from './host-clock.ts';

let dir: string;
let runner: Runner;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'atlas-priority-'));
  runner = makeProcessRunner({ dir: join(dir, 'records'), clock: hostClock });
});
afterEach(async () => {
  await runner.stop('one', 0);
  await runner.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Of all threads of it and of what it has started. */
function priorities(pid: number): number[] {
  return [...threadsOf(pid).map((thread) => getPriority(thread)), ...childrenOf(pid).flatMap(priorities)];
}

/** A server with a thread and a child of its own; resolves when both are there. */
async function start(background: boolean): Promise<number> {
  const child = `require('node:child_process').spawn('sleep', ['60']);`;
  const thread = `new (require('node:worker_threads').Worker)('setInterval(() => {}, 1000)', { eval: true });`;
  const logFile = join(dir, 'one.log');
  const argv = [process.execPath, '-e', `${child}${thread}console.log('up');setInterval(() => {}, 1000)`];
  const report = await runner.start({ id: 'one', argv, logFile, background });
  if (report.kind !== 'started') throw new Error('it was not started');
  await until(
    () => readFileSync(logFile, 'utf8').includes('up') && childrenOf(report.pid).length === 1,
    'its thread and its child',
  );
  return report.pid;
}

const may = process.platform === 'linux' && hasCapability(readFileSync('/proc/self/status', 'utf8'));
const own = getPriority();

describe('a server in the background', () => {
  it('is behind Atlas with all that it starts, and beside it once it is lifted', async () => {
    if (!may) console.warn('this process may lift nobody (it lacks CAP_SYS_NICE): then nobody is put into the background');
    const pid = await start(true);
    expect(new Set(priorities(pid))).toEqual(new Set([may ? Math.min(19, own + 10) : own]));
    runner.hurry?.('one');
    expect(new Set(priorities(pid))).toEqual(new Set([own]));
  });
  it('is one that was asked for, and no other', async () => {
    expect(new Set(priorities(await start(false)))).toEqual(new Set([own]));
  });
});

it('whoever may lift others is told by the kernel', () => {
  expect(hasCapability('CapEff:\t000001ffffffffff\n')).toBe(true);
  expect(hasCapability('CapEff:\t00000000a80425fb\n')).toBe(false);
  expect(hasCapability('')).toBe(false);
});
