/** What is wrong with a world as a whole, in the words of the region map: empty regions, one id twice, overlaps; and where players begin. */
import { checkPlaces, type MapProblem } from '@horizon-atlas/world';
import type { Complaint } from './config.ts';
import type { ParsedConfig } from './config-schema.ts';

type World = NonNullable<ParsedConfig['world']>;

export function worldComplaints(world: World | undefined, from: string): Complaint[] {
  if (!world) return [];
  const places = world.regions.map(({ id, name, bounds }) => ({ region: id, name: name ?? id, ...bounds }));
  return [...checkPlaces(places).map((problem) => complaintOf(problem, world, from)), ...spawnComplaints(world, from)];
}

const expectations: Readonly<Record<MapProblem['problem'], string>> = {
  none: 'at least one region',
  'too-many': 'fewer regions',
  'no-id': 'an id',
  'duplicate-id': 'an id of its own for each region',
  empty: 'a region with a size: min below max on each axis',
  'out-of-world': 'a region within the world',
  overlap: 'regions that do not overlap, because a place has one owner; they may touch',
};

function complaintOf({ problem, regions: ids, message }: MapProblem, { regions }: World, from: string): Complaint {
  // Of two regions the later one is the one to move; of two with one id the second.
  const at = regions.findLastIndex(({ id }) => ids.includes(id));
  const field = problem === 'duplicate-id' || problem === 'no-id' ? 'id' : 'bounds';
  return {
    path: at < 0 ? 'world.regions' : `world.regions[${at}].${field}`,
    from,
    expected: expectations[problem],
    found: message,
    example: problem === 'duplicate-id' ? `'${ids[0]}-2'` : exampleOf(regions, at),
  };
}

/** A place for the region where nothing is yet: beside everything else. */
function exampleOf(regions: World['regions'], at: number): string {
  const { minY = 0, maxY = 1000 } = regions[at]?.bounds ?? {};
  const right = Math.max(...regions.flatMap(({ bounds }, i) => (i === at ? [] : [bounds.maxX])), 0);
  const [low, high] = minY < maxY ? [minY, maxY] : [0, 1000];
  return `{ minX: ${right}, maxX: ${right + 1000}, minY: ${low}, maxY: ${high} }`;
}

function spawnComplaints({ regions, spawn }: World, from: string): Complaint[] {
  const names = regions.map(({ id }) => `'${id}'`);
  if (spawn === undefined || regions.some(({ id }) => id === spawn.region)) return [];
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
