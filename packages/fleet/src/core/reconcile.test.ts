import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from './policy.ts';
import { type FleetPlan, type FleetSnapshot, isEmpty, type Post, type RoleWish, reconcile } from './reconcile.ts';
import { aliveOf, type LifeInput, type Run, runOf, type ServerLife, step, unborn } from './server-life.ts';

const roles: readonly RoleWish[] = [
  { role: 'server', wanted: { spares: 1 }, exclusive: false },
  { role: 'gateway', wanted: 2, exclusive: true },
];

/** A host on which plans take effect at once, and processes do what the test says. */
class Host {
  readonly wants = new Map<string, string>();
  readonly posts = new Map<string, { post: Post; life: ServerLife }>();
  readonly running = new Set<string>();
  readonly leaving = new Map<string, string>();
  #n = 0;
  #nowMs = 0;

  plan(): FleetPlan {
    return reconcile(this.snapshot());
  }

  snapshot(): FleetSnapshot {
    const { wants, posts, running, leaving } = this;
    return { roles, wants, posts, running, leaving, startsAtOnce: 3 };
  }

  apply({ open, close, swap, start, end }: FleetPlan): void {
    for (const post of open) this.input(post.key, { kind: 'wanted' }, post);
    for (const key of close) this.input(key, { kind: 'unwanted' });
    for (const [a, b] of swap) {
      const [ofA, ofB] = [aliveOf(this.#life(a)), aliveOf(this.#life(b))];
      this.input(a, { kind: 'swapped', theirs: ofB });
      this.input(b, { kind: 'swapped', theirs: ofA });
    }
    for (const key of start) {
      const run: Run = { server: `gs_${this.#n++}`, pid: 0, startedAtMs: 0, address: '', drained: false };
      expect(this.#life(key).phase).toBe('scheduled');
      this.input(key, { kind: 'given', run });
      this.running.add(run.server);
    }
    for (const server of end) this.leaving.set(server, '');
  }

  input(key: string, input: LifeInput, post?: Post): void {
    const place = this.posts.get(key) ?? (post ? { post, life: unborn } : undefined);
    if (!place) return;
    const before = runOf(place.life)?.server;
    const { next, requests } = step(place.life, input, this.#nowMs, defaultPolicy);
    for (const { run } of requests) this.leaving.set(run.server, key);
    if ((input.kind === 'exited' || input.kind === 'failed') && before !== undefined) this.running.delete(before);
    if (next.phase === 'stopped') this.posts.delete(key);
    else this.posts.set(key, { post: place.post, life: next });
  }

  settle(): void {
    for (let round = 0; !isEmpty(this.plan()); round++) {
      expect(round).toBeLessThan(20);
      this.apply(this.plan());
      this.check();
    }
  }

  /** Everything goes well for a while. */
  calm(): void {
    for (let round = 0; round < 12; round++) {
      this.#nowMs += 1_000_000;
      for (const [server, key] of this.leaving) {
        this.running.delete(server);
        this.leaving.delete(server);
        if (runOf(this.#life(key))?.server === server) this.input(key, { kind: 'exited', exitCode: 0 });
      }
      for (const [key, { life }] of [...this.posts]) {
        if (life.phase === 'starting' || life.phase === 'unhealthy') this.input(key, { kind: 'up', pid: 1, address: 'a' });
        if (life.phase === 'backoff' || life.phase === 'error') this.input(key, { kind: 'tick' });
      }
      this.settle();
    }
  }

  check(): void {
    const held = [...this.posts.values()].flatMap(({ life }) => runOf(life)?.server ?? []);
    expect(new Set(held).size, 'no process fills two posts').toBe(held.length);
    const starting = [...this.posts.values()].filter(({ life }) => life.phase === 'starting').length;
    expect(starting, 'not too many start at once').toBeLessThanOrEqual(3);
  }

  phases(): Record<string, string> {
    return Object.fromEntries([...this.posts].map(([key, { life }]) => [key, life.phase]).sort());
  }

  server(key: string): string | undefined {
    return runOf(this.#life(key))?.server;
  }

  #life(key: string): ServerLife {
    return this.posts.get(key)?.life ?? unborn;
  }
}

describe('reconcile', () => {
  it('starts what is wanted first and the spare afterwards', () => {
    const host = new Host();
    host.wants.set('alpha', '');
    host.settle();
    expect(host.phases()).toEqual({
      'gateway/0': 'starting',
      'gateway/1': 'starting',
      'region/alpha': 'starting',
      'spare/0': 'scheduled',
    });
    host.calm();
    expect(new Set(Object.values(host.phases()))).toEqual(new Set(['ready']));
  });

  it('gives a ready spare to a new want, and starts another spare', () => {
    const host = new Host();
    host.settle();
    host.calm();
    const spare = host.server('spare/0');
    host.wants.set('alpha', '');
    host.settle();
    expect(host.server('region/alpha')).toBe(spare);
    expect(host.phases()).toMatchObject({ 'region/alpha': 'ready', 'spare/0': 'starting' });
  });

  it('lets a spare that gets ready first take the place of what is still starting', () => {
    const host = new Host();
    host.settle();
    for (const key of ['gateway/0', 'gateway/1']) host.input(key, { kind: 'up', pid: 1, address: '' });
    host.settle();
    host.wants.set('alpha', '');
    host.settle();
    const own = host.server('region/alpha');
    const spare = host.server('spare/0');
    host.input('spare/0', { kind: 'up', pid: 1, address: '' });
    host.settle();
    expect([host.server('region/alpha'), host.server('spare/0')]).toEqual([spare, own]);
  });

  it('follows the choice of regions, also against its own', () => {
    const host = new Host();
    for (const region of ['alpha', 'beta']) host.wants.set(region, '');
    host.settle();
    host.calm();
    const [a, b] = [host.server('region/alpha'), host.server('region/beta')];
    host.wants.set('alpha', b ?? '');
    host.wants.set('beta', a ?? '');
    host.settle();
    expect([host.server('region/alpha'), host.server('region/beta')]).toEqual([b, a]);
  });

  it('ends processes that are in no post', () => {
    const host = new Host();
    host.settle();
    host.running.add('gs_orphan');
    expect(host.plan().end).toEqual(['gs_orphan']);
    host.apply(host.plan());
    expect(isEmpty(host.plan())).toBe(true);
  });

  it('waits for the end of a process that holds a port before it starts the next', () => {
    const host = new Host();
    host.settle();
    host.calm();
    const hung = host.server('gateway/0') ?? '';
    host.input('gateway/0', { kind: 'down' });
    host.leaving.set(hung, 'gateway/0');
    host.input('gateway/0', { kind: 'exited' });
    expect(host.plan().start).toEqual([]);
    host.leaving.delete(hung);
    expect(host.plan().start).toEqual(['gateway/0']);
  });

  it('comes to rest after anything, and once all goes well has just what is wanted', () => {
    const region = fc.constantFrom('alpha', 'beta', 'gamma', 'delta');
    const event = fc.oneof(
      fc.record({ kind: fc.constant('want' as const), region, chosen: fc.option(fc.nat(12)) }),
      fc.record({ kind: fc.constant('unwant' as const), region }),
      fc.record({ kind: fc.constant('orphan' as const), n: fc.nat(3) }),
      fc.record({
        kind: fc.constant('input' as const),
        at: fc.nat(8),
        what: fc.constantFrom<LifeInput>(
          { kind: 'up', pid: 1, address: '' },
          { kind: 'down' },
          { kind: 'exited', signal: 'SIGKILL' },
          { kind: 'failed', message: 'x' },
          { kind: 'drained' },
        ),
      }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const host = new Host();
        for (const each of events) {
          if (each.kind === 'want') host.wants.set(each.region, each.chosen === null ? '' : `gs_${each.chosen}`);
          else if (each.kind === 'unwant') host.wants.delete(each.region);
          else if (each.kind === 'orphan') host.running.add(`gs_orphan${each.n}`);
          else host.input([...host.posts.keys()][each.at] ?? '', each.what);
          host.settle();
        }
        host.calm();
        const goal = [...[...host.wants.keys()].map((each) => `region/${each}`), 'spare/0', 'gateway/0', 'gateway/1'].sort();
        expect(host.phases()).toEqual(Object.fromEntries(goal.map((key) => [key, 'ready'])));
        expect([...host.running].sort()).toEqual(goal.map((key) => host.server(key)).sort());
      }),
      { numRuns: 400 },
    );
  });
});
