import { Reader, Writer } from '@horizon-atlas/base';
import { describe, expect, test } from 'vitest';
import { defineGame } from './game-schema.ts';
import { f32, str, u16 } from './schema.ts';

const game = {
  client: { 'movement/move': { x: f32, y: f32 }, 'chat/say': { text: str(200) } },
  server: { 'chat/said': { from: str(), text: str(200) } },
  entity: { name: str(32), hull: u16 },
};

describe('a game', () => {
  test('numbers its events as they are declared, from 1', () => {
    const { client } = defineGame(game);
    expect([client.id('movement/move'), client.id('chat/say')]).toEqual([1, 2]);
    expect([client.name(1), client.name(2), client.name(0), client.name(3)]).toEqual([
      'movement/move',
      'chat/say',
      undefined,
      undefined,
    ]);
  });

  test('carries its messages', () => {
    const codec = defineGame(game).client.codec('movement/move');
    const w = new Writer();
    codec.write(w, { x: 1.5, y: -2 });
    expect(codec.read(new Reader(w.copy()))).toEqual({ x: 1.5, y: -2 });
  });

  test('has a hash that every change of its bytes changes, and nothing else', () => {
    const { hash } = defineGame(game);
    expect(hash).toBe(defineGame(structuredCloneOf(game)).hash);
    const others = [
      { ...game, client: { 'chat/say': game.client['chat/say'], 'movement/move': game.client['movement/move'] } },
      { ...game, client: { ...game.client, 'movement/move': { y: f32, x: f32 } } },
      { ...game, entity: { name: str(32), hull: f32 } },
      { ...game, server: {} },
    ];
    for (const other of others) expect(defineGame(other).hash).not.toBe(hash);
    expect(hash).toBeGreaterThan(0);
  });

  test('is told what is wrong with an event', () => {
    expect(() => defineGame({ client: { move: {} }, server: {} })).toThrow('namespace/event');
    expect(() => defineGame(game).client.id('movement/jump' as never)).toThrow('no event "movement/jump"');
  });
});

function structuredCloneOf<T extends object>(value: T): T {
  return { ...value };
}
