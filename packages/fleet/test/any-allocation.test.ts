/** Whatever is asked, written, lost and heard: no server has two holders beyond its room, and every request is answered at most once each time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsMatch, type GameServer, labelsMatch } from '../src/core/allocation/game-server.ts';
import { Desk, nothing, request, selector, server } from './allocation-story.ts';

const sites = ['eu', 'us'];
const anySelector = fc.record({
  site: fc.option(fc.constantFrom(...sites)),
  state: fc.constantFrom('Ready' as const, 'Allocated' as const),
  room: fc.boolean(),
});
const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      ask: fc.nat(30),
      of: fc.array(anySelector, { minLength: 1, maxLength: 3 }),
      waitMs: fc.constantFrom(0, 500),
      leaseMs: fc.constantFrom(0, 300),
    }),
  },
  { weight: 3, arbitrary: fc.record({ heard: fc.nat(1), site: fc.constantFrom(...sites), lie: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ gone: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ write: fc.nat(3), ok: fc.constantFrom(true, true, true, false) }) },
  { weight: 1, arbitrary: fc.record({ release: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ cancel: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ waitMs: fc.nat(400), tick: fc.constant(true) }) },
);
type Act = Partial<{
  ask: number;
  of: { site: string | null; state: 'Ready' | 'Allocated'; room: boolean }[];
  waitMs: number;
  leaseMs: number;
  heard: number;
  site: string;
  lie: boolean;
  gone: number;
  write: number;
  ok: boolean;
  release: number;
  cancel: number;
  tick: boolean;
}>;

const capacity = 2;

describe('any allocation', () => {
  it('gives each place of a server to one', () => {
    fc.assert(fc.property(fc.array(act, { minLength: 20, maxLength: 120, size: 'max' }), run), { numRuns: 200 });
  });
});

function run(acts: readonly Act[]): void {
  const desk = new Desk();
  /** Who holds which server, from the answers alone. */
  const holders = new Map<string, Set<string>>();
  const letGo = (requestId: string) => {
    for (const held of holders.values()) held.delete(requestId);
  };
  for (const each of acts) {
    step(desk, each, letGo, holders);
    for (const { requestId, answer } of desk.answers.splice(0)) {
      if (answer.ok) holders.set(answer.allocation.server, (holders.get(answer.allocation.server) ?? new Set()).add(requestId));
    }
    for (const [id, held] of holders) {
      expect(held.size).toBeLessThanOrEqual(capacity);
      // Whoever holds a server has it counted.
      const known = desk.allocator.server(id);
      if (known && held.size > 0) expect(known.state).toBe('Allocated');
    }
    for (const gone of desk.expired.splice(0)) letGo(gone.split(' ')[0] ?? '');
  }
  allFree(desk);
}

/** Once everybody has gone, every server can be given away again: nothing of anybody sticks to it. */
function allFree(desk: Desk): void {
  const { allocator } = desk;
  for (let r = 0; r <= 30; r++) allocator.cancel(`r${r}`);
  desk.settle();
  for (let r = 0; r <= 30; r++) allocator.release(`r${r}`);
  for (let s = 0; s <= 5; s++) {
    allocator.heard(server(`s${s}`), desk.nowMs);
    expect(allocator.server(`s${s}`)?.state).toBe('Ready');
  }
}

function step(
  desk: Desk,
  { ask, of, waitMs, leaseMs, heard, site, lie, gone, write, ok, release, cancel, tick }: Act,
  letGo: (id: string) => void,
  holders: Map<string, Set<string>>,
): void {
  const { allocator } = desk;
  if (ask !== undefined) {
    const selectors = (of ?? []).map((each) =>
      selector({
        matchLabels: each.site === null ? {} : { site: each.site },
        state: each.state,
        counters: each.room ? { sessions: { count: {}, available: { min: 1 } } } : {},
      }),
    );
    const change = { ...nothing, counters: { sessions: { by: 1, capacity: undefined } } };
    const before = desk.writing.length;
    allocator.allocate(request(`r${ask}`, { selectors, change, waitMs: waitMs ?? 0, leaseMs: leaseMs ?? 0 }), desk.nowMs);
    if (desk.writing.length > before) checkChoice(allocator.server(desk.writing.at(-1)?.server ?? ''), selectors);
  } else if (heard !== undefined) {
    // A game server tells of itself as Atlas knows it (now and then, late or lying, that it is ready), or comes new.
    const known = allocator.server(`s${heard}`) && {
      ...allocator.server(`s${heard}`),
      ...(lie ? { state: 'Ready' as const } : {}),
    };
    const fresh = server(`s${heard}`, { labels: { site: site ?? 'eu' }, counters: { sessions: { count: 0, capacity } } });
    allocator.heard({ ...fresh, ...known }, desk.nowMs);
  } else if (gone !== undefined) {
    allocator.gone(`s${gone}`);
    holders.delete(`s${gone}`);
  } else if (write !== undefined) {
    const [allocation] = desk.writing.splice(write % Math.max(1, desk.writing.length), 1);
    if (allocation) allocator.written(allocation.requestId, ok ?? true, desk.nowMs);
  } else if (release !== undefined) {
    allocator.release(`r${release}`);
    letGo(`r${release}`);
  } else if (cancel !== undefined) allocator.cancel(`r${cancel}`);
  else if (tick) {
    desk.nowMs += waitMs ?? 0;
    allocator.tick(desk.nowMs);
  }
}

/** By the definition of a selector, not by the shelves: what was chosen is what was asked for. */
function checkChoice(chosen: GameServer | undefined, selectors: ReturnType<typeof selector>[]): void {
  expect(chosen).toBeDefined();
  if (!chosen) return;
  const { count = 0 } = chosen.counters.sessions ?? {};
  const before = { ...chosen, counters: { sessions: { count: count - 1, capacity } } };
  expect(selectors.some((each) => labelsMatch(each, before.labels) && countsMatch(each, before))).toBe(true);
}
