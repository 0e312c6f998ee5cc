/**
 * Axis-aligned boxes in three dimensions: the shape of worlds, regions and cells.
 *
 * A box is half-open, [min, max) on each axis, so that boxes side by side give each point exactly one owner. Coordinates that
 * are not finite are in no box, at no distance from one (NaN), and cannot be clamped unless they are infinite.
 */
export interface Bounds {
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
  readonly minZ: number;
  readonly maxZ: number;
}

/** A place to write a point into, so that callers at rate allocate nothing. */
export interface Point {
  x: number;
  y: number;
  z: number;
}

/** What a game gets that states no bounds, in units. */
export const DEFAULT_BOUNDS: Bounds = { minX: -1000, maxX: 1000, minY: -1000, maxY: 1000, minZ: -100, maxZ: 100 };

/** The faces of a box; `face >> 1` is its axis, an odd face is the upper one. */
export const face = { minX: 0, maxX: 1, minY: 2, maxY: 3, minZ: 4, maxZ: 5 } as const;
export type Face = (typeof face)[keyof typeof face];

/** All six edges are finite and no side is empty. */
export function isBounds(b: Bounds): boolean {
  return (
    Number.isFinite(b.maxX - b.minX) &&
    Number.isFinite(b.maxY - b.minY) &&
    Number.isFinite(b.maxZ - b.minZ) &&
    b.minX < b.maxX &&
    b.minY < b.maxY &&
    b.minZ < b.maxZ
  );
}

/** False for NaN and infinities. */
export function contains(b: Bounds, x: number, y: number, z: number): boolean {
  return x >= b.minX && x < b.maxX && y >= b.minY && y < b.maxY && z >= b.minZ && z < b.maxZ;
}

/** How far the point is inside of one face: negative when it is beyond. */
export function faceDistance(b: Bounds, which: Face, x: number, y: number, z: number): number {
  switch (which) {
    case face.minX:
      return x - b.minX;
    case face.maxX:
      return b.maxX - x;
    case face.minY:
      return y - b.minY;
    case face.maxY:
      return b.maxY - y;
    case face.minZ:
      return z - b.minZ;
    case face.maxZ:
      return b.maxZ - z;
  }
}

/** Distance to the box: 0 inside and on its surface. */
export function distance(b: Bounds, x: number, y: number, z: number): number {
  const dx = Math.max(b.minX - x, 0, x - b.maxX);
  const dy = Math.max(b.minY - y, 0, y - b.maxY);
  const dz = Math.max(b.minZ - z, 0, z - b.maxZ);
  return Math.sqrt(dx * dx + dy * dy + dz * dz);
}

/** Whether two boxes share a point. Boxes that merely touch do not. */
export function overlaps(a: Bounds, b: Bounds): boolean {
  return a.minX < b.maxX && b.minX < a.maxX && a.minY < b.maxY && b.minY < a.maxY && a.minZ < b.maxZ && b.minZ < a.maxZ;
}

export function sameBounds(a: Bounds, b: Bounds): boolean {
  return (
    a.minX === b.minX && a.maxX === b.maxX && a.minY === b.minY && a.maxY === b.maxY && a.minZ === b.minZ && a.maxZ === b.maxZ
  );
}

/** Whether `inner` lies wholly in `outer`. */
export function covers(outer: Bounds, inner: Bounds): boolean {
  return (
    inner.minX >= outer.minX &&
    inner.maxX <= outer.maxX &&
    inner.minY >= outer.minY &&
    inner.maxY <= outer.maxY &&
    inner.minZ >= outer.minZ &&
    inner.maxZ <= outer.maxZ
  );
}

/** Distance between two boxes: 0 when they overlap or touch. */
export function gap(a: Bounds, b: Bounds): number {
  const dx = Math.max(a.minX - b.maxX, 0, b.minX - a.maxX);
  const dy = Math.max(a.minY - b.maxY, 0, b.minY - a.maxY);
  const dz = Math.max(a.minZ - b.maxZ, 0, b.minZ - a.maxZ);
  return Math.sqrt(dx * dx + dy * dy + dz * dz);
}

/** The box with each face moved outwards by `margin` units. */
export function grown(b: Bounds, margin: number): Bounds {
  return {
    minX: b.minX - margin,
    maxX: b.maxX + margin,
    minY: b.minY - margin,
    maxY: b.maxY + margin,
    minZ: b.minZ - margin,
    maxZ: b.maxZ + margin,
  };
}

/** The smallest box around all of them; undefined for none. */
export function hull(boxes: Iterable<Bounds>): Bounds | undefined {
  let out: { -readonly [K in keyof Bounds]: number } | undefined;
  for (const b of boxes) {
    if (!out) {
      out = { minX: b.minX, maxX: b.maxX, minY: b.minY, maxY: b.maxY, minZ: b.minZ, maxZ: b.maxZ };
      continue;
    }
    out.minX = Math.min(out.minX, b.minX);
    out.maxX = Math.max(out.maxX, b.maxX);
    out.minY = Math.min(out.minY, b.minY);
    out.maxY = Math.max(out.maxY, b.maxY);
    out.minZ = Math.min(out.minZ, b.minZ);
    out.maxZ = Math.max(out.maxZ, b.maxZ);
  }
  return out;
}

/**
 * Writes the nearest point that the box contains, infinities included. False, and `out` untouched, if a coordinate is NaN.
 *
 * At an upper face it stays so far inside that the point is still contained after a journey as 32-bit floats.
 */
export function clamp(b: Bounds, x: number, y: number, z: number, out: Point): boolean {
  if (Number.isNaN(x + y + z) && (Number.isNaN(x) || Number.isNaN(y) || Number.isNaN(z))) return false;
  out.x = clampAxis(b.minX, b.maxX, x);
  out.y = clampAxis(b.minY, b.maxY, y);
  out.z = clampAxis(b.minZ, b.maxZ, z);
  return true;
}

function clampAxis(min: number, max: number, v: number): number {
  if (v < min) return min;
  // 2^-22 of the magnitude is two steps of a 32-bit float.
  const step = Math.max(Math.abs(max), max - min) * 2 ** -22;
  const last = Math.max(min, max - step);
  return v > last ? last : v;
}
