/**
 * Codecs as values: a message is declared once, and its type, its encoder and its decoder follow from it.
 *
 * Layout: little-endian, no padding, no field names; strings, byte strings and lists carry a four-byte length.
 * Decoders never throw: bytes from a peer that do not fit give `undefined`. Every string and list has a limit.
 */
import { Reader, Writer } from '@horizon-atlas/base';

export interface Codec<T> {
  /** What it is in words, such as `{x:f32,name:str}`: two schemas with the same text speak the same bytes. */
  readonly type: string;
  write(w: Writer, value: T): void;
  /** On malformed input sets `r.bad`; what it returns is then to be thrown away. */
  read(r: Reader): T;
}

/** The type that a codec carries. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

export const u8: Codec<number> = { type: 'u8', write: (w, v) => w.u8(v), read: (r) => r.u8() };
export const u16: Codec<number> = { type: 'u16', write: (w, v) => w.u16(v), read: (r) => r.u16() };
export const u32: Codec<number> = { type: 'u32', write: (w, v) => w.u32(v), read: (r) => r.u32() };
/** Whole numbers up to 2^53 − 1. */
export const u53: Codec<number> = { type: 'u53', write: (w, v) => w.u53(v), read: (r) => r.u53() };
export const i32: Codec<number> = { type: 'i32', write: (w, v) => w.i32(v), read: (r) => r.i32() };
export const f32: Codec<number> = { type: 'f32', write: (w, v) => w.f32(v), read: (r) => finite(r, r.f32()) };
export const f64: Codec<number> = { type: 'f64', write: (w, v) => w.f64(v), read: (r) => finite(r, r.f64()) };
export const bool: Codec<boolean> = {
  type: 'bool',
  write: (w, v) => w.u8(v ? 1 : 0),
  read: (r) => {
    const v = r.u8();
    if (v > 1) r.bad = true;
    return v === 1;
  },
};

/** UTF-8 of at most `max` bytes. */
export function str(max = 256): Codec<string> {
  return {
    type: 'str',
    write: (w, v) => w.str(v),
    read: (r) => {
      const start = r.at;
      const v = r.str();
      if (r.at - start - 4 > max) r.bad = true;
      return v;
    },
  };
}

/** At most `max` bytes, copied out of the input. */
export function bytes(max = 8 * 1024 * 1024): Codec<Uint8Array> {
  return {
    type: 'bytes',
    write: (w, v) => w.bytes(v),
    read: (r) => {
      const length = r.u32();
      if (length > max) r.bad = true;
      return r.copy(length);
    },
  };
}

/** Any JSON value, of at most `max` bytes of text. */
export function json<T = unknown>(max = 65_536): Codec<T> {
  const text = str(max);
  return {
    type: 'json',
    write: (w, v) => text.write(w, JSON.stringify(v)),
    read: (r) => {
      const v = text.read(r);
      if (r.bad) return undefined as T;
      try {
        return JSON.parse(v) as T;
      } catch {
        r.bad = true;
        return undefined as T;
      }
    },
  };
}

export function list<T>(item: Codec<T>, max = 65_536): Codec<T[]> {
  return {
    type: `[${item.type}]`,
    write(w, v) {
      w.u32(v.length);
      for (const each of v) item.write(w, each);
    },
    read(r) {
      const length = r.u32();
      // An item is at least one byte, so a length beyond what is left is a lie that must not allocate.
      if (length > max || length > r.left) r.bad = true;
      const out: T[] = [];
      for (let i = 0; i < length && !r.bad; i++) out.push(item.read(r));
      return out;
    },
  };
}

export function optional<T>(item: Codec<T>): Codec<T | undefined> {
  return {
    type: `${item.type}?`,
    write(w, v) {
      w.u8(v === undefined ? 0 : 1);
      if (v !== undefined) item.write(w, v);
    },
    read(r) {
      const present = r.u8();
      if (present > 1) r.bad = true;
      return present === 1 && !r.bad ? item.read(r) : undefined;
    },
  };
}

