/**
 * What one of many players does in a load test:  npm run loadtest -- --players 40 --duration 20s
 *
 * Each walks from place to place and says something now and then. Whoever cannot join, loses a socket or a command, or stands still for more than a second
 * at a border makes it fail: the thresholds stand in package.json, and `npx atlas loadtest --help` has all of them.
 */
import { defineScenario } from 'horizon-atlas/loadtest';
import { schema } from './schema.ts';
import { world } from './world.ts';

export default defineScenario({
  schema,
  async player(atlas, ctx) {
    for await (const turn of ctx.turns()) {
      if (turn === 0 || ctx.random() < 0.15) {
        const place = world.regions[Math.floor(ctx.random() * world.regions.length)]?.bounds;
        if (place) atlas.send('walk/to', { x: ctx.between(place.minX, place.maxX), y: ctx.between(place.minY, place.maxY) });
      }
      if (ctx.random() < 0.02) atlas.send('chat/say', { text: 'what a day' });
    }
  },
});
