/**
 * What came in a turn, and what goes out at its end, put aside so that the system calls follow one another and the work on messages does, too: code that runs
 * after a call begins with cold caches. What it saves: docs/decisions/0018-engines-of-the-gateway.md.
 */

/** Put aside at most; above it, what has come is worked on at once. */
const ARRIVED_BYTES = 256 * 1024;

export interface Receiver {
  received(bytes: Buffer): void;
}

/** Bytes that came, in their order. */
export class Arrivals {
  readonly #first: () => void;
  readonly #receivers: Receiver[] = [];
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #handing = false;

  /** @param first called when something has come after nothing had: `hand` has to follow in this turn */
  constructor(first: () => void) {
    this.#first = first;
  }

  add(receiver: Receiver, chunk: Buffer): void {
    if (this.#chunks.length === 0) this.#first();
    this.#receivers.push(receiver);
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > ARRIVED_BYTES) this.hand();
  }

  /** Called from within itself it does nothing. */
  hand(): void {
    if (this.#handing) return;
    this.#handing = true;
    let handed = 0;
    try {
      while (handed < this.#chunks.length) {
        const receiver = this.#receivers[handed] as Receiver;
        receiver.received(this.#chunks[handed++] as Buffer);
      }
    } finally {
      this.#handing = false;
      this.#keepFrom(handed);
    }
  }

  /** A receiver with a bug loses its own bytes and nobody else's. */
  #keepFrom(handed: number): void {
    this.#bytes = 0;
    if (handed === this.#chunks.length) {
      this.#receivers.length = 0;
      this.#chunks.length = 0;
      return;
    }
    this.#receivers.splice(0, handed);
    this.#chunks.splice(0, handed);
    for (const { length } of this.#chunks) this.#bytes += length;
    this.#first();
  }
}

/** How a socket is written to; answers how many bytes were taken, or a negative number. */
interface Target {
  write(data: Uint8Array, offset: number, length: number): number;
}

export interface Writer {
  /** What became of its write. */
  wrote(buffer: Buffer, bytes: number, taken: number): void;
}

interface Round {
  readonly writers: Writer[];
  readonly targets: Target[];
  readonly buffers: Buffer[];
  readonly bytes: number[];
  readonly taken: number[];
}

const emptyRound = (): Round => ({ writers: [], targets: [], buffers: [], bytes: [], taken: [] });

/** Writes of a turn, one of each writer. */
export class Departures {
  #round = emptyRound();
  #spare: Round | undefined = emptyRound();

  add(writer: Writer, target: Target, buffer: Buffer, bytes: number): void {
    const round = this.#round;
    round.writers.push(writer);
    round.targets.push(target);
    round.buffers.push(buffer);
    round.bytes.push(bytes);
  }

  /** Writers may add to the next round when they hear what became of this one. */
  go(): void {
    const round = this.#round;
    const { writers, targets, buffers, bytes, taken } = round;
    const count = writers.length;
    if (count === 0) return;
    this.#round = this.#spare ?? emptyRound();
    this.#spare = undefined;
    for (let i = 0; i < count; i++) taken[i] = (targets[i] as Target).write(buffers[i] as Buffer, 0, bytes[i] as number);
    for (let i = 0; i < count; i++) (writers[i] as Writer).wrote(buffers[i] as Buffer, bytes[i] as number, taken[i] as number);
    writers.length = 0;
    targets.length = 0;
    buffers.length = 0;
    bytes.length = 0;
    this.#spare = round;
  }
}
