/**
 * Who is near: a uniform grid over moving points, in flat arrays.
 *
 * Moves write coordinates and keep count of each cell. The first query after a move sorts all points by cell (a counting sort whose
 * counts are there already), so that a row of cells is one run of memory and a query reads a few runs from end to end. That is the
 * cheapest there is for ticks, where everybody moves and then everybody looks around; who alternates single moves and queries
 * sorts each time. The arrays only ever grow, by doubling; queries write into the caller's array and allocate nothing.
 */
import { assert } from '@horizon-atlas/base';
import { type Bounds, isBounds } from './bounds.ts';

export interface PointGridOptions {
  /** Where most points are. Points outside are found, too, but more slowly: they count to the outermost cells. */
  readonly bounds: Bounds;
  /** Side of a cell in units; about half of the commonest radius. Cells are larger while there are few points. */
  readonly cell: number;
  /** Points expected; more are taken. */
  readonly capacity?: number;
}

/** Cells a point at most, so that a wide and empty world costs nothing to sort, and at most so many in all (16 MiB). */
const CELLS_A_POINT = 8;
const CELLS_MIN = 256;
const CELLS_MAX = 4_194_304;

export class PointGrid {
  readonly #bounds: Bounds;
  readonly #minX: number;
  readonly #minY: number;
  readonly #cellWanted: number;
  #cellsPerUnit = 1;
  #columns = 1;
  #rows = 1;
  #count = 0;
  #capacity = 0;
  /** Points are dense, [0, count): where the point of a handle is (−1: nowhere), and whose the point is. */
  #slotOf = new Int32Array(0);
  #handleOf = new Int32Array(0);
  #handles = 0;
  readonly #free: number[] = [];
  #x = new Float64Array(0);
  #y = new Float64Array(0);
  #z = new Float64Array(0);
  #cellOf = new Int32Array(0);
  /** How many points each cell has. */
  #counts = new Int32Array(0);
  /** The order of cells: which point is where, and a copy of the points. One array a coordinate: the loop over candidates is then free of strides. */
  #slots = new Int32Array(0);
  #sortedX = new Float64Array(0);
  #sortedY = new Float64Array(0);
  #sortedZ = new Float64Array(0);
  #sortedHandle = new Int32Array(0);
  /** Where a cell's run starts in the sorted arrays; the last entry is the end. */
  #starts = new Int32Array(0);
  #stale = true;

  constructor(options: PointGridOptions) {
    assert(isBounds(options.bounds), 'a grid has finite bounds that are not empty');
    assert(options.cell > 0, 'the cells of a grid have a size');
    this.#bounds = options.bounds;
    this.#minX = options.bounds.minX;
    this.#minY = options.bounds.minY;
    this.#cellWanted = options.cell;
    this.#grow(Math.max(16, options.capacity ?? 16));
  }

  get size(): number {
    return this.#count;
  }

