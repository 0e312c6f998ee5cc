/** Follows the want records: which regions want a server, and which one `regions` has chosen for each. */
import type { Cancel, Clock, Store, StoreChange } from '@horizon-atlas/ports';
import { decodeRecord, keys, WantRecord } from '@horizon-atlas/protocol';

const prefix = keys.want('');
/** Until a store that does not answer is asked again, ms. */
const retryMs = 250;

export class WantWatch {
  readonly wants = new Map<string, string>();
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #changed: () => void;
  #cancel: Cancel = () => {};
  #closed = false;

  constructor(store: Store, clock: Clock, changed: () => void) {
    this.#store = store;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Resolves when the wants of now are known. Rejects if the store cannot be read. */
  async open(): Promise<void> {
    const { records, revision } = await this.#store.list(prefix);
    if (this.#closed) return;
    this.wants.clear();
    for (const { key, value } of records) this.#take({ key, value });
    this.#cancel = this.#store.watch(prefix, revision, (event) => {
      if (event.kind === 'too-old') return this.#reopen();
      for (const change of event.changes) this.#take(change);
      this.#changed();
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #reopen(): void {
    if (this.#closed) return;
    this.#cancel();
    this.open().then(this.#changed, () => {
      this.#cancel = this.#clock.at(this.#clock.now() + retryMs, () => this.#reopen());
    });
  }

  #take({ key, value }: Pick<StoreChange, 'key' | 'value'>): void {
    const region = key.slice(prefix.length);
    const record = value && decodeRecord(WantRecord, value);
    // An unreadable want was written by a newer Atlas: its region is wanted all the same.
    if (value) this.wants.set(region, record?.server ?? '');
    else this.wants.delete(region);
  }
}
