import { fork, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inbox, runnerContract, until, Witness, within } from '@horizon-atlas/port-contracts';
import type { Runner, RunnerReport, ServerSpec } from '@horizon-atlas/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostProcesses, hostProcesses, makeProcessRunner, psProcesses } from '../src/index.ts';
import { hostClock } from './host-clock.ts';

for (const [name, host, tellsVitals] of [
  ['processes of this host', undefined, process.platform === 'linux'],
  ['processes of a host without /proc', psProcesses(), false],
] as const) {
  runnerContract({
    name,
    tellsVitals,
    make: async () => {
      const dir = mkdtempSync(join(tmpdir(), 'atlas-runner-'));
      return {
        open: async () => makeProcessRunner({ dir: join(dir, 'records'), clock: hostClock, ...(host ? { host } : {}) }),
        logFile: (id) => join(dir, 'logs', `${id}.log`),
        dispose: async () => rmSync(dir, { recursive: true, force: true }),
      };
    },
  });
}

const exitOnTerm = `process.on('SIGTERM', () => process.exit(0))`;

let dir: string;
let witness: Witness;
let runners: Runner[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'atlas-runner-'));
  witness = await Witness.open();
  runners = [];
});

afterEach(async () => {
  const last = open().runner;
  for (const { id } of await last.list()) await last.stop(id, 0);
  for (const runner of runners) await runner.close();
  for (const pid of witness.pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  await witness.close();
  rmSync(dir, { recursive: true, force: true });
});

function open(host?: HostProcesses): { runner: Runner; reports: Inbox<RunnerReport> } {
  const runner = makeProcessRunner({ dir: join(dir, 'records'), clock: hostClock, ...(host ? { host } : {}) });
  const reports = new Inbox<RunnerReport>();
  runner.watch((report) => reports.add(report));
  runners.push(runner);
  return { runner, reports };
}

function spec(id: string, setup = exitOnTerm, more: Partial<ServerSpec> = {}): ServerSpec {
  return { id, argv: witness.argv(id, setup), logFile: join(dir, 'logs', `${id}.log`), ...more };
}

async function pidOf(id: string): Promise<number> {
  return (await witness.arrivals.first((t) => t.id === id, `${id} is up`)).pid;
}

describe('after kill -9 of Atlas', () => {
  it('servers go on, and the next Atlas holds exactly those', async () => {
    const atlas = fork(join(import.meta.dirname, 'atlas.ts'), [join(dir, 'records'), JSON.stringify([spec('one'), spec('two')])]);
    await within(new Promise((resolve) => atlas.once('message', resolve)), 'both have started');
    const [one, two] = [await pidOf('one'), await pidOf('two')];
    const gone = new Promise((resolve) => atlas.once('exit', resolve));
    atlas.kill('SIGKILL');
    await within(gone, 'Atlas is gone');

    const { runner, reports } = open();
    expect(new Map((await runner.list()).map((p) => [p.id, p.pid]))).toEqual(
      new Map([
        ['one', one],
        ['two', two],
      ]),
    );
    // No child of ours now: its end is seen in /proc.
    process.kill(one, 'SIGKILL');
    expect(await reports.atLeast(1, 'the end of one')).toEqual([{ kind: 'exited', id: 'one' }]);
    await within(runner.stop('two', 10_000), 'the stop of two');
    await witness.gone(two);
    expect(readdirSync(join(dir, 'records'))).toEqual([]);
  });

  it('finds a server whose pid nobody had time to write down, by the mark it carries', async () => {
    const mark = 'ATLAS_PROCESS=found-by-this';
    const argv = witness.argv('one', exitOnTerm);
    // It has a child that inherits the mark, and must not be taken for it.
    const setup = `${exitOnTerm}; require('node:child_process').spawn('sleep', ['30'], { stdio: 'ignore' })`;
    const [program = '', ...args] = witness.argv('one', setup);
    spawn(program, args, { detached: true, stdio: 'ignore', env: { ...process.env, ATLAS_PROCESS: 'found-by-this' } }).unref();
    const pid = await pidOf('one');
    open();
    const intent = {
      id: 'one',
      mark,
      pid: 0,
      stamp: '',
      startedAtMs: Date.now(),
      logFile: join(dir, 'one.log'),
      logBytesMax: 1000,
    };
    writeFileSync(join(dir, 'records', 'one.json'), JSON.stringify(intent));
    const { runner } = open();
    expect(await runner.list()).toMatchObject([{ id: 'one', pid }]);
    expect(await runner.start({ id: 'one', argv, logFile: join(dir, 'one.log') })).toEqual({ kind: 'started', id: 'one', pid });
  });

  it('never takes another process with the same pid for the server', async () => {
    const real = hostProcesses();
    const first = open();
    await first.runner.start(spec('one'));
    const pid = await pidOf('one');
    await first.runner.close();
    // As if the server had ended and its pid had been given to a stranger.
    const later: HostProcesses = { ...real, stampOf: (each) => (each === pid ? 'a later start' : real.stampOf(each)) };
    const second = open(later);
    expect(await second.runner.list()).toEqual([]);
    expect(await second.reports.atLeast(1, 'the end')).toEqual([{ kind: 'exited', id: 'one' }]);
    await second.runner.stop('one', 0);
    expect(witness.alive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it('tells of no end that nobody saw once that server has been started again: it would be taken for the end of the new one', async () => {
    const first = open();
    await first.runner.start(spec('one'));
    const former = await pidOf('one');
    await first.runner.close();
    // As if it had ended long ago: one that has just been killed may still stand in the kernel's list.
    const real = hostProcesses();
    const second = open({ ...real, stampOf: (pid) => (pid === former ? undefined : real.stampOf(pid)) });
    const started = await second.runner.start(spec('one'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await second.reports.atLeast(1, 'the start')).toEqual([started]);
    await second.runner.stop('one', 0);
    expect((await second.reports.atLeast(2, 'the end')).map(({ kind }) => kind)).toEqual(['started', 'exited']);
  });

  it('survives records that a power failure has damaged', async () => {
    const first = open();
    await first.runner.start(spec('one'));
    const pid = await pidOf('one');
    await first.runner.close();
    for (const [name, text] of [
      ['bad.json', ''],
      ['worse.json', '{"id": 7}'],
      ['half.json.new', '{'],
    ]) {
      writeFileSync(join(dir, 'records', name as string), text as string);
    }
    expect(await open().runner.list()).toMatchObject([{ id: 'one', pid }]);
    expect(readdirSync(join(dir, 'records'))).toEqual(['one.json']);
  });
});

describe('a server', () => {
  it('leads a session of its own, out of reach of the terminal', async () => {
    const { runner } = open();
    await runner.start(spec('one'));
    const fields =
      readFileSync(`/proc/${await pidOf('one')}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    expect([Number(fields[2]), Number(fields[3])]).toEqual([await pidOf('one'), await pidOf('one')]);
  });

  it('takes what it has started with it when it dies', async () => {
    const { runner, reports } = open();
    const child = witness.argv('child');
    const setup = `require('node:child_process').spawn(${JSON.stringify(child[0])}, ${JSON.stringify(child.slice(1))}, { stdio: 'ignore' })`;
    await runner.start(spec('one', setup));
    const [pid, childPid] = [await pidOf('one'), await pidOf('child')];
    process.kill(pid, 'SIGKILL');
    await reports.first((r) => r.kind === 'exited', 'the exit');
    await witness.gone(childPid);
  });

  it('is ended after the grace even when it is stopped, and deaf as soon as it goes on', async () => {
    const { runner, reports } = open();
    await runner.start(spec('one', `process.on('SIGTERM', () => {})`));
    process.kill(await pidOf('one'), 'SIGSTOP');
    await within(runner.stop('one', 50), 'the stop');
    expect(await reports.first((r) => r.kind === 'exited', 'the exit')).toMatchObject({ signal: 'SIGKILL' });
  });

  it('is told by its CPU time and memory', async () => {
    const { runner } = open();
    await runner.start(spec('one', 'while (process.cpuUsage().user < 100_000);'));
    await pidOf('one');
    const [listed] = await runner.list();
    expect(listed?.cpuS).toBeGreaterThan(0.05);
    expect(listed?.memoryBytes).toBeGreaterThan(5_000_000);
  });

  it('is told without them where the host does not tell', async () => {
    const { runner } = open(psProcesses());
    await runner.start(spec('one'));
    expect(await runner.list()).toMatchObject([{ id: 'one', cpuS: Number.NaN, memoryBytes: Number.NaN }]);
  });
});

describe('a start that fails', () => {
  it('says that the program may not be run', async () => {
    writeFileSync(join(dir, 'plain.txt'), 'no program');
    chmodSync(join(dir, 'plain.txt'), 0o644);
    const { runner } = open();
    const report = await runner.start({ id: 'one', argv: [join(dir, 'plain.txt')], logFile: join(dir, 'one.log') });
    expect(report).toMatchObject({ kind: 'failed', message: expect.stringContaining('EACCES') });
    expect(readdirSync(join(dir, 'records'))).toEqual([]);
  });

  it('names the directory when it is that which is missing', async () => {
    const report = await open().runner.start(spec('one', '', { cwd: '/nowhere/at/all' }));
    expect(report).toMatchObject({ kind: 'failed', message: expect.stringContaining('/nowhere/at/all') });
  });

  it('says that the log cannot be opened', async () => {
    writeFileSync(join(dir, 'file'), '');
    const report = await open().runner.start(spec('one', '', { logFile: join(dir, 'file', 'one.log') }));
    expect(report).toMatchObject({ kind: 'failed' });
  });

  it('refuses an empty command', async () => {
    expect(await open().runner.start(spec('one', '', { argv: [] }))).toMatchObject({
      kind: 'failed',
      message: 'the command is empty',
    });
  });
});

describe('a server that floods its log', () => {
  it('never fills the disk, and its newest lines stay readable', async () => {
    const { runner } = open();
    const max = 256 * 1024;
    const flood = `
      let n = 0; const line = 'x'.repeat(1000);
      const some = () => { for (let i = 0; i < 200; i++) require('node:fs').writeSync(1, 'line ' + n++ + ' ' + line + '\\n'); };
      for (let i = 0; i < 5; i++) some();
      setInterval(some, 20)`;
    await runner.start(spec('one', flood, { logBytesMax: max }));
    const file = join(dir, 'logs', 'one.log');
    const first = () => Number(/^line (\d+) x/.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
    await until(() => first() > 0, 'the first cut');
    const once = first();
    await until(() => first() > once, 'the second cut');
    // Between two looks it may write 10 MB a second.
    expect(statSync(file).size).toBeLessThan(max + 12_000_000);
    await runner.stop('one', 0);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.every((line) => /^line \d+ x{1000}$/.test(line))).toBe(true);
  });
});

describe('what a server leaves behind', () => {
  // A daemon as old servers make them: in a session of its own, with its parent gone at once.
  const forks = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })`;
  const child = `console.log('child ' + ${forks}.pid); process.exit(0)`;

  async function childOf(id: string): Promise<number> {
    const text = () => readFileSync(join(dir, 'logs', `${id}.log`), 'utf8');
    await until(async () => /child \d+/.test(text()), 'the child has been started');
    return Number(/child (\d+)/.exec(text())?.[1]);
  }

  it('ends with it, also in sessions of its own, where the spec says so', async () => {
    const { runner, reports } = open();
    await runner.start({ ...spec('one', exitOnTerm, { wholeTree: true }), argv: [process.execPath, '-e', child] });
    const pid = await childOf('one');
    await reports.first((r) => r.kind === 'exited', 'the exit of the parent');
    await until(async () => hostProcesses().stampOf(pid) === undefined, 'the child is gone, too');
  });

  it('is left alone otherwise', async () => {
    const { runner, reports } = open();
    await runner.start({ ...spec('one'), argv: [process.execPath, '-e', child] });
    const pid = await childOf('one');
    await reports.first((r) => r.kind === 'exited', 'the exit of the parent');
    expect(hostProcesses().stampOf(pid)).not.toBeUndefined();
    process.kill(pid, 'SIGKILL');
  });
});

describe('what a server uses', () => {
  it.runIf(process.platform === 'linux')('is told with what a script started, and is nothing once it has ended', async () => {
    const { runner } = open();
    const busy = `const kept = Buffer.alloc(64e6, 1); const until = Date.now() + 300; while (Date.now() < until); setInterval(() => kept, 1000)`;
    await runner.start({ ...spec('one'), argv: ['/bin/sh', '-c', `"${process.execPath}" -e '${busy}' & wait`] });
    await until(() => (runner.usage('one')?.memoryBytes ?? 0) > 64e6, 'the memory of the child is counted');
    await until(() => (runner.usage('one')?.cpuS ?? 0) >= 0.2, 'and its time');
    await runner.stop('one', 0);
    expect(runner.usage('one')).toBeUndefined();
  });
});

describe('the user that a server runs as', () => {
  it.runIf(process.getuid?.() === 0)('is the one of the spec, with its home', async () => {
    const { runner } = open();
    // A program that anybody may run, wherever this repository is.
    const argv = ['/bin/sh', '-c', 'echo "$(id -u) $HOME"'];
    const line =
      readFileSync('/etc/passwd', 'utf8')
        .split('\n')
        .find((each) => each.startsWith('nobody:'))
        ?.split(':') ?? [];
    await runner.start({ ...spec('one', exitOnTerm, { user: 'nobody', cwd: '/' }), argv });
    const said = () => readFileSync(join(dir, 'logs', 'one.log'), 'utf8');
    await until(async () => said().includes('\n'), 'it has said who it is');
    expect(said().trim()).toBe(`${line[2]} ${line[5]}`);
  });

  it('that this machine does not know is a failed start', async () => {
    const { runner } = open();
    expect(await runner.start(spec('one', exitOnTerm, { user: 'no-such-user' }))).toMatchObject({
      kind: 'failed',
      message: 'this machine has no user "no-such-user"',
    });
  });
});
