/** Files that the kernel makes up when they are read. */
import { readFileSync } from 'node:fs';

/** The file's text, or `otherwise` where it cannot be read: in /proc and /sys what was there a moment ago may be gone. */
export function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
