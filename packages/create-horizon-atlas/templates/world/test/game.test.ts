/**
 * The game in a test: the whole of Atlas around it on one thread, with a clock that the test moves. A minute of play takes a moment, and no
 * port or process is needed. `npm test` runs what is in here.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testWorld } from 'horizon-atlas/testing';
import { game } from '../game.ts';
import { world } from '../world.ts';

test('two players see and hear each other', () => {
  const atlas = testWorld(game, { world });
  const ann = atlas.join('Ann');
  const bob = atlas.join('Bob');
  atlas.until(() => ann.sees(bob) && bob.sees(ann), 'they see each other');
  ann.send('chat/say', { text: 'hello' });
  atlas.until(() => bob.heard('chat/said').length > 0, 'he hears her');
  assert.deepEqual(bob.heard('chat/said'), [{ from: 'Ann', text: 'hello' }]);
});

test('a walk over two borders keeps the socket, and what was picked', () => {
  const atlas = testWorld(game, { world });
  const ann = atlas.join('Ann');
  atlas.entityOf(ann).entity.berries = 5;
  ann.send('walk/to', { x: 50, y: -50 });
  atlas.until(() => ann.region === 'forest', 'she is in the forest');
  ann.send('walk/to', { x: 50, y: 50 });
  atlas.until(() => ann.region === 'hills', 'she is in the hills');
  atlas.run(1);
  assert.equal(ann.lostSockets, 0);
  assert.ok(atlas.entityOf(ann).entity.berries >= 5);
});

test('a berry in reach is picked, and another one ripens', () => {
  const atlas = testWorld(game, { world });
  const ann = atlas.join('Ann');
  const berries = () => [...atlas.region('meadow').entities()].filter(({ entity }) => entity.kind === 'berry');
  const ripe = berries().length;
  const { x = 0, y = 0 } = berries()[0]?.position ?? {};
  ann.send('walk/to', { x, y });
  atlas.until(() => ann.heard('berry/picked').length > 0, 'she picks it');
  assert.ok((ann.heard('berry/picked').at(-1)?.berries ?? 0) >= 1);
  assert.equal(berries().length, ripe);
});

test('the death of a server costs nobody anything', () => {
  const atlas = testWorld(game, { world });
  const ann = atlas.join('Ann');
  atlas.kill('meadow');
  ann.send('walk/to', { x: -30, y: -30 });
  atlas.until(() => ann.seen !== undefined && Math.hypot(ann.seen.x + 30, ann.seen.y + 30) < 1, 'she walks on');
  assert.equal(ann.lostSockets, 0);
});

test('types go from the schema to here', () => {
  const ann = testWorld(game, { world }).join('Ann');
  const said: { from: string; text: string }[] = ann.heard('chat/said');
  assert.deepEqual(said, []);
  // @ts-expect-error: nobody can shout; the schema says so, and so does the SDK at run time
  assert.throws(() => ann.send('chat/shout', { text: 'hello' }));
  // @ts-expect-error: a text is no number
  const wrong = () => ann.send('chat/say', { text: 1 });
  assert.equal(typeof wrong, 'function');
});
