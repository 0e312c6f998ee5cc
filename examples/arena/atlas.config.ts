/** The arena alone: no world, a fleet of match servers and a queue. `npm start` runs it beside Sol. */
import { defineAtlas } from '@horizon-atlas/atlas';
import { bots, fleet, queue } from './arena.ts';

export default defineAtlas({
  name: 'Arena',
  fleets: [fleet],
  matchmaking: { queues: [queue] },
  companions: [bots],
  web: './web',
});
