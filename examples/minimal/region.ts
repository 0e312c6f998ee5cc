/** The region server. Atlas starts one for each region; nothing here knows of borders. */
import { defineRegion, serveRegion } from '@horizon-atlas/sdk-server';
import { schema } from './schema.ts';

/** Units a second. */
const SPEED = 40;

const game = defineRegion({
  schema,

  // A player is new to the world, or back in it: then `at` is where it was.
  spawn({ name, at }) {
    const position = at ?? { x: -50, y: 0, z: 0 };
    // `entity` is what others see; `data` is the game's own. Both cross borders and survive restarts.
    return { position, entity: { name }, data: { to: { ...position }, words: 0 } };
  },

  // Each command takes effect once and in its player's order, whatever dies in between.
  commands: {
    'walk/to'(walker, { x, y }) {
      walker.data.to = { x, y, z: 0 };
    },
    'chat/say'(walker, { text }, world) {
      const nth = ++walker.data.words;
      world.broadcast('chat/said', { from: walker.entity.name, text, nth });
    },
  },

  // Thirty times a second, unless `tickHz` says otherwise.
  tick(world, dtS) {
    for (const { position, velocity, data } of world.players()) {
      const [dx, dy] = [data.to.x - position.x, data.to.y - position.y];
      const perS = Math.min(1 / dtS, SPEED / Math.max(Math.hypot(dx, dy), 1e-6));
      velocity.x = dx * perS;
      velocity.y = dy * perS;
      position.x += velocity.x * dtS;
      position.y += velocity.y * dtS;
    }
  },
});

serveRegion(game);
