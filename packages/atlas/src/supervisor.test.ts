import { describe, expect, it } from 'vitest';
import { type ControlReport, exitCode } from './reports.ts';
import { policy, type SupervisorReport, supervise } from './supervisor.ts';

/** A clock that stands until it is told to go on. */
class HandClock {
  #now = 0;
  #timers: { ms: number; fn: () => void }[] = [];
  now = () => this.#now;
  wall = () => this.#now;
  at = (ms: number, fn: () => void) => {
    const timer = { ms, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };
  pass(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter((timer) => timer.ms <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.ms > this.#now);
    for (const { fn } of due) fn();
  }
}

class Life {
  readonly asked: string[] = [];
  report: (report: ControlReport) => void = () => {};
  exit: (exit: { code: number | undefined; signal: string | undefined }) => void = () => {};
  stop = () => this.asked.push('stop');
  kill = () => this.asked.push('kill');
  onReport = (fn: typeof this.report) => {
    this.report = fn;
  };
  onExit = (fn: typeof this.exit) => {
    this.exit = fn;
  };
}

function story() {
  const clock = new HandClock();
  const lives: Life[] = [];
  const reports: (ControlReport | SupervisorReport)[] = [];
  const supervisor = supervise({
    clock,
    start() {
      const life = new Life();
      lives.push(life);
      return life;
    },
    onReport: (report) => reports.push(report),
  });
  const current = () => lives.at(-1) as Life;
  return {
    clock,
    lives,
    reports,
    supervisor,
    current,
    crash: () => current().exit({ code: undefined, signal: 'SIGKILL' }),
    delays: () => reports.flatMap((report) => (report.kind === 'died' ? [report.againInMs] : [])),
  };
}

describe('the supervisor', () => {
  it('starts a killed control plane again at once', () => {
    const { crash, clock, lives, reports } = story();
    crash();
    clock.pass(0);
    expect(lives).toHaveLength(2);
    expect(reports).toEqual([{ kind: 'died', how: 'SIGKILL', againInMs: 0 }]);
  });

  it('waits longer each time it dies in a row, and forgets that after a steady while', () => {
    const { crash, clock, delays } = story();
    for (let i = 0; i < 7; i++) {
      crash();
      clock.pass(5000);
    }
    expect(delays()).toEqual([0, 250, 1000, 2500, 5000, 5000, 5000]);
    clock.pass(policy.steadyMs);
    crash();
    expect(delays().at(-1)).toBe(0);
  });

  it('ends one that says nothing more, though it has not died', () => {
    const { clock, current, reports } = story();
    const seconds = (count: number) => {
      for (let s = 0; s < count; s++) clock.pass(1000);
    };
    seconds(policy.loadS - 1);
    current().report({ kind: 'stopping' });
    seconds(policy.silentS - 1);
    expect(current().asked).toEqual([]);
    seconds(1);
    expect(current().asked).toEqual(['kill']);
    current().exit({ code: undefined, signal: 'SIGKILL' });
    expect(reports.at(-1)).toEqual({ kind: 'died', how: `silent for ${policy.silentS} s`, againInMs: 0 });
    // Its successor has the time that a start may take.
    clock.pass(0);
    seconds(policy.silentS);
    expect(current().asked).toEqual([]);
  });

  it('blames nobody for time in which it was not awake itself', () => {
    const { clock, current } = story();
    current().report({ kind: 'stopping' });
    clock.pass(3_600_000);
    expect(current().asked).toEqual([]);
  });

  it('ends with it when it was stopped, by whomever', async () => {
    const { current, supervisor } = story();
    current().exit({ code: exitCode.stopped, signal: undefined });
    await expect(supervisor.ended).resolves.toEqual({ ok: true });
  });

  it('does not try again what cannot work', async () => {
    const { current, supervisor, lives } = story();
    current().report({ kind: 'refused', code: 'PORT_IN_USE', message: 'port 7700 is taken' });
    current().exit({ code: exitCode.refused, signal: undefined });
    await expect(supervisor.ended).resolves.toEqual({ ok: false, code: 'PORT_IN_USE', message: 'port 7700 is taken' });
    expect(lives).toHaveLength(1);
  });

  it('asks, hurries, and kills', () => {
    const { current, supervisor } = story();
    supervisor.stop();
    supervisor.stop();
    supervisor.stop();
    expect(current().asked).toEqual(['stop', 'stop', 'kill']);
  });

  it('kills one that hangs while stopping, and tells', async () => {
    const { current, supervisor, clock, crash } = story();
    supervisor.stop();
    clock.pass(policy.stopMs);
    expect(current().asked).toEqual(['stop', 'kill']);
    crash();
    await expect(supervisor.ended).resolves.toMatchObject({ ok: false, message: expect.stringContaining('SIGKILL') });
  });

  it('stops what a dead control plane left behind through a new one', async () => {
    const { crash, supervisor, clock, lives, current } = story();
    crash();
    clock.pass(0);
    crash();
    supervisor.stop();
    expect(lives).toHaveLength(3);
    expect(current().asked).toEqual(['stop']);
    clock.pass(1000);
    expect(lives).toHaveLength(3);
    current().exit({ code: exitCode.stopped, signal: undefined });
    await expect(supervisor.ended).resolves.toEqual({ ok: true });
  });
});
