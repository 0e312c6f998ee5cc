/**
 * The bytes of a link: a word of four bytes, little-endian, then what the word announces.
 *
 *   0x0000_0000        heartbeat, nothing follows
 *   1 … 8 MiB          a frame of so many bytes
 *   0x4000_0000        an empty frame
 *   0x8000_0000 | n    the close reason in n bytes: length of the code in one byte, code, message
 *
 * Any other word is malformed and ends the link. A stray HTTP request does so with its first four letters.
 */
import { type LinkCloseReason, linkLimits } from '@horizon-atlas/ports';
import { limits } from './limits.ts';

export const word = { heartbeat: 0, empty: 0x4000_0000, close: 0x8000_0000 } as const;
export const headerBytes = 4;

/** Longest reason on the wire, in bytes: one for the code's length, a code, a message. */
const reasonMax = 1 + 255 + limits.reasonBytes;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeReason(reason: LinkCloseReason): Uint8Array {
  const code = encoder.encode(reason.code).subarray(0, 255);
  const message = encoder.encode(reason.message).subarray(0, limits.reasonBytes);
  const out = new Uint8Array(1 + code.length + message.length);
  out[0] = code.length;
  out.set(code, 1);
  out.set(message, 1 + code.length);
  return out;
}

/** undefined: malformed. */
export function decodeReason(bytes: Uint8Array): LinkCloseReason | undefined {
  const codeLength = bytes[0];
  if (codeLength === undefined || codeLength === 0 || 1 + codeLength > bytes.length) return undefined;
  return {
    code: decoder.decode(bytes.subarray(1, 1 + codeLength)),
    message: decoder.decode(bytes.subarray(1 + codeLength)),
  };
}

/** How many bytes follow the word; −1: malformed. */
export function bodyBytes(header: number): number {
  if (header <= linkLimits.frameBytes) return header;
  if (header === word.empty) return 0;
  if (header >= word.close && header - word.close <= reasonMax) return header - word.close;
  return -1;
}
