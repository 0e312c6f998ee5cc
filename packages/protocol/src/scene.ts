/**
 * A scene: where everybody is at one moment, as the live map draws it and the recording of the last minutes keeps it. Columns of little-endian
 * numbers, so that ten thousand movers are a few memory copies on either side:
 *
 *   u8 version · u8 flags (1: full) · u16 0 · u32 movers n · u32 gone m · u32 0 · f64 atMs
 *   n × f64 entity · m × f64 gone entity · n × f32 x · n × f32 y · n × u16 region · n × u8 kind
 */

export const sceneVersion = 1;

/**
 * 0: a player, 1: another entity, 2: a shadow, which the region's server holds of a neighbour's entity. A shadow's number in a scene is its
 * entity's, negated, so that both can be in it.
 */
export type MoverKind = 0 | 1 | 2;

export interface Scene {
  /** Unix milliseconds. */
  readonly atMs: number;
  /** Everybody; otherwise only who moved, came or went since the scene before. */
  readonly full: boolean;
  readonly entity: Float64Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Index in the list of regions, in its order. */
  readonly region: Uint16Array;
  readonly kind: Uint8Array;
  /** Entities of the scene before that are not there any more; empty in a full one. */
  readonly gone: Float64Array;
}

const headerBytes = 24;
const moverBytes = 8 + 4 + 4 + 2 + 1;

export function encodeScene(scene: Scene): Uint8Array<ArrayBuffer> {
  const [n, m] = [scene.entity.length, scene.gone.length];
  const out = new Uint8Array(headerBytes + n * moverBytes + m * 8);
  const head = new DataView(out.buffer);
  head.setUint8(0, sceneVersion);
  head.setUint8(1, scene.full ? 1 : 0);
  head.setUint32(4, n, true);
  head.setUint32(8, m, true);
  head.setFloat64(16, scene.atMs, true);
  let at = headerBytes;
  for (const column of [scene.entity, scene.gone, scene.x, scene.y, scene.region, scene.kind]) {
    out.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  }
  return out;
}

/** undefined: not a scene, or of a newer version. */
export function decodeScene(bytes: Uint8Array): Scene | undefined {
  if (bytes.length < headerBytes || bytes[0] !== sceneVersion) return undefined;
  const head = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const [n, m] = [head.getUint32(4, true), head.getUint32(8, true)];
  if (bytes.length !== headerBytes + n * moverBytes + m * 8) return undefined;
  // A copy, because columns must lie at multiples of their size. Not bytes.slice(): a Buffer's does not copy.
  const own = new Uint8Array(bytes).buffer;
  const x = headerBytes + 8 * (n + m);
  return {
    atMs: head.getFloat64(16, true),
    full: head.getUint8(1) === 1,
    entity: new Float64Array(own, headerBytes, n),
    gone: new Float64Array(own, headerBytes + 8 * n, m),
    x: new Float32Array(own, x, n),
    y: new Float32Array(own, x + 4 * n, n),
    region: new Uint16Array(own, x + 8 * n, n),
    kind: new Uint8Array(own, x + 10 * n, n),
  };
}
