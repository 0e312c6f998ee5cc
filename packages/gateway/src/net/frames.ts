/**
 * WebSocket frames (RFC 6455): what clients send is taken apart here, and headers of what they are sent are made.
 *
 * The reader works on the chunks as the socket delivers them: it unmasks in place and hands out whole messages as views. Only what
 * is incomplete at the end of a chunk is copied, and the pieces of a fragmented message. Every limit is checked on the header,
 * before anything is kept.
 */
import { isUtf8 } from 'node:buffer';
import type { ErrorCode } from '@horizon-atlas/protocol';

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What a frame may not exceed; beyond, the reader answers MESSAGE_TOO_BIG. */
export interface FrameLimits {
  /** A whole message, over all its fragments. */
  readonly messageBytes: number;
  /** Fragments of one message. */
  readonly fragments: number;
}

/**
 * Who hears what was read. Bytes are views, valid during the call. Each answers whether to read on; false leaves the rest for
 * `FrameReader.resume`.
 */
export interface FrameSink {
  message(bytes: Uint8Array, start: number, end: number, text: boolean): boolean;
  ping(payload: Uint8Array): boolean;
  pong(payload: Uint8Array): boolean;
  /** 1005 when the peer gave none. Nothing more is read after it. */
  close(code: number, reason: string): void;
}

/** Control frames carry at most this. */
const CONTROL_BYTES = 125;
const nothing = new Uint8Array(0);

export class FrameReader {
  readonly #limits: FrameLimits;
  readonly #sink: FrameSink;
  /** Bytes of an incomplete frame, or of frames that nobody wanted yet. */
  #rest: Uint8Array = nothing;
  #restLength = 0;
  /** Of the message whose fragments are being gathered; 0: none is. */
  #gathering = 0;
  #gathered: Uint8Array = nothing;
  #gatheredLength = 0;
  #fragments = 0;
  #stopped = false;

  constructor(limits: FrameLimits, sink: FrameSink) {
    this.#limits = limits;
    this.#sink = sink;
  }

  /** Bytes kept for later. */
  get keptBytes(): number {
    return this.#restLength + this.#gatheredLength;
  }

  /** Reads a chunk, which is changed in place. Answers what is wrong with it; after that, or a close, everything is ignored. */
  push(chunk: Uint8Array): ErrorCode | undefined {
    if (this.#stopped) return undefined;
    if (this.#restLength === 0) return this.#read(chunk, chunk.length, false);
    this.#keep(chunk, 0, chunk.length);
    return this.#readRest();
  }

  /** Goes on where the sink wanted no more. */
  resume(): ErrorCode | undefined {
    return this.#stopped || this.#restLength === 0 ? undefined : this.#readRest();
  }

  #readRest(): ErrorCode | undefined {
    const bytes = this.#rest;
    const length = this.#restLength;
    this.#rest = nothing;
    this.#restLength = 0;
    return this.#read(bytes, length, true);
  }

  /** @param own whether the bytes are the reader's, and need not be copied to be kept */
  #read(bytes: Uint8Array, length: number, own: boolean): ErrorCode | undefined {
    let at = 0;
    while (length - at >= 2) {
      const first = bytes[at] as number;
      const second = bytes[at + 1] as number;
      const code = first & 0x0f;
      // Reserved bits belong to extensions, and none was agreed; a client must mask.
      if ((first & 0x70) !== 0 || second < 0x80) return this.#fault('PROTOCOL_ERROR');
      let size = second & 0x7f;
      let start = at + 6;
      if (size === 126) {
        if (length - at < 4) break;
        size = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
        start += 2;
        if (size < 126) return this.#fault('PROTOCOL_ERROR');
      } else if (size === 127) {
        if (length - at < 10) break;
        size = longSize(bytes, at + 2);
        start += 8;
        if (size < 0x1_0000) return this.#fault('PROTOCOL_ERROR');
      }
      const wrong = this.#check(first, code, size);
      if (wrong !== undefined) return this.#fault(wrong);
      const end = start + size;
      if (end > length) break;
      unmask(bytes, start, end);
      at = end;
      const goOn = this.#frame(first >= 0x80, code, bytes, start, end);
      if (typeof goOn === 'string') return this.#fault(goOn);
      if (!goOn) break;
    }
    if (at === length || this.#stopped) return undefined;
    if (own) {
      this.#rest = bytes.subarray(at);
      this.#restLength = length - at;
    } else this.#keep(bytes, at, length);
    return undefined;
  }

  /** What can be said before the payload is there. */
  #check(first: number, code: number, size: number): ErrorCode | undefined {
    switch (code) {
      case opcode.continuation:
        if (this.#gathering === 0) return 'PROTOCOL_ERROR';
        break;
      case opcode.text:
      case opcode.binary:
        if (this.#gathering !== 0) return 'PROTOCOL_ERROR';
        break;
      case opcode.close:
      case opcode.ping:
      case opcode.pong:
        return first < 0x80 || size > CONTROL_BYTES ? 'PROTOCOL_ERROR' : undefined;
      default:
        return 'PROTOCOL_ERROR';
    }
    return size + this.#gatheredLength > this.#limits.messageBytes ? 'MESSAGE_TOO_BIG' : undefined;
  }

  /** A whole frame, unmasked. Answers whether to read on, or what is wrong. */
  #frame(final: boolean, code: number, bytes: Uint8Array, start: number, end: number): boolean | ErrorCode {
    switch (code) {
      case opcode.ping:
        return this.#sink.ping(bytes.subarray(start, end));
      case opcode.pong:
        return this.#sink.pong(bytes.subarray(start, end));
      case opcode.close:
        return this.#close(bytes.subarray(start, end));
    }
    if (final && code !== opcode.continuation) return this.#sink.message(bytes, start, end, code === opcode.text);
    if (code !== opcode.continuation) this.#gathering = code;
    if (++this.#fragments > this.#limits.fragments) return 'MESSAGE_TOO_BIG';
    this.#gather(bytes, start, end);
    if (!final) return true;
    const text = this.#gathering === opcode.text;
    const whole = this.#gathered;
    const length = this.#gatheredLength;
    this.#gathering = 0;
    this.#fragments = 0;
    this.#gathered = nothing;
    this.#gatheredLength = 0;
    return this.#sink.message(whole, 0, length, text);
  }

  #close(payload: Uint8Array): boolean | ErrorCode {
    let code = 1005;
    let reason = '';
    if (payload.length === 1) return 'PROTOCOL_ERROR';
    if (payload.length >= 2) {
      code = ((payload[0] as number) << 8) | (payload[1] as number);
      const text = payload.subarray(2);
      if (!mayClose(code) || !isUtf8(text)) return 'PROTOCOL_ERROR';
      reason = Buffer.from(text).toString();
    }
    this.#stop();
    this.#sink.close(code, reason);
    return false;
  }

  #gather(bytes: Uint8Array, start: number, end: number): void {
    this.#gathered = room(this.#gathered, this.#gatheredLength, end - start);
    this.#gathered.set(bytes.subarray(start, end), this.#gatheredLength);
    this.#gatheredLength += end - start;
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    this.#rest = room(this.#rest, this.#restLength, end - start);
    this.#rest.set(bytes.subarray(start, end), this.#restLength);
    this.#restLength += end - start;
  }

