/** The rules in a test, with a clock that the test moves. `npm test` runs what is in here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Duel, ROUNDS_TO_WIN } from '../duel.ts';

/** Plays on until it is so. */
function until(duel: Duel, phase: Duel['phase'], fromMs: number): number {
  for (let nowMs = fromMs; nowMs < fromMs + 60_000; nowMs += 10) {
    duel.step(nowMs);
    if (duel.phase === phase) return nowMs;
  }
  throw new Error(`it never comes to ${phase}`);
}

test('who draws first when the signal is there wins the round, and three of them the match', () => {
  const duel = new Duel(['Ann', 'Bob'], 0);
  let nowMs = 0;
  for (let round = 1; round <= ROUNDS_TO_WIN; round++) {
    nowMs = until(duel, 'signal', nowMs);
    duel.draw(0, nowMs);
    duel.draw(1, nowMs);
    assert.deepEqual(duel.wins, [round, 0]);
  }
  assert.deepEqual([duel.phase, duel.winner, duel.last], ['over', 0, 'Ann drew first']);
});

test('who draws before the signal loses the round', () => {
  const duel = new Duel(['Ann', 'Bob'], 0);
  duel.draw(0, 0);
  assert.deepEqual(duel.wins, [0, 0], 'before a round nothing counts');
  duel.draw(0, until(duel, 'steady', 0));
  assert.deepEqual([duel.wins, duel.last], [[0, 1], 'Ann drew too early']);
});

test('who leaves has lost', () => {
  const duel = new Duel(['Ann', 'Bob'], 0);
  duel.leave(1);
  assert.deepEqual([duel.phase, duel.winner, duel.last], ['over', 0, 'Bob is gone']);
});
