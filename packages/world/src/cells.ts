/**
 * Cells: the world cut into halves on each axis again and again, as a quadtree (x and y) or an octree (x, y and z). A cell is the
 * smallest area that can change owner; an area is a box or a set of cells.
 *
 * A cell is a number, so that it is a Map key and costs no memory: level × 2^48 + x × 2^32 + y × 2^16 + z, which is
 * below 2^53. Cells of one tree compare by level, then x, y, z.
 */
import { assert } from '@horizon-atlas/base';
import { type Bounds, contains, covers, isBounds, overlaps } from './bounds.ts';

export type Cell = number;

export interface CellTree {
  readonly bounds: Bounds;
  /** 2: columns over the whole height. 3: cubes. */
  readonly axes: 2 | 3;
  /** Of the smallest cells; the whole world is level 0. */
  readonly levelMax: number;
}

export const cellLimits = {
  /** 65,536 cells a side: 3 cm in a world of 2 km. */
  level: 16,
  /** Cells in one area; finer ones are refused. */
  area: 65_536,
} as const;

const Z = 0x1_0000;
const Y = 0x1_0000_0000;
const LEVEL = 0x1_0000_0000_0000;

export function makeCellTree(bounds: Bounds, axes: 2 | 3, levelMax: number): CellTree {
  assert(isBounds(bounds), 'a cell tree has finite bounds that are not empty');
  assert(Number.isInteger(levelMax) && levelMax >= 0 && levelMax <= cellLimits.level, 'a cell tree has 0 to 16 levels');
  return { bounds, axes, levelMax };
}

export function makeCell(level: number, x: number, y: number, z = 0): Cell {
  return level * LEVEL + x * Y + y * Z + z;
}

export const levelOf = (cell: Cell): number => Math.floor(cell / LEVEL);
export const xOf = (cell: Cell): number => Math.floor(cell / Y) % Z;
export const yOf = (cell: Cell): number => Math.floor(cell / Z) % Z;
export const zOf = (cell: Cell): number => cell % Z;

/** The cell of a level that a point lies in; undefined outside of the world and for NaN and infinities. */
export function cellAt(tree: CellTree, x: number, y: number, z: number, level: number = tree.levelMax): Cell | undefined {
  const b = tree.bounds;
  if (!contains(b, x, y, z)) return undefined;
  const side = 2 ** level;
  return makeCell(
    level,
    place(x, b.minX, b.maxX, side),
    place(y, b.minY, b.maxY, side),
    tree.axes === 3 ? place(z, b.minZ, b.maxZ, side) : 0,
  );
}

/** Its box. Boxes of cells side by side share their edge exactly. */
export function cellBounds(tree: CellTree, cell: Cell): Bounds {
  const b = tree.bounds;
  const side = 2 ** levelOf(cell);
  const [x, y, z] = [xOf(cell), yOf(cell), zOf(cell)];
  return {
    minX: edge(b.minX, b.maxX, x, side),
    maxX: edge(b.minX, b.maxX, x + 1, side),
    minY: edge(b.minY, b.maxY, y, side),
    maxY: edge(b.minY, b.maxY, y + 1, side),
    minZ: tree.axes === 3 ? edge(b.minZ, b.maxZ, z, side) : b.minZ,
    maxZ: tree.axes === 3 ? edge(b.minZ, b.maxZ, z + 1, side) : b.maxZ,
  };
}

/** undefined for the whole world. */
export function parentOf(cell: Cell): Cell | undefined {
  const level = levelOf(cell);
  return level === 0 ? undefined : makeCell(level - 1, xOf(cell) >> 1, yOf(cell) >> 1, zOf(cell) >> 1);
}

