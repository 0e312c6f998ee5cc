/**
 * The lines of one server's log from a mark on, once each, whatever happens to the file: it grows by a gigabyte, it is cut back to its newer half, it is not
 * there yet. Reads are bounded; who prints more than can be read is skipped ahead.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { LineReader } from './core/line-reader.ts';

export const followLimits = {
  /** Read at one look. */
  lookBytes: 256 * 1024,
  /** Further behind than this, the follower skips to the end. */
  behindBytes: 4 * 1024 * 1024,
  /** What was read last, by which the place is found again in a file that was cut back. */
  anchorBytes: 96,
  /** Searched for a mark or an anchor. */
  searchBytes: 64 * 1024 * 1024,
} as const;

export interface Look {
  readonly lines: readonly string[];
  /** Bytes that were left out. */
  readonly skipped: number;
  /** There is more to read at once. */
  readonly behind: boolean;
}

const nothing: Look = { lines: [], skipped: 0, behind: false };

export class LogFollower {
  readonly #path: string;
  readonly #mark: Buffer;
  readonly #reader = new LineReader();
  /** undefined: the mark has not been looked for. */
  #at: number | undefined;
  #anchor = Buffer.alloc(0);

  /** @param mark a line that was written where the following shall begin; at the file's begin where it is not found */
  constructor(path: string, mark: string) {
    this.#path = path;
    this.#mark = Buffer.from(`${mark}\n`);
  }

  async look(): Promise<Look> {
    const file = await openOrNot(this.#path);
    if (!file) return nothing;
    try {
      const { size } = await file.stat();
      let skipped = 0;
      if (this.#at === undefined) {
        const found = await lastIndexOf(file, size, this.#mark);
        this.#at = found < 0 ? 0 : found + this.#mark.length;
      } else if (size < this.#at) await this.#findAgain(file, size);
      if (size - this.#at > followLimits.behindBytes) {
        skipped = size - this.#at - followLimits.lookBytes;
        this.#at = size - followLimits.lookBytes;
        this.#reader.reset();
      }
      const bytes = await readAt(file, this.#at, Math.min(size - this.#at, followLimits.lookBytes));
      this.#at += bytes.length;
      this.#remember(bytes);
      return { lines: this.#reader.push(bytes), skipped, behind: bytes.length > 0 && this.#at < size };
    } finally {
      await file.close();
    }
  }

  /** The file was cut back: its end has moved to the front, and what was read last stands somewhere in it, or went with the rest. */
  async #findAgain(file: FileHandle, size: number): Promise<void> {
    const found = this.#anchor.length === 0 ? -1 : await lastIndexOf(file, size, this.#anchor);
    if (found < 0) this.#reader.reset();
    this.#at = found < 0 ? 0 : found + this.#anchor.length;
  }

  #remember(bytes: Buffer): void {
    const all = Buffer.concat([this.#anchor, bytes]);
    this.#anchor = all.subarray(Math.max(0, all.length - followLimits.anchorBytes));
  }
}

async function lastIndexOf(file: FileHandle, size: number, wanted: Buffer): Promise<number> {
  const pieceBytes = 1024 * 1024;
  const first = Math.max(0, size - followLimits.searchBytes);
  // From the end, each piece with as much of the next as could hold the other half.
  for (let end = size; end > first; end -= pieceBytes) {
    const from = Math.max(first, end - pieceBytes);
    const piece = await readAt(file, from, Math.min(size, end + wanted.length - 1) - from);
    const at = piece.lastIndexOf(wanted);
    if (at >= 0) return from + at;
  }
  return -1;
}

async function openOrNot(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch {
    return undefined;
  }
}

async function readAt(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, length));
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, from + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}
