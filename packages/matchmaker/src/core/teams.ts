/**
 * Who plays in which team: parties stay together, every team has as many as it may and must, and the teams are as even as can be.
 */
import type { TeamSpec } from './rule-set.ts';

/** Up to so many tickets every way of putting them into two teams is looked at; beyond, a good one is. */
const exhaustiveTickets = 10;

/** Combinations of party sizes that are remembered; beyond, all are forgotten and learnt again. */
const knownMax = 10_000;

/** Whether parties of these sizes find room in the teams: `counts[s]` tickets of s players. Remembers, because few combinations occur. */
export class Packing {
  readonly #rooms: readonly number[];
  readonly #known = new Map<number | string, boolean>();
  readonly #base: number;

  constructor(teams: readonly TeamSpec[]) {
    this.#rooms = teams.map(({ maxPlayers }) => maxPlayers).sort((a, b) => b - a);
    this.#base = this.#rooms.reduce((sum, room) => sum + room, 1);
  }

  /** Everybody finds a place; some may stay free. */
  fits(counts: Uint8Array): boolean {
    const key = this.#keyOf(counts);
    let known = this.#known.get(key);
    if (known === undefined) {
      if (this.#known.size >= knownMax) this.#known.clear();
      known = place([...this.#rooms], [...counts]);
      this.#known.set(key, known);
    }
    return known;
  }

  #keyOf(counts: Uint8Array): number | string {
    let key = 0;
    for (let size = counts.length - 1; size > 0; size--) key = key * this.#base + (counts[size] as number);
    // Too many combinations for a number: large matches, where this is not what costs time.
    return key < Number.MAX_SAFE_INTEGER ? key : counts.join();
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
 * For each ticket the index of its team, the most even way first; nothing if there is none. `values` are per player: a party's weighs as its size.
 * At most `most` ways.
 */
export function arrangements(
  teams: readonly TeamSpec[],
  sizes: readonly number[],
  values: readonly number[],
  most: number,
): readonly (readonly number[])[] {
  if (teams.length === 1) return within(teams, sizes, new Array<number>(sizes.length).fill(0)) ? [sizes.map(() => 0)] : [];
  if (teams.length === 2 && sizes.length <= exhaustiveTickets) return ofTwo(teams, sizes, values, most);
  const dealt = deal(teams, sizes, values);
  return dealt ? [dealt] : [];
}

function ofTwo(
  teams: readonly TeamSpec[],
  sizes: readonly number[],
  values: readonly number[],
  most: number,
): readonly (readonly number[])[] {
  const [a, b] = teams as readonly [TeamSpec, TeamSpec];
  const players = sizes.reduce((sum, size) => sum + size, 0);
  const total = sizes.reduce((sum, size, i) => sum + size * (values[i] as number), 0);
  const found: { readonly way: number; readonly gap: number }[] = [];
  let [best, bestGap] = [-1, Number.POSITIVE_INFINITY];
  // Teams of one kind can be swapped, so the first ticket is put into the first of them.
  const ways = a.maxPlayers === b.maxPlayers && a.minPlayers === b.minPlayers ? 1 << (sizes.length - 1) : 1 << sizes.length;
  for (let way = 0; way < ways; way++) {
    let [inB, sumB] = [0, 0];
    for (let i = 0, bits = way; bits > 0; i++, bits >>= 1) {
      if ((bits & 1) === 0) continue;
      // Bit 0 is the last ticket, so that the first one has the highest bit and stays in team 0 when ways are halved.
      const ticket = sizes.length - 1 - i;
      inB += sizes[ticket] as number;
      sumB += (sizes[ticket] as number) * (values[ticket] as number);
    }
    const inA = players - inB;
    if (inA > a.maxPlayers || inA < a.minPlayers || inB > b.maxPlayers || inB < b.minPlayers) continue;
    const gap = inA === 0 || inB === 0 ? 0 : Math.abs((total - sumB) / inA - sumB / inB);
    if (most > 1) found.push({ way, gap });
    if (gap < bestGap) [best, bestGap] = [way, gap];
  }
  if (best < 0) return [];
  const written = (way: number) => sizes.map((_, i) => (way >> (sizes.length - 1 - i)) & 1);
  if (most <= 1) return [written(best)];
  return found
    .sort((x, y) => x.gap - y.gap)
    .slice(0, most)
    .map(({ way }) => written(way));
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
