import { defineGame, f32, str, u32 } from '@horizon-atlas/protocol';
import { defineRegion } from '@horizon-atlas/sdk-server';
import { expect, expectTypeOf, test } from 'vitest';
import { testWorld } from './index.ts';

const schema = defineGame({
  client: { 'walk/to': { x: f32 }, 'chat/say': { text: str(200) }, 'shop/buy': { price: u32 }, 'bug/throw': {} },
  server: { 'chat/said': { from: str(64), text: str(200), nth: u32 }, 'shop/bought': { ok: u32 } },
  entity: { name: str(64) },
});

const game = defineRegion({
  schema,
  spawn: ({ name, at }) => ({ position: at ?? { x: -10, y: 0, z: 0 }, entity: { name }, data: { to: at?.x ?? -10, words: 0 } }),
  commands: {
    'walk/to'(walker, { x }) {
      walker.data.to = x;
    },
    'chat/say'(walker, { text }, world) {
      world.broadcast('chat/said', { from: walker.entity.name, text, nth: ++walker.data.words });
    },
    'shop/buy'(walker, { price }, world) {
      const moves = [{ from: walker.player ?? '', to: 'sink', item: 'gold', amount: price }];
      world.transfer({ id: `${walker.id}-${price}`, moves }, ({ ok }) => world.send(walker, 'shop/bought', { ok: ok ? 1 : 0 }));
    },
    'bug/throw'() {
      throw new Error('a bug of the game');
    },
  },
  onJoin(walker, world) {
    const gift = [{ from: 'mint', to: walker.player ?? '', item: 'gold', amount: 100 }];
    world.transfer({ id: `gift-${walker.player}`, moves: gift });
  },
  tick(world, dtS) {
    for (const walker of world.players()) {
      const way = walker.data.to - walker.position.x;
      walker.velocity.x = Math.sign(way) * Math.min(20, Math.abs(way) / dtS);
      walker.position.x += walker.velocity.x * dtS;
    }
  },
});

const bounds = (minX: number, maxX: number) => ({ minX, maxX, minY: -50, maxY: 50 });
const world = {
  regions: [
    { id: 'west', bounds: bounds(-100, 0) },
    { id: 'east', bounds: bounds(0, 100) },
  ],
};

test('players come in, are told things, and see one another', () => {
  const atlas = testWorld(game, { world });
  const ann = atlas.join('Ann');
  const bob = atlas.join('Bob');
  ann.send('chat/say', { text: 'hello' });
  atlas.until(() => bob.heard('chat/said').length > 0, 'Bob hears her', 1);
  expect(bob.heard('chat/said')).toEqual([{ from: 'Ann', text: 'hello', nth: 1 }]);
  atlas.until(() => bob.sees(ann), 'he sees her', 1);
  expect(bob.entities.get(ann.entity)?.state).toEqual({ name: 'Ann' });
});

test('a player crosses a border with its data, and keeps its socket', () => {
  const atlas = testWorld(game, { world });
  const ann = atlas.join('Ann');
  expect([ann.region, atlas.awake]).toEqual(['west', ['west']]);
  ann.send('walk/to', { x: 30 });
  ann.send('chat/say', { text: 'on my way' });
  atlas.until(() => ann.region === 'east', 'she is in the east', 10);
  atlas.run(2);
  expect(atlas.entityOf(ann).data).toEqual({ to: 30, words: 1 });
  expect(atlas.region('east').get(ann.entity)?.position.x).toBeCloseTo(30);
  expect(ann.crossings).toMatchObject([{ from: 'west', to: 'east' }]);
  expect(ann.lostSockets).toBe(0);
});

test('a command takes effect once, though the server or the gateway dies under it', () => {
  const atlas = testWorld(game, { world });
  const ann = atlas.join('Ann');
  atlas.until(() => ann.uncovered === 0);
  ann.send('chat/say', { text: 'one' });
  atlas.kill('west');
  ann.send('chat/say', { text: 'two' });
  atlas.until(() => ann.heard('chat/said').some(({ nth }) => nth === 2), 'both words are spoken');
  expect(ann.lostSockets).toBe(0);
  atlas.killGateway();
  ann.send('chat/say', { text: 'three' });
  atlas.until(() => ann.heard('chat/said').some(({ nth }) => nth === 3), 'the third one, too');
  expect(ann.lostSockets).toBeGreaterThan(0);
  expect(atlas.entityOf(ann).data.words).toBe(3);
});

test('who leaves comes back to where it was', () => {
  const atlas = testWorld(game, { world });
  const ann = atlas.join('Ann');
  ann.send('walk/to', { x: -42 });
  atlas.run(5);
  ann.leave();
  atlas.until(() => ann.status === 'closed');
  expect(atlas.join('Ann').seen?.x).toBeCloseTo(-42);
});

test('money is that of the ledger', () => {
  const atlas = testWorld(game, { world });
  const ann = atlas.join('Ann');
  atlas.until(() => atlas.balances('Ann').get('gold') === 100, 'her gift');
  for (const price of [70, 60]) ann.send('shop/buy', { price });
  atlas.until(() => ann.heard('shop/bought').length === 2);
  expect(ann.heard('shop/bought')).toEqual([{ ok: 1 }, { ok: 0 }]);
  expect(atlas.balances('Ann')).toEqual(new Map([['gold', 30]]));
});

test('what a hook throws fails the test', () => {
  const atlas = testWorld(game, { world });
  atlas.join('Ann').send('bug/throw', {});
  expect(() => atlas.run(1)).toThrow(/a bug of the game/);
});

test('one seed is one run', () => {
  const story = (seed: number) => {
    const atlas = testWorld(game, { world, seed, delayMs: [5, 80] });
    const ann = atlas.join('Ann');
    ann.send('walk/to', { x: 50 });
    atlas.until(() => ann.region === 'east');
    return atlas.nowS;
  };
  expect(story(7)).toBe(story(7));
});

test('a bad world and a long wait are told', () => {
  expect(() => testWorld(game, { world: { regions: [] } })).toThrow(/no world/);
  const atlas = testWorld(game, { world });
  expect(() => atlas.until(() => false, 'pigs fly', 1)).toThrow('after 1 s still not: pigs fly');
  expect(() => atlas.region('east')).toThrow(/asleep/);
});

test('types go from the schema to the test', () => {
  const atlas = testWorld(game, { world });
  const ann = atlas.join('Ann');
  expectTypeOf(ann.heard('chat/said')).toEqualTypeOf<{ from: string; text: string; nth: number }[]>();
  expectTypeOf(atlas.entityOf(ann).data).toEqualTypeOf<{ to: number; words: number }>();
  expectTypeOf(atlas.entityOf(ann).entity).toEqualTypeOf<{ name: string }>();
  // @ts-expect-error: no such event
  expect(() => ann.send('chat/shout', { text: '' })).toThrow();
});
