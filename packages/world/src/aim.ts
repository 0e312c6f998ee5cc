/**
 * Where a group is heading: the straight line along its averaged velocity, out of its region.
 *
 * The target is the region at the point where the line leaves the *overlap* (region and band), not the nearest one: over
 * a corner that is the region on the diagonal. The region where the line leaves the region itself may be another; it comes second.
 */
import type { Overhangs } from './overhang.ts';
import type { Place, RegionMap } from './region-map.ts';

export interface Mover {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly vx: number;
  readonly vy: number;
  readonly vz: number;
}

/** Written by `aim`: region indices, −1 for none, and the time until the line crosses the region's own border. */
export interface Heading {
  target: number;
  second: number;
  etaMs: number;
}

/** Units beyond a face at which one looks whose the point there is; scaled by the coordinate so that it is never lost in rounding. */
const NUDGE = 1e-9;

/** Working memory of one call: nothing in here outlives it. */
const position = new Float64Array(3);
const velocity = new Float64Array(3);
const point = new Float64Array(3);

export function aim(map: RegionMap<Place>, over: Overhangs, region: number, mover: Mover, out: Heading): void {
  position[0] = mover.x;
  position[1] = mover.y;
  position[2] = mover.z;
  velocity[0] = mover.vx;
  velocity[1] = mover.vy;
  velocity[2] = mover.vz;
  out.target = -1;
  out.second = -1;
  out.etaMs = Number.POSITIVE_INFINITY;
  // Beyond some faces lies nothing: a mover that pushes against them slides along, so that axis is taken out and the rest decides.
  for (let tries = 0; tries < 3; tries++) {
    const exit = firstExit(over, region, 1);
    if (exit < 0) return;
    const target = regionPast(map, over, region, exit, 1);
    if (target < 0 || target === region) {
      velocity[exit >> 1] = 0;
      continue;
    }
    out.target = target;
    const border = firstExit(over, region, 0);
    const second = regionPast(map, over, region, border, 0);
    const leads = second >= 0 && second !== region;
    if (leads && second !== target) out.second = second;
    // A face that the line passes first but behind which lies nothing is no border.
    out.etaMs = 1000 * timeTo(over, region, leads ? border : exit, 0);
    return;
  }
}

/** The face through which the line leaves the region grown by `bands` bands; −1 if it stands still. */
function firstExit(over: Overhangs, region: number, bands: number): number {
  let first = -1;
  let soonest = Number.POSITIVE_INFINITY;
  for (let axis = 0; axis < 3; axis++) {
    const v = velocity[axis] as number;
    if (v === 0) continue;
    const face = axis * 2 + (v > 0 ? 1 : 0);
    const t = timeTo(over, region, face, bands);
    if (t < soonest) {
      soonest = t;
      first = face;
    }
  }
  return first;
}

/** Seconds until the line meets a face moved outwards by `bands` bands; 0 if it is beyond already. */
function timeTo(over: Overhangs, region: number, face: number, bands: number): number {
  const at = region * 6 + face;
  const outward = face & 1 ? 1 : -1;
  const plane = (over.edges[at] as number) + outward * bands * (over.bands[at] as number);
  const axis = face >> 1;
  return Math.max(0, (plane - (position[axis] as number)) / (velocity[axis] as number));
}

/** Whose the place just past a face is, where the line meets it; −1: nobody's. */
function regionPast(map: RegionMap<Place>, over: Overhangs, region: number, face: number, bands: number): number {
  const t = timeTo(over, region, face, bands);
  const axis = face >> 1;
  const at = region * 6 + face;
  const outward = face & 1 ? 1 : -1;
  const plane = (over.edges[at] as number) + outward * bands * (over.bands[at] as number);
  const past = plane + outward * NUDGE * Math.max(1, Math.abs(plane));
  for (let each = 0; each < 3; each++) point[each] = (position[each] as number) + (velocity[each] as number) * t;
  point[axis] = outward > 0 ? Math.max(past, position[axis] as number) : Math.min(past, position[axis] as number);
  const found = map.indexAt(point[0] as number, point[1] as number, point[2] as number);
  if (found >= 0) return found;
  // The line may have left the world by another face in the meantime, where the mover slides along.
  for (let each = 0; each < 3; each++) {
    if (each === axis) continue;
    const low = over.edges[region * 6 + each * 2] as number;
    const high = over.edges[region * 6 + each * 2 + 1] as number;
    const inner = (high - low) * NUDGE;
    point[each] = Math.min(Math.max(point[each] as number, low), high - inner);
  }
  return map.indexAt(point[0] as number, point[1] as number, point[2] as number);
}
