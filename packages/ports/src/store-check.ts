import { storeLimits } from './limits.ts';
import type { StoreCondition, StoreOp } from './store.ts';

/**
 * What a transaction passes of the Store's limits, in a sentence for the STORE_FULL answer; undefined if it keeps them.
 * Every adapter asks here first, so that a transaction that the laptop takes is taken by the cluster, too.
 */
export function overStoreLimits(ops: readonly StoreOp[], conditions: readonly StoreCondition[]): string | undefined {
  if (ops.length > storeLimits.ops) return `${ops.length} ops in one transaction; at most ${storeLimits.ops}`;
  if (conditions.length > storeLimits.ops)
    return `${conditions.length} conditions in one transaction; at most ${storeLimits.ops}`;
  for (const op of ops) {
    const wrong = wrongKey(op.key);
    if (wrong !== undefined) return wrong;
    if (op.op === 'put' && op.value.length > storeLimits.valueBytes) {
      return `the value of ${op.key} has ${op.value.length} bytes; at most ${storeLimits.valueBytes}`;
    }
  }
  for (const condition of conditions) {
    const wrong = wrongKey(condition.key);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

const encoder = new TextEncoder();
const scratch = new Uint8Array(storeLimits.keyBytes);

/** Two texts that differ only in lone surrogates would be one key in UTF-8; NUL ends a text in some databases. */
function wrongKey(key: string): string | undefined {
  if (key.length === 0) return 'a key is empty';
  if (encoder.encodeInto(key, scratch).read < key.length)
    return `the key ${key.slice(0, 40)}… is longer than ${storeLimits.keyBytes} bytes`;
  if (!key.isWellFormed() || key.includes('\0')) return `the key ${JSON.stringify(key)} is not text`;
  return undefined;
}
