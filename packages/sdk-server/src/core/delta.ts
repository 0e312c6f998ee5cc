/**
 * What a group looks like as bytes, and what lies between two such states.
 *
 * A state is a list of sections, each with a key of its own (what it is, of which entity), so that a change in one place, or an
 * entity more, does not look like a change of everything behind it. A delta names all sections of the newer state in order:
 *
 *   state   format:u8 count:u16 (kind:u8 id:u53 bytes) × count
 *   delta   format:u8 count:u16 (kind:u8 id:u53 how:u8 …) × count
 *             how 0 same · 1 whole: bytes · 2 patch: prefix:u32 suffix:u32 bytes · 3 by the game: bytes
 */
import { Reader, Writer } from '@horizon-atlas/base';
import type { Codec } from '@horizon-atlas/protocol';

const FORMAT = 1;
const HEAD_BYTES = 3;
const COUNT_AT = 1;
const how = { same: 0, whole: 1, patch: 2, game: 3 } as const;

/** The most sections of one state: a group's members and sessions have a few each. */
export const SECTIONS_MAX = 4096;

export interface Section {
  readonly kind: number;
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** Sections of one kind that the game compares itself. */
export interface GameDelta {
  readonly kind: number;
  delta(before: Uint8Array, after: Uint8Array): Uint8Array;
  patch(before: Uint8Array, delta: Uint8Array): Uint8Array;
}

/** Where a section's bytes are in its state: looking at one takes no view of it. */
interface Span {
  readonly kind: number;
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

const deltas = new Writer(1024);
const patched = new Writer(4096);

/** Writes a state, a section at a time. */
export class StateWriter {
  readonly #w = new Writer(4096);
  #count = 0;

  begin(): void {
    this.#count = 0;
    this.#w.reset();
    this.#w.u8(FORMAT);
    this.#w.u16(0);
  }

  add<T>(kind: number, id: number, codec: Codec<T>, value: T): void {
    const w = this.#w;
    this.#count++;
    w.u8(kind);
    w.u53(id);
    w.u32(0);
    const start = w.length;
    codec.write(w, value);
    w.patchU32(start - 4, w.length - start);
  }

