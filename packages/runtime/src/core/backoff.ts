/** How long to wait before trying again. */

import { assert } from '@horizon-atlas/base';

export interface BackoffPolicy {
  /** Before the second try, in milliseconds. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** From one wait to the next; at least 1. */
  readonly factor: number;
  /** The share of each wait that is left to chance, 0 to 1, so that many who failed together do not come back together. */
  readonly jitter: number;
}

export const backoffPolicy: BackoffPolicy = { firstMs: 100, maxMs: 10_000, factor: 2, jitter: 0.5 };

/**
 * The wait in milliseconds after the n-th failure in a row (n from 1): `firstMs × factor^(n − 1)`, at most `maxMs`,
 * less a random part of up to `jitter` of it.
 */
export function backoff(policy: BackoffPolicy = backoffPolicy): (failures: number, entropy: { u32(): number }) => number {
  const { firstMs, maxMs, factor, jitter } = policy;
  assert(firstMs >= 0 && maxMs >= firstMs, 'a back-off waits from firstMs to maxMs');
  assert(factor >= 1 && jitter >= 0 && jitter <= 1, 'a back-off grows, and jitter is a share');
  return (failures, entropy) => {
    assert(failures >= 1, 'who did not fail does not wait');
    // Infinity for very many failures is cut back, too.
    const full = Math.min(maxMs, firstMs * factor ** (failures - 1));
    return full * (1 - (jitter * entropy.u32()) / 0x1_0000_0000);
  };
}