/** One of a few names, as one byte. */
export function choice<const N extends readonly string[]>(...names: N): Codec<N[number]> {
  return {
    type: names.join('|'),
    write: (w, v) => w.u8(names.indexOf(v)),
    read: (r) => {
      const i = r.u8();
      if (i >= names.length) r.bad = true;
      return (names[i] ?? names[0]) as N[number];
    },
  };
}

export type Fields = Readonly<Record<string, Codec<any>>>;
/** What may be absent may be left out. */
export type FieldsOf<F extends Fields> = Flat<
  { -readonly [K in keyof F as MayBeAbsent<F[K]> extends true ? never : K]: Infer<F[K]> } & {
    -readonly [K in keyof F as MayBeAbsent<F[K]> extends true ? K : never]?: Infer<F[K]>;
  }
>;
type MayBeAbsent<C> = unknown extends Infer<C> ? false : undefined extends Infer<C> ? true : false;
/** One object type instead of two joined: what editors show. */
type Flat<T> = { [K in keyof T]: T[K] };

export function struct<F extends Fields>(fields: F): Codec<FieldsOf<F>> {
  const names = Object.keys(fields);
  const codecs = Object.values(fields);
  return {
    type: `{${names.map((each, i) => `${each}:${(codecs[i] as Codec<unknown>).type}`).join(',')}}`,
    write(w, v) {
      for (let i = 0; i < names.length; i++)
        (codecs[i] as Codec<unknown>).write(w, (v as Record<string, unknown>)[names[i] as string]);
    },
    read(r) {
      const out: Record<string, unknown> = {};
      for (let i = 0; i < names.length; i++) out[names[i] as string] = (codecs[i] as Codec<unknown>).read(r);
      return out as FieldsOf<F>;
    },
  };
}

export type Members = Readonly<Record<string, readonly [tag: number, fields: Fields]>>;
export type MembersOf<M extends Members> = {
  [K in keyof M]: { kind: K } & FieldsOf<M[K][1]>;
}[keyof M];

/** A family of messages told apart by `kind`, on the wire by a one-byte tag. */
export interface Union<T> extends Codec<T> {
  /** Bytes of the caller's own. */
  encode(value: T): Uint8Array<ArrayBuffer>;
  /** undefined: malformed, of an unknown tag, or with bytes left over. */
  decode(input: Uint8Array, start?: number): T | undefined;
}

export function union<M extends Members>(members: M): Union<MembersOf<M>> {
  const byKind = new Map<string, { tag: number; body: Codec<any> }>();
  const byTag: ({ kind: string; body: Codec<any> } | undefined)[] = [];
  for (const [kind, [tag, fields]] of Object.entries(members)) {
    if (byTag[tag]) throw new Error(`tag ${tag} stands for two messages`);
    const body = struct(fields);
    byKind.set(kind, { tag, body });
    byTag[tag] = { kind, body };
  }
  const shared = new Writer(1024);
  type T = MembersOf<M>;
  const codec: Union<T> = {
    type: [...byKind].map(([kind, { tag, body }]) => `${tag}=${kind}${body.type}`).join('|'),
    write(w, v) {
      const member = byKind.get(v.kind as string);
      if (!member) throw new Error(`invariant broken: no message ${String(v.kind)}`);
      w.u8(member.tag);
      member.body.write(w, v);
    },
    read(r) {
      const member = byTag[r.u8()];
      if (!member || r.bad) {
        r.bad = true;
        return undefined as unknown as T;
      }
      const out = member.body.read(r) as { kind: string };
      out.kind = member.kind;
      return out as T;
    },
    encode(v) {
      shared.reset();
      codec.write(shared, v);
      return shared.copy();
    },
    decode(input, start = 0) {
      const r = new Reader(input, start);
      const v = codec.read(r);
      return r.bad || r.left > 0 ? undefined : v;
    },
  };
  return codec;
}

/** NaN and infinities never come in from outside. */
function finite(r: Reader, v: number): number {
  if (!Number.isFinite(v)) r.bad = true;
  return v;
}
