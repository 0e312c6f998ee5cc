/** What the API is told about this installation: where it listens, who may come in, and the world in a word. */
import type { ControlPolicy } from '@horizon-atlas/control';
import type { AtlasConfig } from './config.ts';

export function apiPolicy(config: AtlasConfig): ControlPolicy {
  const { host, port } = config.api;
  return { host, port, world: aboutWorld(config) };
}

function aboutWorld({ name, world: { regions } }: AtlasConfig): ControlPolicy['world'] {
  const least = (pick: (bounds: (typeof regions)[0]['bounds']) => number): number =>
    Math.min(...regions.map(({ bounds }) => pick(bounds)));
  const most = (pick: (bounds: (typeof regions)[0]['bounds']) => number): number =>
    Math.max(...regions.map(({ bounds }) => pick(bounds)));
  return {
    name: name ?? 'Horizon Atlas',
    regions: regions.length,
    bounds: {
      minX: least(({ minX }) => minX),
      maxX: most(({ maxX }) => maxX),
      minY: least(({ minY }) => minY),
      maxY: most(({ maxY }) => maxY),
      minZ: least(({ minZ }) => minZ),
      maxZ: most(({ maxZ }) => maxZ),
    },
  };
}
