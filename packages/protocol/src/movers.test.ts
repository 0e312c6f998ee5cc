import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { decodeMovers, encodeMovers, moverBytesMax, moverFrozen } from './movers.ts';

describe('the places of a region', () => {
  it('are read as they were written', () => {
    const bytes = encodeMovers([
      { entity: 2 ** 52 + 1, kind: 0, frozen: false, x: -1.5, y: 2, z: 3 },
      { entity: 7, kind: 2, frozen: true, x: 4, y: 5.25, z: 6 },
    ]);
    expect(bytes.length).toBe(42);
    const movers = decodeMovers(bytes);
    expect([...(movers?.entity ?? [])]).toEqual([2 ** 52 + 1, 7]);
    expect([...(movers?.x ?? [])]).toEqual([-1.5, 4]);
    expect([...(movers?.y ?? [])]).toEqual([2, 5.25]);
    expect([...(movers?.z ?? [])]).toEqual([3, 6]);
    expect([...(movers?.kind ?? [])]).toEqual([0, 2 | moverFrozen]);
  });

  it('lie wherever the bytes lie', () => {
    const bytes = encodeMovers([{ entity: 9, kind: 1, frozen: false, x: 1, y: 2, z: 3 }]);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(decodeMovers(shifted.subarray(1))?.entity[0]).toBe(9);
  });

  it('are refused when they are not whole, or too many', () => {
    expect(decodeMovers(new Uint8Array(20))).toBeUndefined();
    expect(decodeMovers(new Uint8Array(moverBytesMax + 21))).toBeUndefined();
    expect(decodeMovers(new Uint8Array(moverBytesMax))?.entity.length).toBe(limits.moversPerRegion);
    expect(decodeMovers(new Uint8Array(0))?.entity.length).toBe(0);
  });
});
