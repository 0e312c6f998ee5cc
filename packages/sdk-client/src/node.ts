/**
 * For Node: a WebSocket that trusts a certificate authority of one's own, such as the one that a development gateway writes to its data
 * directory. Node's built-in WebSocket can only trust the system's. Needs the package `ws`.
 *
 *   const atlas = await connect({ url, token, schema, WebSocket: nodeWebSocket({ ca: readFileSync('ca.pem') }) });
 */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, createSecureContext, connect as startTls } from 'node:tls';
import { type ClientOptions, WebSocket } from 'ws';
import type { WebSocketConstructor, WebSocketLike } from './socket.ts';

export interface NodeWebSocketOptions {
  /** PEM of the authorities to trust, in place of the system's. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** False trusts everybody. Only for tests on one's own machine. */
  readonly rejectUnauthorized?: boolean;
}

export function nodeWebSocket(options: NodeWebSocketOptions = {}): WebSocketConstructor {
  const { ca, rejectUnauthorized = true } = options;
  // Made once: for each attempt anew it is most of what an attempt costs, also of one that is refused.
  const secureContext = ca === undefined ? undefined : createSecureContext({ ca: (Array.isArray(ca) ? ca : [ca]).map(toText) });
  class AtlasWebSocket extends WebSocket {
    readonly #stopDialling: () => void;

    constructor(url: string, protocols: string[]) {
      const tls = secureContext === undefined ? {} : { secureContext };
      let tcp: Socket | undefined;
      const createConnection: CreateConnection = (to, done) => {
        tcp = dial(to, done);
      };
      const own = url.startsWith('wss:') ? { ...tls, rejectUnauthorized, createConnection } : {};
      super(url, protocols, { ...own, perMessageDeflate: false, maxPayload: 1 << 20 } as ClientOptions);
      this.#stopDialling = () => void (tcp?.connecting && tcp.destroy(new Error('the connection was given up')));
    }

    override close(code?: number, reason?: string): void {
      super.close(code, reason);
      this.#stopDialling();
    }
  }
  return AtlasWebSocket as unknown as new (
    url: string,
    protocols: string[],
  ) => WebSocketLike;
}

type CreateConnection = (to: ConnectionOptions, done: (error: Error | null, socket?: Socket) => void) => void;

/** TLS begins when there is somebody to speak it with: of an attempt that is refused, and an outage has many, it would be most of the cost. */
function dial(to: ConnectionOptions, done: (error: Error | null, socket?: Socket) => void): Socket {
  const { host = '', port = 0 } = to;
  const tcp = connectTcp({ host, port });
  tcp.once('error', done).once('connect', () => {
    tcp.off('error', done);
    done(null, startTls({ ...to, path: undefined, socket: tcp, servername: isIP(host) ? '' : host }));
  });
  return tcp;
}

/**
 * What `connect` needs to play on a development installation of this machine: its certificate is trusted, and the token is signed here by
 * its secret, which is what a login server does elsewhere. Reads the data directory (`.atlas` beside the configuration), so the
 * installation must have been started once. Throws what the file system throws. Never for production.
 *
 *   const atlas = await connect({ url: 'wss://127.0.0.1:7777', schema, ...developmentAccess('.atlas', 'ann') });
 */
export function developmentAccess(
  dataDir: string,
  player: string,
  name = player,
): { readonly token: () => string; readonly WebSocket: WebSocketConstructor } {
  const secret = readFileSync(join(dataDir, 'dev-secret'), 'utf8').trim();
  const ca = readFileSync(join(dataDir, 'tls', 'dev-cert.pem'));
  return { token: () => developmentToken(secret, player, name), WebSocket: nodeWebSocket({ ca }) };
}

const DEVELOPMENT_TOKEN_S = 3600;

/** What a login server would give: a JWT (RFC 7519), HS256, good for an hour, signed with the secret of a development installation. Never for production. */
export function developmentToken(secret: string, player: string, name: string): string {
  const nowS = Math.floor(Date.now() / 1000);
  const parts = [
    { alg: 'HS256', typ: 'JWT' },
    { sub: player, name, iat: nowS, exp: nowS + DEVELOPMENT_TOKEN_S },
  ];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function toText(pem: string | Uint8Array): string {
  return typeof pem === 'string' ? pem : new TextDecoder().decode(pem);
}
