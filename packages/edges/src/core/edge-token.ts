/**
 * The token in the first bytes of a player's way: small enough for one datagram beside the game's own first bytes, and checked at the cost of one hash.
 * All of it:
 *
 *   u8 version 1 · 4 bytes hint of the key · u32 expires (s since 1970) · 8 bytes nonce · u8 length, server · u8 length, player · 16 bytes mac
 *
 * mac: the first 16 bytes of HMAC-SHA-256 over all before it. The key is HMAC-SHA-256(secret, "atlas edge token v1") of one of the control plane's signing secrets,
 * the hint the first 4 bytes of HMAC-SHA-256(secret, "atlas edge token hint v1"). Little-endian; ids are UTF-8 of 1 to 64 bytes (the player's may be empty).
 */
import { Reader, Writer } from '@horizon-atlas/base';
import { limits } from '@horizon-atlas/protocol';

export interface EdgeClaim {
  readonly server: string;
  /** Empty: whoever holds it. */
  readonly player: string;
  readonly expiresS: number;
  /** What makes it one of a kind: a second session with it takes the place of the first. */
  readonly nonce: Uint8Array;
}

export const MAC_BYTES = 16;
const VERSION = 1;
const NONCE_BYTES = 8;
const HINT_BYTES = 4;
const LEAST_BYTES = 1 + HINT_BYTES + 4 + NONCE_BYTES + 2 + 1 + MAC_BYTES;
export const TOKEN_BYTES_MAX = LEAST_BYTES - 1 + 2 * limits.idBytes;

/** What is signed: all but the mac. */
export function writeEdgeClaim(hint: Uint8Array, { server, player, expiresS, nonce }: EdgeClaim): Uint8Array<ArrayBuffer> {
  const w = new Writer();
  w.u8(VERSION);
  w.raw(hint);
  w.u32(expiresS);
  w.raw(nonce);
  for (const text of [server, player]) {
    const utf8 = encoder.encode(text);
    if (utf8.length > limits.idBytes) throw new RangeError(`an id of ${utf8.length} bytes does not fit into a token`);
    w.u8(utf8.length);
    w.raw(utf8);
  }
  return w.copy();
}

/** Whether it is worth a hash: it looks like one, and names this key. */
export function namesKey(token: Uint8Array, hint: Uint8Array): boolean {
  if (token.length < LEAST_BYTES || token.length > TOKEN_BYTES_MAX || token[0] !== VERSION) return false;
  for (let i = 0; i < HINT_BYTES; i++) if (token[1 + i] !== hint[i]) return false;
  return true;
}

/** Of a token whose mac was checked, or is about to be. undefined: malformed. */
export function readEdgeClaim(token: Uint8Array): EdgeClaim | undefined {
  if (token.length < LEAST_BYTES || token.length > TOKEN_BYTES_MAX || token[0] !== VERSION) return undefined;
  const r = new Reader(token.subarray(1 + HINT_BYTES, token.length - MAC_BYTES));
  const expiresS = r.u32();
  const nonce = raw(r, NONCE_BYTES);
  const server = text(r);
  const player = text(r);
  if (r.bad || r.left > 0 || server === undefined || player === undefined || server === '') return undefined;
  return { server, player, expiresS, nonce };
}

function raw(r: Reader, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = r.u8();
  return out;
}

function text(r: Reader): string | undefined {
  const length = r.u8();
  if (r.bad || length > limits.idBytes || length > r.left) return undefined;
  try {
    return decoder.decode(raw(r, length));
  } catch {
    return undefined;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
