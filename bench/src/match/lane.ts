/**
 * One kept connection of HTTP/1.1 with as little work as can be, so that a bench measures whom it asks and not itself: requests are bytes that were made before,
 * answers are cut at their content-length. One request at a time on it, or several behind one another.
 */
import { connect, type Socket } from 'node:net';

export type Told = (status: number, body: string) => void;

const headEnd = Buffer.from('\r\n\r\n');

export class Lane {
  readonly #socket: Socket;
  readonly #waiting: Told[] = [];
  #rest: Buffer | undefined;
  #broken = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#broken = true;
      for (const told of this.#waiting.splice(0)) told(0, 'the connection was closed');
    });
  }

  static open(host: string, port: number): Promise<Lane> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host, () => resolve(new Lane(socket)));
      socket.once('error', reject);
    });
  }

  /** `told`: status 0 if there is no answer. */
  ask(request: Uint8Array, told: Told): void {
    if (this.#broken) return told(0, 'the connection was closed');
    this.#waiting.push(told);
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const end = bytes.indexOf(headEnd);
      if (end < 0) break;
      const head = bytes.toString('latin1', 0, end);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      const whole = end + 4 + length;
      if (bytes.length < whole) break;
      const body = bytes.toString('utf8', end + 4, whole);
      bytes = bytes.subarray(whole);
      this.#waiting.shift()?.(Number(head.slice(9, 12)), body);
    }
    this.#rest = bytes.length > 0 ? bytes : undefined;
  }
}

/** A request as it goes over the wire. */
export function requestBytes(method: string, path: string, headers: Readonly<Record<string, string>>, body: string): Buffer {
  const all = { ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
