import { Prng } from '@horizon-atlas/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bounds, contains, DEFAULT_BOUNDS } from './bounds.ts';
import { PointGrid } from './grid.ts';

/** A grid and the plainest thing that does the same. */
class Twin {
  readonly grid: PointGrid;
  readonly points = new Map<number, readonly [number, number, number]>();
  readonly out = new Int32Array(4096);

  constructor(bounds: Bounds = DEFAULT_BOUNDS, cell = 75) {
    this.grid = new PointGrid({ bounds, cell });
  }

  insert(at: readonly [number, number, number]): number {
    const handle = this.grid.insert(...at);
    expect(this.points.has(handle)).toBe(false);
    this.points.set(handle, at);
    return handle;
  }

  check(at: readonly [number, number, number], radius: number): void {
    const found = [...this.out.subarray(0, this.grid.near(...at, radius, this.out))];
    const [x, y, z] = at;
    const expected = [...this.points].filter(([, p]) => (p[0] - x) ** 2 + (p[1] - y) ** 2 + (p[2] - z) ** 2 <= radius * radius);
    expect(found.sort(ascending)).toEqual(expected.map(([handle]) => handle).sort(ascending));
    const box = { minX: x - radius, maxX: x + radius, minY: y - radius, maxY: y + radius, minZ: z - 10, maxZ: z + 10 };
    const boxed = [...this.out.subarray(0, this.grid.within(box, this.out))];
    const inBox = [...this.points].filter(([, p]) => contains(box, ...p));
    expect(boxed.sort(ascending)).toEqual(inBox.map(([handle]) => handle).sort(ascending));
    expect([...this.grid.order()].sort(ascending)).toEqual([...this.points.keys()].sort(ascending));
  }
}

const ascending = (a: number, b: number): number => a - b;

describe('the grid', () => {
  it('finds whom a walk over all points finds, whatever is inserted, moved and removed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0.5, max: 5000, noNaN: true }), (seed, cell) => {
        const rng = new Prng(seed);
        const twin = new Twin(DEFAULT_BOUNDS, cell);
        // Beyond the bounds, too.
        const anywhere = () => [rng.between(-1500, 1500), rng.between(-1500, 1500), rng.between(-120, 120)] as const;
        for (let step = 0; step < 120; step++) {
          const handles = [...twin.points.keys()];
          if (handles.length === 0 || rng.chance(0.6)) twin.insert(anywhere());
          else if (rng.chance(0.7)) {
            const [handle, at] = [rng.pick(handles), anywhere()];
            expect(twin.grid.move(handle, ...at)).toBe(true);
            twin.points.set(handle, at);
          } else {
            const handle = rng.pick(handles);
            twin.grid.remove(handle);
            twin.points.delete(handle);
          }
          if (rng.chance(0.1)) twin.check(anywhere(), rng.between(0, 800));
        }
        expect(twin.grid.size).toBe(twin.points.size);
      }),
      { numRuns: 60 },
    );
  });

  it('counts the surface of the sphere as near, and looks at height', () => {
    const twin = new Twin();
    twin.insert([50, 0, 0]);
    twin.insert([0, 0, 51]);
    twin.insert([50.001, 0, 0]);
    expect(twin.grid.near(0, 0, 0, 50, twin.out)).toBe(1);
    expect(twin.grid.near(0, 0, 0, 51, twin.out)).toBe(3);
  });

  it('says how many there are when there is no room for all, and writes no more', () => {
    const twin = new Twin();
    for (let i = 0; i < 10; i++) twin.insert([i, 0, 0]);
    const few = new Int32Array(4);
    expect(twin.grid.near(0, 0, 0, 100, few)).toBe(10);
    expect(new Set(few).size).toBe(4);
  });

  it('refuses what is not finite, without harm', () => {
    const twin = new Twin();
    const handle = twin.insert([1, 2, 3]);
    expect(twin.grid.insert(Number.NaN, 0, 0)).toBe(-1);
    expect(twin.grid.move(handle, 0, Number.POSITIVE_INFINITY, 0)).toBe(false);
    expect(twin.grid.near(0, 0, Number.NaN, 10, twin.out)).toBe(0);
    expect(twin.grid.near(0, 0, 0, Number.NaN, twin.out)).toBe(0);
    expect(twin.grid.near(0, 0, 0, -1, twin.out)).toBe(0);
    expect(twin.grid.near(0, 0, 0, Number.POSITIVE_INFINITY, twin.out)).toBe(1);
    twin.check([0, 0, 0], 10);
  });

  it('takes a wide and empty world without a cell for each of its corners', () => {
    const wide = { minX: -1e9, maxX: 1e9, minY: -1e9, maxY: 1e9, minZ: 0, maxZ: 1 };
    const twin = new Twin(wide, 10);
    twin.insert([1e8, -1e8, 0]);
    twin.insert([1e8 + 5, -1e8, 0]);
    twin.check([1e8, -1e8, 0], 10);
  });
});
