/**
 * Everybody's place in one region, as columns of little-endian numbers: written and read by the thousand, several times a second.
 *
 *   n × f64 entity · n × f32 x · n × f32 y · n × f32 z · n × u8 kind        n is the length ÷ 21
 */
import { limits } from './limits.ts';
import type { MoverKind } from './scene.ts';

export interface Movers {
  readonly entity: Float64Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
  /** A `MoverKind`, and `moverFrozen` added for one that stands still because its group is just crossing. */
  readonly kind: Uint8Array;
}

export const moverFrozen = 0x80;

/** One mover, as it is collected. */
export interface Mover {
  readonly entity: number;
  readonly kind: MoverKind;
  readonly frozen: boolean;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

const MOVER_BYTES = 8 + 3 * 4 + 1;
export const moverBytesMax = limits.moversPerRegion * MOVER_BYTES;

export function encodeMovers(movers: readonly Mover[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(movers.length * MOVER_BYTES);
  const { entity, x, y, z, kind } = columnsOf(out.buffer, movers.length);
  for (let i = 0; i < movers.length; i++) {
    const mover = movers[i] as Mover;
    entity[i] = mover.entity;
    x[i] = mover.x;
    y[i] = mover.y;
    z[i] = mover.z;
    kind[i] = mover.kind | (mover.frozen ? moverFrozen : 0);
  }
  return out;
}

/** undefined: not a whole number of movers, or more than a region may have. The columns are a copy. */
export function decodeMovers(bytes: Uint8Array): Movers | undefined {
  const n = bytes.length / MOVER_BYTES;
  if (!Number.isInteger(n) || n > limits.moversPerRegion) return undefined;
  return columnsOf(bytes.slice().buffer, n);
}

function columnsOf(buffer: ArrayBuffer, n: number): Movers {
  return {
    entity: new Float64Array(buffer, 0, n),
    x: new Float32Array(buffer, 8 * n, n),
    y: new Float32Array(buffer, 12 * n, n),
    z: new Float32Array(buffer, 16 * n, n),
    kind: new Uint8Array(buffer, 20 * n, n),
  };
}
