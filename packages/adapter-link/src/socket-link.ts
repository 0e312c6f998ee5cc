/**
 * One link over one socket: queue and flush on the way out, reader and hand-over on the way in, heartbeats, and an end that
 * is told exactly once.
 *
 *   open ──close()──▶ closing: reason queued, then FIN; what still comes in is dropped ──▶ closed: onClose
 *     ├──reason from the other side──────────────────────────────────────────────────────▶ closed
 *     └──FIN, error, silence, malformed frame, full queue────────────────────────────────▶ closed
 */
import type { Socket } from 'node:net';
import { assert } from '@horizon-atlas/base';
import { type Clock, type Link, type LinkCloseReason, linkLimits } from '@horizon-atlas/ports';
import { FrameReader } from './frame-reader.ts';
import { limits } from './limits.ts';
import { type ChunkPool, Outbox } from './outbox.ts';

export interface LinkSettings {
  readonly clock: Clock;
  readonly pool: ChunkPool;
  /** How long frames are gathered before they are written, in ms; 0: until the end of the turn. */
  readonly coalesceMs: number;
  /** Heartbeats missed in a row after which the other side is lost. */
  readonly lostAfter: number;
  /** The socket is closed. */
  readonly ended: (link: SocketLink, reason: LinkCloseReason) => void;
}

export class SocketLink implements Link {
  readonly #socket: Socket;
  readonly #settings: LinkSettings;
  readonly #outbox: Outbox;
  readonly #reader: FrameReader;
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** Why it ended; known from the first sign of the end on. */
  #reason: LinkCloseReason | undefined;

  #flushDue = false;
  #immediate: NodeJS.Immediate | undefined;
  /** What the socket has not yet passed to the operating system. */
  #writing: Uint8Array[] = [];
  #writingBytes = 0;
  #clogged = false;

  #handler: ((frame: Uint8Array) => void) | undefined;
  /** Frames that came before there was a handler, as copies. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #paused = false;

  #heard = true;
  #spoke = true;
  #silentBeats = 0;

  #onWritable: (() => void)[] = [];
  #onClose: ((reason: LinkCloseReason) => void)[] = [];

  constructor(socket: Socket, settings: LinkSettings) {
    this.#socket = socket;
    this.#settings = settings;
    this.#outbox = new Outbox(settings.pool);
    this.#reader = new FrameReader({
      frame: (view) => this.#deliver(view),
      closed: (reason) => this.#end(reason),
      invalid: (message) => this.close({ code: 'LINK_FRAME_INVALID', message }),
    });
    socket.on('end', () => this.#end(lost('the other process closed the connection without a reason')));
    socket.on('error', (error) => this.#end(lost(error.message)));
    socket.on('close', () => this.#finish());
  }

  get writable(): boolean {
    return !this.#clogged && this.#state === 'open';
  }

  get queuedBytes(): number {
    return this.#outbox.bytes + this.#writingBytes;
  }

  send(frame: Uint8Array): void {
    assert(frame.length <= linkLimits.frameBytes, `a frame has at most ${linkLimits.frameBytes} bytes, not ${frame.length}`);
    if (this.#state !== 'open') return;
    this.#outbox.frame(frame);
    this.#spoke = true;
    const queued = this.#outbox.bytes + this.#writingBytes;
    if (queued > linkLimits.queueBytesSoft) this.#clog(queued);
    if (this.#outbox.bytes > limits.flushBytes) this.#flush();
    else if (!this.#flushDue) this.#scheduleFlush();
  }

  flush(): void {
    if (!this.#flushDue) return;
    clearImmediate(this.#immediate);
    this.#flushNow();
  }

  onFrame(fn: (frame: Uint8Array) => void): void {
    const first = this.#handler === undefined;
    this.#handler = fn;
    // On a later turn, so that nobody is called back while still setting up.
    if (first) setImmediate(() => this.#handOver());
  }

  onWritable(fn: () => void): void {
    this.#onWritable.push(fn);
  }

  close(reason: LinkCloseReason): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#reason = reason;
    this.#silentBeats = 0;
    this.#reader.stop();
    this.#outbox.close(reason);
    // The other side must be able to send its end, even if nobody ever set a handler here.
    this.#socket.resume();
    this.#flush();
  }

  onClose(fn: (reason: LinkCloseReason) => void): void {
    const reason = this.#reason;
    if (this.#state === 'closed' && reason) setImmediate(() => fn(reason));
    else this.#onClose.push(fn);
  }

  /** Bytes from the socket, which may reuse the buffer once this returns. */
  received(chunk: Uint8Array, length: number): void {
    this.#heard = true;
    this.#reader.push(chunk, length);
  }

