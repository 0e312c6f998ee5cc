/** Servers written for Agones, scaled and rolled out as Agones does it. */
import { defineAtlas } from '@horizon-atlas/atlas';

export default defineAtlas({
  name: 'Harbour',
  fleets: [
    {
      name: 'harbour',
      entry: './server.mjs',
      version: 'first',
      ports: [{ name: 'game' }],
      counters: { rooms: { capacity: 10 } },
      health: { periodMs: 1000, failures: 5 },
      scaling: { min: 1, max: 8, policy: { type: 'Buffer', buffer: { bufferSize: 2 } }, downAfterMs: 1000 },
      rollout: { maxSurge: 1, maxUnavailable: 0, abort: { failures: 2, rate: 0.5 } },
    },
  ],
});
