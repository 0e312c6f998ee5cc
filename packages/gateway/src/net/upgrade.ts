/**
 * The HTTP request that opens a WebSocket connection (RFC 6455, 4.2; RFC 9112), read by hand: it is one request with no body, and
 * everything that is not exactly that is answered with a status that says what was expected.
 */
import { hash } from 'node:crypto';
import { SUBPROTOCOLS } from '@horizon-atlas/protocol';

/** A request line and headers beyond this are refused with 431. */
export const REQUEST_BYTES = 8 * 1024;

export type Subprotocol = (typeof SUBPROTOCOLS)[number];

export type Request =
  | { readonly kind: 'incomplete' }
  /** Answer with this and hang up. */
  | { readonly kind: 'refused'; readonly status: number; readonly text: string }
  | {
      readonly kind: 'upgrade';
      /** Of the client's key, for the answer. */
      readonly accept: string;
      /** undefined: it offered some, but none that is spoken here. */
      readonly protocol: Subprotocol | undefined;
      /** What to echo; empty: it offered none, and none is named in the answer. */
      readonly echo: string;
      /** Empty: not a browser. */
      readonly origin: string;
      readonly token: string;
      readonly resume: string;
      /** Where the request ends and frames begin. */
      readonly end: number;
    };

const CRLF2 = new Uint8Array([13, 10, 13, 10]);
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const refused = (status: number, text: string): Request => ({ kind: 'refused', status, text });

/** @param bytes what has come so far */
export function readRequest(bytes: Uint8Array): Request {
  const headEnd = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, REQUEST_BYTES)).indexOf(CRLF2);
  if (headEnd < 0) return bytes.length >= REQUEST_BYTES ? refused(431, 'the request is too long') : { kind: 'incomplete' };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, headEnd).toString('latin1');
  const [requestLine = '', ...lines] = text.split('\r\n');
  const [, method, target, version] = /^([A-Z]+) (\S+) HTTP\/(1\.[01])$/.exec(requestLine) ?? [];
  if (method === undefined || target === undefined) return refused(400, 'this is not an HTTP/1.1 request');
  const headers = readHeaders(lines);
  if (headers === undefined) return refused(400, 'a header is malformed');
  const path = target.split('?', 1)[0];
  if (method !== 'GET') return refused(405, 'only GET, with an upgrade to WebSocket');
  if (path === '/healthz') return refused(200, 'ok');
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket')
    return refused(426, 'this is a WebSocket server: speak atlas.v1 or horizon.v1');
  if (version !== '1.1' || !tokens(headers.get('connection')).some((each) => each.toLowerCase() === 'upgrade')) {
    return refused(400, 'an upgrade needs HTTP/1.1 and "Connection: Upgrade"');
  }
  if (headers.get('sec-websocket-version') !== '13') return refused(426, 'only version 13 of WebSocket');
  const key = headers.get('sec-websocket-key') ?? '';
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) return refused(400, 'Sec-WebSocket-Key is missing or malformed');
  if (headers.has('content-length') || headers.has('transfer-encoding')) return refused(400, 'an upgrade has no body');
  return {
    kind: 'upgrade',
    accept: hash('sha1', key + GUID, 'base64'),
    ...choose(tokens(headers.get('sec-websocket-protocol'))),
    origin: headers.get('origin') ?? '',
    ...credentials(target, headers.get('authorization')),
    end: headEnd + CRLF2.length,
  };
}

export function upgradeResponse(accept: string, protocol: string): string {
  const chosen = protocol === '' ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`;
}

/** @param code of protocol/errors.ts, for programs; empty if there is none */
export function refusalResponse(status: number, text: string, code = ''): string {
  const body = code === '' ? `${text}\n` : `${code}: ${text}\n`;
  const upgrade = status === 426 ? 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' : '';
  const allow = status === 405 ? 'Allow: GET\r\n' : '';
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 ${status} ${statusText[status] ?? 'Error'}\r\n${upgrade}${allow}Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${body}`;
}

const statusText: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
};

/** By lower-case name; repeated ones are joined as RFC 9110, 5.3 allows. undefined: malformed. */
function readHeaders(lines: readonly string[]): Map<string, string> | undefined {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

function tokens(list: string | undefined): string[] {
  if (list === undefined) return [];
  return list
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/**
 * A client that offers nothing is taken for one of Horizon's, which knows no subprotocols. Of one that offers only unknown ones, the
 * first is echoed all the same: browsers would not let it see the close code otherwise.
 */
function choose(offered: readonly string[]): { protocol: Subprotocol | undefined; echo: string } {
  const [first] = offered;
  if (first === undefined) return { protocol: 'horizon.v1', echo: '' };
  const protocol = SUBPROTOCOLS.find((each) => offered.includes(each));
  return { protocol, echo: protocol ?? (/^[\w.!#$%&'*+^`|~-]{1,64}$/.test(first) ? first : '') };
}

/** For horizon.v1: a bearer token, or `?token=` where a browser cannot set headers; `?resume=` likewise. */
function credentials(target: string, authorization: string | undefined): { token: string; resume: string } {
  const query = new URLSearchParams(target.slice(target.indexOf('?') + 1 || target.length));
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return { token: bearer ?? query.get('token') ?? '', resume: query.get('resume') ?? '' };
}
