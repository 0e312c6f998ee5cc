/** The newest events in the order of their ids, each once, however a resumed stream repeats them. */
import type { Event } from '@horizon-atlas/sdk-admin';

export class EventRing {
  readonly #most: number;
  #items: Event[] = [];
  /** Of the newest; 0 before the first. */
  lastId = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return Math.min(this.#items.length, this.#most);
  }

  /** false: known already, or older than what is kept. */
  push(event: Event): boolean {
    if (event.id <= this.lastId) return false;
    this.lastId = event.id;
    this.#items.push(event);
    // Cut now and then, not at each event.
    if (this.#items.length >= this.#most * 2) this.#items = this.#items.slice(-this.#most);
    return true;
  }

  /** Events that were missed, and are older than those that came since. */
  merge(missed: readonly Event[]): void {
    const byId = new Map(this.#items.map((event) => [event.id, event]));
    for (const event of missed) byId.set(event.id, event);
    this.#items = [...byId.values()].sort((a, b) => a.id - b.id).slice(-this.#most);
    this.lastId = this.#items.at(-1)?.id ?? 0;
  }

  /** Newest first, those that match, at most so many. */
  newest(matches: (event: Event) => boolean = () => true, most = this.#most): Event[] {
    const out: Event[] = [];
    const end = this.#items.length - this.size;
    for (let i = this.#items.length - 1; i >= end && out.length < most; i--) {
      const event = this.#items[i] as Event;
      if (matches(event)) out.push(event);
    }
    return out;
  }

  /** From a moment on, oldest first. */
  since(atMs: number): Event[] {
    const out: Event[] = [];
    for (let i = this.#items.length - 1; i >= this.#items.length - this.size; i--) {
      const event = this.#items[i] as Event;
      if (event.atMs < atMs) break;
      out.push(event);
    }
    return out.reverse();
  }

  clear(): void {
    this.#items = [];
    this.lastId = 0;
  }
}
