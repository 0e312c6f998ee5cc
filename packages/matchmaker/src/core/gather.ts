/**
 * One attempt at a match around a ticket: neighbours are taken, nearest first, as long as they fit everyone who is in already. All state lies in
 * arrays that are used again, because a pool of 100,000 makes hundreds of thousands of attempts a second.
 */
import type { Constraints, LevelConstraints } from './constraints.ts';
import type { Pool } from './pool.ts';
import { Packing } from './teams.ts';

export class Gathering {
  readonly #pool: Pool;
  readonly #constraints: Constraints;
  readonly #packings: readonly Packing[];
  readonly #newest: boolean;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #counts: Uint8Array;
  readonly members: Int32Array;
  count = 0;
  players = 0;
  level = 0;
  mask = 0;
  #nowMs = 0;
  /** Since the last one that was taken: who would play here, and is too many for the seats that are left. */
  #misfits = 0;
  /** When each level begins, ms of age. */
  readonly #starts: Float64Array;
  /** Of the level: most players of a match, and how far apart they may be, by column. */
  #most = 0;
  #spread: readonly number[] = [];
  /** Of the level: which parties are in, as its packing counts them. */
  #packing: Packing;
  #key = 0;
  readonly #saved: Int32Array;
  #savedCount = 0;
  #savedPlayers = 0;
  #savedLevel = 0;
  #savedMask = 0;

