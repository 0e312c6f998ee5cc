/** Sol's region server: one process a region, started by Atlas. What happens at borders is Atlas's affair; nothing here knows of them. */
import { defineRegion, serveRegion } from '@horizon-atlas/sdk-server';
import { SPEED_MAX, schema, world as space } from './schema.ts';

interface Ship {
  /** Where the player wants to be. */
  to: { x: number; y: number; z: number };
  /** The run of `probe/count`, how many of its commands took effect, and the last. */
  run: number;
  seen: number;
  last: number;
}

const sol = defineRegion({
  schema,
  spawn({ player, name, at }, world) {
    const { minX, maxX } = world.bounds;
    const position = at ?? { x: (minX + maxX) / 2, y: 0, z: 0 };
    // The same id takes effect once, so a returning player is not given a second purse.
    world.transfer({ id: `purse-${player}`, moves: [{ from: 'mint', to: `player:${player}`, item: 'credit', amount: 1000 }] });
    const role = name.startsWith('Trader') ? ('trader' as const) : ('pilot' as const);
    const data: Ship = { to: { ...position }, run: 0, seen: 0, last: 0 };
    return { position, entity: { name, role, hull: 100 }, data };
  },
  commands: {
    'movement/steer'(ship, { x, y, z }) {
      ship.data.to = {
        x: within(x, space.minX, space.maxX),
        y: within(y, space.minY, space.maxY),
        z: within(z, space.minZ, space.maxZ),
      };
    },
    'chat/say'(ship, { text }, world) {
      world.broadcast('chat/said', { from: ship.entity.name, text }, { to: { near: ship, radius: 300 } });
    },
    'trade/give'(ship, { run, id, to, credits }, world) {
      const other = world.get(to)?.player;
      const answer = (ok: boolean, code: string): void => void world.send(ship, 'trade/given', { id, ok, code });
      if (other === undefined) return answer(false, 'NOBODY_THERE');
      const moves = [{ from: `player:${ship.player}`, to: `player:${other}`, item: 'credit', amount: credits }];
      world.transfer({ id: `gift-${ship.player}-${run}-${id}`, moves }, ({ ok, code }) => answer(ok, code));
    },
    'probe/count'(ship, { run, n }, world) {
      const { data } = ship;
      if (run !== data.run) Object.assign(data, { run, seen: 0, last: 0 });
      const ordered = n === data.last + 1;
      data.seen++;
      data.last = n;
      world.send(ship, 'probe/counted', { run, n, seen: data.seen, ordered });
    },
  },
  tick(world, dtS) {
    for (const ship of world.players()) fly(ship, ship.data.to, dtS);
  },
});

serveRegion(sol);

/** Heads for `to`, slower the nearer it is, so that a path that is told four times a second is flown smoothly. */
function fly(ship: { position: Ship['to']; velocity: Ship['to'] }, to: Ship['to'], dtS: number): void {
  const { position: p, velocity: v } = ship;
  const [dx, dy, dz] = [to.x - p.x, to.y - p.y, to.z - p.z];
  const distance = Math.hypot(dx, dy, dz);
  const perS = distance < 0.01 ? 0 : Math.min(4, SPEED_MAX / distance);
  v.x = dx * perS;
  v.y = dy * perS;
  v.z = dz * perS;
  p.x += v.x * dtS;
  p.y += v.y * dtS;
  p.z += v.z * dtS;
}

/** The upper faces of the world belong to nobody. */
function within(value: number, low: number, high: number): number {
  return Math.min(high - 0.5, Math.max(low, value));
}