  /** A handle for the new point, a small whole number that is used again after `remove`; −1 if a coordinate is not finite. */
  insert(x: number, y: number, z: number): number {
    if (!isFinitePoint(x, y, z)) return -1;
    if (this.#count === this.#capacity) this.#grow(this.#capacity * 2);
    const handle = this.#free.pop() ?? this.#handles++;
    const slot = this.#count++;
    this.#slotOf[handle] = slot;
    this.#handleOf[slot] = handle;
    this.#cellOf[slot] = -1;
    this.#place(slot, x, y, z);
    return handle;
  }

  /** False, and nothing has changed, if a coordinate is not finite. The handle must be in use. */
  move(handle: number, x: number, y: number, z: number): boolean {
    if (!isFinitePoint(x, y, z)) return false;
    this.#place(this.#slotOf[handle] as number, x, y, z);
    return true;
  }

  /** The handle must be in use, and no longer is. */
  remove(handle: number): void {
    const slot = this.#slotOf[handle] ?? -1;
    assert(slot >= 0 && slot < this.#count, 'a removed point is in the grid');
    // The last point takes its place.
    const last = --this.#count;
    this.#leave(this.#cellOf[slot] as number);
    this.#cellOf[slot] = this.#cellOf[last] as number;
    const moved = this.#handleOf[last] as number;
    this.#handleOf[slot] = moved;
    this.#slotOf[moved] = slot;
    this.#slotOf[handle] = -1;
    this.#free.push(handle);
    this.#x[slot] = this.#x[last] as number;
    this.#y[slot] = this.#y[last] as number;
    this.#z[slot] = this.#z[last] as number;
    this.#stale = true;
  }

  /**
   * All handles in the order of cells, as a view that the next move outdates. Who looks around for everybody does it in this
   * order: what one query has read into the processor's cache, the next one needs.
   */
  order(): Int32Array {
    if (this.#stale) this.#sort();
    return this.#sortedHandle.subarray(0, this.#count);
  }

  /**
   * Writes the handles of all points within `radius` (a sphere, its surface included) and returns how many there are: if that is more
   * than `out` holds, the rest was left out.
   */
  near(x: number, y: number, z: number, radius: number, out: Int32Array): number {
    if (!(radius >= 0) || !isFinitePoint(x, y, z)) return 0;
    if (this.#stale) this.#sort();
    const xs = this.#sortedX;
    const ys = this.#sortedY;
    const zs = this.#sortedZ;
    const handles = this.#sortedHandle;
    const starts = this.#starts;
    const left = this.#column(x - radius);
    const right = this.#column(x + radius) + 1;
    const bottom = this.#row(y - radius) * this.#columns;
    const top = this.#row(y + radius) * this.#columns;
    const r2 = radius * radius;
    let found = 0;
    for (let row = bottom; row <= top; row += this.#columns) {
      const end = starts[row + right] as number;
      for (let i = starts[row + left] as number; i < end; i++) {
        const dx = (xs[i] as number) - x;
        const dy = (ys[i] as number) - y;
        const dz = (zs[i] as number) - z;
        // Written always and kept if near: half of the candidates are, and a branch on that would be guessed wrong as often.
        out[found] = handles[i] as number;
        found += Number(dx * dx + dy * dy + dz * dz <= r2);
      }
    }
    return found;
  }

  /** The same for a box, half-open like every box. */
  within(box: Bounds, out: Int32Array): number {
    if (this.#stale) this.#sort();
    const { minX, maxX, minY, maxY, minZ, maxZ } = box;
    const xs = this.#sortedX;
    const ys = this.#sortedY;
    const zs = this.#sortedZ;
    const handles = this.#sortedHandle;
    const starts = this.#starts;
    const left = this.#column(minX);
    const right = this.#column(maxX) + 1;
    const top = this.#row(maxY) * this.#columns;
    let found = 0;
    for (let row = this.#row(minY) * this.#columns; row <= top; row += this.#columns) {
      const end = starts[row + right] as number;
      for (let i = starts[row + left] as number; i < end; i++) {
        const x = xs[i] as number;
        const y = ys[i] as number;
        const z = zs[i] as number;
        out[found] = handles[i] as number;
        found +=
          Number(x >= minX) & Number(x < maxX) & Number(y >= minY) & Number(y < maxY) & Number(z >= minZ) & Number(z < maxZ);
      }
    }
    return found;
  }

  #place(slot: number, x: number, y: number, z: number): void {
    this.#x[slot] = x;
    this.#y[slot] = y;
    this.#z[slot] = z;
    this.#stale = true;
    const cell = this.#row(y) * this.#columns + this.#column(x);
    const was = this.#cellOf[slot] as number;
    if (cell === was) return;
    if (was >= 0) this.#leave(was);
    this.#cellOf[slot] = cell;
    this.#counts[cell] = (this.#counts[cell] as number) + 1;
  }

  #leave(cell: number): void {
    this.#counts[cell] = (this.#counts[cell] as number) - 1;
  }

  #column(x: number): number {
    return cellIndex((x - this.#minX) * this.#cellsPerUnit, this.#columns);
  }

  #row(y: number): number {
    return cellIndex((y - this.#minY) * this.#cellsPerUnit, this.#rows);
  }

  #sort(): void {
    this.#orderSlots();
    const slots = this.#slots;
    const xs = this.#x;
    const ys = this.#y;
    const zs = this.#z;
    const handles = this.#handleOf;
    const toX = this.#sortedX;
    const toY = this.#sortedY;
    const toZ = this.#sortedZ;
    const toHandle = this.#sortedHandle;
    const count = this.#count;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      toX[i] = xs[slot] as number;
      toY[i] = ys[slot] as number;
      toZ[i] = zs[slot] as number;
      toHandle[i] = handles[slot] as number;
    }
    this.#stale = false;
  }

  #orderSlots(): void {
    const cells = this.#cellOf;
    const counts = this.#counts;
    const starts = this.#starts;
    const slots = this.#slots;
    let end = 0;
    for (let cell = 0; cell < counts.length; cell++) {
      end += counts[cell] as number;
      starts[cell] = end;
    }
    starts[counts.length] = end;
    // From the back, so that each cell's entry, its end so far, comes to rest at its start.
    for (let slot = this.#count - 1; slot >= 0; slot--) {
      const cell = cells[slot] as number;
      const to = (starts[cell] as number) - 1;
      starts[cell] = to;
      slots[to] = slot;
    }
  }

  #grow(capacity: number): void {
    this.#capacity = capacity;
    this.#slotOf = grown(this.#slotOf, new Int32Array(capacity));
    this.#handleOf = grown(this.#handleOf, new Int32Array(capacity));
    this.#x = grown(this.#x, new Float64Array(capacity));
    this.#y = grown(this.#y, new Float64Array(capacity));
    this.#z = grown(this.#z, new Float64Array(capacity));
    this.#sortedX = new Float64Array(capacity);
    this.#sortedY = new Float64Array(capacity);
    this.#sortedZ = new Float64Array(capacity);
    this.#sortedHandle = new Int32Array(capacity);
    this.#slots = new Int32Array(capacity);
    this.#cellOf = new Int32Array(capacity).fill(-1);
    this.#divide(capacity);
    // Into the new cells.
    for (let slot = 0; slot < this.#count; slot++) {
      this.#place(slot, this.#x[slot] as number, this.#y[slot] as number, this.#z[slot] as number);
    }
    this.#stale = true;
  }

  /** Chooses the cells: as small as wanted, unless that were too many. */
  #divide(capacity: number): void {
    const width = this.#bounds.maxX - this.#bounds.minX;
    const depth = this.#bounds.maxY - this.#bounds.minY;
    const cellsMax = Math.min(CELLS_MAX, Math.max(CELLS_MIN, capacity * CELLS_A_POINT));
    let side = this.#cellWanted;
    while (Math.ceil(width / side) * Math.ceil(depth / side) > cellsMax) side *= 1.25;
    this.#cellsPerUnit = 1 / side;
    this.#columns = Math.max(1, Math.ceil(width / side));
    this.#rows = Math.max(1, Math.ceil(depth / side));
    this.#counts = new Int32Array(this.#columns * this.#rows);
    this.#starts = new Int32Array(this.#columns * this.#rows + 1);
  }
}

/** The outermost columns and rows take what is beyond the bounds. */
function cellIndex(i: number, count: number): number {
  return Math.min(Math.max(i, 0), count - 1) | 0;
}

function isFinitePoint(x: number, y: number, z: number): boolean {
  // Only for finite numbers is this 0.
  return x - x + (y - y) + (z - z) === 0;
}

function grown<A extends Int32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
