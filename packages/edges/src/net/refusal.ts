/** How a TCP connection is told that it goes no further: in its own protocol where that has words for it. */
import type { Socket } from 'node:net';
import type { EdgeListener } from '@horizon-atlas/protocol';
import { type Refusal, refusals, refusedFrame } from '../core/join-frame.ts';

/** What HTTP says to each; 503 to all others. */
const statuses: Readonly<Record<string, string>> = {
  TOKEN_INVALID: '401 Unauthorized',
  TOKEN_EXPIRED: '401 Unauthorized',
  HEAD_INVALID: '400 Bad Request',
  HEAD_TOO_BIG: '431 Request Header Fields Too Large',
  HANDSHAKE_TIMEOUT: '408 Request Timeout',
  SERVER_UNREACHABLE: '502 Bad Gateway',
  SERVER_GONE: '410 Gone',
};
const CLOSE_MS = 1_000;

export function refuse(client: Socket, listener: EdgeListener, why: string): void {
  if (client.destroyed) return;
  if (listener.protocol === 'ws') {
    const body = `{"code":"${why}"}`;
    const head = `HTTP/1.1 ${statuses[why] ?? '503 Service Unavailable'}\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    client.end(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
  } else if (listener.route === 'token' && (refusals as readonly string[]).includes(why))
    client.end(refusedFrame(why as Refusal));
  else client.end();
  // What it still sends is read and forgotten, so that our last words arrive; and it is not waited for.
  client.resume();
  const late = setTimeout(() => client.destroy(), CLOSE_MS);
  client.on('data', () => {});
  client.once('end', () => client.destroySoon());
  client.once('close', () => clearTimeout(late));
}
