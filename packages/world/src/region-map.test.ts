import { Prng } from '@horizon-atlas/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bounds, contains, DEFAULT_BOUNDS, distance } from './bounds.ts';
import { checkPlaces, type Place, RegionMap } from './region-map.ts';

/** `columns` × `rows` regions of 100 units, named by column and row: a0, b0, …, a1, … */
function chessboard(columns: number, rows: number): Place[] {
  const out: Place[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const region = `${String.fromCharCode(97 + column)}${row}`;
      const [minX, minY] = [column * 100, row * 100];
      out.push({ region, name: region.toUpperCase(), minX, maxX: minX + 100, minY, maxY: minY + 100, minZ: -50, maxZ: 50 });
    }
  }
  return out;
}

/** Boxes that do not overlap: a world cut in two again and again at random places, some parts left out. */
function cutUp(seed: number): Place[] {
  const rng = new Prng(seed);
  const out: Place[] = [];
  const cut = (b: Bounds, depth: number): void => {
    if (depth === 0 || rng.chance(0.1)) {
      if (rng.chance(0.9)) out.push({ ...b, region: `r${out.length}`, name: '' });
      return;
    }
    const axis = rng.pick(['X', 'Y', 'Z'] as const);
    const [min, max] = [b[`min${axis}`], b[`max${axis}`]];
    const at = rng.between(min + (max - min) / 4, max - (max - min) / 4);
    cut({ ...b, [`max${axis}`]: at }, depth - 1);
    cut({ ...b, [`min${axis}`]: at }, depth - 1);
  };
  cut(DEFAULT_BOUNDS, 7);
  if (out.length === 0) out.push({ ...DEFAULT_BOUNDS, region: 'r0', name: '' });
  return out;
}

describe('checking regions', () => {
  const check = (places: readonly Place[], world?: Bounds) => checkPlaces(places, world).map((each) => each.message);
  const a: Place = { ...DEFAULT_BOUNDS, region: 'a', name: 'Alpha' };

  it('finds nothing wrong with regions side by side', () => {
    expect(check(chessboard(4, 3))).toEqual([]);
    expect(check([a], DEFAULT_BOUNDS)).toEqual([]);
  });

  it('names the regions and says what is wrong, all at once', () => {
    expect(check([])).toEqual(['there must be at least one region']);
    expect(check([a, { ...a, region: 'b', name: 'Beta', minX: 999.5, maxX: 2000 }])).toEqual([
      'regions "Alpha" (a) and "Beta" (b) overlap: x -1000 to 1000, y -1000 to 1000, z -100 to 100 and x 999.5 to 2000, y -1000 to 1000, z -100 to 100',
    ]);
    expect(check([{ ...a, maxX: -1000 }])[0]).toContain('"Alpha" (a) is empty');
    expect(check([{ ...a, maxX: Number.NaN }])[0]).toContain('"Alpha" (a) is empty');
    expect(check([{ ...a, region: '' }])[0]).toContain('"Alpha" has an empty id');
    expect(check([a], { ...DEFAULT_BOUNDS, maxX: 999 })[0]).toContain('reaches out of the world');
    const twice = checkPlaces([a, { ...a, minX: 1000, maxX: 1001 }, { ...a, region: 'c', minX: 5, maxX: 4 }]);
    expect(twice.map((each) => each.problem).sort()).toEqual(['duplicate-id', 'empty']);
  });

  it('refuses more regions than a map may have, and tells a bounded number of problems', () => {
    expect(checkPlaces(chessboard(26, 158))[0]?.problem).toBe('too-many');
    const piled = Array.from({ length: 200 }, (_, i) => ({ ...a, region: `r${i}` }));
    expect(checkPlaces(piled)).toHaveLength(20);
  });
});

