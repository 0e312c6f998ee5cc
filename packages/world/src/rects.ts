/**
 * A static tree of boxes: which one holds this point, which ones are near this box. Built once for each version of the region map.
 *
 * Nodes lie in preorder, each with the place to go on when its subtree is of no interest, so a walk is one loop with neither
 * stack nor allocation.
 */
import type { Bounds } from './bounds.ts';

const LEAF = 4;

export class BoxTree {
  /** Boxes in leaf order: min x, max x, min y, max y, min z, max z. */
  readonly #boxes: Float64Array;
  readonly #items: Int32Array;
  readonly #nodes: Float64Array;
  /** The node after the subtree. */
  readonly #skip: Int32Array;
  /** Leaf: its first box, and one past its last; an inner node has none. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  #nodeCount = 0;

  constructor(boxes: readonly Bounds[]) {
    const nodesMax = Math.max(1, 2 * boxes.length);
    this.#boxes = new Float64Array(boxes.length * 6);
    this.#items = Int32Array.from(boxes.keys());
    this.#nodes = new Float64Array(nodesMax * 6);
    this.#skip = new Int32Array(nodesMax);
    this.#from = new Int32Array(nodesMax);
    this.#to = new Int32Array(nodesMax);
    if (boxes.length > 0) this.#build(boxes, 0, boxes.length);
    for (let i = 0; i < boxes.length; i++) write(this.#boxes, i, boxes[this.#items[i] as number] as Bounds);
  }

  /** The index of a box that holds the point (half-open), or −1. With boxes that do not overlap it is the only one. */
  at(x: number, y: number, z: number): number {
    const end = this.#nodeCount;
    for (let node = 0; node < end; ) {
      if (!holds(this.#nodes, node, x, y, z)) {
        node = this.#skip[node] as number;
        continue;
      }
      const to = this.#to[node] as number;
      for (let i = this.#from[node] as number; i < to; i++) if (holds(this.#boxes, i, x, y, z)) return this.#items[i] as number;
      node++;
    }
    return -1;
  }

  /** Appends the indices of all boxes that share a point with `box` or touch it; returns how many were appended. */
  touching(box: Bounds, out: number[]): number {
    const before = out.length;
    const end = this.#nodeCount;
    for (let node = 0; node < end; ) {
      if (!touches(this.#nodes, node, box)) {
        node = this.#skip[node] as number;
        continue;
      }
      const to = this.#to[node] as number;
      for (let i = this.#from[node] as number; i < to; i++) {
        if (touches(this.#boxes, i, box)) out.push(this.#items[i] as number);
      }
      node++;
    }
    return out.length - before;
  }

  /** Makes the node over items [from, to) and all below it. */
  #build(boxes: readonly Bounds[], from: number, to: number): void {
    const node = this.#nodeCount++;
    this.#enclose(boxes, node, from, to);
    if (to - from <= LEAF) {
      this.#from[node] = from;
      this.#to[node] = to;
    } else {
      const axis = widestAxis(this.#nodes, node);
      const part = this.#items.subarray(from, to);
      part.sort((a, b) => middle(boxes[a] as Bounds, axis) - middle(boxes[b] as Bounds, axis) || a - b);
      const half = (from + to) >> 1;
      this.#build(boxes, from, half);
      this.#build(boxes, half, to);
    }
    this.#skip[node] = this.#nodeCount;
  }

  #enclose(boxes: readonly Bounds[], node: number, from: number, to: number): void {
    const o = node * 6;
    const n = this.#nodes;
    write(n, node, boxes[this.#items[from] as number] as Bounds);
    for (let i = from + 1; i < to; i++) {
      const b = boxes[this.#items[i] as number] as Bounds;
      n[o] = Math.min(n[o] as number, b.minX);
      n[o + 1] = Math.max(n[o + 1] as number, b.maxX);
      n[o + 2] = Math.min(n[o + 2] as number, b.minY);
      n[o + 3] = Math.max(n[o + 3] as number, b.maxY);
      n[o + 4] = Math.min(n[o + 4] as number, b.minZ);
      n[o + 5] = Math.max(n[o + 5] as number, b.maxZ);
    }
  }
}

function write(into: Float64Array, at: number, b: Bounds): void {
  into.set([b.minX, b.maxX, b.minY, b.maxY, b.minZ, b.maxZ], at * 6);
}

function holds(edges: Float64Array, at: number, x: number, y: number, z: number): boolean {
  const o = at * 6;
  return (
    x >= (edges[o] as number) &&
    x < (edges[o + 1] as number) &&
    y >= (edges[o + 2] as number) &&
    y < (edges[o + 3] as number) &&
    z >= (edges[o + 4] as number) &&
    z < (edges[o + 5] as number)
  );
}

function touches(edges: Float64Array, at: number, b: Bounds): boolean {
  const o = at * 6;
  return (
    b.maxX >= (edges[o] as number) &&
    b.minX <= (edges[o + 1] as number) &&
    b.maxY >= (edges[o + 2] as number) &&
    b.minY <= (edges[o + 3] as number) &&
    b.maxZ >= (edges[o + 4] as number) &&
    b.minZ <= (edges[o + 5] as number)
  );
}

function widestAxis(edges: Float64Array, at: number): 0 | 1 | 2 {
  const o = at * 6;
  const x = (edges[o + 1] as number) - (edges[o] as number);
  const y = (edges[o + 3] as number) - (edges[o + 2] as number);
  const z = (edges[o + 5] as number) - (edges[o + 4] as number);
  if (x >= y && x >= z) return 0;
  return y >= z ? 1 : 2;
}

function middle(b: Bounds, axis: 0 | 1 | 2): number {
  if (axis === 0) return b.minX + b.maxX;
  return axis === 1 ? b.minY + b.maxY : b.minZ + b.maxZ;
}
