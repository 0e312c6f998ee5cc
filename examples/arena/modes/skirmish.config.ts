/** Twelve players in three teams. Its match server is the arena's. */
import { defineAtlas } from '@horizon-atlas/atlas';

export default defineAtlas({
  name: 'Skirmish',
  fleets: [{ name: 'skirmish', entry: '../match.ts', args: ['skirmish'], ports: [{ name: 'game', protocol: 'ws' }] }],
  matchmaking: {
    queues: [{ name: 'skirmish', ruleSet: '../rules/skirmish.json', fleet: 'skirmish', rating: { pool: 'skirmish' } }],
  },
});