  /** One heartbeat's time has passed: say something, unless something was said anyway. */
  beat(): void {
    if (this.#state === 'open' && !this.#spoke && this.queuedBytes === 0) {
      this.#outbox.heartbeat();
      this.#flush();
    }
    this.#spoke = false;
  }

  /**
   * Called after what had come by the time of the beat was read: has the other side missed a heartbeat?
   * `awake` is false if this process itself was held up, in which case silence proves nothing.
   */
  judge(awake: boolean): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'open' && (this.#heard || this.#paused)) {
      this.#heard = false;
      this.#silentBeats = 0;
      return;
    }
    if (!awake || ++this.#silentBeats < this.#settings.lostAfter) return;
    this.#end(lost(`nothing heard for ${this.#silentBeats} heartbeats`));
  }

  #scheduleFlush(): void {
    this.#flushDue = true;
    const { clock, coalesceMs } = this.#settings;
    if (coalesceMs > 0) clock.at(clock.now() + coalesceMs, this.#flushNow);
    else this.#immediate = setImmediate(this.#flushNow);
  }

  readonly #flushNow = (): void => {
    this.#flushDue = false;
    this.#flush();
  };

  /** One write at a time: what is queued meanwhile leaves together in the next. */
  #flush(): void {
    if (this.#writing.length > 0 || this.#outbox.bytes === 0 || this.#state === 'closed') return;
    this.#writingBytes = this.#outbox.bytes;
    this.#writing = this.#outbox.take();
    const [only] = this.#writing;
    if (this.#writing.length === 1 && only) {
      this.#socket.write(only, this.#written);
      return;
    }
    this.#socket.cork();
    const last = this.#writing.length - 1;
    for (const [i, part] of this.#writing.entries()) this.#socket.write(part, i === last ? this.#written : undefined);
    this.#socket.uncork();
  }

  readonly #written = (error?: Error | null): void => {
    // After a failure the system may still be reading them.
    if (!error) for (const part of this.#writing) this.#settings.pool.giveBack(part);
    this.#writing = [];
    this.#writingBytes = 0;
    if (this.#state === 'closed') return;
    if (!this.#flushDue || this.#state === 'closing') this.#flush();
    if (this.#state === 'closing' && this.queuedBytes === 0) this.#socket.end();
    if (this.#clogged && this.#state === 'open' && this.queuedBytes <= limits.queueLowBytes) {
      this.#clogged = false;
      for (const fn of this.#onWritable) fn();
    }
  };

  #clog(queued: number): void {
    this.#clogged = true;
    if (queued > limits.queueBytesMax)
      this.#end({ code: 'LINK_SLOW', message: `${queued} bytes are queued, and the other process does not read` });
  }

  #deliver(view: Uint8Array): void {
    if (this.#handler && this.#waiting.length === 0) {
      this.#handler(view);
      return;
    }
    this.#waiting.push(view.slice());
    this.#waitingBytes += view.length;
    if (this.#waitingBytes > limits.waitingBytes && !this.#paused) {
      this.#paused = true;
      this.#socket.pause();
    }
  }

  #handOver(): void {
    const waiting = this.#waiting;
    // Emptied only afterwards: what comes in while a handler runs must not overtake.
    for (let i = 0; i < waiting.length; i++) {
      if (this.#state === 'closing') break;
      this.#handler?.(waiting[i] as Uint8Array);
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#paused) {
      this.#paused = false;
      this.#heard = true;
      this.#socket.resume();
    }
  }

  /** The other side is gone or wants to go: nothing more is sent. The first reason stands. */
  #end(reason: LinkCloseReason): void {
    if (this.#state === 'closed') return;
    this.#reason ??= reason;
    this.#reader.stop();
    this.#outbox.take();
    this.#state = 'closed';
    this.#socket.destroy();
  }

  #finish(): void {
    this.#state = 'closed';
    const reason = this.#reason ?? lost('the connection ended');
    this.#reason = reason;
    this.#writing = [];
    this.#writingBytes = 0;
    this.#settings.ended(this, reason);
    // What came before the close is told before it.
    if (this.#handler) this.#handOver();
    const listeners = this.#onClose;
    this.#onClose = [];
    for (const fn of listeners) fn(reason);
  }
}

function lost(message: string): LinkCloseReason {
  return { code: 'LINK_LOST', message };
}
