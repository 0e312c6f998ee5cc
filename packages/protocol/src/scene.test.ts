import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeScene, encodeScene, type Scene } from './scene.ts';

const mover = fc.tuple(
  fc.maxSafeNat(),
  fc.float({ noNaN: true }),
  fc.float({ noNaN: true }),
  fc.nat(65_535),
  fc.constantFrom(0, 1, 2),
);
const scenes = fc.tuple(fc.double({ min: 0, max: 1e13 }), fc.boolean(), fc.array(mover), fc.array(fc.maxSafeNat()));

function sceneOf([atMs, full, movers, gone]: typeof scenes extends fc.Arbitrary<infer T> ? T : never): Scene {
  return {
    atMs,
    full,
    entity: Float64Array.from(movers, ([entity]) => entity),
    x: Float32Array.from(movers, ([, x]) => x),
    y: Float32Array.from(movers, ([, , y]) => y),
    region: Uint16Array.from(movers, ([, , , region]) => region),
    kind: Uint8Array.from(movers, ([, , , , kind]) => kind),
    gone: Float64Array.from(gone),
  };
}

describe('a scene', () => {
  it('is read as it was written, wherever it lies in a buffer', () => {
    fc.assert(
      fc.property(scenes, fc.nat(7), (given, offset) => {
        const scene = sceneOf(given);
        const bytes = encodeScene(scene);
        const shifted = new Uint8Array(bytes.length + offset);
        shifted.set(bytes, offset);
        expect(decodeScene(shifted.subarray(offset))).toEqual(scene);
        // A Buffer's slice is a view, and what Node reads from a socket is one.
        expect(decodeScene(Buffer.from(shifted.buffer, offset))).toEqual(scene);
      }),
    );
  });

  it('that is cut short, too long, or of another version is none', () => {
    fc.assert(
      fc.property(scenes, fc.nat(), (given, cut) => {
        const bytes = encodeScene(sceneOf(given));
        expect(decodeScene(bytes.subarray(0, cut % bytes.length))).toBeUndefined();
        expect(decodeScene(new Uint8Array([...bytes, 0]))).toBeUndefined();
        expect(decodeScene(Uint8Array.from(bytes, (byte, i) => (i === 0 ? 9 : byte)))).toBeUndefined();
      }),
    );
  });

  it('of bytes that are noise does not throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodeScene(bytes)));
  });
});
