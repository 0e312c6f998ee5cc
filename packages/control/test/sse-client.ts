/** A reader of event streams for tests: a real socket, which may also not read. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http';

export interface SseEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

export class SseClient {
  readonly events: SseEvent[] = [];
  status = 0;
  bytes = 0;
  ended = false;
  readonly #request: ClientRequest;
  #response: IncomingMessage | undefined;
  #waiting: (() => void)[] = [];
  #text = '';

  constructor(url: string, { headers = {}, reads = true }: { headers?: Record<string, string>; reads?: boolean } = {}) {
    this.#request = request(url, { headers, agent: false });
    this.#request.on('error', () => this.#end());
    this.#request.on('response', (response) => {
      this.#response = response;
      this.status = response.statusCode ?? 0;
      response.on('error', () => {});
      response.on('close', () => this.#end());
      if (reads) this.read();
      this.#wake();
    });
    this.#request.end();
  }

  read(): void {
    this.#response?.setEncoding('utf8').on('data', (part: string) => this.#take(part));
  }

  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  /** Fails with what has come, if it does not hold in time. */
  async until<T>(what: string, holds: () => T | undefined | false): Promise<T> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const found = holds();
      if (found) return found;
      if (Date.now() > deadline || this.ended) {
        const last = this.events.slice(-5).map(({ event, data }) => `${event} ${data.slice(0, 100)}`);
        throw new Error(
          `${what}: not so after ${this.events.length} events; status ${this.status}, ended ${this.ended}: ${last.join(' | ')}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, deadline - Date.now()));
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** The first event of that name after the `from`th. */
  event(name: string, from = 0): Promise<SseEvent> {
    return this.until(`event ${name}`, () => this.events.slice(from).find(({ event }) => event === name));
  }

  of(name: string): SseEvent[] {
    return this.events.filter(({ event }) => event === name);
  }

  close(): void {
    this.#request.destroy();
  }

  #take(part: string): void {
    this.bytes += part.length;
    this.#text += part;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      if (/^event: /m.test(block)) this.events.push({ event: field('event'), id: field('id'), data: field('data') });
    }
    this.#wake();
  }

  #end(): void {
    this.ended = true;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const fn of waiting) fn();
  }
}
