/** Limits of servers, with the kernel that runs the test where it lets us make control groups, and what is told where it does not. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inbox, until } from '@horizon-atlas/port-contracts';
import type { Probe, Runner, RunnerReport, ServerSpec } from '@horizon-atlas/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cgroups, cgroupsHere, makeCgroups, makeProcessRunner } from '../src/index.ts';
import { hostClock } from './host-clock.ts';

let dir: string;
let runner: Runner | undefined;
const events: { readonly name: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
const probe: Probe = { count() {}, gauge() {}, observe() {}, event: (name, fields = {}) => void events.push({ name, fields }) };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'atlas-limits-'));
});
afterEach(async () => {
  await runner?.stop('one', 0);
  await runner?.close();
  runner = undefined;
  rmSync(dir, { recursive: true, force: true });
});

function open(cgroups?: Cgroups): { runner: Runner; reports: Inbox<RunnerReport> } {
  const opened = makeProcessRunner({ dir: join(dir, 'records'), clock: hostClock, probe, ...(cgroups ? { cgroups } : {}) });
  runner = opened;
  const reports = new Inbox<RunnerReport>();
  opened.watch((report) => reports.add(report));
  return { runner: opened, reports };
}

const spec = (argv: readonly string[], limits: ServerSpec['limits']): ServerSpec => ({
  id: 'one',
  argv,
  logFile: join(dir, 'one.log'),
  ...(limits ? { limits } : {}),
});
const node = (script: string): readonly string[] => [process.execPath, '-e', script];
const log = (): string => readFileSync(join(dir, 'one.log'), 'utf8');

describe('by the kernel', () => {
  const here = cgroupsHere();
  const can = (resource: 'cpus' | 'memoryBytes' | 'processes'): boolean => {
    const lacks = here.lacks(resource);
    if (lacks !== '') console.warn(`SKIPPED limits of ${resource}: ${lacks}`);
    return lacks === '';
  };

  it.runIf(can('processes'))('a server that forks and forks has as many processes as it may', async () => {
    const { runner: held } = open();
    const forks = 'for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; echo all; sleep 60';
    await held.start(spec(['/bin/sh', '-c', forks], { processes: 5 }));
    expect(held.limits('one')).toEqual([{ resource: 'processes', max: 5, by: 'kernel', why: '' }]);
    await until(() => /fork/i.test(log()), 'it is refused a process');
    expect(log()).not.toContain('all');
  });

  it.runIf(can('memoryBytes'))('a server that takes too much memory is ended, and why is told', async () => {
    const { runner: held, reports } = open();
    const eats = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(8e6, 1)), 5)';
    await held.start(spec(node(eats), { memoryBytes: 128 * 2 ** 20 }));
    const end = await reports.first((report) => report.kind === 'exited', 'it is ended');
    expect(end).toMatchObject({ signal: 'SIGKILL', why: 'it used more than the 128 MB of memory that it may' });
  });

  it.runIf(can('cpus'))('a server has the share of a core that it may, also when the next Atlas finds it', async () => {
    const { runner: held } = open();
    const report = await held.start(spec(node('setInterval(() => {}, 1000)'), { cpus: 0.5 }));
    const { pid } = report as Extract<RunnerReport, { kind: 'started' }>;
    expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toMatch(/cpu[^\n]*\/atlas-one$|^0::.*\/atlas-one$/m);
    await held.close();
    const { runner: next } = open();
    expect(next.limits('one')).toEqual([{ resource: 'cpus', max: 0.5, by: 'kernel', why: '' }]);
  });

  it('a program that is not there is told of', async () => {
    const { runner: held, reports } = open();
    await held.start(spec(['/no/such/program'], { processes: 5 }));
    const end = await reports.first((report) => report.kind === 'exited', 'it is gone');
    expect(end).toMatchObject({ exitCode: 127, why: expect.stringContaining('a program that is not there') });
    expect(log()).toContain('/no/such/program');
  });

  it.runIf(can('cpus'))('nothing of it is left behind', async () => {
    const { runner: held } = open();
    const report = await held.start(spec(node('setInterval(() => {}, 1000)'), { cpus: 1, processes: 100 }));
    const { pid } = report as Extract<RunnerReport, { kind: 'started' }>;
    expect(here.release('one')).toBe(false);
    expect(pid).toBeGreaterThan(0);
    await held.stop('one', 0);
    await until(() => here.release('one'), 'its groups are gone');
  });
});

describe('by nobody', () => {
  it('a server runs without its limits, and that is told', async () => {
    const why = 'no group can be made here';
    const none: Cgroups = {
      lacks: () => why,
      hold: () => new Map([['cpus', why]]),
      memoryExceeded: () => false,
      release: () => true,
    };
    const { runner: free } = open(none);
    expect(await free.start(spec(node('setInterval(() => {}, 1000)'), { cpus: 2 }))).toMatchObject({ kind: 'started' });
    expect(free.limits('one')).toEqual([{ resource: 'cpus', max: 2, by: 'nobody', why }]);
    expect(events.some(({ name, fields }) => name === 'limit_not_enforced' && fields.why === why)).toBe(true);
  });

  it('a machine without control groups lacks all of them', () => {
    const none = makeCgroups({ root: dir, own: '', pid: 1, ours: () => true });
    for (const resource of ['cpus', 'memoryBytes', 'processes'] as const)
      expect(none.lacks(resource)).toMatch(/no control groups/);
    const half = makeCgroups({ root: dir, own: '0::/\n', pid: 1, ours: () => true });
    expect(half.lacks('cpus')).toMatch(/controller cpu is not given/);
  });
});

it('in version 2 controllers are given on, and limits are written as its files want them', () => {
  mkdirSync(join(dir, 'atlas.service'));
  writeFileSync(join(dir, 'atlas.service/cgroup.controllers'), 'cpuset cpu io memory pids\n');
  writeFileSync(join(dir, 'atlas.service/cgroup.subtree_control'), '');
  const groups = makeCgroups({ root: dir, own: '0::/atlas.service\n', pid: 7, ours: () => true });
  const read = (file: string) => readFileSync(join(dir, 'atlas.service', file), 'utf8');
  expect(read('cgroup.subtree_control')).toBe('+cpu +memory +pids');
  expect(groups.hold('gs_1', 4711, { cpus: 1.5, memoryBytes: 2 ** 30, processes: 64 }).size).toBe(0);
  expect(
    ['cpu.max', 'memory.max', 'memory.oom.group', 'pids.max', 'cgroup.procs'].map((file) => read(`atlas-gs_1/${file}`)),
  ).toEqual(['150000 100000', '1073741824', '1', '64', '4711']);
  writeFileSync(join(dir, 'atlas.service/atlas-gs_1/memory.events'), 'low 0\noom 1\noom_kill 1\n');
  expect(groups.memoryExceeded('gs_1')).toBe(true);
});

it('an exit code that is called no crash is told as such', async () => {
  const { runner: held, reports } = open();
  await held.start({ ...spec(node('process.exit(42)'), undefined), cleanExits: [42] });
  expect(await reports.first((report) => report.kind === 'exited', 'its end')).toEqual({
    kind: 'exited',
    id: 'one',
    exitCode: 42,
    clean: true,
  });
});
