/**
 * For Node: a WebSocket that trusts a certificate authority of one's own, such as the one that a development gateway writes to its data
 * directory. Node's built-in WebSocket can only trust the system's. Needs the package `ws`.
 *
 *   const atlas = await connect({ url, token, schema, WebSocket: nodeWebSocket({ ca: readFileSync('ca.pem') }) });
 */
import { WebSocket } from 'ws';
import type { WebSocketConstructor, WebSocketLike } from './socket.ts';

export interface NodeWebSocketOptions {
  /** PEM of the authorities to trust, in place of the system's. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** False trusts everybody. Only for tests on one's own machine. */
  readonly rejectUnauthorized?: boolean;
}

export function nodeWebSocket(options: NodeWebSocketOptions = {}): WebSocketConstructor {
  const { ca, rejectUnauthorized = true } = options;
  const list = ca === undefined ? undefined : (Array.isArray(ca) ? ca : [ca]).map(toText);
  class AtlasWebSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { ca: list, rejectUnauthorized, perMessageDeflate: false, maxPayload: 1 << 20 });
    }
  }
  return AtlasWebSocket as unknown as new (
    url: string,
    protocols: string[],
  ) => WebSocketLike;
}

function toText(pem: string | Uint8Array): string {
  return typeof pem === 'string' ? pem : new TextDecoder().decode(pem);
}
