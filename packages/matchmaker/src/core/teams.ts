/**
 * Who plays in which team: parties stay together, every team has as many as it may and must, and the teams are as even as can be.
 */
import type { TeamSpec } from './rule-set.ts';

/** Up to so many tickets every way of putting them into two teams is looked at; beyond, a good one is. */
const exhaustiveTickets = 10;

/** Combinations of party sizes that are remembered; beyond, all are forgotten and learnt again. */
const knownMax = 10_000;
/** Up to so many combinations are kept in a table. */
const tableMax = 65_536;

/** Whether parties of certain sizes find room in the teams. Remembers, because few combinations occur: each is a number, counted up with each party. */
export class Packing {
  readonly #rooms: readonly number[];
  /** What a party of a size adds to the number of a combination; empty: there are too many combinations for a number. */
  readonly weights: Float64Array;
  /** By combination: 0 not known, 1 it fits, 2 it does not. */
  readonly #table: Uint8Array;
  readonly #known = new Map<number | string, boolean>();

  constructor(teams: readonly TeamSpec[]) {
    this.#rooms = teams.map(({ maxPlayers }) => maxPlayers).sort((a, b) => b - a);
    const base = this.#rooms.reduce((sum, room) => sum + room, 1);
    const largest = this.#rooms[0] ?? 0;
    const combinations = base ** largest;
    const countable = combinations < Number.MAX_SAFE_INTEGER;
    this.weights = Float64Array.from({ length: countable ? largest + 1 : 0 }, (_, size) => (size === 0 ? 0 : base ** (size - 1)));
    this.#table = new Uint8Array(combinations <= tableMax ? combinations : 0);
  }

  /** Of `counts[s]` parties of s players. −1: some are too large for any team; NaN: it has no number. */
  keyOf(counts: Uint8Array): number {
    const { weights } = this;
    if (weights.length === 0) return Number.NaN;
    let key = 0;
    for (let size = counts.length - 1; size > 0; size--) {
      const count = counts[size] as number;
      if (count === 0) continue;
      if (size >= weights.length) return -1;
      key += count * (weights[size] as number);
    }
    return key;
  }

