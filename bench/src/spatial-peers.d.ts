/** What we use of peers that bring no types. */
declare module 'rbush' {
  export interface BBox {
    minX: number;
    minY: number;
    maxX: number;
    maxY: number;
  }
  export default class RBush<T extends BBox> {
    constructor(maxEntries?: number);
    clear(): this;
    load(items: readonly T[]): this;
    search(box: BBox): T[];
  }
}

declare module 'd3-quadtree' {
  export interface Leaf<T> {
    readonly data: T;
    readonly next?: Leaf<T>;
    readonly length?: undefined;
  }
  export type Node<T> = Leaf<T> | { readonly length: 4; readonly data?: undefined };
  export interface Quadtree<T> {
    addAll(data: readonly T[]): this;
    visit(fn: (node: Node<T>, x0: number, y0: number, x1: number, y1: number) => boolean | undefined): this;
  }
  export function quadtree<T>(): Quadtree<T> & {
    x(fn: (d: T) => number): Quadtree<T> & { y(fn: (d: T) => number): Quadtree<T> };
  };
}
