/** Waiting for something to be so, with a deadline and a word about what it was. */

/** Generous: the machine may be doing other things. What is waited for is nearly always there at once. */
export const DEADLINE_MS = 60_000;
const LOOK_MS = 15;

/** Resolves with the first answer of `look` that is neither undefined nor false. What `look` throws is no answer, either. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const endMs = performance.now() + DEADLINE_MS;
  let last: unknown = 'it was not so';
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > endMs) throw new Error(`never happened: ${what} (${last instanceof Error ? last.message : last})`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
