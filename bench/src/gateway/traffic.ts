/**
 * What players and their game say in the `gateway` bench, the same behind every proxy: 64 bytes up, 128 bytes down.
 *
 *   up    latest   03 event:u16          play       down  latest   83 key:u32 event:u16  play
 *         command  02 seq:u32 event:u16  play             message  82 seq:u32 event:u16  play
 *
 *   play: number:u32 echo:u32 x:f32 y:f32 z:f32, then filler up to the size of the message
 *
 * Numbers count a player's messages from 1 in each direction, so that what is lost or doubled shows; `echo` is the number of the
 * last message heard, so that the way there and back can be timed.
 */
import { header, kind } from '@horizon-atlas/protocol';

/** Whole messages: a WebSocket frame's payload. */
export const UP_BYTES = 64;
export const DOWN_BYTES = 128;
/** The game's ticks, and what a client sends a second. */
export const HZ = 20;

export const EVENT = 7;

/** How messages travel: replaceable by newer ones, or reliable. */
export type Delivery = 'latest' | 'reliable';

/** How the game answers: each message at once, or all players once a tick. */
export type Answers = 'each' | 'ticks';

/** Counts that must agree when all is quiet: what one side sent, the other received. */
export interface Counts {
  readonly sent: number;
  readonly received: number;
  /** Came out of order, twice, or not as expected. */
  readonly wrong: number;
}

export const noCounts: Counts = { sent: 0, received: 0, wrong: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return { sent: a.sent + b.sent, received: a.received + b.received, wrong: a.wrong + b.wrong };
}

/** Where the number stands in the messages of a client. */
export const upPlayAt: Record<Delivery, number> = { latest: header.latestUp, reliable: header.command };
export const downPlayAt: Record<Delivery, number> = { latest: header.latestDown, reliable: header.message };

export const upKind: Record<Delivery, number> = { latest: kind.latestUp, reliable: kind.command };
export const downKind: Record<Delivery, number> = { latest: kind.latestDown, reliable: kind.message };

/** A player as both game servers keep one: reads where it is, and says what it sees. */
export class Player {
  sent = 0;
  received = 0;
  wrong = 0;
  #echo = 0;
  #x = 0;
  #y = 0;
  #z = 0;

  /** Reads a `play` at `at`. */
  hears(view: DataView, at: number): void {
    this.#echo = view.getUint32(at, true);
    if (this.#echo !== ++this.received) this.wrong++;
    this.#x = view.getFloat32(at + 8, true);
    this.#y = view.getFloat32(at + 12, true);
    this.#z = view.getFloat32(at + 16, true);
  }

  /** Writes the next `play` at `at`. */
  says(view: DataView, at: number): void {
    view.setUint32(at, ++this.sent, true);
    view.setUint32(at + 4, this.#echo, true);
    view.setFloat32(at + 8, this.#x, true);
    view.setFloat32(at + 12, this.#y, true);
    view.setFloat32(at + 16, this.#z, true);
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
