/** What every Runner adapter promises: see ports/src/runner.ts. The servers of these tests are real Node processes. */

import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Runner, RunnerReport, ServerSpec } from '@horizon-atlas/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Inbox, turns, until, within } from './await.ts';
import { Witness } from './witness.ts';

export interface RunnerRig {
  /** A runner over what earlier ones of this rig left running, as after a restart of Atlas. The suite closes each. */
  open(): Promise<Runner>;
  /** Where the server with this id shall log. */
  logFile(id: string): string;
  /** Called once after each test; every server has been stopped by then. */
  dispose(): Promise<void>;
}

export interface RunnerSubject {
  readonly name: string;
  /** False: this host does not tell what a process is doing. */
  readonly tellsVitals: boolean;
  make(): Promise<RunnerRig>;
}

const EXIT_ON_TERM = `process.on('SIGTERM', () => process.exit(0))`;
const IGNORE_TERM = `process.on('SIGTERM', () => {})`;

export function runnerContract(subject: RunnerSubject): void {
  describe(`Runner contract: ${subject.name}`, () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(await subject.make());
    });
    afterEach(() => stage.dispose());

    startTests(() => stage);
    endTests(() => stage);
    stopTests(() => stage);
    adoptionTests(() => stage);
    logTests(() => stage);
    consoleTests(() => stage);
    stepTests(() => stage);
    freezeTests(() => stage);
    vitalsTests(() => stage, subject.tellsVitals);
  });
}

function startTests(stage: () => Stage): void {
  it('starts a process, reports it and lists it', async () => {
    const before = Date.now();
    const { runner, reports } = await stage().runner();
    const report = await stage().start(runner, 'one');
    expect(report).toEqual({ kind: 'started', id: 'one', pid: await stage().pidOf('one') });
    expect(await reports.atLeast(1, 'the report')).toEqual([report]);
    const [listed, ...others] = await runner.list();
    expect(others).toEqual([]);
    expect(listed).toMatchObject({ id: 'one', pid: await stage().pidOf('one') });
    expect(listed?.startedAtMs).toBeGreaterThan(before - 2_000);
    expect(listed?.startedAtMs).toBeLessThan(Date.now() + 2_000);
    expect(listed?.cpuS).not.toBeLessThan(0);
    expect(listed?.memoryBytes).not.toBeLessThan(0);
  });

  it('passes arguments, directory and environment on as they are, with no shell between', async () => {
    const { runner } = await stage().runner();
    const args = ['a b', '$HOME', '"quoted"', '*', ''];
    const argv = stage().witness.argv('one', EXIT_ON_TERM, ...args);
    await stage().start(runner, 'one', { argv, cwd: tmpdir(), env: { ATLAS_CONTRACT: 'x y' } });
    const said = await stage().witness.arrivals.first((t) => t.id === 'one', 'the server is up');
    expect(said.argv).toEqual(args);
    expect(said.env.ATLAS_CONTRACT).toBe('x y');
    expect(await stat(said.cwd)).toMatchObject({ ino: (await stat(tmpdir())).ino });
  });

  it('starts one process for the same id, at once and later', async () => {
    const { runner } = await stage().runner();
    const both = await Promise.all([stage().start(runner, 'one'), stage().start(runner, 'one')]);
    const again = await stage().start(runner, 'one');
    expect(both).toEqual([again, again]);
    await stage().pidOf('one');
    expect(await runner.list()).toHaveLength(1);
    await stage().start(runner, 'two');
    await stage().pidOf('two');
    expect(stage().witness.pids).toHaveLength(2);
  });

  it('answers and reports what could not be started, and takes the id again afterwards', async () => {
    const { runner, reports } = await stage().runner();
    const report = await stage().start(runner, 'one', { argv: ['/nowhere/no-such-program'] });
    expect(report).toMatchObject({ kind: 'failed', id: 'one' });
    expect(report.kind === 'failed' && report.message.length).toBeGreaterThan(0);
    expect(await reports.atLeast(1, 'the report')).toEqual([report]);
    expect(await runner.list()).toEqual([]);
    expect(await stage().start(runner, 'one')).toMatchObject({ kind: 'started' });
  });

  it('fails likewise where the directory does not exist', async () => {
    const { runner } = await stage().runner();
    expect(await stage().start(runner, 'one', { cwd: '/nowhere/at/all' })).toMatchObject({ kind: 'failed', id: 'one' });
    expect(await runner.list()).toEqual([]);
  });
}

