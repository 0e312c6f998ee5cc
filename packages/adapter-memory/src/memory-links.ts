/** Links within one process: a frame is copied when it is sent, and delivered on a later turn. */

import { assert } from '@horizon-atlas/base';
import { type Link, type LinkAddress, type LinkCloseReason, type Links, linkLimits } from '@horizon-atlas/ports';
import { hostTurn, type Later } from './later.ts';

/** Why listening or dialling failed; `code` is one of the table in protocol/errors.ts. */
export class MemoryLinkError extends Error {
  readonly code: 'LINK_REFUSED' | 'LINK_ADDRESS_IN_USE' | 'LINK_LISTEN_FAILED';
  constructor(code: MemoryLinkError['code'], message: string) {
    super(message);
    this.name = 'MemoryLinkError';
    this.code = code;
  }
}

export interface MemoryLinksOptions {
  readonly later?: Later;
}

/** One call makes one network: what listens on it can be dialed on it. */
export function memoryLinks({ later = hostTurn }: MemoryLinksOptions = {}): Links {
  const listeners = new Map<LinkAddress, (link: Link) => void>();
  let nextPort = 49_152;

  return {
    listen: async (wanted, onLink) => {
      const address = /^tcp:.*:0$/.test(wanted) ? wanted.replace(/0$/, String(nextPort++)) : wanted;
      if (!/^(unix:.|tcp:.*:\d+$)/.test(address))
        throw new MemoryLinkError('LINK_LISTEN_FAILED', `${address} is not an address of links`);
      if (listeners.has(address)) throw new MemoryLinkError('LINK_ADDRESS_IN_USE', `something listens at ${address} already`);
      listeners.set(address, onLink);
      return {
        address,
        close: async () => {
          if (listeners.get(address) === onLink) listeners.delete(address);
        },
      };
    },
    dial: (address) =>
      new Promise((resolve, reject) => {
        later(() => {
          const onLink = listeners.get(address);
          if (onLink === undefined) return reject(new MemoryLinkError('LINK_REFUSED', `nobody listens at ${address}`));
          const [dialed, accepted] = pair(later);
          resolve(dialed);
          onLink(accepted);
        });
      }),
  };
}

function pair(later: Later): [End, End] {
  const one = new End(later);
  const other = new End(later);
  one.peer = other;
  other.peer = one;
  return [one, other];
}

/** One end of a link: it owns the queue towards its peer. */
class End implements Link {
  peer: End | undefined;
  readonly #later: Later;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #draining = false;
  #onFrame: ((frame: Uint8Array) => void) | undefined;
  #onWritable: (() => void) | undefined;
  #onClose: ((reason: LinkCloseReason) => void) | undefined;
  /** Why this end is over, once it is; `#told` once the handler knows. */
  #reason: LinkCloseReason | undefined;
  #told = false;
  /** The peer's last word, to be given after its frames. */
  #lastWord: LinkCloseReason | undefined;

  constructor(later: Later) {
    this.#later = later;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get writable(): boolean {
    return this.#queuedBytes <= linkLimits.queueBytesSoft;
  }

  send(frame: Uint8Array): void {
    assert(frame.length <= linkLimits.frameBytes, `a frame is at most 8 MiB, not ${frame.length} bytes`);
    if (this.#reason !== undefined) return;
    this.#queue.push(frame.slice());
    this.#queuedBytes += frame.length;
    this.#drainLater();
  }

  /** There is no operating system to hand anything to: delivery stays on a later turn. */
  flush(): void {}

  onFrame(fn: (frame: Uint8Array) => void): void {
    this.#onFrame = fn;
    if (this.peer !== undefined) this.peer.#drainLater();
  }

  onWritable(fn: () => void): void {
    this.#onWritable = fn;
  }

  onClose(fn: (reason: LinkCloseReason) => void): void {
    this.#onClose = fn;
    if (this.#reason !== undefined) this.#tellLater();
  }

  close(reason: LinkCloseReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    if (this.peer !== undefined) this.peer.#lastWord = reason;
    this.#tellLater();
    this.#drainLater();
  }

  #drainLater(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#later(() => {
      this.#draining = false;
      this.#drain();
    });
  }

  /** Hands the peer what is queued, and after that the reason if this end has closed. */
  #drain(): void {
    const peer = this.peer;
    if (peer === undefined) return;
    const wasWritable = this.writable;
    try {
      while (this.#queue.length > 0 && peer.#reason === undefined && peer.#onFrame !== undefined) {
        const frames = this.#queue;
        this.#queue = [];
        this.#hand(frames, peer);
      }
    } finally {
      // A handler with a bug loses its own frame and no other.
      if (this.#queue.length > 0 && peer.#onFrame !== undefined && peer.#reason === undefined) this.#drainLater();
    }
    if (peer.#reason !== undefined) this.#dropQueue();
    if (this.#queue.length === 0 && peer.#lastWord !== undefined) peer.#end(peer.#lastWord);
    if (!wasWritable && this.writable && this.#reason === undefined) this.#onWritable?.();
  }

  #hand(frames: Uint8Array[], peer: End): void {
    let done = 0;
    try {
      for (const frame of frames) {
        done++;
        this.#queuedBytes -= frame.length;
        if (peer.#reason === undefined) peer.#onFrame?.(frame);
      }
    } finally {
      if (done < frames.length) this.#queue = [...frames.slice(done), ...this.#queue];
    }
  }

  #end(reason: LinkCloseReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#dropQueue();
    this.#tellLater();
  }

  #dropQueue(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  #tellLater(): void {
    this.#later(() => {
      if (this.#told || this.#onClose === undefined || this.#reason === undefined) return;
      this.#told = true;
      this.#onClose(this.#reason);
    });
  }
}
