/** What happened, numbered: the last ones are kept, and whoever listens hears each as it happens. Numbers only go up, over restarts too. */
import type { Event } from '@horizon-atlas/control';

export const eventLimits = {
  /** Kept; beyond, the oldest is forgotten, and who asks for it is told that it is too old. */
  events: 10_000,
} as const;

export type NewEvent = Omit<Event, 'id'>;

export class EventLog {
  /** A circle: event n lies at n modulo its length. */
  readonly #events: (Event | undefined)[];
  #firstId: number;
  #nextId: number;
  readonly #listeners = new Set<(event: Event) => void>();

  /** @param fromId the number of the first event: above all that an earlier log has given. */
  constructor(fromId: number, max: number = eventLimits.events) {
    this.#firstId = fromId;
    this.#nextId = fromId;
    this.#events = new Array(max);
  }

  get lastId(): number {
    return this.#nextId - 1;
  }

  add(event: NewEvent): Event {
    const added: Event = { id: this.#nextId++, ...event };
    this.#events[added.id % this.#events.length] = added;
    this.#firstId = Math.max(this.#firstId, this.#nextId - this.#events.length);
    for (const listener of this.#listeners) listener(added);
    return added;
  }

  /** Above `afterId`, oldest first. `tooOld`: there were others in between, which are forgotten, or were another log's. */
  since(afterId: number): { readonly events: readonly Event[]; readonly tooOld: boolean } {
    // A number that was never given is from elsewhere: nothing can be said about what followed it there.
    const known = afterId >= this.#firstId - 1 && afterId < this.#nextId;
    const events: Event[] = [];
    for (let id = known ? afterId + 1 : this.#firstId; id < this.#nextId; id++) {
      events.push(this.#events[id % this.#events.length] as Event);
    }
    return { events, tooOld: !known && afterId > 0 };
  }

  onEvent(fn: (event: Event) => void): () => void {
    const listener = (event: Event) => fn(event);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
