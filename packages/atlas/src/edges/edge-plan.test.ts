import { expect, it } from 'vitest';
import { type EdgeFleet, edgePlan } from './edge-plan.ts';

it('who comes while a server starts waits as long as it may take, half a minute at least, or as the port says', () => {
  const fleetOf = (name: string, startTimeoutMs: number, holdMs?: number): EdgeFleet => ({
    ...{ name, host: '127.0.0.1', scaling: { max: 1 }, startTimeoutMs },
    ports: [
      {
        name: 'game',
        protocol: 'tcp',
        edge: { tls: false, wake: true, accept: [], amplification: 1, idleMs: 60_000, datagramsPerSecond: 500, holdMs },
      },
    ],
  });
  const plan = edgePlan({ listen: '127.0.0.1', ports: { first: 1, last: 3 } }, [
    fleetOf('quick', 5_000),
    fleetOf('slow', 90_000),
    fleetOf('said', 90_000, 5_000),
  ]);
  expect([...plan.fleets.values()].map(({ shared }) => shared[0]?.holdMs)).toEqual([30_000, 90_000, 5_000]);
});
