import type { Cancel } from './clock.ts';

/** `unix:/path/to.sock`, or `tcp:host:port` (port 0 picks one). */
export type LinkAddress = string;

export interface LinkCloseReason {
  /** A code of protocol/errors.ts, or LINK_LOST when the other side vanished. */
  readonly code: string;
  readonly message: string;
}

/** An ordered, framed, two-way pipe between two processes of one installation. */
export interface Link {
  /**
   * Queues one frame (at most 8 MiB; a larger one throws, as a bug). The bytes are copied before this returns and delivered
   * on a later turn; everything queued in one turn of the loop leaves in one write. After close it does nothing.
   */
  send(frame: Uint8Array): void;
  /** Hands over what is queued now instead of at the end of the turn: for a thread that is about to sleep. */
  flush(): void;
  /**
   * One handler. The frame is a view that is only valid during the call. Frames wait until a handler is set, and the other
   * side's queue fills meanwhile; those that came before a close are delivered before it, also to a handler set afterwards.
   */
  onFrame(fn: (frame: Uint8Array) => void): void;
  /** False while the other side does not keep up (queue above 4 MiB): senders of what can be replaced should skip a turn. */
  readonly writable: boolean;
  /** Bytes queued and not yet handed to the operating system. */
  readonly queuedBytes: number;
  /** Called each time `writable` becomes true again. */
  onWritable(fn: () => void): void;
  /** What is queued is still sent, then the link ends; the other side gets the reason. A second call does nothing. */
  close(reason: LinkCloseReason): void;
  /**
   * Called once, whichever side closed and however it ended; a handler that is set after the end is told, too.
   * A silent peer counts as lost after three missed heartbeats.
   */
  onClose(fn: (reason: LinkCloseReason) => void): void;
}

export interface LinkListener {
  /** The address to give to others; for tcp with the port that was picked. */
  readonly address: LinkAddress;
  /** Takes in nobody from now on and frees the address; links that exist go on. */
  close(): Promise<void>;
}

export interface Links {
  /** Rejects with code LINK_ADDRESS_IN_USE or LINK_LISTEN_FAILED. */
  listen(address: LinkAddress, onLink: (link: Link) => void): Promise<LinkListener>;
  /** Resolves when connected; rejects with code LINK_REFUSED after one try: callers retry with back-off. */
  dial(address: LinkAddress): Promise<Link>;
}

export type { Cancel };
