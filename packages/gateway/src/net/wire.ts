/**
 * What the gateway asks of sockets, whoever makes them: one listener, and for each connection a wire that carries bytes in and out.
 * `node-wire.ts` does it on Node's own modules, `bun-wire.ts` on those of Bun; `listener.ts` chooses. All that is WebSocket, HTTP or
 * policy lies above, and is the same on both.
 */
import type { Buffers } from './buffers.ts';

export interface Certificate {
  /** PEM: the certificate and its chain. */
  readonly cert: string;
  readonly key: string;
}

export interface WireEvents {
  /** Bytes, valid during the call only, and which may be changed in place. */
  received(bytes: Buffer): void;
  /** Everything that was written has been taken by the operating system. */
  written(): void;
  /** The connection is gone, for whatever reason. Once. */
  gone(): void;
}

export interface Wire {
  /** Bytes given to `write` that the operating system has not taken. */
  readonly unwritten: number;
  /** The TLS handshake is over, or there is none. */
  readonly handshaken: boolean;
  /** The first `bytes` of a buffer of the pool, which goes back there by itself. It may wait until the listener's `flush`. */
  write(buffer: Buffer, bytes: number): void;
  pause(): void;
  resume(): void;
  /** Nothing may be written after this, nor be unwritten. The other side may still speak. */
  end(lastWords?: string): void;
  destroy(): void;
}

/** A connection that nobody has read from yet. */
export interface Accepted {
  readonly remoteAddress: string | undefined;
  /** Takes it; with TLS the handshake begins. */
  open(events: WireEvents): Wire;
  /** Ends it without a word. */
  drop(): void;
}

export interface ListenerSettings {
  readonly host: string;
  /** 0: the system picks one. */
  readonly port: number;
  /** undefined: no TLS. */
  readonly certificate: Certificate | undefined;
  /** Wires give back here what they have written. */
  readonly buffers: Buffers;
  /** To be opened or dropped within the call. */
  readonly accepted: (connection: Accepted) => void;
  /** Bytes have come, and wait for `deliver`, which has to be called in this turn. */
  readonly arrived: () => void;
  /** An accept failed; others may work. */
  readonly failed: (error: Error) => void;
}

export interface Listener {
  /** Rejects with PORT_IN_USE or CONFIG_INVALID. Answers the port. */
  listen(): Promise<number>;
  /** For new connections from now on. Throws CONFIG_INVALID, and then nothing has changed. */
  useCertificate(certificate: Certificate): void;
  /** Hands out what has come in this turn and was put aside. */
  deliver(): void;
  /** Passes to the system what wires were given in this turn and was put aside; also what that leads to may be put aside again. */
  flush(): void;
  /** No new connections; those that are open stay. */
  close(): void;
}
