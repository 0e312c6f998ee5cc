/**
 * Every limit of a link, each with what happens when it is reached. Those that all adapters share are `linkLimits` of the port:
 * a received frame above `frameBytes` ends the link with LINK_FRAME_INVALID.
 */
export const limits = {
  /** Not `writable` above `queueBytesSoft` until the queue has fallen to this, so that `onWritable` is not called for each frame. */
  queueLowBytes: 2 * 1024 * 1024,
  /** Queued above this: the other side has stopped reading, and the link ends with LINK_SLOW. */
  queueBytesMax: 64 * 1024 * 1024,
  /** Frames are gathered in chunks of this size; a larger frame has a chunk of its own. */
  chunkBytes: 128 * 1024,
  /** Chunks kept for reuse by all links of one `Links`; more are left to the garbage collector. */
  chunksKept: 16,
  /** Queued above this within one turn: written at once instead of at the turn's end. */
  flushBytes: 512 * 1024,
  /** Read buffer of a dialled link. */
  readBytes: 256 * 1024,
  /** Received before a handler is set. Above it the link stops reading until there is one. */
  waitingBytes: 4 * 1024 * 1024,
  /** UTF-8 of a close reason's message; the rest is cut off. */
  reasonBytes: 1024,
  /** A Unix socket's path may have 107 bytes on Linux and 103 on macOS; longer ones are replaced by an alias (address.ts). */
  unixPathBytes: 100,
  /** A dial that is not connected by then rejects with LINK_REFUSED. */
  dialMs: 5000,
} as const;