/** Four or eight cells, or none below the last level. */
export function childrenOf(tree: CellTree, cell: Cell): Cell[] {
  const level = levelOf(cell) + 1;
  if (level > tree.levelMax) return [];
  const out: Cell[] = [];
  for (let dx = 0; dx < 2; dx++) {
    for (let dy = 0; dy < 2; dy++) {
      for (let dz = 0; dz < tree.axes - 1; dz++) {
        out.push(makeCell(level, xOf(cell) * 2 + dx, yOf(cell) * 2 + dy, zOf(cell) * 2 + dz));
      }
    }
  }
  return out;
}

/** The cells of the same level that touch it, at edges and corners too: at most 8 of a quadtree, 26 of an octree. */
export function neighboursOf(tree: CellTree, cell: Cell): Cell[] {
  const level = levelOf(cell);
  const side = 2 ** level;
  const height = tree.axes === 3 ? side : 1;
  const out: Cell[] = [];
  for (let x = xOf(cell) - 1; x <= xOf(cell) + 1; x++) {
    for (let y = yOf(cell) - 1; y <= yOf(cell) + 1; y++) {
      for (let z = zOf(cell) - 1; z <= zOf(cell) + 1; z++) {
        if (x < 0 || x >= side || y < 0 || y >= side || z < 0 || z >= height) continue;
        const other = makeCell(level, x, y, z);
        if (other !== cell) out.push(other);
      }
    }
  }
  return out;
}

/** Its path from the world down, a digit a level, for people and keys: `0`, `02`, `031`. */
export function cellPath(cell: Cell): string {
  let path = '';
  for (let each: Cell | undefined = cell; each !== undefined; each = parentOf(each)) {
    path = String(levelOf(each) === 0 ? 0 : (xOf(each) & 1) * 4 + (yOf(each) & 1) * 2 + (zOf(each) & 1)) + path;
  }
  return path;
}

/** Where something is: a box, or a set of cells of any levels. */
export type Area = Bounds | ReadonlySet<Cell>;

export function areaContains(tree: CellTree, area: Area, x: number, y: number, z: number): boolean {
  if (!(area instanceof Set)) return contains(area as Bounds, x, y, z);
  let cell = cellAt(tree, x, y, z);
  while (cell !== undefined) {
    if (area.has(cell)) return true;
    cell = parentOf(cell);
  }
  return false;
}

/**
 * The fewest cells that cover a box. Where the box's edges do not lie on the lattice of the last level, the cells reach over them.
 * undefined: it would take more cells than `cellLimits.area`.
 */
export function cellsOver(tree: CellTree, box: Bounds): Set<Cell> | undefined {
  const out = new Set<Cell>();
  const open: Cell[] = [makeCell(0, 0, 0)];
  for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
    const area = cellBounds(tree, cell);
    if (!overlaps(area, box)) continue;
    if (levelOf(cell) === tree.levelMax || covers(box, area)) out.add(cell);
    else open.push(...childrenOf(tree, cell));
    if (out.size > cellLimits.area) return undefined;
  }
  return merged(tree, out);
}

/** The same area in the fewest cells: where all children are there, their parent is. */
export function merged(tree: CellTree, cells: ReadonlySet<Cell>): Set<Cell> {
  const out = new Set(cells);
  for (let level = tree.levelMax; level > 0; level--) {
    for (const cell of [...out]) {
      if (levelOf(cell) !== level) continue;
      const parent = parentOf(cell) as Cell;
      const siblings = childrenOf(tree, parent);
      if (!siblings.every((each) => out.has(each))) continue;
      for (const each of siblings) out.delete(each);
      out.add(parent);
    }
  }
  return out;
}

/** Which of `side` equal parts a coordinate lies in, by the very edges that `edge` gives, whatever rounding does. */
function place(v: number, min: number, max: number, side: number): number {
  let i = Math.min(side - 1, Math.max(0, Math.floor(((v - min) / (max - min)) * side)));
  if (v < edge(min, max, i, side)) i--;
  else if (v >= edge(min, max, i + 1, side)) i++;
  return i;
}

function edge(min: number, max: number, i: number, side: number): number {
  return i === side ? max : min + ((max - min) * i) / side;
}
