/** The region server of the end-to-end world: walks people about, counts what they ask it to count, and keeps their accounts. */
import { defineRegion, serveRegion } from '@horizon-atlas/sdk-server';
import { schema } from './schema.ts';

const SPEED = 60;
const nowhere: Record<string, number> = { nan: Number.NaN, infinity: Number.POSITIVE_INFINITY, below: -1e7 };

serveRegion(
  defineRegion({
    schema,
    spawn: ({ name, at }) => {
      const position = at ?? { x: 50, y: 50, z: 0 };
      return { position, entity: { name }, data: { toX: position.x, seen: 0, last: 0 } };
    },
    commands: {
      'walk/to'({ data }, { x }) {
        data.toX = x;
      },
      'count/one'(person, { n }, world) {
        const { data } = person;
        const ordered = n === data.last + 1;
        data.seen++;
        data.last = n;
        world.send(person, 'count/counted', { n, seen: data.seen, ordered });
      },
      'chat/say': (person, { text }, world) => world.broadcast('chat/said', { from: person.entity.name, text }),
      'bank/pay'(person, { id }, world) {
        const moves = [{ from: 'mint', to: `player:${person.player}`, item: 'credit', amount: 1 }];
        world.transfer({ id: `pay-${person.player}-${id}`, moves }, ({ ok }) => void world.send(person, 'bank/paid', { id, ok }));
      },
      'bank/ask'(person, _, world) {
        world.balances(`player:${person.player}`, (items) => {
          world.send(person, 'bank/balance', { credits: items.get('credit') ?? 0 });
        });
      },
      'cheat/jump'(person, { where }) {
        person.position = { x: nowhere[where] ?? 0, y: 50, z: 0 };
      },
    },
    tick(world, dtS) {
      for (const { position, velocity, data } of world.players()) {
        const left = data.toX - position.x;
        velocity.x = Math.max(-SPEED, Math.min(SPEED, left / dtS));
        position.x += velocity.x * dtS;
      }
    },
  }),
);
