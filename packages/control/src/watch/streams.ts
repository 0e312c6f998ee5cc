/** Open event streams (SSE): how many there may be, their heartbeat, and their end. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../access/caller.ts';
import { Refused } from '../problems.ts';

export const limits = {
  /** Streams at once; beyond, WATCHERS_FULL. */
  streams: 256,
  /** Bytes of a stream that may wait in this process. Above, its reader is slow and is written nothing until it has read. */
  waitingBytes: 64 * 1024,
  heartbeatMs: 15_000,
  /** A reader that takes nothing for so long is gone or has stopped. */
  stalledMs: 60_000,
} as const;

/** Streams of matchmaking at once: a player who waits has one. */
export const ticketStreams = 20_000;
/** Bytes that may wait for a game's backend, which hears of all tickets: a second of thousands of them. */
export const backendWaitingBytes = 8 * 1024 * 1024;

const heartbeat = comment('still here');
const security = { 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' };

export class Streams {
  readonly #streams = new Set<Stream>();
  readonly #isIn: (caller: Caller) => boolean;
  readonly #most: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `isIn`: whether a caller is still let in; looked at with each heartbeat. `most`: streams at once. */
  constructor(isIn: (caller: Caller) => boolean, most: number = limits.streams) {
    this.#isIn = isIn;
    this.#most = most;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Takes the answer over. Throws WATCHERS_FULL. */
  open(reply: FastifyReply, caller: Caller): Stream {
    if (this.#streams.size >= this.#most || this.#closed) {
      throw new Refused('WATCHERS_FULL', `${this.#most} streams are open, and that is as many as there may be`, {
        headers: { 'retry-after': '5' },
      });
    }
    reply.hijack();
    const stream = new Stream(reply.raw, caller, reply.getHeader('access-control-allow-origin'));
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => this.#beat(), limits.heartbeatMs).unref();
    stream.onClose(() => {
      this.#streams.delete(stream);
      if (this.#streams.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
    return stream;
  }

  /** Ends those of callers for whom `which` holds. */
  closeOf(which: (caller: Caller) => boolean): void {
    for (const stream of this.#streams) if (which(stream.caller)) stream.end();
  }

  close(): void {
    this.#closed = true;
    this.closeOf(() => true);
  }

  #beat(): void {
    const nowMs = performance.now();
    for (const stream of this.#streams) {
      if (!this.#isIn(stream.caller)) stream.end();
      else if (stream.isStalled(nowMs)) stream.cut();
      else if (stream.ready) stream.send(heartbeat);
    }
  }
}

export class Stream {
  readonly caller: Caller;
  readonly #response: ServerResponse;
  readonly #onDrain: (() => void)[] = [];
  readonly #onClose: (() => void)[] = [];
  #slowSinceMs: number | undefined;
  #closed = false;

  /** `origin`: of a page elsewhere that may read it. */
  constructor(response: ServerResponse, caller: Caller, origin?: string | string[] | number) {
    this.#response = response;
    this.caller = caller;
    // Compressing or holding back by a proxy on the way would undo what a stream is for.
    const headers = {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    };
    const elsewhere = typeof origin === 'string' ? { 'access-control-allow-origin': origin, vary: 'origin' } : {};
    response.writeHead(200, { ...security, ...headers, ...elsewhere });
    response.on('drain', () => {
      this.#slowSinceMs = undefined;
      for (const fn of this.#onDrain) fn();
    });
    response.on('error', () => {});
    response.on('close', () => {
      this.#closed = true;
      for (const fn of this.#onClose) fn();
    });
  }

  /** Whether more may be written: what cannot be is left out, or comes later. */
  get ready(): boolean {
    return this.waitsBelow(limits.waitingBytes);
  }

  /** The same for a stream of which more may wait. */
  waitsBelow(bytes: number): boolean {
    return !this.#closed && this.#response.writableLength < bytes;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes are not copied: one buffer serves all watchers. */
  send(bytes: Uint8Array): void {
    if (this.#closed) return;
    const taken = this.#response.write(bytes);
    if (!taken) this.#slowSinceMs ??= performance.now();
  }

  onDrain(fn: () => void): void {
    this.#onDrain.push(fn);
  }

  onClose(fn: () => void): void {
    this.#onClose.push(fn);
  }

  isStalled(nowMs: number): boolean {
    return this.#slowSinceMs !== undefined && nowMs - this.#slowSinceMs > limits.stalledMs;
  }

  end(): void {
    this.#response.end();
  }

  /** For one that does not read: there is no use in telling it anything. */
  cut(): void {
    this.#response.destroy();
  }
}

/** One event as bytes. `data` has no line ends: it is JSON or base64. */
export function encodeEvent(event: string, data: string, id?: number): Buffer {
  return Buffer.from(eventText(event, data, id));
}

/** The same as text, for who joins several. */
export function eventText(event: string, data: string, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}

/** Says nothing, and shows that the stream lives. */
export function comment(text: string): Buffer {
  return Buffer.from(`: ${text}\n\n`);
}
