/** What is wrong with fleets as a whole, and with an Atlas that has neither a world nor a fleet. */
import { scalingDefaults } from '@horizon-atlas/autoscaler/configuration';
import type { Complaint } from './config.ts';
import type { ParsedConfig } from './config-schema.ts';

export function shapeComplaints({ world, regionServer, fleets }: ParsedConfig, from: string): Complaint[] {
  const complaint = (path: string, expected: string, example: string) => [{ path, from, expected, found: 'nothing', example }];
  if (world && !regionServer) {
    return complaint(
      'regionServer',
      'what runs a region: either entry (a .ts or .js file) or command',
      "{ entry: './region.ts' }",
    );
  }
  if (regionServer && !world) {
    const example = "{ regions: [{ id: 'alpha', bounds: { minX: 0, maxX: 1000, minY: 0, maxY: 1000 } }] }";
    return complaint('world', 'the world: its regions and where players begin', example);
  }
  if (world || fleets.length > 0) return [];
  const example =
    "{ regions: [{ id: 'alpha', bounds: { minX: 0, maxX: 1000, minY: 0, maxY: 1000 } }] }, or fleets: [{ name: 'arena', entry: './match.ts' }]";
  return complaint('world', 'a world with its regions, or fleets of game servers, or both', example);
}

export function fleetComplaints({ fleets }: ParsedConfig, from: string): Complaint[] {
  return fleets.flatMap((fleet, i) => [
    ...twice(
      fleets.map(({ name }) => name),
      i,
      `fleets[${i}].name`,
      from,
    ),
    ...fleet.ports.flatMap((_, j) =>
      twice(
        fleet.ports.map(({ name }) => name),
        j,
        `fleets[${i}].ports[${j}].name`,
        from,
      ),
    ),
    ...fixedPorts(fleet, i, from),
  ]);
}

/** A game is one server unless somebody says otherwise: its world is one. */
export function scalingOf({ scaling, game }: ParsedConfig['fleets'][0]): NonNullable<ParsedConfig['fleets'][0]['scaling']> {
  const steady = { downAfterMs: scalingDefaults.downAfterMs, downKeep: scalingDefaults.downKeep };
  return scaling ?? (game === undefined ? { min: 0, max: 20, warm: 1, ...steady } : { min: 1, max: 1, warm: 0, ...steady });
}

function twice(names: readonly string[], i: number, path: string, from: string): Complaint[] {
  const name = names[i] ?? '';
  if (names.indexOf(name) === i) return [];
  return [{ path, from, expected: 'a name of its own', found: `'${name}', which another one has`, example: `'${name}-2'` }];
}

/** Two servers cannot listen on one port. */
function fixedPorts(fleet: ParsedConfig['fleets'][0], i: number, from: string): Complaint[] {
  const { ports } = fleet;
  const scaling = scalingOf(fleet);
  const fixed = ports.find(({ port }) => port !== undefined);
  if (!fixed || scaling.max === 1) return [];
  return [
    {
      path: `fleets[${i}].scaling.max`,
      from,
      expected: `1, because the port ${fixed.name} is always ${fixed.port}`,
      found: String(scaling.max),
      example: '1',
    },
  ];
}
