/** Entropy of a real machine: the operating system's, drawn a page at a time because each call costs a system call. */

import { randomFillSync } from 'node:crypto';
import type { Entropy } from '@horizon-atlas/ports';
import { IdSource } from './core/entropy.ts';

const PAGE = 256;

export function systemEntropy(): Entropy {
  const page = new Uint32Array(PAGE);
  let used = PAGE;
  const u32 = () => {
    if (used === PAGE) {
      randomFillSync(page);
      used = 0;
    }
    const value = page[used] ?? 0;
    // What was given out may be a secret now: it is not kept.
    page[used++] = 0;
    return value;
  };
  const ids = new IdSource(() => Date.now(), u32);
  return { u32, id: (prefix) => ids.id(prefix) };
}
