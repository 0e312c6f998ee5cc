import type { ServerVitals } from '@horizon-atlas/ports';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../test/manual-clock.ts';
import { hangPolicy } from './core/hang/hang-verdict.ts';
import { HangWatch } from './hang-watch.ts';

/** A machine with one core that is shared by who wants it. */
class Machine {
  readonly clock = new ManualClock();
  readonly doing = new Map<string, ServerVitals['doing']>();
  /** What part of the time each stands in line, and each is on a core. */
  queued = 0;
  ran = 0;
  readonly watch = new HangWatch(this.clock, { vitals: (id) => this.#vitals(id) });

  servers(count: number, doing: ServerVitals['doing'] = 'asleep'): string[] {
    const ids = Array.from({ length: count }, (_, i) => `s${i}`);
    for (const id of ids) this.doing.set(id, doing);
    return ids;
  }

  /** Those that are given up on, and after how many milliseconds since they fell silent; looked for as long. */
  async givenUp(ids: readonly string[], forMs: number): Promise<[string, number][]> {
    const fromMs = this.clock.now();
    const out: [string, number][] = [];
    const due = new Map<string, number>();
    for (const id of ids)
      if (this.watch.suspect(id) === undefined) due.set(id, fromMs + hangPolicy.lookMs);
      else out.push([id, 0]);
    while (due.size > 0 && this.clock.now() < fromMs + forMs) {
      await this.clock.advance(Math.min(...due.values()) - this.clock.now());
      for (const [id, dueMs] of due) {
        if (dueMs > this.clock.now()) continue;
        const judged = this.watch.judge(id, this.doing.size);
        due.delete(id);
        if (judged.hung) out.push([id, this.clock.now() - fromMs]);
        else due.set(id, this.clock.now() + judged.lookMs);
      }
    }
    return out;
  }

  #vitals(id: string): ServerVitals | undefined {
    const doing = this.doing.get(id);
    const nowMs = this.clock.now();
    if (!doing) return undefined;
    const idleMs = this.queued > 0 ? 0 : nowMs;
    return { doing, ranMs: this.ran * nowMs, queuedMs: this.queued * nowMs, turns: this.ran * nowMs, machineMs: nowMs, idleMs };
  }
}

describe('silence on a machine', () => {
  it('that is idle is a hang of each, however many fall silent together', async () => {
    const machine = new Machine();
    const gone = await machine.givenUp(machine.servers(20), 5_000);
    expect(gone).toHaveLength(20);
    for (const [, ms] of gone) expect(ms).toBeLessThanOrEqual(hangPolicy.lookMs + 10);
  });
  it('is known at once of one that is stopped', async () => {
    const machine = new Machine();
    expect(await machine.givenUp(machine.servers(1, 'stopped'), 1_000)).toEqual([['s0', 0]]);
  });
  it('that is overloaded is nobody’s hang for a while; then few are given up on at a time, all in the end', async () => {
    const machine = new Machine();
    Object.assign(machine, { queued: 0.6, ran: 0.05 });
    const gone = await machine.givenUp(machine.servers(20), 120_000);
    expect(gone).toHaveLength(20);
    expect(gone[0]?.[1]).toBeGreaterThanOrEqual(hangPolicy.graceMs);
    for (const [, fromMs] of gone)
      expect(gone.filter(([, ms]) => ms >= fromMs && ms < fromMs + hangPolicy.windowMs).length).toBeLessThanOrEqual(2);
  });
  it('that was overloaded is a hang once there is time again, and it still says nothing', async () => {
    const machine = new Machine();
    Object.assign(machine, { queued: 0.6, ran: 0.05 });
    const ids = machine.servers(1);
    expect(await machine.givenUp(ids, 3_000)).toEqual([]);
    Object.assign(machine, { queued: 0, ran: 0 });
    expect(await machine.givenUp(ids, 2_000)).toHaveLength(1);
  });
  it('is not counted while Atlas itself stood still', async () => {
    const machine = new Machine();
    const [id = ''] = machine.servers(1);
    machine.watch.suspect(id);
    await machine.clock.pause(30_000);
    expect(machine.watch.judge(id, 1)).toMatchObject({ hung: false });
    await machine.clock.advance(1);
    expect(machine.watch.judge(id, 1)).toMatchObject({ hung: false });
  });
});
