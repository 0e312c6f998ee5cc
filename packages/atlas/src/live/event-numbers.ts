/** The numbers of the event log go on over restarts of the control plane: they are reserved in the Store, a block at a time. */
import type { Store } from '@horizon-atlas/ports';
import { AtlasError, decodeRecord, EventsRecord, encodeRecord, keys } from '@horizon-atlas/protocol';

/** Reserved at once; the next block is asked for when half of it is left. */
const BLOCK = 100_000;

export class EventNumbers {
  /** The first that nobody has given. */
  readonly from: number;
  readonly #store: Store;
  #reservedTo: number;
  #reserving = false;

  private constructor(store: Store, from: number) {
    this.#store = store;
    this.from = from;
    this.#reservedTo = from - 1;
  }

  /** Rejects with STORE_CORRUPT, STORE_FULL or STORE_UNAVAILABLE. */
  static async open(store: Store): Promise<EventNumbers> {
    const found = await store.get(keys.events);
    const record = found && decodeRecord(EventsRecord, found.value);
    if (found && !record) throw new AtlasError('STORE_CORRUPT', 'the record of event numbers cannot be read');
    const numbers = new EventNumbers(store, (record?.reservedTo ?? 0) + 1);
    const written = await numbers.#reserve();
    if (!written.ok) throw new AtlasError(written.code, 'the numbers of events cannot be reserved');
    return numbers;
  }

  /** To be told of each number that was given. A Store that refuses is asked again with the next one. */
  given(id: number): void {
    if (this.#reserving || this.#reservedTo - id > BLOCK / 2) return;
    this.#reserving = true;
    this.#reserve()
      .catch(() => {})
      .finally(() => {
        this.#reserving = false;
      });
  }

  async #reserve() {
    const reservedTo = this.#reservedTo + BLOCK;
    const result = await this.#store.transact(
      [{ op: 'put', key: keys.events, value: encodeRecord(EventsRecord, { reservedTo }) }],
      [],
    );
    if (result.ok) this.#reservedTo = reservedTo;
    return result;
  }
}
