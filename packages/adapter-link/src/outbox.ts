/**
 * What a link has queued: frames written one behind the other into large chunks, so that a turn's worth of frames is one
 * system call. Chunks come from a pool that all links of a process share, so an idle link holds no memory.
 */
import type { LinkCloseReason } from '@horizon-atlas/ports';
import { limits } from './limits.ts';
import { encodeReason, headerBytes, word } from './wire.ts';

/** Below this many bytes a loop is quicker than `set`, which has a fixed price of its own. */
const loopBytes = 24;

export class ChunkPool {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(limits.chunkBytes);
  }

  /** `view` is all or the front of a chunk; of another buffer it is left to the garbage collector. */
  giveBack(view: Uint8Array): void {
    const { buffer } = view;
    if (buffer.byteLength !== limits.chunkBytes || this.#free.length >= limits.chunksKept) return;
    this.#free.push(new Uint8Array(buffer));
  }
}

export class Outbox {
  readonly #pool: ChunkPool;
  #full: Uint8Array[] = [];
  #chunk: Uint8Array | undefined;
  #at = 0;
  /** Queued, headers included. */
  bytes = 0;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
  }

  frame(payload: Uint8Array): void {
    this.#put(payload.length === 0 ? word.empty : payload.length, payload);
  }

  heartbeat(): void {
    this.#put(word.heartbeat, nothing);
  }

  close(reason: LinkCloseReason): void {
    const payload = encodeReason(reason);
    this.#put(word.close + payload.length, payload);
  }

  /** Everything queued, oldest first; the outbox is empty then. Give the parts back to the pool when they are written. */
  take(): Uint8Array[] {
    const parts = this.#full;
    if (this.#chunk) parts.push(this.#chunk.subarray(0, this.#at));
    this.#full = [];
    this.#chunk = undefined;
    this.#at = 0;
    this.bytes = 0;
    return parts;
  }

  #put(header: number, payload: Uint8Array): void {
    const length = payload.length;
    let at = this.#at;
    let chunk = this.#chunk;
    if (chunk === undefined || at + headerBytes + length > chunk.length) {
      chunk = this.#nextChunk(headerBytes + length);
      at = 0;
    }
    chunk[at] = header;
    chunk[at + 1] = header >>> 8;
    chunk[at + 2] = header >>> 16;
    chunk[at + 3] = header >>> 24;
    at += headerBytes;
    if (length <= loopBytes) for (let i = 0; i < length; i++) chunk[at + i] = payload[i] as number;
    else chunk.set(payload, at);
    this.#at = at + length;
    this.bytes += headerBytes + length;
  }

  #nextChunk(need: number): Uint8Array {
    if (this.#chunk) this.#full.push(this.#chunk.subarray(0, this.#at));
    // A frame larger than a chunk has room for itself alone: the next one does not fit and begins a new chunk.
    this.#chunk = need > limits.chunkBytes ? Buffer.allocUnsafeSlow(need) : this.#pool.take();
    return this.#chunk;
  }
}

const nothing = new Uint8Array(0);
