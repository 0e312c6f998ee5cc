/** Fleets alone: no world, no gateways. */
import { defineAtlas } from '@horizon-atlas/atlas';

export default defineAtlas({
  name: 'Arcade',
  fleets: [
    {
      name: 'arena',
      entry: './match.ts',
      ports: [{ name: 'game' }],
      scaling: { min: 0, max: 8, warm: 2 },
      labels: { mode: 'duel' },
    },
  ],
  matchmaking: {
    queues: [{ name: 'duel', ruleSet: './duel.json', fleet: 'arena', rating: { pool: 'ranked' }, recording: true }],
  },
});
