/** A kept connection for one JSON request after the other. Written by hand: whoever makes load should cost less than what is measured. */
import { connect, type Socket } from 'node:net';
import { authorization } from './pool.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export class HttpLine {
  readonly #socket: Socket;
  readonly #head: string;
  #heard = Buffer.alloc(0);
  #waits: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | undefined;
  #lost = false;

  private constructor(socket: Socket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#hear(bytes));
    socket.on('close', () => this.#end());
    socket.on('error', () => this.#end());
  }

  /** @param path what is posted to */
  static open(url: string, path: string): Promise<HttpLine> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port) }, () => {
        socket.off('error', reject);
        const host = `host: ${hostname}:${port}\r\nauthorization: ${authorization}\r\n`;
        const head = `POST ${path} HTTP/1.1\r\n${host}content-type: application/json\r\ncontent-length: `;
        resolve(new HttpLine(socket, head));
      });
      socket.once('error', reject);
    });
  }

  /** One at a time. Rejects when the connection is lost. */
  post(body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(new Error('the connection is lost'));
      this.#waits = { resolve, reject };
      this.#socket.write(`${this.#head}${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(bytes: Buffer): void {
    this.#heard = this.#heard.length === 0 ? bytes : Buffer.concat([this.#heard, bytes]);
    const end = this.#heard.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#heard.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (!Number.isFinite(length)) return void this.#socket.destroy(new Error('an answer without content-length'));
    if (this.#heard.length < end + 4 + length) return;
    const answer = { status: Number(head.slice(9, 12)), body: this.#heard.toString('utf8', end + 4, end + 4 + length) };
    this.#heard = this.#heard.subarray(end + 4 + length);
    const waits = this.#waits;
    this.#waits = undefined;
    waits?.resolve(answer);
  }

  #end(): void {
    this.#lost = true;
    const waits = this.#waits;
    this.#waits = undefined;
    waits?.reject(new Error('the connection is lost'));
  }
}