  addBytes(kind: number, id: number, bytes: Uint8Array): void {
    this.#count++;
    this.#w.u8(kind);
    this.#w.u53(id);
    this.#w.bytes(bytes);
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#w.patchU16(COUNT_AT, this.#count);
    return this.#w.copy();
  }
}

const shared = new StateWriter();

export function packSections(sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  shared.begin();
  for (const { kind, id, bytes } of sections) shared.addBytes(kind, id, bytes);
  return shared.finish();
}

/** Views into `state`. undefined: malformed, or written by a newer version. */
export function unpackSections(state: Uint8Array): Section[] | undefined {
  return spansOf(state)?.map((span) => ({ kind: span.kind, id: span.id, bytes: view(state, span) }));
}

function spansOf(state: Uint8Array): Span[] | undefined {
  const r = new Reader(state);
  if (r.u8() !== FORMAT) return undefined;
  const count = r.u16();
  if (count > SECTIONS_MAX) return undefined;
  const spans: Span[] = [];
  for (let i = 0; i < count && !r.bad; i++) {
    const kind = r.u8();
    const id = r.u53();
    const length = r.u32();
    const start = r.skip(length);
    spans.push({ kind, id, start, end: start + length });
  }
  return r.bad || r.left > 0 ? undefined : spans;
}

function view(state: Uint8Array, { start, end }: Span): Uint8Array {
  return state.subarray(start, end);
}

/** What turns `before` into `after`, both made by `packSections`. undefined: one of them was not. */
export function diffStates(before: Uint8Array, after: Uint8Array, game?: GameDelta): Uint8Array<ArrayBuffer> | undefined {
  const old = spansOf(before);
  const now = spansOf(after);
  if (!old || !now) return undefined;
  const former = new Former(old);
  const w = deltas;
  w.reset();
  w.u8(FORMAT);
  w.u16(now.length);
  for (let i = 0; i < now.length; i++) {
    const span = now[i] as Span;
    w.u8(span.kind);
    w.u53(span.id);
    const base = former.get(i, span.kind, span.id);
    const prefix = base ? prefixOf(before, base, after, span) : 0;
    if (!base) {
      w.u8(how.whole);
      w.u32(span.end - span.start);
      w.range(after, span.start, span.end);
    } else if (prefix === base.end - base.start && prefix === span.end - span.start) {
      w.u8(how.same);
    } else if (game?.kind === span.kind) {
      w.u8(how.game);
      w.bytes(game.delta(view(before, base), view(after, span)));
    } else {
      writePatch(w, before, base, after, span, prefix);
    }
  }
  return w.copy();
}

/** The newer state. undefined: the delta is malformed, or was not made from this state. */
export function patchState(before: Uint8Array, delta: Uint8Array, game?: GameDelta): Uint8Array<ArrayBuffer> | undefined {
  const old = spansOf(before);
  if (!old || delta.length < HEAD_BYTES) return undefined;
  const former = new Former(old);
  const r = new Reader(delta);
  if (r.u8() !== FORMAT) return undefined;
  const count = r.u16();
  if (count > SECTIONS_MAX) return undefined;
  const w = patched;
  w.reset();
  w.u8(FORMAT);
  w.u16(count);
  for (let i = 0; i < count; i++) {
    const kind = r.u8();
    const id = r.u53();
    w.u8(kind);
    w.u53(id);
    if (!patchSection(w, r, delta, before, former.get(i, kind, id), game?.kind === kind ? game : undefined)) return undefined;
  }
  return r.bad || r.left > 0 ? undefined : w.copy();
}

/** Writes what became of a section. False: the delta is not from this state. */
function patchSection(
  w: Writer,
  r: Reader,
  delta: Uint8Array,
  before: Uint8Array,
  base: Span | undefined,
  game: GameDelta | undefined,
): boolean {
  const which = r.u8();
  if (which === how.whole) {
    const length = r.u32();
    const start = r.skip(length);
    if (start < 0) return false;
    w.u32(length);
    w.range(delta, start, start + length);
    return true;
  }
  if (!base || r.bad) return false;
  if (which === how.same) {
    w.u32(base.end - base.start);
    w.range(before, base.start, base.end);
    return true;
  }
  if (which === how.patch) return readPatch(w, r, delta, before, base);
  if (which !== how.game || !game) return false;
  const bytes = r.bytes();
  if (r.bad) return false;
  w.bytes(game.patch(view(before, base), bytes));
  return true;
}

/** How many bytes both begin with. */
function prefixOf(a: Uint8Array, { start, end }: Span, b: Uint8Array, other: Span): number {
  const most = Math.min(end - start, other.end - other.start);
  let n = 0;
  while (n < most && a[start + n] === b[other.start + n]) n++;
  return n;
}

/** What lies between the common beginning and the common end. */
function writePatch(w: Writer, before: Uint8Array, base: Span, after: Uint8Array, span: Span, prefix: number): void {
  const most = Math.min(base.end - base.start, span.end - span.start) - prefix;
  let suffix = 0;
  while (suffix < most && before[base.end - 1 - suffix] === after[span.end - 1 - suffix]) suffix++;
  w.u8(how.patch);
  w.u32(prefix);
  w.u32(suffix);
  w.u32(span.end - span.start - prefix - suffix);
  w.range(after, span.start + prefix, span.end - suffix);
}

function readPatch(w: Writer, r: Reader, delta: Uint8Array, before: Uint8Array, base: Span): boolean {
  const prefix = r.u32();
  const suffix = r.u32();
  const length = r.u32();
  const start = r.skip(length);
  if (start < 0 || prefix + suffix > base.end - base.start) return false;
  w.u32(prefix + length + suffix);
  w.range(before, base.start, base.start + prefix);
  w.range(delta, start, start + length);
  w.range(before, base.end - suffix, base.end);
  return true;
}

/** Finds a section of the older state. Nearly always it is where it was, so the index is made only when one is not. */
class Former {
  readonly #spans: readonly Span[];
  #index: Map<string, Span> | undefined = undefined;

  constructor(spans: readonly Span[]) {
    this.#spans = spans;
  }

  get(i: number, kind: number, id: number): Span | undefined {
    const likely = this.#spans[i];
    if (likely?.kind === kind && likely.id === id) return likely;
    this.#index ??= new Map(this.#spans.map((span) => [`${span.kind}/${span.id}`, span]));
    return this.#index.get(`${kind}/${id}`);
  }
}
