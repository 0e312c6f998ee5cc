import { bool, bytes, choice, f32, i32, list, optional, str, struct, u8, u16, u53 } from '@horizon-atlas/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fits } from './fits.ts';

const codec = struct({
  name: str(8),
  level: u8,
  score: i32,
  at: struct({ x: f32, y: f32 }),
  tags: list(str(8), 3),
  mode: choice('walk', 'fly'),
  on: bool,
  id: u53,
  more: optional(u16),
});
const good = { name: 'ann', level: 3, score: -4, at: { x: 0.1, y: 2 }, tags: ['a'], mode: 'fly', on: true, id: 2 ** 40 };

describe('JSON from strangers', () => {
  it('that fits comes out as the schema has it', () => {
    expect(fits(codec, { ...good, extra: 1 })).toEqual({ ...good, at: { x: Math.fround(0.1), y: 2 }, more: undefined });
    expect(fits(codec, { ...good, more: 7 })).toMatchObject({ more: 7 });
    // JSON has no bytes, so a schema that wants them is for atlas.v1 only.
    expect(fits(struct({ raw: bytes(4) }), { raw: [1, 2, 3] })).toMatchObject({ raw: new Uint8Array([1, 2, 3]) });
  });

  it.each([
    { ...good, name: 5 },
    { ...good, name: 'too long a name' },
    { ...good, level: 256 },
    { ...good, level: -1 },
    { ...good, level: 1.5 },
    { ...good, level: '3' },
    { ...good, score: Number.NaN },
    { ...good, at: { x: Number.POSITIVE_INFINITY, y: 0 } },
    { ...good, at: null },
    { ...good, at: [1, 2] },
    { ...good, tags: ['a', 'b', 'c', 'd'] },
    { ...good, tags: 'abc' },
    { ...good, tags: { length: 1 } },
    { ...good, mode: 'swim' },
    { ...good, on: 1 },
    { ...good, id: 2 ** 60 },
    { ...good, more: 'x' },
    { ...good, more: null },
    null,
    undefined,
    7,
    'text',
    [],
  ])('that does not is refused: %j', (value) => {
    expect(fits(codec, value)).toBeUndefined();
  });

  it('never throws, and lets through only what the codec can carry', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const out = fits(struct({ a: u8, b: list(str(4), 4) }), value);
        if (out !== undefined) expect(out).toMatchObject({ a: expect.any(Number), b: expect.any(Array) });
      }),
    );
  });
});
