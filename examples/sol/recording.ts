/**
 * Recorded human movement in a compact form: how people walk, stop, turn back and follow each other, which no random walk does.
 * The file is gzip over little-endian bytes; places are relative to the middle of their match, in steps of two units of the recorded game.
 *
 *   magic:u32  hz:u16  tracks:u16
 *   track × tracks    match:u8  player:u8  lives:u16
 *   life × lives      samples:u16  x:i16 y:i16 z:i16  (dx:i8 dy:i8 dz:i8) × (samples − 1)
 *
 * Source and licence: see NOTICE at the root of the repository. Made by reduce-recording.ts.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { Reader, Writer } from '@horizon-atlas/base';

const MAGIC = 0x314d4c53;
/** Units of the recorded game in one step. */
export const UNITS_PER_STEP = 2;

/** From a player's appearance to its death: x, y, z in units of the recorded game, one after the other. */
export type Life = Float32Array;

export interface Track {
  readonly match: number;
  readonly player: number;
  readonly lives: readonly Life[];
}

export interface Recording {
  /** Samples a second. */
  readonly hz: number;
  readonly tracks: readonly Track[];
}

export function packRecording({ hz, tracks }: Recording): Uint8Array {
  const w = new Writer(1 << 16);
  w.u32(MAGIC);
  w.u16(hz);
  w.u16(tracks.length);
  for (const { match, player, lives } of tracks) {
    w.u8(match);
    w.u8(player);
    w.u16(lives.length);
    for (const life of lives) packLife(w, life);
  }
  return gzipSync(w.view(), { level: 9 });
}

/** Throws on what `packRecording` has not made: the file is part of the product. */
export function unpackRecording(file: Uint8Array): Recording {
  const r = new Reader(new Uint8Array(gunzipSync(file)));
  if (r.u32() !== MAGIC) throw new Error('this is no recording of movement');
  const hz = r.u16();
  const tracks = Array.from({ length: r.u16() }, () => {
    const match = r.u8();
    const player = r.u8();
    return { match, player, lives: Array.from({ length: r.u16() }, () => unpackLife(r)) };
  });
  if (r.bad || r.left > 0) throw new Error('this recording of movement is damaged');
  return { hz, tracks };
}

/** A step that is too long for its byte is made up for by the next ones: the path is kept, its timing by a quarter of a second. */
function packLife(w: Writer, life: Life): void {
  const samples = life.length / 3;
  w.u16(samples);
  const at = [0, 1, 2].map((axis) => steps(life, axis));
  for (const value of at) w.u16(value & 0xffff);
  for (let i = 1; i < samples; i++) {
    for (let axis = 0; axis < 3; axis++) {
      const delta = Math.max(-127, Math.min(127, steps(life, 3 * i + axis) - (at[axis] as number)));
      at[axis] = (at[axis] as number) + delta;
      w.u8(delta & 0xff);
    }
  }
}

function unpackLife(r: Reader): Life {
  const life = new Float32Array(r.u16() * 3);
  for (let axis = 0; axis < 3; axis++) life[axis] = ((r.u16() << 16) >> 16) * UNITS_PER_STEP;
  for (let i = 3; i < life.length; i++) life[i] = (life[i - 3] as number) + ((r.u8() << 24) >> 24) * UNITS_PER_STEP;
  return life;
}

function steps(life: Life, i: number): number {
  return Math.round((life[i] as number) / UNITS_PER_STEP);
}
