/**
 * One WebSocket at a time under a `ClientEngine`, and one timer. Works with every WebSocket of the browsers' shape; their differences
 * are dealt with here: Node's own fires `error` without `close` when the handshake fails, and `ws` fires both.
 */
import type { ClientEngine } from './core/client-engine.ts';
import { onWake } from './waking.ts';

/** What is used of a WebSocket. The browsers', Node's own and the `ws` package's all have it. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: any) => void): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

const OPEN = 1;
/** No close event came: RFC 6455 §7.1.5. */
const ABNORMAL = 1006;
/** Timers above 2^31 − 1 ms fire at once in every host. */
const TIMER_MS_MAX = 0x7fff_ffff;

export class Socket {
  readonly #make: WebSocketConstructor;
  readonly #token: () => string | Promise<string>;
  #engine: ClientEngine<any> | undefined;
  #socket: WebSocketLike | undefined;
  /** Counts dials, so that what an abandoned one says late is not heard. */
  #dial = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerMs = Number.POSITIVE_INFINITY;
  #stopWaking = (): void => {};

  constructor(make: WebSocketConstructor, token: () => string | Promise<string>) {
    this.#make = make;
    this.#token = token;
  }

  drive(engine: ClientEngine<any>): void {
    this.#engine = engine;
    engine.start(performance.now());
    this.arm();
    this.#stopWaking = onWake(() => {
      engine.wake(performance.now());
      this.arm();
    });
  }

  get backlogBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  connect(url: string): void {
    this.#abandon(1000, '');
    const dial = ++this.#dial;
    // A promise even for a plain string: the engine must not hear of a failure within its own call.
    Promise.resolve()
      .then(() => this.#token())
      .then(
        (token) => {
          if (dial !== this.#dial) return;
          this.#engine?.useToken(token);
          this.#open(url, dial);
        },
        () => this.#gone(dial, ABNORMAL),
      );
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(frame);
  }

  close(code: number, reason: string): void {
    this.#dial++;
    this.#abandon(code, reason);
  }

  /** Sets the timer for what the engine has due. A timer that is early by then does no harm: it arms itself anew. */
  arm(): void {
    const dueMs = this.#engine?.dueMs ?? Number.POSITIVE_INFINITY;
    if (dueMs >= this.#timerMs) return;
    clearTimeout(this.#timer);
    this.#timerMs = dueMs;
    this.#timer = setTimeout(this.#onTimer, Math.min(TIMER_MS_MAX, Math.max(0, Math.ceil(dueMs - performance.now()))));
  }

  /** No timer stays behind; to be called when the engine is closed. */
  end(): void {
    this.#stopWaking();
    clearTimeout(this.#timer);
    this.#timerMs = Number.NEGATIVE_INFINITY;
  }

  readonly #onTimer = (): void => {
    this.#timerMs = Number.POSITIVE_INFINITY;
    this.#engine?.tick(performance.now());
    this.arm();
  };

  #open(url: string, dial: number): void {
    let socket: WebSocketLike;
    try {
      socket = new this.#make(url, ['atlas.v1']);
    } catch {
      // A malformed URL from a gateway's list must not end the retries.
      this.#gone(dial, ABNORMAL);
      return;
    }
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.addEventListener('open', () => {
      if (dial !== this.#dial) return;
      this.#engine?.opened(performance.now());
      this.arm();
    });
    socket.addEventListener('message', ({ data }: { data: unknown }) => {
      if (dial !== this.#dial) return;
      // Text is no frame of atlas.v1; an empty one is malformed and is answered as such.
      this.#engine?.fromGateway(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0), performance.now());
      this.arm();
    });
    socket.addEventListener('close', ({ code }: { code: number }) => this.#gone(dial, code));
    socket.addEventListener('error', () => {
      // After a failed handshake Node's own WebSocket is silent for ever; an open socket will still say how it closed.
      if (socket.readyState !== OPEN) queueMicrotask(() => this.#gone(dial, ABNORMAL));
    });
  }

  #gone(dial: number, code: number): void {
    if (dial !== this.#dial) return;
    this.#dial++;
    this.#socket = undefined;
    this.#engine?.closed(code, performance.now());
    this.arm();
  }

  #abandon(code: number, reason: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    try {
      socket.close(code, reason);
    } catch {
      // A socket that is not open yet may refuse to be closed; it is not listened to any more either way.
    }
  }
}