  #fault(code: ErrorCode): ErrorCode {
    this.#stop();
    return code;
  }

  #stop(): void {
    this.#stopped = true;
    this.#rest = nothing;
    this.#restLength = 0;
    this.#gathered = nothing;
    this.#gatheredLength = 0;
  }
}

/** The longest header that `writeHeader` writes. */
export const HEADER_BYTES = 10;

/** Writes the header of an unmasked, unfragmented frame at `at`; answers how long it is. */
export function writeHeader(into: Uint8Array, at: number, code: number, length: number): number {
  into[at] = 0x80 | code;
  if (length < 126) {
    into[at + 1] = length;
    return 2;
  }
  if (length < 0x1_0000) {
    into[at + 1] = 126;
    into[at + 2] = length >> 8;
    into[at + 3] = length;
    return 4;
  }
  into[at + 1] = 127;
  into.fill(0, at + 2, at + 6);
  into[at + 6] = length >>> 24;
  into[at + 7] = length >> 16;
  into[at + 8] = length >> 8;
  into[at + 9] = length;
  return 10;
}

/** A close frame's payload; the reason is cut to what fits, at a whole character. */
export function closePayload(code: number, reason: string): Uint8Array {
  const payload = new Uint8Array(CONTROL_BYTES);
  payload[0] = code >> 8;
  payload[1] = code;
  const { written } = new TextEncoder().encodeInto(reason, payload.subarray(2));
  return payload.subarray(0, 2 + written);
}

/** XORs `bytes[start, end)` with the four bytes before it. */
function unmask(bytes: Uint8Array, start: number, end: number): void {
  const a = bytes[start - 4] as number;
  const b = bytes[start - 3] as number;
  const c = bytes[start - 2] as number;
  const d = bytes[start - 1] as number;
  let i = start;
  for (const whole = end - 3; i < whole; i += 4) {
    bytes[i] = (bytes[i] as number) ^ a;
    bytes[i + 1] = (bytes[i + 1] as number) ^ b;
    bytes[i + 2] = (bytes[i + 2] as number) ^ c;
    bytes[i + 3] = (bytes[i + 3] as number) ^ d;
  }
  if (i < end) bytes[i] = (bytes[i] as number) ^ a;
  if (i + 1 < end) bytes[i + 1] = (bytes[i + 1] as number) ^ b;
  if (i + 2 < end) bytes[i + 2] = (bytes[i + 2] as number) ^ c;
}

/** Eight bytes, big-endian; above 2^32 exactness does not matter, because no limit is that high. */
function longSize(bytes: Uint8Array, at: number): number {
  let size = 0;
  for (let i = at; i < at + 8; i++) size = size * 256 + (bytes[i] as number);
  return size;
}

/** The codes that a peer may send: RFC 6455, 7.4, and those that IANA has added since. */
function mayClose(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

function room(buffer: Uint8Array, used: number, need: number): Uint8Array {
  if (used + need <= buffer.length) return buffer;
  const grown = new Uint8Array(Math.max(256, buffer.length * 2, used + need));
  grown.set(buffer.subarray(0, used));
  return grown;
}
