import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Bounds,
  clamp,
  contains,
  covers,
  DEFAULT_BOUNDS,
  distance,
  face,
  faceDistance,
  gap,
  grown,
  hull,
  isBounds,
  overlaps,
} from './bounds.ts';

const coordinate = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const span = fc
  .tuple(coordinate, fc.double({ min: 0.001, max: 1e5, noNaN: true }))
  .map(([min, size]) => [min, min + size] as const);
const box: fc.Arbitrary<Bounds> = fc
  .tuple(span, span, span)
  .map(([x, y, z]) => ({ minX: x[0], maxX: x[1], minY: y[0], maxY: y[1], minZ: z[0], maxZ: z[1] }));
const point = fc.tuple(coordinate, coordinate, coordinate);

describe('a box', () => {
  it('is by default what the Horizon design says', () => {
    expect(DEFAULT_BOUNDS).toEqual({ minX: -1000, maxX: 1000, minY: -1000, maxY: 1000, minZ: -100, maxZ: 100 });
  });

  it('owns its lower faces and not its upper ones, so that neighbours share no point', () => {
    expect(contains(DEFAULT_BOUNDS, -1000, -1000, -100)).toBe(true);
    expect(contains(DEFAULT_BOUNDS, 1000, 0, 0)).toBe(false);
    expect(contains(DEFAULT_BOUNDS, 0, 1000, 0)).toBe(false);
    expect(contains(DEFAULT_BOUNDS, 0, 0, 100)).toBe(false);
  });

  it('holds nothing that is not finite', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(contains(DEFAULT_BOUNDS, bad, 0, 0)).toBe(false);
      expect(contains(DEFAULT_BOUNDS, 0, bad, 0)).toBe(false);
      expect(contains(DEFAULT_BOUNDS, 0, 0, bad)).toBe(false);
    }
    expect(distance(DEFAULT_BOUNDS, Number.NaN, 0, 0)).toBeNaN();
    expect(distance(DEFAULT_BOUNDS, Number.POSITIVE_INFINITY, 0, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('is a box only with finite edges in the right order', () => {
    expect(isBounds(DEFAULT_BOUNDS)).toBe(true);
    expect(isBounds({ ...DEFAULT_BOUNDS, maxX: -1000 })).toBe(false);
    expect(isBounds({ ...DEFAULT_BOUNDS, maxY: Number.POSITIVE_INFINITY })).toBe(false);
    expect(isBounds({ ...DEFAULT_BOUNDS, minZ: Number.NaN })).toBe(false);
  });

  it('measures to each face, negative beyond it', () => {
    expect(faceDistance(DEFAULT_BOUNDS, face.minX, -990, 0, 0)).toBe(10);
    expect(faceDistance(DEFAULT_BOUNDS, face.maxX, 1010, 0, 0)).toBe(-10);
    expect(faceDistance(DEFAULT_BOUNDS, face.minY, 0, -900, 0)).toBe(100);
    expect(faceDistance(DEFAULT_BOUNDS, face.maxY, 0, 900, 0)).toBe(100);
    expect(faceDistance(DEFAULT_BOUNDS, face.minZ, 0, 0, -101)).toBe(-1);
    expect(faceDistance(DEFAULT_BOUNDS, face.maxZ, 0, 0, 99)).toBe(1);
  });

  it('is at a distance that is a true distance: along an axis, and over a corner', () => {
    expect(distance(DEFAULT_BOUNDS, 0, 0, 0)).toBe(0);
    expect(distance(DEFAULT_BOUNDS, 1004, 0, 0)).toBe(4);
    expect(distance(DEFAULT_BOUNDS, 1003, -1004, 0)).toBe(5);
    fc.assert(
      fc.property(box, point, point, (b, p, q) => {
        const apart = Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
        expect(Math.abs(distance(b, ...p) - distance(b, ...q))).toBeLessThanOrEqual(apart + 1e-6);
      }),
    );
  });

  it('clamps any point into itself, also after a journey as 32-bit floats; NaN it refuses', () => {
    const out = { x: 7, y: 7, z: 7 };
    expect(clamp(DEFAULT_BOUNDS, Number.NaN, 0, 0, out)).toBe(false);
    expect(out).toEqual({ x: 7, y: 7, z: 7 });
    expect(clamp(DEFAULT_BOUNDS, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5, out)).toBe(true);
    expect(contains(DEFAULT_BOUNDS, out.x, out.y, out.z)).toBe(true);
    expect(contains(DEFAULT_BOUNDS, Math.fround(out.x), Math.fround(out.y), Math.fround(out.z))).toBe(true);
    fc.assert(
      fc.property(box, point, (b, p) => {
        expect(clamp(b, ...p, out)).toBe(true);
        expect(contains(b, out.x, out.y, out.z)).toBe(true);
        if (contains(b, ...p) && distance(grown(b, -1), ...p) === 0) expect([out.x, out.y, out.z]).toEqual(p);
      }),
    );
  });

  it('overlaps another just if some point is in both, and then there is no gap between them', () => {
    expect(overlaps(DEFAULT_BOUNDS, { ...DEFAULT_BOUNDS, minX: 1000, maxX: 2000 })).toBe(false);
    fc.assert(
      fc.property(box, box, (a, b) => {
        expect(overlaps(a, b)).toBe(overlaps(b, a));
        if (overlaps(a, b)) {
          expect(gap(a, b)).toBe(0);
          const at = [Math.max(a.minX, b.minX), Math.max(a.minY, b.minY), Math.max(a.minZ, b.minZ)] as const;
          expect(contains(a, ...at) && contains(b, ...at)).toBe(true);
        }
      }),
    );
  });

  it('is covered by the hull', () => {
    expect(hull([])).toBeUndefined();
    fc.assert(
      fc.property(fc.array(box, { minLength: 1 }), (boxes) => {
        const around = hull(boxes) as Bounds;
        for (const each of boxes) expect(covers(around, each)).toBe(true);
      }),
    );
  });
});
