/** Limits that belong to a port's contract, and so hold for every adapter of it. */

export const storeLimits = {
  /** Keys, in bytes of UTF-8; at least one. Beyond: STORE_FULL. */
  keyBytes: 512,
  /** One value. Beyond: STORE_FULL. */
  valueBytes: 4 * 1024 * 1024,
  /** Ops of one transaction, and as many conditions. Beyond: STORE_FULL. */
  ops: 1000,
} as const;

export const linkLimits = {
  /** One frame. A larger one is the sender's bug: `send` throws. */
  frameBytes: 8 * 1024 * 1024,
  /** Queued bytes above which a link is not `writable`. */
  queueBytesSoft: 4 * 1024 * 1024,
} as const;
