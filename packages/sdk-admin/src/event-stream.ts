/** Reads `text/event-stream` (HTML Living Standard, 9.2): bytes in, events out, however the network has cut them. */

export interface StreamEvent {
  readonly event: string;
  readonly data: string;
  /** As the stream said last; empty before. */
  readonly id: string;
}

export class StreamParser {
  /** The stream's wish for the wait before a reconnect. */
  retryMs: number | undefined;
  lastId = '';
  readonly #decoder = new TextDecoder();
  #rest = '';
  #event = '';
  #data: string[] = [];
  #afterCr = false;

  /** Events that are complete with these bytes. */
  push(bytes: Uint8Array): StreamEvent[] {
    const out: StreamEvent[] = [];
    let text = this.#decoder.decode(bytes, { stream: true });
    // A CR LF may be cut in two.
    if (this.#afterCr && text.startsWith('\n')) text = text.slice(1);
    if (text !== '') this.#afterCr = text.endsWith('\r');
    // A large event comes in many pieces: only a piece that ends a line is worth a look at the whole.
    if (!/[\r\n]/.test(text)) {
      this.#rest += text;
      return out;
    }
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = this.#line(line);
      if (event) out.push(event);
    }
    return out;
  }

  #line(line: string): StreamEvent | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    // A comment: the heartbeat.
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.lastId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    return undefined;
  }

  #dispatch(): StreamEvent | undefined {
    const event = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.lastId };
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    return empty ? undefined : event;
  }
}
