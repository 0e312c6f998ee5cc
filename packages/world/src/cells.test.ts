import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bounds, contains, DEFAULT_BOUNDS } from './bounds.ts';
import {
  areaContains,
  type Cell,
  cellAt,
  cellBounds,
  cellPath,
  cellsOver,
  childrenOf,
  levelOf,
  makeCell,
  makeCellTree,
  merged,
  neighboursOf,
  parentOf,
} from './cells.ts';

const quad = makeCellTree(DEFAULT_BOUNDS, 2, 6);
const oct = makeCellTree({ minX: -0.1, maxX: 1.2, minY: 0, maxY: 7, minZ: -3, maxZ: 0.3 }, 3, 5);
const tree = fc.constantFrom(quad, oct);
const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const inside = ({ bounds: b }: { bounds: Bounds }, [x, y, z]: readonly [number, number, number]) =>
  [b.minX + x * (b.maxX - b.minX), b.minY + y * (b.maxY - b.minY), b.minZ + z * (b.maxZ - b.minZ)] as const;

describe('cells', () => {
  it('give each point of the world one owner at each level, whose box holds it', () => {
    fc.assert(
      fc.property(tree, fc.tuple(part, part, part), (t, p) => {
        const at = inside(t, p);
        if (!contains(t.bounds, ...at)) return;
        let below: Cell | undefined;
        for (let level = t.levelMax; level >= 0; level--) {
          const cell = cellAt(t, ...at, level) as Cell;
          expect(levelOf(cell)).toBe(level);
          expect(contains(cellBounds(t, cell), ...at)).toBe(true);
          if (below !== undefined) expect(parentOf(below)).toBe(cell);
          for (const other of neighboursOf(t, cell)) expect(contains(cellBounds(t, other), ...at)).toBe(false);
          below = cell;
        }
      }),
    );
  });

  it('lie nowhere for points that are not in the world', () => {
    expect(cellAt(quad, Number.NaN, 0, 0)).toBeUndefined();
    expect(cellAt(quad, 0, Number.POSITIVE_INFINITY, 0)).toBeUndefined();
    expect(cellAt(quad, 1000, 0, 0)).toBeUndefined();
  });

  it('have four or eight children that have them as parent, and the smallest have none', () => {
    const world = makeCell(0, 0, 0);
    expect(parentOf(world)).toBeUndefined();
    expect(childrenOf(quad, world)).toHaveLength(4);
    expect(childrenOf(oct, world)).toHaveLength(8);
    for (const child of childrenOf(oct, world)) expect(parentOf(child)).toBe(world);
    expect(childrenOf(quad, makeCell(6, 3, 3))).toEqual([]);
  });

  it('are neighbours of one another, 8 or 26 in the middle and fewer at the edge of the world', () => {
    expect(neighboursOf(quad, makeCell(2, 1, 1))).toHaveLength(8);
    expect(neighboursOf(quad, makeCell(2, 0, 0))).toHaveLength(3);
    expect(neighboursOf(oct, makeCell(2, 1, 1, 1))).toHaveLength(26);
    for (const other of neighboursOf(oct, makeCell(2, 0, 3, 1))) {
      expect(neighboursOf(oct, other)).toContain(makeCell(2, 0, 3, 1));
    }
  });

  it('have paths that tell them apart and begin with that of their parent', () => {
    const cell = cellAt(quad, 10, -10, 0) as Cell;
    expect(cellPath(cell).startsWith(cellPath(parentOf(cell) as Cell))).toBe(true);
    expect(new Set(childrenOf(oct, makeCell(0, 0, 0)).map(cellPath)).size).toBe(8);
  });

  it('cover a box: the same points on the lattice, and never fewer', () => {
    const west = { ...DEFAULT_BOUNDS, maxX: 0 };
    expect(cellsOver(quad, DEFAULT_BOUNDS)).toEqual(new Set([makeCell(0, 0, 0)]));
    expect(cellsOver(quad, west)).toEqual(new Set([makeCell(1, 0, 0), makeCell(1, 0, 1)]));
    fc.assert(
      fc.property(part, part, fc.tuple(part, part, part), (a, b, p) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b) + 0.01];
        const box = { ...DEFAULT_BOUNDS, minX: -1000 + 2000 * low, maxX: -1000 + 2000 * high };
        const area = cellsOver(quad, box) as Set<Cell>;
        const at = inside({ bounds: DEFAULT_BOUNDS }, p);
        if (areaContains(quad, box, ...at)) expect(areaContains(quad, area, ...at)).toBe(true);
        // Nothing beyond one smallest cell.
        if (at[0] < box.minX - 2000 / 64 || at[0] > box.maxX + 2000 / 64) expect(areaContains(quad, area, ...at)).toBe(false);
      }),
    );
  });

  it('merge into their parent when all are there', () => {
    const parts = new Set(childrenOf(oct, makeCell(0, 0, 0)).flatMap((each) => childrenOf(oct, each)));
    expect(merged(oct, parts)).toEqual(new Set([makeCell(0, 0, 0)]));
    parts.delete(makeCell(2, 0, 0, 0));
    expect(merged(oct, parts).size).toBe(7 + 7);
  });

  it('are refused when a box would take too many', () => {
    const fine = makeCellTree(DEFAULT_BOUNDS, 3, 12);
    expect(cellsOver(fine, { ...DEFAULT_BOUNDS, minX: 0.3 })).toBeUndefined();
  });
});
