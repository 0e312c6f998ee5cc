/** What `atlas up` runs. Everything that is not here has a default; a mistake is told with what was expected and an example. */
import { defineAtlas } from 'horizon-atlas';
import { world } from './world.ts';

export default defineAtlas({
  name: '__TITLE__',
  release: '__RELEASE__',
  world,
  regionServer: { entry: './region.ts' },
});
