/**
 * What waits at a gateway for a client whose network is slow: a simulated socket takes all at once as long as the client keeps up, and then only so many
 * bytes a second, in order, with the close frame at the end.
 */
import type { Kernel } from './kernel.ts';

const TAKE_MS = 20;

export class SlowSocket<M> {
  readonly #kernel: Kernel;
  readonly #send: (message: M) => void;
  /** The backlog is gone. */
  readonly #drained: () => void;
  readonly #waiting: { readonly message: M; readonly bytes: number }[] = [];
  #bytes = 0;
  #credit = 0;

  constructor(kernel: Kernel, send: (message: M) => void, drained: () => void) {
    this.#kernel = kernel;
    this.#send = send;
    this.#drained = drained;
  }

  /** Bytes that wait. */
  get backlog(): number {
    return this.#bytes;
  }

  /** @param bytesPerS of the client's network now; Infinity: it keeps up. */
  send(message: M, bytes: number, bytesPerS: () => number): number {
    if (this.#waiting.length === 0 && bytesPerS() === Number.POSITIVE_INFINITY) {
      this.#send(message);
      return 0;
    }
    this.#waiting.push({ message, bytes });
    this.#bytes += bytes;
    if (this.#waiting.length === 1) this.#take(bytesPerS);
    return this.#bytes;
  }

  #take(bytesPerS: () => number): void {
    this.#kernel.after(TAKE_MS, () => {
      this.#credit += (bytesPerS() * TAKE_MS) / 1_000;
      for (let next = this.#waiting[0]; next && next.bytes <= this.#credit; next = this.#waiting[0]) {
        this.#waiting.shift();
        this.#credit -= next.bytes;
        this.#bytes -= next.bytes;
        this.#send(next.message);
      }
      if (this.#waiting.length > 0) return this.#take(bytesPerS);
      this.#credit = 0;
      this.#drained();
    });
  }
}
