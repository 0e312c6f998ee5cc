/**
 * What waits for a slow client: reliable messages in order, up to a limit, and the newest latest value of each key.
 * It exists only while the client is slow.
 */

/** A frame that waits; kind `TEXT` stands for a text message. */
export interface Waiting {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** In place of a frame's kind: the message is text, as horizon.v1 speaks it. */
export const TEXT = 0;

export class Outbox {
  /** When the client became slow. */
  readonly sinceMs: number;
  readonly #bytesMax: number;
  readonly #keysMax: number;
  readonly #reliable: Waiting[] = [];
  readonly #latest = new Map<number, Waiting>();
  #next = 0;
  #reliableBytes = 0;

  constructor(sinceMs: number, bytesMax: number, keysMax: number) {
    this.sinceMs = sinceMs;
    this.#bytesMax = bytesMax;
    this.#keysMax = keysMax;
  }

  /** False: there is no room, and the client has to go. */
  addReliable(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
    // A single message always fits: its own limit is elsewhere.
    if (this.#reliableBytes > 0 && this.#reliableBytes + end - start > this.#bytesMax) return false;
    this.#reliableBytes += end - start;
    this.#reliable.push({ kind, bytes: bytes.slice(start, end) });
    return true;
  }

  /** Takes the place of an older one of the same key. */
  setLatest(key: number, kind: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.#latest.has(key) && this.#latest.size >= this.#keysMax) {
      for (const oldest of this.#latest.keys()) {
        this.#latest.delete(oldest);
        break;
      }
    }
    this.#latest.set(key, { kind, bytes: bytes.slice(start, end) });
  }

  takeMessage(): Waiting | undefined {
    const message = this.#reliable[this.#next];
    if (message === undefined) return undefined;
    this.#next++;
    this.#reliableBytes -= message.bytes.length;
    return message;
  }

  moveLatest(to: Outbox): void {
    for (const [key, { kind, bytes }] of this.#latest) to.setLatest(key, kind, bytes, 0, bytes.length);
    this.#latest.clear();
  }

  /** The next to be sent: messages first, then latest values. */
  take(): Waiting | undefined {
    const message = this.takeMessage();
    if (message) return message;
    for (const [key, latest] of this.#latest) {
      this.#latest.delete(key);
      return latest;
    }
    return undefined;
  }
}