describe('the region map', () => {
  it('gives each point one region: the lower faces are a region’s own, the upper ones its neighbour’s', () => {
    const map = new RegionMap(chessboard(2, 2), 1);
    expect(map.regionAt(0, 0, 0)?.id).toBe('a0');
    expect(map.regionAt(100, 0, 0)?.id).toBe('b0');
    expect(map.regionAt(99.999, 100, 0)?.id).toBe('a1');
    expect(map.regionAt(200, 0, 0)).toBeUndefined();
    expect(map.regionAt(Number.NaN, 0, 0)).toBeUndefined();
    expect(map.regionAt(0, Number.POSITIVE_INFINITY, 0)).toBeUndefined();
    expect(map.nearest(250, 50, 0)?.id).toBe('b0');
    expect(map.nearest(Number.NaN, 50, 0)).toBeUndefined();
  });

  it('answers as a walk over all regions would', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.tuple(fc.double(), fc.double(), fc.double()), { maxLength: 5 }), (seed, odd) => {
        const places = cutUp(seed);
        const map = new RegionMap(places, 1);
        const rng = new Prng(seed);
        const points = [...odd];
        for (let i = 0; i < 30; i++) points.push([rng.between(-1100, 1100), rng.between(-1100, 1100), rng.between(-110, 110)]);
        // Corners are where mistakes are.
        for (const p of places) points.push([p.minX, p.minY, p.minZ], [p.maxX, p.maxY, p.maxZ]);
        for (const at of points) {
          const found = map.indexAt(...at);
          expect(found).toBe(places.findIndex((each) => contains(each, ...at)));
          expect(map.indexAt(...at, rng.below(places.length))).toBe(found);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('knows neighbours by touch, at corners too, and by margin, nearest first', () => {
    const map = new RegionMap(chessboard(5, 1), 1);
    const ids = (id: string, margin?: number) => map.neighbours(id, margin).map((each) => each.id);
    expect(ids('c0').sort()).toEqual(['b0', 'd0']);
    expect(ids('a0', 100)).toEqual(['b0', 'c0']);
    expect(ids('a0', 99)).toEqual(['b0']);
    expect(ids('nowhere')).toEqual([]);
    expect(new RegionMap(chessboard(3, 3), 1).neighbours('b1')).toHaveLength(8);
  });

  it('goes on with other places in the same boxes, and is checked anew when a box has changed', () => {
    const places = chessboard(2, 1).map((place) => ({ ...place, server: 'first' }));
    const map = new RegionMap(places, 1);
    const moved = map.next(
      places.map((place) => ({ ...place, server: 'second' })),
      2,
    );
    expect(moved.ok && [moved.map.version, moved.map.regionAt(150, 50, 0)?.place.server]).toEqual([2, 'second']);
    const wider = map.next(
      places.map((place) => ({ ...place, maxX: place.maxX + 1 })),
      2,
    );
    expect(wider.ok || wider.problems.map(({ problem }) => problem)).toEqual(['overlap']);
    const fewer = map.next(places.slice(1), 2);
    expect(fewer.ok && fewer.map.regionAt(50, 50, 0)).toBeUndefined();
    expect(fewer.ok && fewer.map.regionAt(150, 50, 0)?.id).toBe('b0');
  });

  it('finds the regions near a point, as a walk over all would', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 500, noNaN: true }), (seed, radius) => {
        const map = new RegionMap(cutUp(seed), 1);
        const rng = new Prng(seed);
        const at = [rng.between(-1000, 1000), rng.between(-1000, 1000), rng.between(-100, 100)] as const;
        const found = [-1];
        const count = map.near(...at, radius, found);
        const expected = map.regions.filter((each) => distance(each.bounds, ...at) <= radius).map((each) => each.index);
        expect(found.slice(1).sort((a, b) => a - b)).toEqual(expected);
        expect(count).toBe(expected.length);
      }),
      { numRuns: 50 },
    );
    expect(new RegionMap(chessboard(2, 2), 1).near(Number.NaN, 0, 0, 10, [])).toBe(0);
  });

  it('measures to the nearest neighbour, over a corner too, and not to the edge of the world', () => {
    const map = new RegionMap(chessboard(2, 1), 1);
    expect(map.borderDistance('a0', 90, 5, 0)).toBe(10);
    expect(map.borderDistance('b0', 130, 5, 0)).toBe(30);
    expect(new RegionMap(chessboard(1, 1), 1).borderDistance('a0', 1, 1, 0)).toBe(Number.POSITIVE_INFINITY);
    const corner = chessboard(2, 2).filter((each) => each.region === 'a0' || each.region === 'b1');
    expect(new RegionMap(corner, 1).borderDistance('a0', 97, 96, 0)).toBe(5);
  });

  it('is replaced, not changed: regions come and go with a new version', () => {
    const one = new RegionMap(chessboard(1, 1), 7);
    const east = chessboard(2, 1)[1] as Place;
    const two = one.with(east);
    if (!two.ok) throw new Error('not taken');
    expect(two.map.version).toBe(8);
    expect(two.map.regionAt(150, 50, 0)?.id).toBe('b0');
    expect(one.regionAt(150, 50, 0)).toBeUndefined();
    const back = two.map.without('a0');
    if (!back.ok) throw new Error('not taken');
    expect(back.map.version).toBe(9);
    expect(back.map.regions.map((each) => each.id)).toEqual(['b0']);
    expect(back.map.without('b0')).toMatchObject({ ok: false, problems: [{ problem: 'none' }] });
    expect(two.map.with({ ...east, region: 'c' })).toMatchObject({ ok: false, problems: [{ problem: 'overlap' }] });
    const wider = two.map.with({ ...east, maxX: 300 });
    expect(wider.ok && wider.map.regionAt(250, 50, 0)?.id).toBe('b0');
  });
});
