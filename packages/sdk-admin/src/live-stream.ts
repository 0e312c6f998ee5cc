/**
 * A stream of events that is kept open: reconnects with back-off, says the last id that it saw, and notices a connection that died without a
 * word, as it does when a laptop sleeps.
 *
 *   connecting ─▶ open ─▶ waiting ─▶ connecting …        closed: by the caller, or by a refusal that trying again would not change
 */
import { type StreamEvent, StreamParser } from './event-stream.ts';
import { AdminError, type Requester } from './request.ts';

export type StreamState = 'connecting' | 'open' | 'waiting' | 'closed';

export const policy = {
  /** The first wait after a loss; doubled each time, up to the most. Half of each is chance. */
  waitMs: 250,
  waitMsMax: 10_000,
  /** Atlas says something each 15 s, be it a comment. Silence beyond this is a dead connection. */
  silenceMs: 40_000,
  /** How often that is looked at. A look that comes this much late has slept. */
  lookMs: 5_000,
  sleptMs: 30_000,
} as const;

export interface StreamTarget {
  readonly path: string;
  readonly query: object;
  /** A stream that numbers its events resumes after this one; empty: from now on. */
  readonly lastId: string;
  onEvent(event: StreamEvent): void;
  onState(state: StreamState, error: AdminError | undefined): void;
}

export class LiveStream {
  readonly #requester: Requester;
  readonly #target: StreamTarget;
  #lastId: string;
  #failures = 0;
  #closed = false;
  #abort = new AbortController();
  #heardMs = 0;
  #wake: (() => void) | undefined;
  #retryMs: number | undefined;

  constructor(requester: Requester, target: StreamTarget) {
    this.#requester = requester;
    this.#target = target;
    this.#lastId = target.lastId;
  }

  async run(): Promise<void> {
    const stopLooking = this.#lookForSleep();
    while (!this.#closed) {
      this.#target.onState('connecting', undefined);
      let error: AdminError | undefined;
      try {
        await this.#readOnce();
      } catch (caught) {
        error = caught instanceof AdminError ? caught : new AdminError('NOT_RUNNING', `the stream broke: ${String(caught)}`);
      }
      if (this.#closed) break;
      if (error && isFinal(error)) {
        this.#closed = true;
        stopLooking();
        this.#target.onState('closed', error);
        return;
      }
      this.#target.onState('waiting', error);
      await this.#wait(error?.retryAfterMs);
    }
    stopLooking();
    this.#target.onState('closed', undefined);
  }

  close(): void {
    this.#closed = true;
    this.#abort.abort();
    this.#wake?.();
  }

  async #readOnce(): Promise<void> {
    this.#abort = new AbortController();
    this.#heardMs = Date.now();
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (this.#lastId !== '') headers['last-event-id'] = this.#lastId;
    const { path, query } = this.#target;
    const response = await this.#requester.send(path, { query, headers, signal: this.#abort.signal, timeoutMs: 0 });
    if (!response.body) throw new AdminError('INTERNAL', 'this fetch cannot stream');
    this.#heardMs = Date.now();
    this.#target.onState('open', undefined);
    const parser = new StreamParser();
    parser.lastId = this.#lastId;
    const reader = response.body.getReader();
    try {
      for (let part = await reader.read(); !part.done && !this.#closed; part = await reader.read()) {
        this.#heardMs = Date.now();
        // Accepted and dropped at once is one more failure; something said is none.
        this.#failures = 0;
        for (const event of parser.push(part.value)) {
          this.#lastId = event.id;
          this.#target.onEvent(event);
        }
        this.#retryMs = parser.retryMs ?? this.#retryMs;
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  #wait(retryAfterMs: number | undefined): Promise<void> {
    const backOffMs = Math.min(
      policy.waitMsMax,
      Math.max(this.#retryMs ?? 0, policy.waitMs) * 2 ** Math.min(this.#failures++, 8),
    );
    const waitMs = Math.max(retryAfterMs ?? 0, backOffMs * (0.5 + Math.random() / 2));
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Timers stand still while the machine sleeps, the wall clock does not; and a page hears that the network is back. */
  #lookForSleep(): () => void {
    let lookedMs = Date.now();
    const look = (): void => {
      const nowMs = Date.now();
      const slept = nowMs - lookedMs > policy.sleptMs;
      lookedMs = nowMs;
      if (slept || nowMs - this.#heardMs > policy.silenceMs)
        this.#abort.abort(new AdminError('NOT_RUNNING', 'the stream fell silent'));
      if (slept) this.#wake?.();
    };
    const online = (): void => this.#wake?.();
    const timer = setInterval(look, policy.lookMs);
    (timer as { unref?: () => void }).unref?.();
    globalThis.addEventListener?.('online', online);
    return () => {
      clearInterval(timer);
      globalThis.removeEventListener?.('online', online);
    };
  }
}

/** A wrong token stays wrong. Too many at once, a restart, a network: those pass. */
function isFinal({ status }: AdminError): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
