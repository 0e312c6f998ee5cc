/**
 * From what a browser asks for to a file of the folder, or to nothing. A path is refused by its shape first (nothing hidden, nothing above),
 * then by where it really leads: a symbolic link out of the folder is no way out.
 */
import { realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Decoded once, `/`-separated, without a leading one. undefined: no path that a folder could have, or one that nobody shall see. */
export function safePath(asked: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(asked);
  } catch {
    return undefined;
  }
  if (path.length > 1024 || /[\\\p{Cc}]/u.test(path)) return undefined;
  const parts = path.split('/');
  const hidden = (part: string) => part === '' || part.startsWith('.') || part === 'node_modules';
  return parts.some(hidden) ? undefined : path;
}

export interface FoundFile {
  readonly file: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** A regular file that lies in the folder. @param path from `safePath` */
export function fileIn(folder: string, path: string): FoundFile | undefined {
  try {
    const home = realpathSync(folder);
    const file = realpathSync(join(home, path));
    if (!file.startsWith(home.endsWith(sep) ? home : home + sep)) return undefined;
    const found = statSync(file);
    return found.isFile() ? { file, bytes: found.size, modifiedMs: found.mtimeMs } : undefined;
  } catch {
    // Not there, or not readable, which is the same to whoever asks.
    return undefined;
  }
}
