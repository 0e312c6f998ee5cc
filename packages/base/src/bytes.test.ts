import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reader, Writer } from './bytes.ts';

test('what is written is read back, whatever it is', () => {
  const values = fc.record({
    u8: fc.nat(255),
    u16: fc.nat(65_535),
    u32: fc.integer({ min: 0, max: 0xffff_ffff }),
    u53: fc.maxSafeNat(),
    i32: fc.integer(),
    f32: fc.float(),
    f64: fc.double(),
    text: fc.string({ unit: 'binary', maxLength: 100 }),
    bytes: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(values, (v) => {
      const w = new Writer(1);
      w.u8(v.u8);
      w.u16(v.u16);
      w.u32(v.u32);
      w.u53(v.u53);
      w.i32(v.i32);
      w.f32(v.f32);
      w.f64(v.f64);
      w.str(v.text);
      w.bytes(v.bytes);
      const r = new Reader(w.copy());
      expect([r.u8(), r.u16(), r.u32(), r.u53(), r.i32(), r.f32(), r.f64()]).toEqual([
        v.u8,
        v.u16,
        v.u32,
        v.u53,
        v.i32,
        v.f32,
        v.f64,
      ]);
      // A lone surrogate has no UTF-8; the encoder writes the replacement character for it.
      expect(r.str()).toBe(v.text.toWellFormed());
      expect(r.bytes()).toEqual(v.bytes);
      expect(r.bad).toBe(false);
      expect(r.left).toBe(0);
    }),
  );
});

test('the bytes are those that DataView writes, little end first', () => {
  const w = new Writer();
  w.u16(0x0102);
  w.u32(0x03040506);
  w.f64(-1.5);
  const view = new DataView(w.copy().buffer);
  expect(view.getUint16(0, true)).toBe(0x0102);
  expect(view.getUint32(2, true)).toBe(0x03040506);
  expect(view.getFloat64(6, true)).toBe(-1.5);
});

test('past the end everything is zero and bad, and nothing throws', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 20 }),
      fc.array(fc.constantFrom('u8', 'u16', 'u32', 'u53', 'f32', 'f64', 'str', 'bytes'), { maxLength: 30 }),
      (bytes, calls) => {
        const r = new Reader(bytes);
        for (const call of calls as ('u8' | 'u16' | 'u32' | 'u53' | 'f32' | 'f64' | 'str' | 'bytes')[]) {
          const value = r[call]();
          if (!r.bad) continue;
          expect(r.left).toBe(0);
          expect(typeof value === 'number' ? value : value.length).toBe(0);
        }
      },
    ),
  );
});

test('a number beyond 2^53 and text that is not UTF-8 are bad', () => {
  const big = new Reader(new Uint8Array([0, 0, 0, 0, 0, 0, 0x20, 0]));
  expect([big.u53(), big.bad]).toEqual([0, true]);
  const text = new Reader(new Uint8Array([1, 0, 0, 0, 0xff]));
  expect([text.str(), text.bad]).toEqual(['', true]);
});
