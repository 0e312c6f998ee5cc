/** One region and nobody in it. */
import { defineAtlas } from '@horizon-atlas/atlas';

export default defineAtlas({
  world: { regions: [{ id: 'plain', bounds: { minX: -400, maxX: 40_000, minY: -400, maxY: 40_000 } }] },
  regionServer: { entry: './idle-region.ts' },
});
