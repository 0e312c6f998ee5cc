/** What is wrong with a world as a whole: regions without size, twice the same name, overlaps, a spawn point outside. */
import type { Complaint } from './config.ts';
import type { ParsedConfig } from './config-schema.ts';

type World = ParsedConfig['world'];
type Bounds = World['regions'][0]['bounds'];

export function worldComplaints(world: World, from: string): Complaint[] {
  return [...emptyRegions(world, from), ...repeatedIds(world, from), ...overlaps(world, from), ...spawnOutside(world, from)];
}

function emptyRegions({ regions }: World, from: string): Complaint[] {
  return regions.flatMap(({ bounds }, i) =>
    axes
      .filter(([min, max]) => bounds[min] >= bounds[max])
      .map(([min, max]) => ({
        path: `world.regions[${i}].bounds`,
        from,
        expected: `${min} below ${max}: a region has a size`,
        found: `${min} ${bounds[min]}, ${max} ${bounds[max]}`,
        example: `${min}: ${Math.min(bounds[min], bounds[max])}, ${max}: ${Math.max(bounds[min], bounds[max]) + 1000}`,
      })),
  );
}

function repeatedIds({ regions }: World, from: string): Complaint[] {
  const first = new Map<string, number>();
  return regions.flatMap(({ id }, i) => {
    const other = first.get(id);
    if (other === undefined) {
      first.set(id, i);
      return [];
    }
    const found = `'${id}' again, as world.regions[${other}]`;
    return [{ path: `world.regions[${i}].id`, from, expected: 'an id of its own', found, example: `'${id}-2'` }];
  });
}

function overlaps({ regions }: World, from: string): Complaint[] {
  const out: Complaint[] = [];
  // Sorted by their left edge, a region can only overlap those before it that reach past that edge.
  const order = regions.map((_, i) => i).sort((a, b) => at(regions, a).minX - at(regions, b).minX);
  let reaching: number[] = [];
  for (const i of order) {
    const bounds = at(regions, i);
    reaching = reaching.filter((j) => at(regions, j).maxX > bounds.minX);
    for (const j of reaching) {
      if (!meet(bounds, at(regions, j)) || isEmpty(bounds) || isEmpty(at(regions, j))) continue;
      const [low, high] = i < j ? [i, j] : [j, i];
      out.push({
        path: `world.regions[${high}].bounds`,
        from,
        expected: `no overlap with world.regions[${low}] ('${regions[low]?.id}'): a place has one owner. Regions may touch`,
        found: `both hold ${describeMeeting(at(regions, low), at(regions, high))}`,
        example: `minX: ${at(regions, low).maxX}, maxX: ${at(regions, low).maxX + Math.max(1, at(regions, high).maxX - at(regions, high).minX)}`,
      });
    }
    reaching.push(i);
  }
  return out;
}

function spawnOutside({ regions, spawn }: World, from: string): Complaint[] {
  if (!spawn) return [];
  const region = regions.find(({ id }) => id === spawn.region);
  const names = regions.map(({ id }) => `'${id}'`);
  if (!region) {
    return [
      {
        path: 'world.spawn.region',
        from,
        expected: `one of ${names.join(', ')}`,
        found: `'${spawn.region}'`,
        example: names[0] ?? '',
      },
    ];
  }
  const { bounds } = region;
  const outside = axes.filter(([min, max, axis]) => {
    const value = spawn[axis];
    return value !== undefined && (value < bounds[min] || value >= bounds[max]);
  });
  return outside.map(([min, max, axis]) => ({
    path: `world.spawn.${axis}`,
    from,
    expected: `inside '${region.id}': ${bounds[min]} ≤ ${axis} < ${bounds[max]}`,
    found: String(spawn[axis]),
    example: String((bounds[min] + bounds[max]) / 2),
  }));
}

const axes = [
  ['minX', 'maxX', 'x'],
  ['minY', 'maxY', 'y'],
  ['minZ', 'maxZ', 'z'],
] as const;

function at(regions: World['regions'], i: number): Bounds {
  return (regions[i] as World['regions'][0]).bounds;
}

const isEmpty = (bounds: Bounds): boolean => axes.some(([min, max]) => bounds[min] >= bounds[max]);
const meet = (a: Bounds, b: Bounds): boolean => axes.every(([min, max]) => a[min] < b[max] && b[min] < a[max]);

function describeMeeting(a: Bounds, b: Bounds): string {
  return axes
    .slice(0, 2)
    .map(([min, max, axis]) => `${axis} from ${Math.max(a[min], b[min])} to ${Math.min(a[max], b[max])}`)
    .join(', ');
}
