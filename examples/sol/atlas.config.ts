/**
 * Sol: two solar systems, and a hub where their traders meet. Beside it, in the same Atlas, the arena's matches. Start both with `npm start`: the world
 * is played at /play/, the arena at /play/arena/.
 */
import { defineAtlas } from '@horizon-atlas/atlas';
import * as arena from '../arena/arena.ts';
import { regions } from './schema.ts';

export default defineAtlas({
  name: 'Sol',
  world: {
    regions,
    spawn: { region: 'alpha' },
  },
  regionServer: { entry: './region.ts' },
  web: './web',
  companions: [{ name: 'bots', entry: './bots.ts', args: ['60'] }, arena.bots],
  fleets: [arena.fleet],
  matchmaking: { queues: [arena.queue] },
  pages: [arena.page],
});
