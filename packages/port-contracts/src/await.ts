/** Waiting for things that happen, each with a deadline and a sentence that says what was waited for. No sleeping. */

const DEADLINE_MS = 10_000;

/** The promise's value; rejects with `what` in the message when it takes longer than `deadlineMs`. */
export async function within<T>(promise: Promise<T>, what: string, deadlineMs = DEADLINE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${deadlineMs} ms: ${what}`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** For what announces itself to nobody, such as a file's size: looks every few milliseconds, and answers the first that is neither undefined nor false. */
export async function until<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A later turn of the loop, `count` times over: all that was due by then has run. */
export async function turns(count = 1): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Collects what arrives; a test awaits the first n of it. */
export class Inbox<T> {
  readonly items: T[] = [];
  #waiting: { readonly count: number; readonly resolve: (items: readonly T[]) => void }[] = [];

  add(item: T): void {
    this.items.push(item);
    const ready = this.#waiting.filter((w) => this.items.length >= w.count);
    this.#waiting = this.#waiting.filter((w) => this.items.length < w.count);
    for (const w of ready) w.resolve(this.items);
  }

  /** Everything so far, once there are `count`. */
  atLeast(count: number, what: string): Promise<readonly T[]> {
    if (this.items.length >= count) return Promise.resolve(this.items);
    const promise = new Promise<readonly T[]>((resolve) => this.#waiting.push({ count, resolve }));
    return within(promise, what);
  }

  /** The first item that `matches`, now or later. */
  async first(matches: (item: T) => boolean, what: string): Promise<T> {
    for (let seen = 0; ; seen++) {
      const items = await this.atLeast(seen + 1, what);
      const item = items[seen] as T;
      if (matches(item)) return item;
    }
  }
}
