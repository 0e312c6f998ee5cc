import type { Runner, RunnerReport, ServerProcess } from '@horizon-atlas/ports';
import { noProbe, seededEntropy } from '@horizon-atlas/runtime';
import { describe, expect, it } from 'vitest';
import { type Companion, makeCompanions, policy } from './companions.ts';

/** Processes that exist only in a list. */
class PaperRunner implements Runner {
  readonly running = new Map<string, ServerProcess>();
  readonly calls: string[] = [];
  #watchers: ((report: RunnerReport) => void)[] = [];
  #pid = 100;

  async start({ id }: { id: string }): Promise<RunnerReport> {
    this.calls.push(`start ${id}`);
    const pid = this.#pid++;
    this.running.set(id, { id, pid, startedAtMs: 0, cpuS: Number.NaN, memoryBytes: Number.NaN });
    return { kind: 'started', id, pid };
  }
  async stop(id: string): Promise<void> {
    this.calls.push(`stop ${id}`);
    this.end(id);
  }
  write = () => 'none' as const;
  freeze = () => false;
  thaw = () => false;
  list = async () => [...this.running.values()];
  limits = () => [];
  usage = (id: string) => this.running.get(id);
  vitals = () => undefined;
  watch(fn: (report: RunnerReport) => void): () => void {
    this.#watchers.push(fn);
    return () => {
      this.#watchers = this.#watchers.filter((each) => each !== fn);
    };
  }
  close = async () => {};
  end(id: string): void {
    this.running.delete(id);
    for (const fn of this.#watchers) fn({ kind: 'exited', id, exitCode: 1 });
  }
}

function story(names: string[], runner = new PaperRunner()) {
  let now = 0;
  let timers: { ms: number; fn: () => void }[] = [];
  const clock = {
    now: () => now,
    wall: () => now,
    at(ms: number, fn: () => void) {
      const timer = { ms, fn };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
  };
  const pass = (ms: number) => {
    now += ms;
    const due = timers.filter((timer) => timer.ms <= now);
    timers = timers.filter((timer) => timer.ms > now);
    for (const { fn } of due) fn();
  };
  const all = names.map(
    (name): Companion => ({
      name,
      waitsFor: name.endsWith('-matches') ? 'matchmaking' : 'world',
      argv: ['x'],
      cwd: '/',
      env: {},
      logFile: '/x',
    }),
  );
  const dueMs = () => Math.min(...timers.map(({ ms }) => ms));
  return {
    runner,
    pass,
    now: () => now,
    dueMs,
    companions: makeCompanions({ runner, clock, entropy: seededEntropy(1, clock), probe: noProbe }, all),
  };
}

describe('companions', () => {
  it('are started, and stopped', async () => {
    const { companions, runner } = story(['bots', 'weather']);
    await companions.start('world');
    await companions.stop();
    expect(runner.calls).toEqual(['start bots', 'start weather', 'stop bots', 'stop weather']);
  });

  it('are started again when they end, ever later', async () => {
    const { companions, runner, pass, now, dueMs } = story(['bots']);
    await companions.start('world');
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      runner.end('bots');
      waits.push(dueMs() - now());
      pass(dueMs() - now());
    }
    expect(runner.calls).toHaveLength(1 + 8);
    for (const [i, ms] of waits.entries()) {
      const full = Math.min(policy.backoff.maxMs, policy.backoff.firstMs * 2 ** i);
      expect(ms).toBeGreaterThanOrEqual(full * 0.8 - 1);
      expect(ms).toBeLessThanOrEqual(full);
    }
  });

  it('start when that is there which each waits for', async () => {
    const { companions, runner } = story(['bots-in-matches', 'bots']);
    await companions.start('world');
    expect(runner.calls).toEqual(['start bots']);
    await companions.start('matchmaking');
    runner.end('bots');
    await companions.stop();
    expect(runner.calls).toEqual(['start bots', 'start bots-in-matches', 'stop bots-in-matches']);
  });

  it('that run already are left alone, and strangers are ended', async () => {
    const runner = new PaperRunner();
    await runner.start({ id: 'bots' });
    await runner.start({ id: 'of yesterday' });
    const { companions } = story(['bots'], runner);
    await companions.start('world');
    expect(runner.calls.slice(2)).toEqual(['stop of yesterday']);
  });

  it('stay ended after stop', async () => {
    const { companions, runner, pass } = story(['bots']);
    await companions.start('world');
    runner.end('bots');
    await companions.stop();
    pass(policy.backoff.maxMs);
    expect(runner.calls).toEqual(['start bots']);
  });
});
