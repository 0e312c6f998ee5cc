import { decodeMovers, decodeScene, encodeMovers, type Mover, type Movers } from '@horizon-atlas/protocol';
import { describe, expect, it } from 'vitest';
import { SceneBoard } from './scene-board.ts';

const mover = (entity: number, x: number, changes: Partial<Mover> = {}): Mover => ({
  entity,
  kind: 0,
  frozen: false,
  x,
  y: 1,
  z: 0,
  ...changes,
});
const movers = (...list: Mover[]) => decodeMovers(encodeMovers(list)) as Movers;

function shown(bytes: Uint8Array): { full: boolean; there: string[]; gone: number[] } {
  const scene = decodeScene(bytes);
  if (!scene) throw new Error('not a scene');
  const there = [...scene.entity].map((id, i) => `${id}@${scene.x[i]} r${scene.region[i]} k${scene.kind[i]}`);
  return { full: scene.full, there: there.sort(), gone: [...scene.gone] };
}

describe('the scene of the world', () => {
  it('tells who came, who moved and who went, and the whole of it when asked', () => {
    const board = new SceneBoard(['west', 'east']);
    board.heard('west', movers(mover(1, 10), mover(2, 20, { kind: 1 })));
    expect(shown(board.build(1))).toEqual({ full: false, there: ['1@10 r0 k0', '2@20 r0 k1'], gone: [] });
    expect(shown(board.build(2))).toEqual({ full: false, there: [], gone: [] });
    board.heard('west', movers(mover(1, 11)));
    board.heard('east', movers(mover(3, 30)));
    expect(shown(board.build(3))).toEqual({ full: false, there: ['1@11 r0 k0', '3@30 r1 k0'], gone: [2] });
    expect(shown(board.full())).toEqual({ full: true, there: ['1@11 r0 k0', '3@30 r1 k0'], gone: [] });
    board.forget('west');
    expect(shown(board.build(4)).gone).toEqual([1]);
    board.heard('west', movers(mover(1, 11)));
    expect(shown(board.build(5)).there).toEqual(['1@11 r0 k0']);
  });

  it('shows an entity that is just crossing once, where it moves', () => {
    const board = new SceneBoard(['west', 'east']);
    board.heard('west', movers(mover(1, 99)));
    board.build(1);
    board.heard('west', movers(mover(1, 99, { frozen: true })));
    expect(shown(board.build(2)).there).toEqual([]);
    board.heard('east', movers(mover(1, 101)));
    expect(shown(board.build(3))).toEqual({ full: false, there: ['1@101 r1 k0'], gone: [] });
    // And the other way round, where the one that moves is told of first.
    board.heard('west', movers(mover(1, 98)));
    board.heard('east', movers(mover(1, 101, { frozen: true })));
    expect(shown(board.build(4)).there).toEqual(['1@98 r0 k0']);
  });

  it('shows shadows beside what they show', () => {
    const board = new SceneBoard(['west', 'east', 'south']);
    board.heard('west', movers(mover(1, 99)));
    board.heard('east', movers(mover(1, 98, { kind: 2 })));
    board.heard('south', movers(mover(1, 97, { kind: 2 })));
    expect(shown(board.build(1)).there).toEqual(['-1@98 r1 k2', '1@99 r0 k0']);
  });

  it('leaves out what is no place, and regions that are not of this world', () => {
    const board = new SceneBoard(['west']);
    board.heard('nowhere', movers(mover(9, 1)));
    board.heard('west', movers(mover(1, Number.NaN), mover(0, 1), mover(2, 5), { ...mover(3, 1), kind: 9 as 0 }));
    expect(shown(board.build(1)).there).toEqual(['2@5 r0 k0']);
  });

  it('grows, and uses places again', () => {
    const board = new SceneBoard(['west']);
    const crowd = (from: number) => movers(...Array.from({ length: 3000 }, (_, i) => mover(from + i, i)));
    for (let round = 0; round < 5; round++) {
      board.heard('west', crowd(1 + round * 3000));
      const { there, gone } = shown(board.build(round));
      expect([there.length, gone.length]).toEqual([3000, round === 0 ? 0 : 3000]);
    }
    expect(board.movers).toBe(3000);
    expect(shown(board.full()).there).toHaveLength(3000);
  });
});
