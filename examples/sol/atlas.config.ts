/** Sol: two solar systems, and a hub where their traders meet. Start it with `npm start`. */
import { defineAtlas } from '@horizon-atlas/atlas';

const place = (minX: number) => ({ minX, maxX: minX + 2000, minY: -1000, maxY: 1000, minZ: -100, maxZ: 100 });

export default defineAtlas({
  name: 'Sol',
  world: {
    regions: [
      { id: 'alpha', name: 'Solar System Alpha', bounds: place(-1000) },
      { id: 'beta', name: 'Solar System Beta', bounds: place(1000) },
      { id: 'hub', name: 'Trading Hub', bounds: place(3000) },
    ],
    spawn: { region: 'alpha' },
  },
  regionServer: { entry: './region.ts' },
  companions: [{ name: 'bots', entry: './bots.ts', args: ['60'] }],
});
