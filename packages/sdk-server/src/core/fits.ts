/** JSON from strangers against a schema: written and read back by the codec, which knows every limit, and compared. */
import { Reader, Writer } from '@horizon-atlas/base';
import type { Codec } from '@horizon-atlas/protocol';

const shared = new Writer(256);

/** The value as the schema has it, fields beyond it left out; undefined: it does not fit. */
export function fits<T>(codec: Codec<T>, value: unknown): T | undefined {
  try {
    shared.reset();
    codec.write(shared, value as T);
  } catch {
    return undefined;
  }
  const r = new Reader(shared.view());
  const out = codec.read(r);
  return r.bad || r.left > 0 || !isSame(value, out) ? undefined : out;
}

/** Whether nothing was bent on the way: no "5" for 5, no 300 in a byte, no missing field read as zero. */
function isSame(given: unknown, read: unknown): boolean {
  if (typeof read === 'number') return typeof given === 'number' && (given === read || Math.fround(given) === read);
  if (typeof read !== 'object' || read === null) return given === read;
  if (typeof given !== 'object' || given === null) return false;
  if (read instanceof Uint8Array) {
    const list = given as ArrayLike<unknown>;
    return list.length === read.length && read.every((each, i) => list[i] === each);
  }
  if (Array.isArray(read))
    return Array.isArray(given) && given.length === read.length && read.every((each, i) => isSame(given[i], each));
  return Object.entries(read).every(([key, each]) => isSame((given as Record<string, unknown>)[key], each));
}
