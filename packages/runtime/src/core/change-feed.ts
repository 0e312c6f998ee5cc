/**
 * What Store adapters keep for those who watch: the latest transactions, bounded in changes and bytes, and a cursor for each
 * watcher. A watcher costs nothing until something changes, and one that fell behind the history is told so and dropped.
 */

import { assert, Ring } from '@horizon-atlas/base';
import type { Cancel, StoreChange, WatchEvent } from '@horizon-atlas/ports';

export interface ChangeFeedLimits {
  /** Changes that are kept; watchers from before them are answered 'too-old'. */
  readonly changes: number;
  /** Bytes of values that are kept; likewise. */
  readonly bytes: number;
}

export const changeFeedLimits: ChangeFeedLimits = { changes: 10_000, bytes: 32 * 1024 * 1024 };

interface Watcher {
  readonly prefix: string;
  readonly fn: (event: WatchEvent) => void;
  cursor: number;
}

export class ChangeFeed {
  readonly #limits: ChangeFeedLimits;
  readonly #history: Ring<readonly StoreChange[]>;
  readonly #watchers = new Set<Watcher>();
  /** The version of the newest transaction; the history's first one is `#floor + 1`. */
  #revision: number;
  #floor: number;
  #changes = 0;
  #bytes = 0;

  /** @param revision of the store now: the history begins after it. */
  constructor(revision: number, limits: ChangeFeedLimits = changeFeedLimits) {
    assert(limits.changes >= 1, 'a history keeps at least one change');
    this.#limits = limits;
    this.#history = new Ring(limits.changes + 1);
    this.#revision = revision;
    this.#floor = revision;
  }

  /** A transaction took effect. The feed keeps the changes; nobody may write to their bytes from now on. */
  append(version: number, changes: readonly StoreChange[]): void {
    assert(version === this.#revision + 1, 'versions follow one another');
    assert(changes.length > 0, 'a version stands for a change');
    this.#revision = version;
    this.#history.push(changes);
    this.#changes += changes.length;
    this.#bytes += bytesOf(changes);
    this.#trim();
  }

  /** `fn` is called by `deliver` only. Call `deliver` soon after this: there may be history to tell. */
  watch(prefix: string, from: number, fn: (event: WatchEvent) => void): Cancel {
    const watcher: Watcher = { prefix, fn, cursor: from };
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /** Tells every watcher what it has not been told. Throws what a watcher threw, after all others were served. */
  deliver(): void {
    const errors: unknown[] = [];
    for (const watcher of [...this.#watchers]) {
      // One watcher may have cancelled another meanwhile.
      if (!this.#watchers.has(watcher)) continue;
      try {
        this.#serve(watcher);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  /** Every watch ends. */
  close(): void {
    this.#watchers.clear();
  }

  #serve(watcher: Watcher): void {
    const from = watcher.cursor;
    if (from >= this.#revision) return;
    if (from < this.#floor) {
      this.#watchers.delete(watcher);
      watcher.fn({ kind: 'too-old' });
      return;
    }
    watcher.cursor = this.#revision;
    const changes: StoreChange[] = [];
    for (let i = from - this.#floor; i < this.#history.length; i++) {
      for (const change of this.#history.at(i) ?? []) {
        if (change.key.startsWith(watcher.prefix)) changes.push({ ...change, value: change.value?.slice() });
      }
    }
    if (changes.length > 0) watcher.fn({ kind: 'changes', changes });
  }

  #trim(): void {
    while (this.#history.length > 1 && (this.#changes > this.#limits.changes || this.#bytes > this.#limits.bytes)) {
      const oldest = this.#history.shift() ?? [];
      this.#changes -= oldest.length;
      this.#bytes -= bytesOf(oldest);
      this.#floor++;
    }
  }
}

function bytesOf(changes: readonly StoreChange[]): number {
  let bytes = 0;
  for (const { value } of changes) bytes += value?.length ?? 0;
  return bytes;
}