  constructor(pool: Pool, sizeMax: number) {
    this.#pool = pool;
    this.#constraints = pool.constraints;
    const made = new Map<string, Packing>();
    this.#packings = pool.constraints.levels.map(({ teams }) => {
      const rooms = teams.map(({ maxPlayers }) => maxPlayers).join();
      const packing = made.get(rooms) ?? new Packing(teams);
      made.set(rooms, packing);
      return packing;
    });
    this.#packing = this.#packings[0] as Packing;
    this.#starts = Float64Array.from(pool.constraints.levels, ({ fromMs }) => fromMs);
    this.#newest = pool.constraints.ruleSet.algorithm.expansionAge === 'newest';
    this.#low = new Float64Array(pool.constraints.columns.length);
    this.#high = new Float64Array(pool.constraints.columns.length);
    this.#counts = new Uint8Array(sizeMax + 1);
    const most = Math.max(...pool.constraints.levels.map(({ playersMax }) => playersMax));
    this.members = new Int32Array(most + 1);
    this.#saved = new Int32Array(most + 1);
  }

  get constraints(): LevelConstraints {
    return this.#constraints.levels[this.level] as LevelConstraints;
  }

  get full(): boolean {
    return this.players === this.#most;
  }

  /** How far apart the tickets are in the first column. */
  get spread(): number {
    return (this.#high[0] as number) - (this.#low[0] as number);
  }

  /** `mask`: places to be considered, −1 for all. */
  begin(seed: number, nowMs: number, mask: number): void {
    const pool = this.#pool;
    this.#nowMs = nowMs;
    this.#reachLevel(pool.levelAt(seed, nowMs));
    this.mask = mask & ((pool.masks[this.level] as Int32Array)[seed] as number);
    this.count = 0;
    this.players = 0;
    this.#misfits = 0;
    this.#counts.fill(0);
    this.#packing = this.#packings[this.level] as Packing;
    this.#key = 0;
    for (let c = 0; c < this.#low.length; c++) {
      this.#low[c] = Number.POSITIVE_INFINITY;
      this.#high[c] = Number.NEGATIVE_INFINITY;
    }
    this.#put(seed);
  }

  /**
   * Takes neighbours until it is full, nobody else is near enough, or `visitsMax` were looked at. Also given up after `misfitsMax` in a row that found no seats:
   * then small parties are what is missing, and who is further away is no better. And once it is no closer together than `within`.
   */
  takeNearest(visitsMax: number, misfitsMax: number, within: number): void {
    if (this.full) return;
    const pool = this.#pool;
    const seed = this.members[0] as number;
    const { lower, higher, values } = pool.links;
    const at = values[seed] as number;
    const reach = Math.min(this.#reach(), within);
    let low = lower[seed] as number;
    let high = higher[seed] as number;
    let below = low < 0 ? Number.POSITIVE_INFINITY : at - (values[low] as number);
    let above = high < 0 ? Number.POSITIVE_INFINITY : (values[high] as number) - at;
    // While no other ticket can change the level, most are refused here: they can play nowhere that the others can.
    let masks = pool.masks[this.level] as Int32Array;
    let { mask } = this;
    let settled = this.#settled;
    for (let visits = 0; visits < visitsMax; visits++) {
      let slot: number;
      if (below <= above) {
        // Without another one on either side both are infinitely far.
        if (below > reach || low < 0) return;
        slot = low;
        low = lower[low] as number;
        below = low < 0 ? Number.POSITIVE_INFINITY : at - (values[low] as number);
      } else {
        if (above > reach) return;
        slot = high;
        high = higher[high] as number;
        above = high < 0 ? Number.POSITIVE_INFINITY : (values[high] as number) - at;
      }
      if (settled && (mask & (masks[slot] as number)) === 0) continue;
      if (this.offer(slot)) {
        if (this.players === this.#most || this.spread >= within) return;
        settled = this.#settled;
        masks = pool.masks[this.level] as Int32Array;
        mask = this.mask;
      } else if (this.#misfits >= misfitsMax) return;
    }
  }

  /** Whoever else is taken, the level stays. */
  get #settled(): boolean {
    return this.#newest ? this.level === 0 : this.level + 1 === this.#starts.length;
  }

  /** Neighbours in reach, nearest first, for those who want another order. */
  neighbours(most: number): number[] {
    const pool = this.#pool;
    const seed = this.members[0] as number;
    const { lower, higher, values } = pool.links;
    const at = values[seed] as number;
    const reach = this.#reach();
    const found: number[] = [];
    let [low, high] = [lower[seed] as number, higher[seed] as number];
    while (found.length < most && (low >= 0 || high >= 0)) {
      const below = low < 0 ? Number.POSITIVE_INFINITY : at - (values[low] as number);
      const above = high < 0 ? Number.POSITIVE_INFINITY : (values[high] as number) - at;
      if (Math.min(below, above) > reach) break;
      found.push(below <= above ? low : high);
      if (below <= above) low = lower[low] as number;
      else high = higher[high] as number;
    }
    return found;
  }

  /** Takes the ticket if it fits everyone. What most are refused for is looked at first. */
  offer(slot: number): boolean {
    const pool = this.#pool;
    const level = this.#levelWith(slot);
    const same = level === this.level;
    const mask = (same ? this.mask : this.#maskAt(level)) & ((pool.masks[level] as Int32Array)[slot] as number);
    if (mask === 0) return false;
    const constraints = same ? undefined : (this.#constraints.levels[level] as LevelConstraints);
    const size = pool.size[slot] as number;
    if (this.players + size > (constraints ? constraints.playersMax : this.#most)) {
      this.#misfits++;
      return false;
    }
    const spread = constraints ? constraints.spread : this.#spread;
    for (let c = 0; c < this.#low.length; c++) {
      const value = (pool.columns[c] as Float64Array)[slot] as number;
      const low = this.#low[c] as number;
      const high = this.#high[c] as number;
      if ((value > high ? value : high) - (value < low ? value : low) > (spread[c] as number)) return false;
    }
    if (!this.#packs(size, this.#packings[level] as Packing)) {
      this.#misfits++;
      return false;
    }
    this.#misfits = 0;
    if (!same) this.#reachLevel(level);
    this.mask = mask;
    this.#put(slot);
    return true;
  }

  /** The level of a match with this ticket in it. */
  #levelWith(slot: number): number {
    let level = this.level;
    const starts = this.#starts;
    if (this.#newest ? level === 0 : level + 1 === starts.length) return level;
    const age = this.#nowMs - (this.#pool.createdMs[slot] as number);
    if (this.#newest) while (level > 0 && age < (starts[level] as number)) level--;
    else while (level + 1 < starts.length && age >= (starts[level + 1] as number)) level++;
    return level;
  }

  #reachLevel(level: number): void {
    this.level = level;
    const { playersMax, spread } = this.constraints;
    this.#most = playersMax;
    this.#spread = spread;
  }

  /** Whether everybody has a place in the teams with a party of so many more. From then on it is counted by this packing. */
  #packs(size: number, packing: Packing): boolean {
    this.#counts[size] = (this.#counts[size] as number) + 1;
    const key = packing === this.#packing ? this.#key + weightOf(packing, size) : packing.keyOf(this.#counts);
    const fits = packing.fits(key, this.#counts);
    this.#counts[size] = (this.#counts[size] as number) - 1;
    if (!fits) return false;
    if (packing !== this.#packing) {
      this.#packing = packing;
      this.#key = packing.keyOf(this.#counts);
    }
    return true;
  }

  /** Keeps what it holds, for `restore`. */
  save(): void {
    this.#saved.set(this.members);
    this.#savedCount = this.count;
    this.#savedPlayers = this.players;
    this.#savedLevel = this.level;
    this.#savedMask = this.mask;
  }

  /** As it was saved: for reading, not for taking more. */
  restore(): void {
    this.members.set(this.#saved);
    this.count = this.#savedCount;
    this.players = this.#savedPlayers;
    this.#reachLevel(this.#savedLevel);
    this.mask = this.#savedMask;
  }

  /** Whether everyone is near enough to the mean of the players, where a rule says so. */
  get even(): boolean {
    const { deviation } = this.constraints;
    for (let c = 0; c < deviation.length; c++) {
      const most = deviation[c] as number;
      if (most === Number.POSITIVE_INFINITY) continue;
      const values = this.#pool.columns[c] as Float64Array;
      let sum = 0;
      for (let i = 0; i < this.count; i++) {
        const slot = this.members[i] as number;
        sum += (values[slot] as number) * (this.#pool.size[slot] as number);
      }
      const mean = sum / this.players;
      if ((this.#high[c] as number) - mean > most || mean - (this.#low[c] as number) > most) return false;
    }
    return true;
  }

  #put(slot: number): void {
    this.members[this.count++] = slot;
    const size = this.#pool.size[slot] as number;
    this.players += size;
    this.#counts[size] = (this.#counts[size] as number) + 1;
    this.#key += weightOf(this.#packing, size);
    for (let c = 0; c < this.#low.length; c++) {
      const value = (this.#pool.columns[c] as Float64Array)[slot] as number;
      if (value < (this.#low[c] as number)) this.#low[c] = value;
      if (value > (this.#high[c] as number)) this.#high[c] = value;
    }
  }

  /** Places that suit all members at another level. */
  #maskAt(level: number): number {
    const masks = this.#pool.masks[level] as Int32Array;
    let mask = this.mask;
    // A stricter level only takes places away; a looser one may bring some back.
    if (level > this.level) mask = -1;
    for (let i = 0; i < this.count; i++) mask &= masks[this.members[i] as number] as number;
    return mask;
  }

  /** How far from the seed it is worth looking. */
  #reach(): number {
    const { levels } = this.#constraints;
    if (this.#newest) return (levels[this.level] as LevelConstraints).spread[0] as number;
    return Math.max(...levels.map(({ spread }) => spread[0] as number));
  }
}

/** −Infinity: it is too large for any team, and stays so whatever is added. */
function weightOf({ weights }: Packing, size: number): number {
  if (weights.length === 0) return Number.NaN;
  return size < weights.length ? (weights[size] as number) : Number.NEGATIVE_INFINITY;
}
