/** Battle royale: a hundred in squads of four, and who falls is out. Its match server is the arena's. */
import { defineAtlas } from '@horizon-atlas/atlas';

export default defineAtlas({
  name: 'Royale',
  fleets: [{ name: 'royale', entry: '../match.ts', args: ['royale'], ports: [{ name: 'game', protocol: 'ws' }] }],
  matchmaking: { queues: [{ name: 'royale', ruleSet: '../rules/royale.json', fleet: 'royale', rating: { pool: 'royale' } }] },
});
