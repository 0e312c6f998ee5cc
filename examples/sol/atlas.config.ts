/** Sol: two solar systems, and a hub where their traders meet. Start it with `npm start`. */
import { defineAtlas } from '@horizon-atlas/atlas';
import { regions } from './schema.ts';

export default defineAtlas({
  name: 'Sol',
  world: {
    regions,
    spawn: { region: 'alpha' },
  },
  regionServer: { entry: './region.ts' },
  web: './web',
  companions: [{ name: 'bots', entry: './bots.ts', args: ['60'] }],
});
