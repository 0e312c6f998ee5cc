/**
 * The region map as a value: which areas there are, and whose a point is. Never changed, only replaced by one of a higher version,
 * so that everybody can say which map they acted on.
 */
import { assert } from '@horizon-atlas/base';
import { type Bounds, contains, covers, distance, gap, grown, hull, isBounds, overlaps, sameBounds } from './bounds.ts';
import { BoxTree } from './rects.ts';

/** A region as it is configured and as it is sent; the protocol's RegionPlace is one. */
export interface Place extends Bounds {
  readonly region: string;
  /** For people. */
  readonly name: string;
}

export interface Region<P extends Place = Place> {
  /** Its place in `regions` of this version of the map; not to be kept beyond it. */
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly bounds: Bounds;
  /** What the map was built from. */
  readonly place: P;
}

export interface MapProblem {
  readonly problem: 'none' | 'too-many' | 'no-id' | 'duplicate-id' | 'empty' | 'out-of-world' | 'overlap';
  /** The ids of the regions concerned. */
  readonly regions: readonly string[];
  /** One sentence for the person who wrote the configuration. */
  readonly message: string;
}

export type MapResult<P extends Place> =
  | { readonly ok: true; readonly map: RegionMap<P> }
  | { readonly ok: false; readonly problems: readonly MapProblem[] };

export const mapLimits = {
  /** Of one map, as in the protocol's `map` message. */
  regions: 4096,
  /** Problems told at once; who repairs these is told the next ones. */
  problems: 20,
} as const;

/** Everything that is wrong with a set of regions; empty if nothing is. @param world where regions must lie, if there is a limit. */
export function checkPlaces(places: readonly Place[], world?: Bounds): MapProblem[] {
  if (places.length === 0) return [{ problem: 'none', regions: [], message: 'there must be at least one region' }];
  if (places.length > mapLimits.regions) {
    const message = `there are ${places.length} regions; a map has at most ${mapLimits.regions}`;
    return [{ problem: 'too-many', regions: [], message }];
  }
  const problems = places.flatMap((place) => checkPlace(place, world));
  problems.push(...findDuplicates(places), ...findOverlaps(places.filter(isBounds)));
  return problems.slice(0, mapLimits.problems);
}

export class RegionMap<P extends Place = Place> {
  /** Grows with each change. */
  readonly version: number;
  readonly regions: readonly Region<P>[];
  /** The smallest box around all regions. */
  readonly hull: Bounds;
  readonly #tree: BoxTree;
  readonly #byId: ReadonlyMap<string, Region<P>>;
  /** Touching regions by index, found when first asked for. */
  readonly #touching: (readonly Region<P>[] | undefined)[];

  /** @param places must pass `checkPlaces`, or have passed it: then their tree may be there already. */
  constructor(places: readonly P[], version: number, tree?: BoxTree) {
    const problem = tree ? undefined : checkPlaces(places)[0];
    assert(!problem, `the region map is sound (${problem?.message})`);
    this.version = version;
    this.regions = places.map((place, index) => ({ index, id: place.region, name: place.name, bounds: boundsOf(place), place }));
    this.hull = hull(places) as Bounds;
    this.#tree = tree ?? new BoxTree(places);
    this.#byId = new Map(this.regions.map((region) => [region.id, region]));
    this.#touching = new Array(places.length);
  }

