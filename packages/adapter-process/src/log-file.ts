/**
 * The file that a server's stdout and stderr go to, by a descriptor opened for appending: no pipe, so a server does not notice
 * whether Atlas lives. A file that has grown above its limit is cut back, in place, to its newer half.
 */
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Throws if the file cannot be opened. The caller closes the descriptor. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'a', 0o640);
}

/**
 * True if the file was above `bytesMax` and has been cut. The server may be writing meanwhile: what it adds while the newer
 * half is moved to the front is moved too, and only what falls between the last look and the cut, microseconds, is lost.
 */
export function cutBack(path: string, bytesMax: number): boolean {
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch {
    return false;
  }
  try {
    let end = fstatSync(file).size;
    if (end <= bytesMax) return false;
    const kept = Math.floor(bytesMax / 2);
    let from = end - kept;
    let to = 0;
    for (let look = 0; from < end && look < 16; look++) {
      let piece = read(file, from, end);
      if (look === 0) piece = fromNextLine(piece);
      writeSync(file, piece, 0, piece.length, to);
      to += piece.length;
      from = end;
      end = fstatSync(file).size;
      // A flood writes faster than this copies: leave what is more than the limit behind.
      if (end - from > kept) from = end - kept;
      if (to + end - from > bytesMax) break;
    }
    ftruncateSync(file, to);
    return true;
  } finally {
    closeSync(file);
  }
}

function read(file: number, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  let at = 0;
  while (at < bytes.length) {
    const n = readSync(file, bytes, at, bytes.length - at, start + at);
    if (n === 0) break;
    at += n;
  }
  return bytes.subarray(0, at);
}

/** Half a line at the front would mislead. */
function fromNextLine(bytes: Buffer): Buffer {
  const newline = bytes.indexOf(10);
  return newline < 0 ? bytes : bytes.subarray(newline + 1);
}
