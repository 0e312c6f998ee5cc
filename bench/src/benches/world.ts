/** What it costs to know where everybody is: boundary check, index update, and who is near, for 10,000 and 100,000 movers. */
import { assert } from '@horizon-atlas/base';
import { Crossings } from '@horizon-atlas/world';
import type { Bar, Bench, BenchContext } from '../bench.ts';
import { Movers, UNITS2_A_MOVER } from '../movers.ts';
import { type Contestant, type GridContestant, grid, peers } from '../spatial-contestants.ts';

const COUNTS = [10_000, 100_000];
const RADII = [50, 150, 300, 1000];
/** Measured, after the warm-up. */
const TICKS = 12;
const WARM_UP = 4;
const PEER_TICKS = 2;
/** Queries a tick and radius: of everybody for the small ones, of some where a query takes microseconds. */
const LARGE_RADIUS_QUERIES = 5_000;
const PEER_QUERIES = 2_000;
const TICK_MS = 1000 / 30;

export const world: Bench = {
  about: 'boundary check, index update and neighbour queries of 10k and 100k movers against rbush, kdbush and d3-quadtree',
  method: [
    `CPU nanoseconds a mover and tick (update, boundary) and a query (near). One mover in ${UNITS2_A_MOVER} units² at both counts: some 35 within`,
    '150 units. Everybody moves, then everybody looks around, in the order of the grid for all contestants; answers are compared.',
  ].join('\n'),
  runs: 5,
  async run(ctx) {
    const figures: Record<string, number> = {};
    for (const count of COUNTS) Object.assign(figures, await measure(ctx, count));
    return { figures, bars: barsOf(figures) };
  },
};

function barsOf(figures: Readonly<Record<string, number>>): Bar[] {
  const figure = (name: string): number => figures[name] ?? Number.NaN;
  const bars: Bar[] = [];
  for (const size of COUNTS.map(label)) {
    bars.push({ name: `atlas update ${size}, ns a mover`, value: figure(`atlas update ${size}`), limit: 30 });
    bars.push({ name: `atlas near r150 ${size}, ns a query`, value: figure(`atlas near r150 ${size}`), limit: 300 });
    for (const what of ['update', ...RADII.map((radius) => `near r${radius}`)]) {
      const best = Math.min(...['rbush', 'kdbush', 'd3-quadtree'].map((peer) => figure(`${peer} ${what} ${size}`)));
      bars.push({ name: `${what} ${size}, of the best peer's`, value: figure(`atlas ${what} ${size}`) / best, limit: 1 });
    }
  }
  // What a player costs a tick: update and one look around in the commonest radius.
  const cost = (size: string): number => figure(`atlas update ${size}`) + figure(`atlas near r150 ${size}`);
  bars.push({ name: 'cost a player at 100k, of that at 10k', value: cost('100k') / cost('10k'), limit: 1.25 });
  return bars;
}

async function measure(ctx: BenchContext, count: number): Promise<Record<string, number>> {
  const movers = new Movers(count, ctx.run);
  const atlas = grid(movers);
  const figures: Record<string, number> = { [`atlas boundary ${label(count)}`]: measureBoundary(movers) };
  const put = (name: string, costs: Record<string, number>): void => {
    for (const [what, ns] of Object.entries(costs)) figures[`${name} ${what} ${label(count)}`] = ns;
  };
  put('atlas', measureIndex(ctx, movers, atlas, atlas, TICKS, count));
  for (const peer of await peers(movers)) {
    put(peer.name, measureIndex(ctx, movers, peer, atlas, PEER_TICKS, PEER_QUERIES));
    compare(peer, atlas);
  }
  return figures;
}

function measureIndex(
  ctx: BenchContext,
  movers: Movers,
  contestant: Contestant,
  atlas: GridContestant,
  ticks: number,
  queriesMax: number,
): Record<string, number> {
  const spent: Record<string, number> = {};
  const add = (what: string, ns: number): void => {
    spent[what] = (spent[what] ?? 0) + ns / ticks;
  };
  for (let tick = -Math.min(WARM_UP, ticks); tick < ticks; tick++) {
    ctx.signal.throwIfAborted();
    movers.step();
    const update = cpuNs(() => contestant.update());
    if (contestant !== atlas) atlas.update();
    if (tick >= 0) add('update', update / movers.count);
    const order = atlas.order();
    for (const radius of RADII) {
      const queries = Math.min(queriesMax, radius > 300 ? LARGE_RADIUS_QUERIES : movers.count);
      // Where not everybody is asked: another part of the middle of the world each tick.
      const first = (Math.floor(movers.count / 2) + Math.abs(tick) * queries) % (movers.count - queries + 1);
      const ns = cpuNs(() => {
        for (let k = 0; k < queries; k++) contestant.near(order[first + k] as number, radius);
      });
      if (tick >= 0) add(`near r${radius}`, ns / queries);
    }
  }
  return spent;
}

/** Each mover is a group in its region; what crosses is handed off at once. */
function measureBoundary(movers: Movers): number {
  const map = movers.regions();
  let nowMs = 0;
  let crossed = 0;
  const crossings = new Crossings<number>(map, {
    approach() {},
    retreat() {},
    crossed(i, target) {
      const track = tracks[i];
      if (track) crossings.moved(track, target, nowMs);
      crossed++;
    },
  });
  const at = (i: number) => [movers.x[i], movers.y[i], movers.z[i]] as [number, number, number];
  const tracks = Array.from({ length: movers.count }, (_, i) => {
    return crossings.track(i, map.regionAt(...at(i))?.id ?? '', ...at(i), nowMs);
  });
  let spent = 0;
  for (let tick = -WARM_UP; tick < TICKS; tick++) {
    movers.step();
    nowMs += TICK_MS;
    const ns = cpuNs(() => {
      for (let i = 0; i < tracks.length; i++) {
        const track = tracks[i];
        if (track) crossings.update(track, movers.x[i] as number, movers.y[i] as number, movers.z[i] as number, nowMs);
      }
      crossings.tick(nowMs);
    });
    if (tick >= 0) spent += ns;
  }
  assert(crossed <= movers.count, 'nobody crosses twice in half a second');
  return spent / TICKS / movers.count;
}

/** A faster wrong answer would be no answer. */
function compare(peer: Contestant, atlas: GridContestant): void {
  const order = atlas.order();
  for (let k = 0; k < order.length; k += Math.ceil(order.length / 200)) {
    for (const radius of RADII) {
      const i = order[k] as number;
      const [ours, theirs] = [atlas.near(i, radius), peer.near(i, radius)];
      assert(ours === theirs, `atlas finds ${ours} and ${peer.name} ${theirs} within ${radius} of mover ${i}`);
    }
  }
}

function cpuNs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}

function label(count: number): string {
  return `${count / 1000}k`;
}
