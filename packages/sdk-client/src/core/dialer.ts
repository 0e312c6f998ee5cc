/**
 * Which gateway to try next, and when: at once after the first loss, then with jittered waits round the list of known
 * gateways, short ones at first, then ever longer. The jitter keeps the clients of a dead gateway from arriving at the next one together.
 */
import type { ClientPolicy } from './policy.ts';

/** Of each further wait. It is also how much longer a long outage seems than it was, at worst: half as long again. */
const GROWTH = 1.5;

export class Dialer {
  readonly #policy: ClientPolicy;
  readonly #random: () => number;
  #urls: string[];
  #current = 0;
  #failures = 0;

  /** @param random a number in [0, 1). */
  constructor(url: string, policy: ClientPolicy, random: () => number) {
    this.#urls = [url];
    this.#policy = policy;
    this.#random = random;
  }

  get url(): string {
    return this.#urls[this.#current] as string;
  }

  /** How many gateways are known. */
  get size(): number {
    return this.#urls.length;
  }

  /** Attempts in a row that failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Adopts the list in a welcome. The gateway in use stays in it, so that a wrong list cannot strand a client. */
  learn(gateways: readonly string[]): void {
    const current = this.url;
    const urls = [current];
    for (const url of gateways) {
      if (urls.length <= this.#policy.gatewaysMax && /^wss?:\/\//.test(url) && !urls.includes(url)) urls.push(url);
    }
    this.#urls = urls;
    this.#current = 0;
  }

  /** A connection lasted: the next loss is retried at once again. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** @returns milliseconds to wait before dialling `url`. `elsewhere`: the gateway in use does not want us. */
  failed(elsewhere: boolean): number {
    const retry = this.#failures++;
    if (retry > 0 || elsewhere) this.#current = (this.#current + 1) % this.#urls.length;
    if (retry === 0) return 0;
    return this.#ceilingMs(retry) * (0.5 + 0.5 * this.#random());
  }

  #ceilingMs(retry: number): number {
    const { backoffMs, quickMsMax, quickRetries, backoffMsMax } = this.#policy;
    const ceilingMs =
      retry <= quickRetries
        ? Math.min(quickMsMax, backoffMs * GROWTH ** (retry - 1))
        : quickMsMax * GROWTH ** Math.min(retry - quickRetries, 60);
    return Math.min(backoffMsMax, ceilingMs);
  }

  /** The gateway answered, and said not now: no immediate retry, and no quick ones. */
  refused(): void {
    this.#failures = Math.max(this.#failures, this.#policy.quickRetries);
  }
}
