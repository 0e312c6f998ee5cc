/**
 * Growing writer and never-throwing reader of little-endian bytes.
 *
 * The reader is made for bytes from strangers: past the end or on a malformed value it sets `bad` and answers zero
 * values from then on, so a decoder is straight-line code with one check at its end.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const HIGH = 0x1_0000_0000;
/** Texts up to here are written and read by hand while they are ASCII: most are ids, and the host's codecs cost more than the loop. */
const SHORT_TEXT = 64;
/** Up to here copying byte by byte is cheaper than the view that a block copy needs. */
const SHORT_BYTES = 64;

/** Floats change their form here; one call at a time, so one scratch will do. */
const scratch = new Uint8Array(8);
const float32 = new Float32Array(scratch.buffer, 0, 1);
const float64 = new Float64Array(scratch.buffer, 0, 1);

export class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Forget what was written; the memory is kept. */
  reset(): void {
    this.#length = 0;
  }

  /** What was written, as a view that the next write may overwrite. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Reads what was written, until the next write. */
  reader(): Reader {
    return new Reader(this.#bytes, 0, this.#length);
  }

  /** What was written, as bytes of the caller's own. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  u8(value: number): void {
    const at = this.#take(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    this.patchU16(this.#take(2), value);
  }

  u32(value: number): void {
    this.patchU32(this.#take(4), value);
  }

  /** Whole numbers up to 2^53 − 1, in eight bytes. */
  u53(value: number): void {
    const at = this.#take(8);
    this.patchU32(at, value % HIGH);
    this.patchU32(at + 4, Math.floor(value / HIGH));
  }

  i32(value: number): void {
    this.patchU32(this.#take(4), value);
  }

  f32(value: number): void {
    const at = this.#take(4);
    float32[0] = value;
    for (let i = 0; i < 4; i++) this.#bytes[at + i] = scratch[i] as number;
  }

  f64(value: number): void {
    const at = this.#take(8);
    float64[0] = value;
    for (let i = 0; i < 8; i++) this.#bytes[at + i] = scratch[i] as number;
  }

  /** A length of four bytes, then the bytes. */
  bytes(value: Uint8Array): void {
    this.u32(value.length);
    this.raw(value);
  }

  /** The bytes alone. */
  raw(value: Uint8Array): void {
    const at = this.#take(value.length);
    this.#bytes.set(value, at);
  }

  /** The bytes from `start` to `end` alone, without a view of them that would have to be made first. */
  range(value: Uint8Array, start: number, end: number): void {
    const at = this.#take(end - start);
    const bytes = this.#bytes;
    if (end - start > SHORT_BYTES) bytes.set(value.subarray(start, end), at);
    else for (let i = start; i < end; i++) bytes[at + i - start] = value[i] as number;
  }

  /** A length of four bytes, then UTF-8. */
  str(value: string): void {
    const start = this.#length;
    // A UTF-16 unit is at most three bytes of UTF-8.
    const at = this.#take(4 + value.length * 3) + 4;
    const length = this.#ascii(value, at) ? value.length : encoder.encodeInto(value, this.#bytes.subarray(at)).written;
    this.patchU32(start, length);
    this.#length = at + length;
  }

  /** Put a u16 at an earlier place, for a count that is known only afterwards. */
  patchU16(at: number, value: number): void {
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >>> 8;
  }

  /** Put a u32 at an earlier place, for a length that is known only afterwards. */
  patchU32(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
  }

  #ascii(value: string, at: number): boolean {
    if (value.length > SHORT_TEXT) return false;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return false;
      this.#bytes[at + i] = unit;
    }
    return true;
  }

  #take(n: number): number {
    const at = this.#length;
    this.#length = at + n;
    if (this.#length > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

const noBytes = new Uint8Array(0);

export class Reader {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;
  /** Set by the first malformed or missing value; everything after it reads as zero. */
  bad = false;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get left(): number {
    return this.bad ? 0 : this.#end - this.#at;
  }

  get at(): number {
    return this.#at;
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : (this.#bytes[at] as number);
  }

  u16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : (this.#bytes[at] as number) | ((this.#bytes[at + 1] as number) << 8);
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  u53(): number {
    const low = this.u32();
    const high = this.u32();
    if (high <= 0x1f_ffff && !this.bad) return high * HIGH + low;
    this.bad = true;
    return 0;
  }

  i32(): number {
    const at = this.#take(4);
    if (at < 0) return 0;
    const bytes = this.#bytes;
    const high = ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | high;
  }

  f32(): number {
    return this.#float(4) ? (float32[0] as number) : 0;
  }

  f64(): number {
    return this.#float(8) ? (float64[0] as number) : 0;
  }

  /** A view into the input; copy it to keep it. */
  bytes(): Uint8Array {
    return this.raw(this.u32());
  }

  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return at < 0 || length === 0 ? noBytes : this.#bytes.subarray(at, at + length);
  }

  /** The next bytes as the caller's own. */
  copy(length: number): Uint8Array<ArrayBuffer> {
    const at = this.#take(length);
    return at < 0 || length === 0 ? noBytes : this.#bytes.slice(at, at + length);
  }

  /** Passes over the next bytes; where they begin, or -1. */
  skip(length: number): number {
    return this.#take(length);
  }

  str(): string {
    const length = this.u32();
    const at = this.#take(length);
    if (at < 0) return '';
    return this.#ascii(at, length) ?? this.#utf8(at, length);
  }

  #ascii(at: number, length: number): string | undefined {
    if (length > SHORT_TEXT) return undefined;
    let text = '';
    for (let i = 0; i < length; i++) {
      const unit = this.#bytes[at + i] as number;
      if (unit > 0x7f) return undefined;
      text += String.fromCharCode(unit);
    }
    return text;
  }

  #utf8(at: number, length: number): string {
    try {
      return decoder.decode(this.#bytes.subarray(at, at + length));
    } catch {
      this.bad = true;
      return '';
    }
  }

  /** Brings the next bytes to where floats change their form. */
  #float(n: number): boolean {
    const at = this.#take(n);
    if (at < 0) return false;
    for (let i = 0; i < n; i++) scratch[i] = this.#bytes[at + i] as number;
    return true;
  }

  #take(n: number): number {
    if (this.bad || n > this.#end - this.#at) {
      this.bad = true;
      return -1;
    }
    const at = this.#at;
    this.#at = at + n;
    return at;
  }
}
