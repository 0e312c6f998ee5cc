/** What an edge asks of UDP sockets; Node.js and Bun each give it (node-udp.ts, bun-udp.ts). */

export interface PeerSocket {
  readonly port: number;
  /** May be gathered until the end of the turn. Never throws; what the system does not take is lost, as datagrams are. */
  send(data: Uint8Array, port: number, address: string): void;
  close(): void;
}

export interface UpstreamSocket {
  /** Empty and 0 until it is open. */
  readonly localHost: string;
  readonly localPort: number;
  /** Before it is open, a few datagrams wait. */
  send(data: Uint8Array): void;
  close(): void;
}

export interface UpstreamWishes {
  readonly host: string;
  readonly port: number;
  readonly from: { readonly host: string; readonly port: number } | undefined;
  readonly onData: (data: Uint8Array) => void;
  readonly onOpen: () => void;
  /** It cannot be had, or nobody listens at the other end. Several times, possibly. */
  readonly onFail: (code: string) => void;
}

export interface UdpSockets {
  /** Rejects with an error whose `code` is the system's. */
  listen(host: string, port: number, onData: (data: Uint8Array, address: string, port: number) => void): Promise<PeerSocket>;
  connect(wishes: UpstreamWishes): UpstreamSocket;
}

export const udpLimits = {
  /** Asked of the system; it may give less. A burst of garbage must not push out what players sent. */
  receiveBufferBytes: 4 * 1024 * 1024,
  sendBufferBytes: 1024 * 1024,
  /** Datagrams that wait for their socket to be open. */
  waiting: 64,
} as const;
