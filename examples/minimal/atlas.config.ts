/** Two fields side by side. `atlas up` in this folder runs them. */
import { defineAtlas } from '@horizon-atlas/atlas';

export default defineAtlas({
  name: 'Two fields',
  world: {
    regions: [
      { id: 'west', bounds: { minX: -100, maxX: 0, minY: -50, maxY: 50 } },
      { id: 'east', bounds: { minX: 0, maxX: 100, minY: -50, maxY: 50 } },
    ],
    spawn: { region: 'west' },
  },
  regionServer: { entry: './region.ts' },
  web: './page.ts',
});
