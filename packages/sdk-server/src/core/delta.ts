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
import { sameBytes } from './entities.ts';

const FORMAT = 1;
const HEAD_BYTES = 3;
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

const shared = new Writer(4096);
const deltas = new Writer(1024);

export function packSections(sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  shared.reset();
  shared.u8(FORMAT);
  shared.u16(sections.length);
  for (const { kind, id, bytes } of sections) {
    shared.u8(kind);
    shared.u53(id);
    shared.bytes(bytes);
  }
  return shared.copy();
}

/** Views into `state`. undefined: malformed, or written by a newer version. */
export function unpackSections(state: Uint8Array): Section[] | undefined {
  const r = new Reader(state);
  if (r.u8() !== FORMAT) return undefined;
  const count = r.u16();
  if (count > SECTIONS_MAX) return undefined;
  const sections: Section[] = [];
  for (let i = 0; i < count && !r.bad; i++) sections.push({ kind: r.u8(), id: r.u53(), bytes: r.bytes() });
  return r.bad || r.left > 0 ? undefined : sections;
}

/** What turns `before` into `after`, both made by `packSections`. undefined: one of them was not. */
export function diffStates(before: Uint8Array, after: Uint8Array, game?: GameDelta): Uint8Array<ArrayBuffer> | undefined {
  const old = unpackSections(before);
  const now = unpackSections(after);
  if (!old || !now) return undefined;
  const former = new Former(old);
  const w = deltas;
  w.reset();
  w.u8(FORMAT);
  w.u16(now.length);
  for (const [i, section] of now.entries()) {
    w.u8(section.kind);
    w.u53(section.id);
    const base = former.get(i, section.kind, section.id);
    if (!base) {
      w.u8(how.whole);
      w.bytes(section.bytes);
    } else if (sameBytes(base, section.bytes)) {
      w.u8(how.same);
    } else if (game?.kind === section.kind) {
      w.u8(how.game);
      w.bytes(game.delta(base, section.bytes));
    } else {
      writePatch(w, base, section.bytes);
    }
  }
  return w.copy();
}

/** The newer state. undefined: the delta is malformed, or was not made from this state. */
export function patchState(before: Uint8Array, delta: Uint8Array, game?: GameDelta): Uint8Array<ArrayBuffer> | undefined {
  const old = unpackSections(before);
  if (!old || delta.length < HEAD_BYTES) return undefined;
  const former = new Former(old);
  const r = new Reader(delta);
  if (r.u8() !== FORMAT) return undefined;
  const count = r.u16();
  if (count > SECTIONS_MAX) return undefined;
  const sections: Section[] = [];
  for (let i = 0; i < count; i++) {
    const kind = r.u8();
    const id = r.u53();
    const bytes = readSection(r, former.get(i, kind, id), kind, game);
    if (!bytes || r.bad) return undefined;
    sections.push({ kind, id, bytes });
  }
  return r.left > 0 ? undefined : packSections(sections);
}

function readSection(r: Reader, base: Uint8Array | undefined, kind: number, game: GameDelta | undefined): Uint8Array | undefined {
  switch (r.u8()) {
    case how.same:
      return base;
    case how.whole:
      return r.bytes();
    case how.patch:
      return base && readPatch(r, base);
    case how.game:
      return base && game?.kind === kind ? game.patch(base, r.bytes()) : undefined;
    default:
      return undefined;
  }
}

/** What lies between the common beginning and the common end. */
function writePatch(w: Writer, base: Uint8Array, bytes: Uint8Array): void {
  const most = Math.min(base.length, bytes.length);
  let prefix = 0;
  while (prefix < most && base[prefix] === bytes[prefix]) prefix++;
  let suffix = 0;
  while (suffix < most - prefix && base[base.length - 1 - suffix] === bytes[bytes.length - 1 - suffix]) suffix++;
  w.u8(how.patch);
  w.u32(prefix);
  w.u32(suffix);
  w.bytes(bytes.subarray(prefix, bytes.length - suffix));
}

function readPatch(r: Reader, base: Uint8Array): Uint8Array | undefined {
  const prefix = r.u32();
  const suffix = r.u32();
  const middle = r.bytes();
  if (r.bad || prefix + suffix > base.length) return undefined;
  const out = new Uint8Array(prefix + middle.length + suffix);
  out.set(base.subarray(0, prefix));
  out.set(middle, prefix);
  out.set(base.subarray(base.length - suffix), prefix + middle.length);
  return out;
}

/** Finds a section of the older state. Nearly always it is where it was, so the index is made only when one is not. */
class Former {
  readonly #sections: readonly Section[];
  #index: Map<string, Uint8Array> | undefined = undefined;

  constructor(sections: readonly Section[]) {
    this.#sections = sections;
  }

  get(i: number, kind: number, id: number): Uint8Array | undefined {
    const likely = this.#sections[i];
    if (likely?.kind === kind && likely.id === id) return likely.bytes;
    this.#index ??= new Map(this.#sections.map((section) => [`${section.kind}/${section.id}`, section.bytes]));
    return this.#index.get(`${kind}/${id}`);
  }
}