  /** Everybody finds a place; some may stay free. `key` is `keyOf(counts)`. */
  fits(key: number, counts: Uint8Array): boolean {
    if (key < 0) return false;
    if (key < this.#table.length) {
      const known = this.#table[key] as number;
      if (known !== 0) return known === 1;
      const fits = place([...this.#rooms], [...counts]);
      this.#table[key] = fits ? 1 : 2;
      return fits;
    }
    const name = Number.isNaN(key) ? counts.join() : key;
    let known = this.#known.get(name);
    if (known === undefined) {
      if (this.#known.size >= knownMax) this.#known.clear();
      known = place([...this.#rooms], [...counts]);
      this.#known.set(name, known);
    }
    return known;
  }
}

/** The largest party first, into each different room that has place for it. */
function place(rooms: number[], counts: number[]): boolean {
  let size = counts.length - 1;
  while (size > 0 && counts[size] === 0) size--;
  if (size <= 0) return true;
  counts[size] = (counts[size] as number) - 1;
  const tried = new Set<number>();
  for (let i = 0; i < rooms.length; i++) {
    const room = rooms[i] as number;
    if (room < size || tried.has(room)) continue;
    tried.add(room);
    rooms[i] = room - size;
    if (place(rooms, counts)) return true;
    rooms[i] = room;
  }
  counts[size] = (counts[size] as number) + 1;
  return false;
}

/**
 * For each of `count` tickets the index of its team in the most even way, written to `team`; false: there is no way. `values` are per player: a party's
 * weighs as its size.
 */
export function evenest(
  teams: readonly TeamSpec[],
  sizes: Int32Array,
  values: Float64Array,
  count: number,
  team: Uint8Array,
): boolean {
  if (teams.length === 2 && count <= exhaustiveTickets) {
    const way = evenestOfTwo(teams[0] as TeamSpec, teams[1] as TeamSpec, sizes, values, count);
    for (let i = 0; way >= 0 && i < count; i++) team[i] = teamIn(way, count, i);
    return way >= 0;
  }
  const [found] = arrangements(teams, sizes, values, count, 1);
  if (found) team.set(found);
  return found !== undefined;
}

/** As `evenest`, and at most `most` ways, the most even one first; nothing if there is none. */
export function arrangements(
  teams: readonly TeamSpec[],
  sizes: Int32Array,
  values: Float64Array,
  count: number,
  most: number,
): readonly (readonly number[])[] {
  if (teams.length === 2 && count <= exhaustiveTickets)
    return ofTwo(teams[0] as TeamSpec, teams[1] as TeamSpec, sizes, values, count, most);
  const [ownSizes, ownValues] = [[...sizes.subarray(0, count)], [...values.subarray(0, count)]];
  if (teams.length === 1)
    return within(
      teams,
      ownSizes,
      ownSizes.map(() => 0),
    )
      ? [ownSizes.map(() => 0)]
      : [];
  const dealt = deal(teams, ownSizes, ownValues);
  return dealt ? [dealt] : [];
}

/** By way: who is in b, and the sum of their values. The way 0 has nobody there. */
const playersOfWay = new Int32Array(1 << exhaustiveTickets);
const sumOfWay = new Float64Array(1 << exhaustiveTickets);
/** Of all tickets whose ways are laid. */
const totals = { players: 0, sum: 0.5 };

/** Bit 0 of a way is the last ticket, so that the first one has the highest bit and stays in the first team where ways are halved. 1: it is in the second. */
const teamIn = (way: number, tickets: number, i: number) => (way >> (tickets - 1 - i)) & 1;

/** Fills both tables and `totals`. Answers how many ways there are: teams of one kind can be swapped, so the first ticket is put into the first of them. */
function layWays(a: TeamSpec, b: TeamSpec, sizes: Int32Array, values: Float64Array, tickets: number): number {
  const ways = a.maxPlayers === b.maxPlayers && a.minPlayers === b.minPlayers ? 1 << (tickets - 1) : 1 << tickets;
  for (let half = 1, ticket = tickets - 1; half < ways; half *= 2, ticket--) {
    const size = sizes[ticket] as number;
    const sum = size * (values[ticket] as number);
    // Ways with this ticket in b are those without it, once more.
    for (let rest = 0; rest < half; rest++) {
      playersOfWay[half + rest] = (playersOfWay[rest] as number) + size;
      sumOfWay[half + rest] = (sumOfWay[rest] as number) + sum;
    }
  }
  totals.players = 0;
  totals.sum = 0;
  for (let i = 0; i < tickets; i++) {
    totals.players += sizes[i] as number;
    totals.sum += (sizes[i] as number) * (values[i] as number);
  }
  return ways;
}

/** How uneven the teams are in a way: the distance between their players' means; Infinity: a team has too few or too many. */
function gapOf(way: number, a: TeamSpec, b: TeamSpec, players: number, total: number): number {
  const inB = playersOfWay[way] as number;
  const inA = players - inB;
  if (inA > a.maxPlayers || inA < a.minPlayers || inB > b.maxPlayers || inB < b.minPlayers) return Number.POSITIVE_INFINITY;
  if (inA === 0 || inB === 0) return 0;
  const sumB = sumOfWay[way] as number;
  return Math.abs((total - sumB) / inA - sumB / inB);
}

/** −1: there is no way. */
function evenestOfTwo(a: TeamSpec, b: TeamSpec, sizes: Int32Array, values: Float64Array, count: number): number {
  const ways = layWays(a, b, sizes, values, count);
  const [players, total] = [totals.players, totals.sum];
  let best = -1;
  let bestGap = Number.POSITIVE_INFINITY;
  for (let way = 0; way < ways; way++) {
    const gap = gapOf(way, a, b, players, total);
    if (gap >= bestGap) continue;
    best = way;
    bestGap = gap;
  }
  return best;
}

function ofTwo(
  a: TeamSpec,
  b: TeamSpec,
  sizes: Int32Array,
  values: Float64Array,
  count: number,
  most: number,
): readonly (readonly number[])[] {
  const ways = layWays(a, b, sizes, values, count);
  const [players, total] = [totals.players, totals.sum];
  const found = Array.from({ length: ways }, (_, way) => ({ way, gap: gapOf(way, a, b, players, total) }));
  return found
    .filter(({ gap }) => gap < Number.POSITIVE_INFINITY)
    .sort((x, y) => x.gap - y.gap)
    .slice(0, most)
    .map(({ way }) => Array.from({ length: count }, (_, i) => teamIn(way, count, i)));
}

/** Large parties first, then the strongest, each to the team that is behind; then players are swapped while that makes teams more even. */
function deal(teams: readonly TeamSpec[], sizes: readonly number[], values: readonly number[]): readonly number[] | undefined {
  const order = sizes
    .map((_, i) => i)
    .sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || (values[b] as number) - (values[a] as number) || a - b);
  const rooms = teams.map(({ maxPlayers }) => maxPlayers);
  const sums = teams.map(() => 0);
  const team = new Array<number>(sizes.length).fill(0);
  for (const i of order) {
    const size = sizes[i] as number;
    let to = -1;
    for (let t = 0; t < teams.length; t++) {
      const room = rooms[t] as number;
      if (room < size) continue;
      if (to < 0 || fill(t) < fill(to) || (fill(t) === fill(to) && (sums[t] as number) < (sums[to] as number))) to = t;
    }
    if (to < 0) return undefined;
    team[i] = to;
    rooms[to] = (rooms[to] as number) - size;
    sums[to] = (sums[to] as number) + size * (values[i] as number);
  }
  if (!within(teams, sizes, team)) return undefined;
  even(sizes, values, team, sums);
  return team;

  function fill(t: number): number {
    const most = (teams[t] as TeamSpec).maxPlayers;
    return (most - (rooms[t] as number)) / most;
  }
}

/** Swaps tickets of one size between teams while their sums come closer; each swap counts, so it ends. */
function even(sizes: readonly number[], values: readonly number[], team: number[], sums: number[]): void {
  for (let round = 0; round < 3; round++) {
    let swapped = false;
    for (let i = 0; i < sizes.length; i++) {
      for (let j = i + 1; j < sizes.length; j++) {
        const [a, b] = [team[i] as number, team[j] as number];
        if (a === b || sizes[i] !== sizes[j]) continue;
        const shift = (sizes[i] as number) * ((values[i] as number) - (values[j] as number));
        const before = Math.abs((sums[a] as number) - (sums[b] as number));
        if (Math.abs((sums[a] as number) - (sums[b] as number) - 2 * shift) >= before - 1e-9) continue;
        sums[a] = (sums[a] as number) - shift;
        sums[b] = (sums[b] as number) + shift;
        [team[i], team[j]] = [b, a];
        swapped = true;
      }
    }
    if (!swapped) return;
  }
}

function within(teams: readonly TeamSpec[], sizes: readonly number[], team: readonly number[]): boolean {
  const players = teams.map(() => 0);
  for (const [i, t] of team.entries()) players[t] = (players[t] as number) + (sizes[i] as number);
  return teams.every(
    ({ minPlayers, maxPlayers }, t) => (players[t] as number) >= minPlayers && (players[t] as number) <= maxPlayers,
  );
}
