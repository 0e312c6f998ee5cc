/** The rules. Atlas plays them in a server for each region; nothing here knows of borders. */
import { defineRegion } from 'horizon-atlas/server';
import { schema } from './schema.ts';

/** Units a second. */
const SPEED = 40;

export const game = defineRegion({
  schema,

  spawn({ name, at }) {
    const position = at ?? { x: -50, y: 0, z: 0 };
    return { position, entity: { name }, data: { to: { x: position.x, y: position.y } } };
  },

  commands: {
    'walk/to'(walker, to) {
      walker.data.to = to;
    },
    'chat/say'(walker, { text }, world) {
      world.broadcast('chat/said', { from: walker.entity.name, text });
    },
  },

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
