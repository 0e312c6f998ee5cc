/**
 * Cuts a stream of bytes into frames. A frame that lies whole within one chunk, which nearly all do, is handed out as a
 * view of that chunk; only a frame across a chunk's border is gathered in a buffer of the reader's own.
 */
import type { LinkCloseReason } from '@horizon-atlas/ports';
import { bodyBytes, decodeReason, headerBytes, word } from './wire.ts';

export interface FrameSink {
  /** The view is valid during the call only. */
  frame(view: Uint8Array): void;
  /** The other side has closed; nothing follows. */
  closed(reason: LinkCloseReason): void;
  /** Not our protocol; nothing follows. */
  invalid(message: string): void;
}

/** Gathered frames above this are rare: their buffer is given back at once. */
const gatherKeepBytes = 256 * 1024;

export class FrameReader {
  readonly #sink: FrameSink;
  #gathered = new Uint8Array(4096);
  #have = 0;
  #stopped = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** From now on everything is dropped; may be called within a sink's call. */
  stop(): void {
    this.#stopped = true;
  }

  /** Takes the next bytes of the stream. They may be overwritten as soon as this returns. */
  push(chunk: Uint8Array, end = chunk.length): void {
    let at = this.#have > 0 ? this.#finishGathered(chunk, end) : 0;
    const { buffer, byteOffset } = chunk;
    while (!this.#stopped && end - at >= headerBytes) {
      const header = wordAt(chunk, at);
      const length = bodyBytes(header);
      if (length < 0) {
        this.#refuse(header);
        break;
      }
      if (end - at - headerBytes < length) break;
      at += headerBytes;
      // Not `subarray`: a chunk is a Buffer, whose `slice` would not copy when a receiver means to keep the bytes.
      if (header !== word.heartbeat) this.#deliver(header, new Uint8Array(buffer, byteOffset + at, length));
      at += length;
    }
    if (!this.#stopped && at < end) this.#gather(chunk, at, end);
  }

  /** Completes the frame that began in an earlier chunk; where the next one starts. */
  #finishGathered(chunk: Uint8Array, end: number): number {
    let at = 0;
    if (this.#have < headerBytes) {
      at = Math.min(headerBytes - this.#have, end);
      this.#gather(chunk, 0, at);
      if (this.#have < headerBytes) return end;
    }
    const header = wordAt(this.#gathered, 0);
    const length = bodyBytes(header);
    if (length < 0) {
      this.#refuse(header);
      return end;
    }
    const upTo = Math.min(at + headerBytes + length - this.#have, end);
    this.#gather(chunk, at, upTo);
    if (this.#have < headerBytes + length) return end;
    const view = this.#gathered.subarray(headerBytes, headerBytes + length);
    this.#have = 0;
    if (this.#gathered.length > gatherKeepBytes) this.#gathered = new Uint8Array(4096);
    if (header !== word.heartbeat) this.#deliver(header, view);
    return upTo;
  }

  /** The buffer grows with what has come, not with what a header promises. */
  #gather(chunk: Uint8Array, start: number, end: number): void {
    const need = this.#have + end - start;
    if (need > this.#gathered.length) {
      const larger = new Uint8Array(Math.max(this.#gathered.length * 2, need));
      larger.set(this.#gathered.subarray(0, this.#have));
      this.#gathered = larger;
    }
    this.#gathered.set(chunk.subarray(start, end), this.#have);
    this.#have = need;
  }

  #deliver(header: number, view: Uint8Array): void {
    if (header < word.close) {
      this.#sink.frame(view);
      return;
    }
    this.#stopped = true;
    const reason = decodeReason(view);
    if (reason) this.#sink.closed(reason);
    else this.#sink.invalid('the close reason is malformed');
  }

  #refuse(header: number): void {
    this.#stopped = true;
    this.#sink.invalid(`no frame begins with 0x${header.toString(16).padStart(8, '0')}`);
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  return low + (bytes[at + 3] as number) * 0x100_0000;
}
