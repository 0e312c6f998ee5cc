/**
 * The first bytes of a player's way through an edge that routes by token: on UDP a datagram, on TCP the beginning of the stream. Bytes, little-endian:
 *
 *   HATL 01  u16 length, token, then what the game server is to get       join (client → edge)
 *   HATL 02  8 bytes: a cookie                                            accepted (edge → client, UDP only)
 *   HATL 03  u8: why, see `refusals`                                      refused (edge → client; TCP is closed after it)
 *   HATL 04  the cookie, then what the game server is to get              proof (client → edge, UDP only)
 */

/** "HATL": what begins otherwise is the game's. */
export const MAGIC = [0x48, 0x41, 0x54, 0x4c] as const;
export const COOKIE_BYTES = 8;
export const JOIN_HEAD_BYTES = 7;

/** In this order on the wire, from 1. */
export const refusals = [
  'TOKEN_INVALID',
  'TOKEN_EXPIRED',
  'TOKEN_USED',
  'SERVER_GONE',
  'NOT_WOKEN',
  'FULL',
  'ADDRESS_LIMIT',
] as const;
export type Refusal = (typeof refusals)[number];

const kinds = { join: 1, accepted: 2, refused: 3, proof: 4 } as const;

export type ClientSaid =
  | { readonly kind: 'join'; readonly token: Uint8Array; readonly rest: Uint8Array }
  | { readonly kind: 'proof'; readonly cookie: Uint8Array; readonly rest: Uint8Array };

export function isOurs(data: Uint8Array): boolean {
  return data.length > 4 && data[0] === 0x48 && data[1] === 0x41 && data[2] === 0x54 && data[3] === 0x4c;
}

/** undefined: not a frame of a client's, or cut short. The parts lie in `data`. */
export function readClientFrame(data: Uint8Array): ClientSaid | undefined {
  if (!isOurs(data)) return undefined;
  if (data[4] === kinds.proof) {
    if (data.length < 5 + COOKIE_BYTES) return undefined;
    return { kind: 'proof', cookie: data.subarray(5, 5 + COOKIE_BYTES), rest: data.subarray(5 + COOKIE_BYTES) };
  }
  if (data[4] !== kinds.join) return undefined;
  const end = joinFrameEnd(data);
  if (end === undefined || end > data.length) return undefined;
  return { kind: 'join', token: data.subarray(JOIN_HEAD_BYTES, end), rest: data.subarray(end) };
}

/** Where a join frame ends, for streams; undefined while its head is not there. */
export function joinFrameEnd(data: Uint8Array): number | undefined {
  return data.length < JOIN_HEAD_BYTES ? undefined : JOIN_HEAD_BYTES + ((data[5] as number) | ((data[6] as number) << 8));
}

export function joinFrame(token: Uint8Array, rest: Uint8Array = new Uint8Array(0)): Uint8Array {
  const out = new Uint8Array(JOIN_HEAD_BYTES + token.length + rest.length);
  out.set([...MAGIC, kinds.join, token.length & 0xff, token.length >>> 8]);
  out.set(token, JOIN_HEAD_BYTES);
  out.set(rest, JOIN_HEAD_BYTES + token.length);
  return out;
}

export function acceptedFrame(cookie: Uint8Array): Uint8Array {
  return Uint8Array.of(...MAGIC, kinds.accepted, ...cookie);
}

export function refusedFrame(why: Refusal): Uint8Array {
  return Uint8Array.of(...MAGIC, kinds.refused, refusals.indexOf(why) + 1);
}

export function proofFrame(cookie: Uint8Array, rest: Uint8Array = new Uint8Array(0)): Uint8Array {
  const out = new Uint8Array(5 + COOKIE_BYTES + rest.length);
  out.set([...MAGIC, kinds.proof]);
  out.set(cookie, 5);
  out.set(rest, 5 + COOKIE_BYTES);
  return out;
}

export type EdgeSaid =
  | { readonly kind: 'accepted'; readonly cookie: Uint8Array }
  | { readonly kind: 'refused'; readonly why: Refusal };

/** For clients. undefined: it is the game server's. */
export function readEdgeFrame(data: Uint8Array): EdgeSaid | undefined {
  if (!isOurs(data)) return undefined;
  if (data[4] === kinds.accepted && data.length === 5 + COOKIE_BYTES) return { kind: 'accepted', cookie: data.slice(5) };
  const why = refusals[(data[5] ?? 0) - 1];
  return data[4] === kinds.refused && data.length === 6 && why !== undefined ? { kind: 'refused', why } : undefined;
}