  static from<P extends Place>(places: readonly P[], version: number, world?: Bounds): MapResult<P> {
    const problems = checkPlaces(places, world);
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, map: new RegionMap(places, version, new BoxTree(places)) };
  }

  /** The map of a later version. Mostly just who runs a region has changed, and all that follows from the boxes is as it was. */
  next(places: readonly P[], version: number): MapResult<P> {
    const same = places.length === this.regions.length && places.every((place, i) => samePlace(place, this.regions[i]?.place));
    return same ? { ok: true, map: new RegionMap(places, version, this.#tree) } : RegionMap.from(places, version);
  }

  /** The map of the next version with this region added, or in the place of the one with its id. */
  with(place: P, world?: Bounds): MapResult<P> {
    const places = this.regions.map((region) => region.place);
    const at = this.#byId.get(place.region)?.index ?? places.length;
    places[at] = place;
    return RegionMap.from(places, this.version + 1, world);
  }

  /** The map of the next version without this region. The last one cannot be taken away. */
  without(id: string): MapResult<P> {
    const places = this.regions.filter((region) => region.id !== id).map((region) => region.place);
    return RegionMap.from(places, this.version + 1);
  }

  get(id: string): Region<P> | undefined {
    return this.#byId.get(id);
  }

  /** The region that a point belongs to; undefined in gaps, outside of the world, and for NaN and infinities. */
  regionAt(x: number, y: number, z: number): Region<P> | undefined {
    return this.regions[this.indexAt(x, y, z)];
  }

  /** The same as an index, or −1: for callers at rate. @param hint an index that is likely, tried first. */
  indexAt(x: number, y: number, z: number, hint = -1): number {
    const likely = this.regions[hint];
    if (likely !== undefined && contains(likely.bounds, x, y, z)) return hint;
    return this.#tree.at(x, y, z);
  }

  /** The region that holds the point or is nearest to it; undefined for NaN and infinities only. Walks all regions if none holds it. */
  nearest(x: number, y: number, z: number): Region<P> | undefined {
    const holder = this.regionAt(x, y, z);
    if (holder) return holder;
    let best: Region<P> | undefined;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (const region of this.regions) {
      const d = distance(region.bounds, x, y, z);
      if (d < bestDistance) [best, bestDistance] = [region, d];
    }
    return best;
  }

  /** The other regions within `margin` units of a region, nearest first; with 0 those that touch it, at a corner included. */
  neighbours(id: string, margin = 0): readonly Region<P>[] {
    const region = this.#byId.get(id);
    if (!region) return [];
    if (margin === 0) return this.#touchingOf(region);
    return this.#within(region, margin);
  }

  /** Appends the indices of the regions within `radius` of a point, its own included; returns how many. For border shadows. */
  near(x: number, y: number, z: number, radius: number, out: number[]): number {
    if (!(radius >= 0) || !Number.isFinite(x + y + z)) return 0;
    const before = out.length;
    this.#tree.touching(grown({ minX: x, maxX: x, minY: y, maxY: y, minZ: z, maxZ: z }, radius), out);
    let kept = before;
    for (let i = before; i < out.length; i++) {
      const index = out[i] as number;
      if (distance((this.regions[index] as Region).bounds, x, y, z) <= radius) out[kept++] = index;
    }
    out.length = kept;
    return kept - before;
  }

  /** Distance from a point of a region to the nearest region that touches it: Infinity if there is none or the id is unknown. */
  borderDistance(id: string, x: number, y: number, z: number): number {
    let nearest = Number.POSITIVE_INFINITY;
    for (const other of this.neighbours(id)) nearest = Math.min(nearest, distance(other.bounds, x, y, z));
    return nearest;
  }

  #touchingOf(region: Region<P>): readonly Region<P>[] {
    const known = this.#touching[region.index];
    if (known) return known;
    const found = this.#within(region, 0);
    this.#touching[region.index] = found;
    return found;
  }

  #within(region: Region<P>, margin: number): Region<P>[] {
    const indices: number[] = [];
    this.#tree.touching(grown(region.bounds, margin), indices);
    return indices
      .map((index) => this.regions[index] as Region<P>)
      .filter((other) => other !== region && gap(other.bounds, region.bounds) <= margin)
      .sort((a, b) => gap(a.bounds, region.bounds) - gap(b.bounds, region.bounds) || a.index - b.index);
  }
}

function boundsOf(p: Bounds): Bounds {
  return { minX: p.minX, maxX: p.maxX, minY: p.minY, maxY: p.maxY, minZ: p.minZ, maxZ: p.maxZ };
}

function checkPlace(place: Place, world: Bounds | undefined): MapProblem[] {
  const regions = [place.region];
  if (place.region === '') {
    return [{ problem: 'no-id', regions, message: `region "${place.name}" has an empty id` }];
  }
  if (!isBounds(place)) {
    const message = `region ${label(place)} is empty: on each axis min must be a number below max, but it is ${edges(place)}`;
    return [{ problem: 'empty', regions, message }];
  }
  if (world && !covers(world, place)) {
    const message = `region ${label(place)} reaches out of the world: it is ${edges(place)}, the world is ${edges(world)}`;
    return [{ problem: 'out-of-world', regions, message }];
  }
  return [];
}

function samePlace(a: Place, b: Place | undefined): boolean {
  return b !== undefined && a.region === b.region && a.name === b.name && sameBounds(a, b);
}

function findDuplicates(places: readonly Place[]): MapProblem[] {
  const counts = new Map<string, number>();
  for (const { region } of places) counts.set(region, (counts.get(region) ?? 0) + 1);
  return [...counts]
    .filter(([id, count]) => count > 1 && id !== '')
    .map(([id, count]) => ({ problem: 'duplicate-id', regions: [id], message: `${count} regions have the id "${id}"` }));
}

function findOverlaps(places: readonly Place[]): MapProblem[] {
  const tree = new BoxTree(places);
  const problems: MapProblem[] = [];
  const near: number[] = [];
  for (const [i, place] of places.entries()) {
    near.length = 0;
    tree.touching(place, near);
    for (const j of near.sort((a, b) => a - b)) {
      const other = places[j] as Place;
      if (j <= i || !overlaps(place, other)) continue;
      const message = `regions ${label(place)} and ${label(other)} overlap: ${edges(place)} and ${edges(other)}`;
      problems.push({ problem: 'overlap', regions: [place.region, other.region], message });
      if (problems.length >= mapLimits.problems) return problems;
    }
  }
  return problems;
}

function label(place: Place): string {
  return place.name === '' || place.name === place.region ? `"${place.region}"` : `"${place.name}" (${place.region})`;
}

function edges(b: Bounds): string {
  return `x ${b.minX} to ${b.maxX}, y ${b.minY} to ${b.maxY}, z ${b.minZ} to ${b.maxZ}`;
}