function endTests(stage: () => Stage): void {
  it('reports how a server ended: its exit code', async () => {
    const { runner, reports } = await stage().runner();
    await stage().start(runner, 'one', { argv: [process.execPath, '-e', 'process.exit(7)'] });
    const exited = await reports.first((r) => r.kind === 'exited', 'the exit');
    expect(exited).toMatchObject({ id: 'one', exitCode: 7 });
    expect(exited.kind === 'exited' && exited.signal).toBeUndefined();
  });

  it('reports how a server ended: the signal; once, to each watcher, and lists it no longer', async () => {
    const { runner, reports } = await stage().runner();
    const others = watch(runner);
    await stage().start(runner, 'one');
    process.kill(await stage().pidOf('one'), 'SIGKILL');
    const exited = await reports.first((r) => r.kind === 'exited', 'the exit');
    expect(exited).toMatchObject({ id: 'one', signal: 'SIGKILL' });
    expect(exited.kind === 'exited' && exited.exitCode).toBeUndefined();
    await others.first((r) => r.kind === 'exited', 'the exit at the other watcher');
    expect(await runner.list()).toEqual([]);
    await turns(5);
    expect(ends(reports)).toEqual(['one']);
    expect(ends(others)).toEqual(['one']);
  });

  it('starts the same id anew after its end', async () => {
    const { runner, reports } = await stage().runner();
    const first = await stage().start(runner, 'one');
    process.kill(await stage().pidOf('one'), 'SIGKILL');
    await reports.first((r) => r.kind === 'exited', 'the exit');
    const second = await stage().start(runner, 'one');
    expect(second).toMatchObject({ kind: 'started' });
    expect(second).not.toEqual(first);
  });

  it('tells a watcher nothing after its cancel', async () => {
    const { runner, reports } = await stage().runner();
    const heard = new Inbox<RunnerReport>();
    const cancel = runner.watch((report) => heard.add(report));
    cancel();
    cancel();
    await stage().start(runner, 'one');
    await reports.atLeast(1, 'the report at the other watcher');
    await turns(2);
    expect(heard.items).toEqual([]);
  });
}

function stopTests(stage: () => Stage): void {
  it('asks a server to end and waits until it is gone', async () => {
    const { runner, reports } = await stage().runner();
    await stage().start(runner, 'one');
    const pid = await stage().pidOf('one');
    await within(runner.stop('one', 10_000), 'stop');
    expect(exists(pid)).toBe(false);
    expect(await reports.first((r) => r.kind === 'exited', 'the exit')).toMatchObject({ id: 'one', exitCode: 0 });
    expect(await runner.list()).toEqual([]);
    await turns(5);
    expect(ends(reports)).toEqual(['one']);
  });

  it('ends one that does not listen, after the grace', async () => {
    const { runner, reports } = await stage().runner();
    await stage().start(runner, 'one', { argv: stage().witness.argv('one', IGNORE_TERM) });
    const pid = await stage().pidOf('one');
    const asked = performance.now();
    await within(runner.stop('one', 300), 'stop');
    expect(performance.now() - asked).toBeGreaterThan(290);
    expect(exists(pid)).toBe(false);
    expect(await reports.first((r) => r.kind === 'exited', 'the exit')).toMatchObject({ id: 'one', signal: 'SIGKILL' });
  });

  it('has nothing to do for an unknown id, or one that is being stopped already', async () => {
    const { runner, reports } = await stage().runner();
    await within(runner.stop('nobody', 1_000), 'stop of an unknown id');
    await stage().start(runner, 'one');
    await stage().pidOf('one');
    await within(Promise.all([runner.stop('one', 10_000), runner.stop('one', 10_000)]), 'both stops');
    await within(runner.stop('one', 1_000), 'stop of one that is gone');
    await turns(5);
    expect(ends(reports)).toEqual(['one']);
  });
}

