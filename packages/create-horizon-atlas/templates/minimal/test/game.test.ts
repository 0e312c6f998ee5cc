/** The game in a test: the whole of Atlas around it on one thread, with a clock that the test moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testWorld } from 'horizon-atlas/testing';
import { game } from '../game.ts';
import { world } from '../world.ts';

test('a player walks over the border, and is heard there', () => {
  const atlas = testWorld(game, { world });
  const ann = atlas.join('Ann');
  ann.send('walk/to', { x: 50, y: 0 });
  atlas.until(() => ann.region === 'east', 'she is in the east');
  ann.send('chat/say', { text: 'here I am' });
  atlas.until(() => ann.heard('chat/said').length > 0, 'she is heard');
  assert.deepEqual(ann.heard('chat/said'), [{ from: 'Ann', text: 'here I am' }]);
  assert.equal(ann.lostSockets, 0);
});
