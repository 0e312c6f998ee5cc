import { memoryStore } from '@horizon-atlas/adapter-memory';
import type { Store, StoreResult } from '@horizon-atlas/ports';
import { describe, expect, it } from 'vitest';
import { type Lease, type LeasePolicy, type ManualClock, makeLease, manualClock } from './index.ts';

const policy: LeasePolicy = { durationMs: 6_000, renewMs: 2_000, retryMs: 500, marginMs: 500 };

/** One store, one clock, candidates by name, and a diary of who led when. */
class Contest {
  readonly clock: ManualClock = manualClock();
  readonly diary: string[] = [];
  readonly #store = memoryStore({ later: (fn) => void this.clock.at(this.clock.now() + 5, fn) });
  readonly #leases = new Map<string, Lease>();
  /** Whose requests fail, and how. */
  readonly trouble = new Map<string, 'unavailable' | 'lost answers'>();

  async enter(name: string): Promise<void> {
    const store = this.#storeOf(name);
    const say = (what: string) => this.diary.push(`${Math.round(this.clock.now() / 100) / 10} ${name} ${what}`);
    const lease = makeLease(
      { clock: this.clock, store },
      { what: 'control', holder: name, policy, gained: (fence) => say(`leads, fence ${fence}`), lost: () => say('steps down') },
    );
    this.#leases.set(name, lease);
    await this.pass(100);
  }

  async leave(name: string): Promise<void> {
    const closing = this.#leases.get(name)?.close();
    await this.pass(100);
    await closing;
  }

  pass(ms: number): Promise<void> {
    return this.clock.advanceSettled(ms);
  }

  fence(name: string): number | undefined {
    return this.#leases.get(name)?.fence;
  }

  #storeOf(name: string): Store {
    const unavailable: StoreResult = { ok: false, code: 'STORE_UNAVAILABLE', message: 'no answer' };
    return {
      ...this.#store,
      get: async (key) => {
        if (this.trouble.get(name) === 'unavailable') throw new Error('no answer');
        return this.#store.get(key);
      },
      transact: async (ops, conditions) => {
        if (this.trouble.get(name) === 'unavailable') return unavailable;
        const result = await this.#store.transact(ops, conditions);
        return this.trouble.get(name) === 'lost answers' ? unavailable : result;
      },
    };
  }
}

describe('a lease', () => {
  it('is taken by the first, and kept for as long as it is renewed', async () => {
    const contest = new Contest();
    await contest.enter('a');
    await contest.enter('b');
    await contest.pass(120_000);
    expect(contest.diary).toEqual(['0 a leads, fence 1']);
    expect([contest.fence('a'), contest.fence('b')]).toEqual([1, undefined]);
  });

  it('goes over at once when it is given back', async () => {
    const contest = new Contest();
    await contest.enter('a');
    await contest.enter('b');
    await contest.leave('a');
    await contest.pass(1_000);
    expect(contest.diary.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'a leads, fence 1',
      'a steps down',
      'b leads, fence 2',
    ]);
  });

  it('goes over when its holder is cut off, who steps down before the other leads', async () => {
    const contest = new Contest();
    await contest.enter('a');
    await contest.enter('b');
    contest.trouble.set('a', 'unavailable');
    await contest.pass(20_000);
    expect(contest.diary).toEqual(['0 a leads, fence 1', '5.5 a steps down', '6 b leads, fence 2']);
    contest.trouble.clear();
    await contest.pass(20_000);
    expect(contest.fence('a')).toBeUndefined();
    expect(contest.diary).toHaveLength(3);
  });

  it('survives a store that is away for a moment', async () => {
    const contest = new Contest();
    await contest.enter('a');
    await contest.pass(1_900);
    contest.trouble.set('a', 'unavailable');
    await contest.pass(2_500);
    contest.trouble.clear();
    await contest.pass(20_000);
    expect(contest.diary).toEqual(['0 a leads, fence 1']);
  });

  it('survives writes of which nobody knows whether they happened', async () => {
    const contest = new Contest();
    await contest.enter('a');
    await contest.pass(1_900);
    contest.trouble.set('a', 'lost answers');
    await contest.pass(2_500);
    contest.trouble.clear();
    await contest.pass(20_000);
    expect(contest.diary).toEqual(['0 a leads, fence 1']);
  });

  it('is taken again at once, with a new fence, by a holder that comes back', async () => {
    const contest = new Contest();
    await contest.enter('a');
    await contest.enter('a');
    expect(contest.diary).toEqual(['0 a leads, fence 1', '0.1 a leads, fence 2']);
  });

  it('is led by one at a time, with fences that grow, through changes of all kinds', async () => {
    const contest = new Contest();
    for (const name of ['a', 'b', 'c']) await contest.enter(name);
    for (let round = 0; round < 12; round++) {
      const leader = ['a', 'b', 'c'].find((name) => contest.fence(name) !== undefined);
      expect(leader).toBeDefined();
      contest.trouble.set(leader ?? '', round % 2 === 0 ? 'unavailable' : 'lost answers');
      await contest.pass(15_000);
      contest.trouble.clear();
      await contest.pass(15_000);
    }
    let leading: string | undefined;
    let highest = 0;
    for (const line of contest.diary) {
      const [, name = '', what = ''] = /^\S+ (\S+) (.*)$/.exec(line) ?? [];
      if (what === 'steps down') {
        expect(leading).toBe(name);
        leading = undefined;
        continue;
      }
      expect(leading).toBeUndefined();
      leading = name;
      const fence = Number(what.replace('leads, fence ', ''));
      expect(fence).toBeGreaterThan(highest);
      highest = fence;
    }
  });
});