function adoptionTests(stage: () => Stage): void {
  it('leaves servers running when it closes, and the next runner finds the same ones', async () => {
    const first = await stage().runner();
    const started = await stage().start(first.runner, 'one');
    const pid = await stage().pidOf('one');
    await within(first.runner.close(), 'close');
    expect(stage().witness.alive(pid)).toBe(true);

    const { runner, reports } = await stage().runner();
    expect(await runner.list()).toMatchObject([{ id: 'one', pid }]);
    expect(await stage().start(runner, 'one')).toEqual(started);
    expect(stage().witness.pids).toEqual([pid]);

    await within(runner.stop('one', 10_000), 'stop of the adopted server');
    expect(exists(pid)).toBe(false);
    expect(await reports.first((r) => r.kind === 'exited', 'the exit')).toMatchObject({ id: 'one' });
    await turns(5);
    expect(ends(reports)).toEqual(['one']);
  });

  it('reports the end of an adopted server', async () => {
    const first = await stage().runner();
    await stage().start(first.runner, 'one');
    const pid = await stage().pidOf('one');
    await first.runner.close();
    const { runner, reports } = await stage().runner();
    process.kill(pid, 'SIGKILL');
    expect(await reports.first((r) => r.kind === 'exited', 'the exit')).toMatchObject({ kind: 'exited', id: 'one' });
    expect(await runner.list()).toEqual([]);
    await turns(5);
    expect(ends(reports)).toEqual(['one']);
  });

  it('reports a server that ended while nobody watched', async () => {
    const first = await stage().runner();
    await stage().start(first.runner, 'one');
    await stage().start(first.runner, 'two');
    const pid = await stage().pidOf('one');
    const other = await stage().pidOf('two');
    await first.runner.close();
    process.kill(pid, 'SIGKILL');
    await stage().witness.gone(pid);
    const { runner, reports } = await stage().runner();
    expect(await reports.first((r) => r.kind === 'exited', 'the exit')).toMatchObject({ kind: 'exited', id: 'one' });
    expect(await runner.list()).toMatchObject([{ id: 'two', pid: other }]);
    expect(ends(reports)).toEqual(['one']);
  });

  it('says nothing more after its close', async () => {
    const { runner, reports } = await stage().runner();
    await stage().start(runner, 'one');
    const pid = await stage().pidOf('one');
    await runner.close();
    process.kill(pid, 'SIGKILL');
    await stage().witness.gone(pid);
    await turns(5);
    expect(ends(reports)).toEqual([]);
  });
}

function logTests(stage: () => Stage): void {
  it('keeps what the server writes to stdout and stderr', async () => {
    const { runner } = await stage().runner();
    const argv = [process.execPath, '-e', `console.log('to stdout'); console.error('to stderr')`];
    await stage().start(runner, 'one', { argv });
    await until(async () => {
      const text = await stage().log('one');
      return text.includes('to stdout') && text.includes('to stderr');
    }, 'both lines in the log');
  });

  it('cuts a log that grows too large back to its newer part', async () => {
    const { runner } = await stage().runner();
    const max = 64 * 1024;
    const flood = `for (let i = 0; i < 4000; i++) require('node:fs').writeSync(1, 'line ' + i + ' ' + 'x'.repeat(100) + '\\n')`;
    await stage().start(runner, 'one', { argv: stage().witness.argv('one', `${EXIT_ON_TERM};${flood}`), logBytesMax: max });
    await stage().pidOf('one');
    await until(async () => {
      const text = await stage().log('one');
      return text.length <= max && text.includes('line 3999 ') && !text.includes('line 0 ');
    }, 'the log is cut back and ends with the last line');
  });
}

