/**
 * Ours and the peers behind one interface: take all positions of a tick, then tell how many are within a radius in three
 * dimensions. Peers are used in the way that was fastest for them: rebuilt each tick (moving a point takes them longer).
 */
import { PointGrid } from '@horizon-atlas/world';
import { needModule } from './bench.ts';
import type { Movers } from './movers.ts';

export interface Contestant {
  readonly name: string;
  /** Takes the positions of a tick; whatever a query needs is ready when it returns. */
  update(): void;
  /** How many movers are within `radius` of mover `i`, itself included; their ids are in an array then. */
  near(i: number, radius: number): number;
}

export interface GridContestant extends Contestant {
  /** All movers, those near to one another in turn. */
  order(): Int32Array;
}

export function grid(movers: Movers): GridContestant {
  const { count, x, y, z, bounds } = movers;
  const points = new PointGrid({ bounds, cell: 75, capacity: count });
  const out = new Int32Array(16_384);
  // Handles of a grid that nothing was removed from count up from 0, as the movers do.
  for (let i = 0; i < count; i++) points.insert(x[i] as number, y[i] as number, z[i] as number);
  return {
    name: 'atlas',
    update() {
      for (let i = 0; i < count; i++) points.move(i, x[i] as number, y[i] as number, z[i] as number);
      points.order();
    },
    near: (i, radius) => points.near(x[i] as number, y[i] as number, z[i] as number, radius, out),
    order: () => points.order(),
  };
}

export async function peers(movers: Movers): Promise<Contestant[]> {
  return [await rbush(movers), await kdbush(movers), await d3Quadtree(movers)];
}

async function rbush(movers: Movers): Promise<Contestant> {
  const { default: RBush } = await needModule('rbush', () => import('rbush'));
  const { count, x, y, z } = movers;
  const items = Array.from({ length: count }, (_, id) => ({ id, minX: 0, minY: 0, maxX: 0, maxY: 0 }));
  const tree = new RBush<(typeof items)[number]>();
  const out: number[] = [];
  return {
    name: 'rbush',
    update() {
      for (const item of items) {
        item.minX = item.maxX = x[item.id] as number;
        item.minY = item.maxY = y[item.id] as number;
      }
      tree.clear().load(items);
    },
    near(i, radius) {
      const [cx, cy, cz] = [x[i] as number, y[i] as number, z[i] as number];
      out.length = 0;
      for (const item of tree.search({ minX: cx - radius, minY: cy - radius, maxX: cx + radius, maxY: cy + radius })) {
        const [dx, dy, dz] = [item.minX - cx, item.minY - cy, (z[item.id] as number) - cz];
        if (dx * dx + dy * dy + dz * dz <= radius * radius) out.push(item.id);
      }
      return out.length;
    },
  };
}

async function kdbush(movers: Movers): Promise<Contestant> {
  const { default: KDBush } = await needModule('kdbush', () => import('kdbush'));
  const { count, x, y, z } = movers;
  let tree = new KDBush(0);
  const out: number[] = [];
  return {
    name: 'kdbush',
    update() {
      tree = new KDBush(count);
      for (let i = 0; i < count; i++) tree.add(x[i] as number, y[i] as number);
      tree.finish();
    },
    near(i, radius) {
      const [cx, cy, cz] = [x[i] as number, y[i] as number, z[i] as number];
      out.length = 0;
      for (const id of tree.within(cx, cy, radius)) {
        const [dx, dy, dz] = [(x[id] as number) - cx, (y[id] as number) - cy, (z[id] as number) - cz];
        if (dx * dx + dy * dy + dz * dz <= radius * radius) out.push(id);
      }
      return out.length;
    },
  };
}

async function d3Quadtree(movers: Movers): Promise<Contestant> {
  const { quadtree } = await needModule('d3-quadtree', () => import('d3-quadtree'));
  const { count, x, y, z } = movers;
  const ids = Array.from({ length: count }, (_, i) => i);
  const empty = () =>
    quadtree<number>()
      .x((i) => x[i] as number)
      .y((i) => y[i] as number);
  let tree = empty();
  const out: number[] = [];
  return {
    name: 'd3-quadtree',
    update() {
      tree = empty().addAll(ids);
    },
    near(i, radius) {
      const [cx, cy, cz] = [x[i] as number, y[i] as number, z[i] as number];
      out.length = 0;
      tree.visit((node, x0, y0, x1, y1) => {
        if (node.length) return x0 > cx + radius || y0 > cy + radius || x1 < cx - radius || y1 < cy - radius;
        for (let leaf: typeof node | undefined = node; leaf; leaf = leaf.next) {
          const id = leaf.data;
          const [dx, dy, dz] = [(x[id] as number) - cx, (y[id] as number) - cy, (z[id] as number) - cz];
          if (dx * dx + dy * dy + dz * dz <= radius * radius) out.push(id);
        }
        return undefined;
      });
      return out.length;
    },
  };
}
