/** The rules. Atlas plays them in a server for each region; nothing here knows of borders. */
import { defineRegion } from 'horizon-atlas/server';
import { schema } from './schema.ts';
import { world as map } from './world.ts';

/** Units a second. */
const SPEED = 25;
/** Units. */
const REACH = 4;
/** Of a region. */
const BERRIES = 8;

interface Mind {
  /** Where a walker wants to be. */
  to?: { x: number; y: number };
}

export const game = defineRegion({
  schema,

  // A player is new to the world, or back in it: then `at` is where it was.
  spawn({ name, at }) {
    const mind: Mind = {};
    // `entity` is what others see; `data` is the game's own. Both cross borders and survive the death of a server.
    return {
      position: at ?? { x: -20, y: -20, z: 0 },
      entity: { kind: 'walker' as const, name, hue: hueOf(name), berries: 0 },
      data: mind,
    };
  },

  commands: {
    'walk/to'(walker, { x, y }) {
      walker.data.to = onTheMap(x, y);
    },
    'chat/say'(walker, { text }, world) {
      world.broadcast('chat/said', { from: walker.entity.name, text }, { to: { near: walker, radius: 60 } });
    },
  },

  // A region begins: for the first time ever, or with what was saved of it.
  onStart(world, saved) {
    if (saved !== undefined) return;
    for (let i = 0; i < BERRIES; i++) {
      world.spawn({ position: somewhereIn(world.bounds), entity: { kind: 'berry', name: '', hue: 350, berries: 1 }, data: {} });
    }
  },
  saveWorld: () => ({ sown: true }),

  // Thirty times a second, unless `tickHz` says otherwise.
  tick(world, dtS) {
    for (const walker of world.players()) {
      walk(walker, dtS);
      for (const berry of world.near(walker, REACH)) {
        if (berry.entity.kind !== 'berry') continue;
        walker.entity.berries += berry.entity.berries;
        // Another one ripens elsewhere.
        berry.position = somewhereIn(world.bounds);
        world.send(walker, 'berry/picked', { berries: walker.entity.berries });
      }
    }
  },
});

/** Game code moves things; the velocity is for those who look on, and for Atlas to see a crossing coming. */
function walk({ position, velocity, data }: { position: Point; velocity: Point; data: Mind }, dtS: number): void {
  const { x, y } = data.to ?? position;
  const [dx, dy] = [x - position.x, y - position.y];
  const perS = Math.min(1 / dtS, SPEED / Math.max(Math.hypot(dx, dy), 1e-6));
  velocity.x = dx * perS;
  velocity.y = dy * perS;
  position.x += velocity.x * dtS;
  position.y += velocity.y * dtS;
}

interface Point {
  x: number;
  y: number;
}

function somewhereIn({ minX, maxX, minY, maxY }: { minX: number; maxX: number; minY: number; maxY: number }) {
  return { x: minX + Math.random() * (maxX - minX), y: minY + Math.random() * (maxY - minY), z: 0 };
}

/** The map's regions fill a square; a world with holes would ask its regions one by one. */
function onTheMap(x: number, y: number) {
  const all = map.regions.map(({ bounds }) => bounds);
  const [minX, maxX] = [Math.min(...all.map((each) => each.minX)), Math.max(...all.map((each) => each.maxX))];
  const [minY, maxY] = [Math.min(...all.map((each) => each.minY)), Math.max(...all.map((each) => each.maxY))];
  return { x: Math.max(minX + 1, Math.min(maxX - 1, x)), y: Math.max(minY + 1, Math.min(maxY - 1, y)) };
}

/** A colour of one's own, in degrees. */
function hueOf(name: string): number {
  let hue = 0;
  for (const letter of name) hue = (hue * 31 + (letter.codePointAt(0) ?? 0)) % 360;
  return hue;
}