/** Says each line of its standard input in its log, and its end. */
const ECHO = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => console.log('heard ' + line))
  .on('close', () => console.log('input ended'))`;

function consoleTests(stage: () => Stage): void {
  it('writes to the console of a server that has one, and to no other', async () => {
    const { runner } = await stage().runner();
    await stage().start(runner, 'one', { argv: stage().witness.argv('one', `${EXIT_ON_TERM};${ECHO}`), console: true });
    await stage().start(runner, 'mute', { argv: stage().witness.argv('mute', `${EXIT_ON_TERM};${ECHO}`) });
    await stage().pidOf('one');
    await stage().pidOf('mute');
    expect(runner.write('one', 'save all\n')).toBe('written');
    expect(runner.write('one', 'grüß dich\n')).toBe('written');
    expect(runner.write('mute', 'save all\n')).toBe('none');
    expect(runner.write('nobody', 'save all\n')).toBe('unknown');
    await until(async () => (await stage().log('one')).includes('heard save all\nheard grüß dich\n'), 'both lines were heard');
    await until(async () => (await stage().log('mute')).includes('input ended'), 'the other one has nothing to read');
    expect(await stage().log('one')).not.toContain('input ended');
  });

  it('keeps the console over a restart of Atlas', async () => {
    const first = await stage().runner();
    await stage().start(first.runner, 'one', { argv: stage().witness.argv('one', `${EXIT_ON_TERM};${ECHO}`), console: true });
    await stage().pidOf('one');
    expect(first.runner.write('one', 'before\n')).toBe('written');
    await first.runner.close();
    const { runner } = await stage().runner();
    expect(runner.write('one', 'after\n')).toBe('written');
    await until(async () => (await stage().log('one')).includes('heard before\nheard after\n'), 'both lines were heard');
    expect(await stage().log('one')).not.toContain('input ended');
  });

  it('says when a server does not read its console, and does not wait for it', async () => {
    const { runner } = await stage().runner();
    await stage().start(runner, 'one', { console: true });
    await stage().pidOf('one');
    const line = `${'x'.repeat(4000)}\n`;
    const answers = Array.from({ length: 100 }, () => runner.write('one', line));
    expect(answers[0]).toBe('written');
    expect(answers.at(-1)).toBe('full');
    expect(runner.write('one', 'y'.repeat(5000))).toBe('full');
  });
}

function stepTests(stage: () => Stage): void {
  const quits = `${IGNORE_TERM};require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    if (line === 'quit') { console.log('saved'); process.exit(3); } })`;

  it('asks by the steps of the spec: a command first', async () => {
    const { runner, reports } = await stage().runner();
    await stage().start(runner, 'one', {
      argv: stage().witness.argv('one', quits),
      console: true,
      stop: [{ kind: 'write', text: 'quit\n', waitMs: 20_000 }],
    });
    await stage().pidOf('one');
    await within(runner.stop('one', 20_000), 'stop');
    expect(await reports.first((r) => r.kind === 'exited', 'the exit')).toMatchObject({ id: 'one', exitCode: 3 });
    expect(await stage().log('one')).toContain('saved');
  });

  it('goes on to the next step when one was in vain, and kills after the last', async () => {
    const { runner, reports } = await stage().runner();
    const deaf = `process.on('SIGINT', () => console.log('heard SIGINT'));${IGNORE_TERM}`;
    await stage().start(runner, 'one', {
      argv: stage().witness.argv('one', deaf),
      stop: [
        { kind: 'write', text: 'quit\n', waitMs: 20_000 },
        { kind: 'signal', signal: 'SIGINT', waitMs: 200 },
        { kind: 'signal', signal: 'SIGTERM', waitMs: 50 },
      ],
    });
    await stage().pidOf('one');
    await within(runner.stop('one', 20_000), 'stop');
    expect(await reports.first((r) => r.kind === 'exited', 'the exit')).toMatchObject({ id: 'one', signal: 'SIGKILL' });
    expect(await stage().log('one')).toContain('heard SIGINT');
  });

  it('asks an adopted server by the steps that it was started with', async () => {
    const first = await stage().runner();
    await stage().start(first.runner, 'one', {
      argv: stage().witness.argv('one', quits),
      console: true,
      stop: [{ kind: 'write', text: 'quit\n', waitMs: 20_000 }],
    });
    await stage().pidOf('one');
    await first.runner.close();
    const { runner } = await stage().runner();
    await within(runner.stop('one', 20_000), 'stop');
    expect(await stage().log('one')).toContain('saved');
  });
}

function freezeTests(stage: () => Stage): void {
  it('freezes a server where it stands, and lets it go on', async () => {
    const { runner } = await stage().runner();
    await stage().start(runner, 'one', { argv: stage().witness.argv('one', `${EXIT_ON_TERM};${ECHO}`), console: true });
    await stage().pidOf('one');
    expect(runner.freeze('nobody')).toBe(false);
    expect(runner.freeze('one')).toBe(true);
    runner.write('one', 'while frozen\n');
    await turns(20);
    expect(await stage().log('one')).not.toContain('heard');
    expect(runner.thaw('one')).toBe(true);
    await until(async () => (await stage().log('one')).includes('heard while frozen'), 'it goes on');
  });

  it('lets a frozen server go on when it is asked to end', async () => {
    const { runner, reports } = await stage().runner();
    await stage().start(runner, 'one');
    await stage().pidOf('one');
    runner.freeze('one');
    await within(runner.stop('one', 20_000), 'stop');
    expect(await reports.first((r) => r.kind === 'exited', 'the exit')).toMatchObject({ id: 'one', exitCode: 0 });
  });
}

function vitalsTests(stage: () => Stage, tells: boolean): void {
  it.runIf(tells)('tells what a server is doing: asleep, stopped where it stands, and busy', async () => {
    const { runner } = await stage().runner();
    const spin = `${EXIT_ON_TERM};process.stdin.once('data', () => { for (;;); })`;
    await stage().start(runner, 'one', { argv: stage().witness.argv('one', spin), console: true });
    await stage().pidOf('one');
    expect(runner.vitals('nobody')).toBeUndefined();
    await until(() => runner.vitals('one')?.doing === 'asleep', 'it waits for something to do');
    runner.freeze('one');
    await until(() => runner.vitals('one')?.doing === 'stopped', 'it stands still');
    runner.thaw('one');
    await until(() => runner.vitals('one')?.doing === 'asleep', 'it goes on');
    const before = runner.vitals('one');
    runner.write('one', 'spin\n');
    await until(() => runner.vitals('one')?.doing === 'runnable', 'it is busy');
    await until(() => (runner.vitals('one')?.ranMs ?? 0) >= (before?.ranMs ?? 0) + 200, 'it uses a core');
    const after = runner.vitals('one');
    expect(after?.machineMs).toBeGreaterThan(before?.machineMs ?? Number.NaN);
    expect(after?.idleMs).not.toBeLessThan(before?.idleMs ?? Number.NaN);
    await runner.stop('one', 0);
    expect(runner.vitals('one')).toBeUndefined();
  });

  it.skipIf(tells)('does not tell what a server is doing', async () => {
    const { runner } = await stage().runner();
    await stage().start(runner, 'one');
    expect(runner.vitals('one')).toBeUndefined();
  });
}

/** One rig with the runners that a test opened on it. */
class Stage {
  readonly witness: Witness;
  readonly #rig: RunnerRig;
  readonly #runners: Runner[] = [];
  readonly #ids = new Set<string>();

  static async open(rig: RunnerRig): Promise<Stage> {
    return new Stage(rig, await Witness.open());
  }

  private constructor(rig: RunnerRig, witness: Witness) {
    this.#rig = rig;
    this.witness = witness;
  }

  async runner(): Promise<{ runner: Runner; reports: Inbox<RunnerReport> }> {
    const runner = await within(this.#rig.open(), 'opening a runner');
    this.#runners.push(runner);
    return { runner, reports: watch(runner) };
  }

  start(runner: Runner, id: string, spec: Partial<ServerSpec> = {}): Promise<RunnerReport> {
    this.#ids.add(id);
    const argv = this.witness.argv(id, EXIT_ON_TERM);
    return within(runner.start({ id, argv, logFile: this.#rig.logFile(id), ...spec }), `start of ${id}`);
  }

  /** As the server itself says, once it is up. */
  async pidOf(id: string): Promise<number> {
    return (await this.witness.arrivals.first((testimony) => testimony.id === id, `${id} is up`)).pid;
  }

  async log(id: string): Promise<string> {
    return readFile(this.#rig.logFile(id), 'utf8').catch(() => '');
  }

  async dispose(): Promise<void> {
    const last = await this.#rig.open();
    for (const id of this.#ids) await last.stop(id, 0);
    for (const runner of [...this.#runners, last]) await runner.close();
    for (const pid of this.witness.pids) end(pid);
    await this.witness.close();
    await this.#rig.dispose();
  }
}

function watch(runner: Runner): Inbox<RunnerReport> {
  const inbox = new Inbox<RunnerReport>();
  runner.watch((report) => inbox.add(report));
  return inbox;
}

/** The ids of the servers whose end was reported. */
function ends(reports: Inbox<RunnerReport>): string[] {
  return reports.items.filter((report) => report.kind === 'exited').map((report) => report.id);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** It may be ending by itself just now. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
