/**
 * A region and the band around it in which its owner keeps groups that have stepped over the border, compiled to flat arrays.
 * All that crossing detection asks about geometry is asked here, a face at a time.
 */
import type { Bounds } from './bounds.ts';
import type { CrossingPolicy } from './crossing-policy.ts';
import type { Place, RegionMap } from './region-map.ts';

export class Overhangs {
  /** Six edges a region: min x, max x, min y, max y, min z, max z. */
  readonly edges: Float64Array;
  /** The width of the band at each of those faces. */
  readonly bands: Float64Array;
  /** The narrowest band of each region. */
  readonly narrowest: Float64Array;

  constructor(map: RegionMap<Place>, policy: CrossingPolicy) {
    const count = map.regions.length;
    this.edges = new Float64Array(count * 6);
    this.bands = new Float64Array(count * 6);
    this.narrowest = new Float64Array(count);
    for (const { index, id, bounds } of map.regions) {
      this.edges.set(edgesOf(bounds), index * 6);
      const neighbours = map.neighbours(id).map((other) => edgesOf(other.bounds));
      this.bands.set(bandsOf(edgesOf(bounds), neighbours, policy), index * 6);
      this.narrowest[index] = Math.min(...this.bands.subarray(index * 6, index * 6 + 6));
    }
  }

  /** The region holds the point (half-open). */
  holds(region: number, x: number, y: number, z: number): boolean {
    const e = this.edges;
    const o = region * 6;
    return (
      x >= (e[o] as number) &&
      x < (e[o + 1] as number) &&
      y >= (e[o + 2] as number) &&
      y < (e[o + 3] as number) &&
      z >= (e[o + 4] as number) &&
      z < (e[o + 5] as number)
    );
  }

  /** The point is more than `times` bands beyond some face of the region. */
  isBeyond(region: number, x: number, y: number, z: number, times: number): boolean {
    const o = region * 6;
    return this.#past(o, x, times) || this.#past(o + 2, y, times) || this.#past(o + 4, z, times);
  }

  #past(at: number, v: number, times: number): boolean {
    const below = (this.edges[at] as number) - v;
    const above = v - (this.edges[at + 1] as number);
    return below > times * (this.bands[at] as number) || above > times * (this.bands[at + 1] as number);
  }
}

/** Per face: a part of the smaller extent on that axis, of the region and of those that it touches there. */
function bandsOf(own: readonly number[], neighbours: readonly (readonly number[])[], policy: CrossingPolicy): number[] {
  return own.map((edge, face) => {
    const low = face & ~1;
    let extent = (own[low + 1] as number) - (own[low] as number);
    for (const other of neighbours) {
      const facing = other[face ^ 1] as number;
      if (facing === edge) extent = Math.min(extent, (other[low + 1] as number) - (other[low] as number));
    }
    return Math.min(policy.bandMax, Math.max(policy.bandMin, policy.bandPart * extent));
  });
}

function edgesOf(b: Bounds): number[] {
  return [b.minX, b.maxX, b.minY, b.maxY, b.minZ, b.maxZ];
}
