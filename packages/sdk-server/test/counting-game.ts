/** The game that the stories play. */
import { defineGame, limits, str, u32 } from '@horizon-atlas/protocol';
import { defineRegion, type Game } from '../src/index.ts';

export const schema = defineGame({
  client: { 'do/add': { n: u32 }, 'do/move': { vx: u32 }, 'do/say': { text: str(64) }, 'do/jump': { x: u32 } },
  server: { 'did/added': { n: u32, sum: u32 }, 'did/said': { text: str(200) } },
  entity: { name: str(32), sum: u32 },
});

export interface Mind {
  sum: number;
  log: number[];
}

/** The counting game: every command leaves its mark on the entity, so that one too many or too few shows. */
export function countingGame(): Game {
  return defineRegion({
    schema,
    spawn(player, world) {
      const { minX, maxX } = world.bounds;
      return {
        position: player.at ?? { x: (minX + maxX) / 2, y: 0, z: 0 },
        entity: { name: player.name, sum: 0 },
        data: { sum: 0, log: [] as number[] },
      };
    },
    commands: {
      'do/add'(ship, { n }, world) {
        ship.data.sum += n;
        ship.data.log.push(n);
        ship.entity.sum = ship.data.sum;
        world.send(ship, 'did/added', { n, sum: ship.data.sum });
      },
      'do/move'(ship, { vx }) {
        ship.velocity.x = vx;
      },
      'do/say'(ship, { text }, world) {
        if (text === 'throw') throw new Error('the game has a fault');
        if (text === 'lock') world.lock(ship, 'combat', 1000);
        else if (text === 'timer') world.after(ship, 500, 'ring', { loud: true });
        else if (text === 'nowhere') ship.position = { x: Number.NaN, y: 0, z: 0 };
        else if (text === 'outside') ship.position.x = 1e9;
        else if (text === 'pet')
          world.group(ship, [world.spawn({ position: { ...ship.position }, entity: { name: 'pet', sum: 7 } })]);
        else if (text === 'big') ship.data.log = new Array(limits.groupStateBytes).fill(1);
        else world.broadcast('did/said', { text });
      },
      'do/jump'(ship, { x }, world) {
        world.teleport(ship, { x, y: 0, z: 0 });
      },
    },
    actions: {
      hit(ship, damage: { by: number }, world) {
        ship.entity.sum = damage.by;
        return { in: world.region };
      },
    },
    timers: {
      ring(ship, data: { loud: boolean }, world) {
        world.send(ship, 'did/said', { text: `ring in ${world.region} ${data.loud}` });
      },
    },
    tick(world, dtS) {
      for (const each of world.entities()) each.position.x += each.velocity.x * dtS;
    },
  });
}
