import { describe, expect, it } from 'vitest';
import { aim, type Mover } from './aim.ts';
import { CROSSING_POLICY } from './crossing-policy.ts';
import { Overhangs } from './overhang.ts';
import { type Place, RegionMap } from './region-map.ts';

/** Nine regions of 100 units, so bands of 5; the middle one, b1, is [0, 100) both ways. */
const PLACES: Place[] = ['a', 'b', 'c'].flatMap((column, x) =>
  ['0', '1', '2'].map((row, y) => {
    const [minX, minY] = [(x - 1) * 100, (y - 1) * 100];
    return { region: column + row, name: '', minX, maxX: minX + 100, minY, maxY: minY + 100, minZ: 0, maxZ: 100 };
  }),
);

function headingFrom(mover: Partial<Mover>): { target?: string; second?: string; etaMs: number } {
  const map = new RegionMap(PLACES, 1);
  const out = { target: 0, second: 0, etaMs: 0 };
  const start = map.get('b1')?.index ?? -1;
  aim(map, new Overhangs(map, CROSSING_POLICY), start, { x: 50, y: 50, z: 50, vx: 0, vy: 0, vz: 0, ...mover }, out);
  const { target, second, etaMs } = out;
  const id = (index: number) => map.regions[index]?.id;
  return { etaMs, ...(target >= 0 && { target: id(target) }), ...(second >= 0 && { second: id(second) }) };
}

describe('a heading', () => {
  it('is nowhere for who stands', () => {
    expect(headingFrom({})).toEqual({ etaMs: Number.POSITIVE_INFINITY });
  });

  it('is straight ahead, with the time to the border', () => {
    expect(headingFrom({ vx: 10 })).toEqual({ target: 'c1', etaMs: 5000 });
    expect(headingFrom({ vy: -20 })).toEqual({ target: 'b0', etaMs: 2500 });
  });

  it('over a corner is the diagonal, and second what the line only touches', () => {
    expect(headingFrom({ vx: 10, vy: 9.8 })).toEqual({ target: 'c2', second: 'c1', etaMs: 5000 });
  });

  it('is where the line leaves the overlap, even if it leaves the region by another face', () => {
    // Over y = 100 after 2 s, over x = 100 after 2.5 s; out of the overlap by x = 105, when y is hardly above 100.
    expect(headingFrom({ y: 99, vx: 20, vy: 0.5 })).toEqual({ target: 'c2', second: 'b2', etaMs: 2000 });
  });

  it('up and down leads out of the world, so it is what else is ahead', () => {
    expect(headingFrom({ z: 99, vz: 50 })).toEqual({ etaMs: Number.POSITIVE_INFINITY });
    expect(headingFrom({ z: 99, vz: 50, vx: 10 })).toEqual({ target: 'c1', etaMs: 5000 });
  });

  it('in the band is now', () => {
    expect(headingFrom({ x: 102, vx: 1 })).toEqual({ target: 'c1', etaMs: 0 });
  });
});
