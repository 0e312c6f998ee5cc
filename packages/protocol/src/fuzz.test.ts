/** Bytes from strangers: every decoder takes anything, throws nothing, and gives back what was put in. */
import { Reader, Writer } from '@horizon-atlas/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { storeRecords, structs, unions } from '../test/catalogue.ts';
import { arbitraryOf, membersOf, shapeOf } from '../test/shape.ts';
import { decodeRecord, encodeRecord } from './records.ts';
import type { Codec } from './schema.ts';

interface Coder {
  encode(value: any): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

const anyBytes = fc.uint8Array({ maxLength: 300 });

function check(name: string, { encode, decode }: Coder, value: fc.Arbitrary<unknown>): void {
  describe(name, () => {
    test('gives back what was put in', () => {
      const same = fc.property(value, (v) => {
        expect(decode(encode(v))).toEqual(v);
      });
      fc.assert(same);
    });
    test('takes any bytes without a throw', () => {
      fc.assert(fc.property(anyBytes, (bytes) => void decode(bytes)));
    });
    test('takes any damage to good bytes without a throw, and never a part for the whole', () => {
      const damage = fc.record({ value, at: fc.nat(), bit: fc.nat(7), cut: fc.nat() });
      fc.assert(
        fc.property(damage, ({ value: v, at, bit, cut }) => {
          const good = encode(v);
          const flipped = good.slice();
          flipped[at % good.length] = (flipped[at % good.length] as number) ^ (1 << bit);
          decode(flipped);
          decode(good.subarray(0, cut % good.length));
        }),
      );
    });
  });
}

for (const [name, union] of Object.entries(unions)) {
  const members = membersOf(union.type).map(({ kind, shape }) => arbitraryOf(shape).map((v) => ({ kind, ...(v as object) })));
  check(name, union, fc.oneof(...members));
  // A frame that ends in a payload has no end of its own.
  if (union.type.includes(':rest')) continue;
  test(`${name}: what is cut short or has something left over is no message`, () => {
    fc.assert(
      fc.property(fc.oneof(...members), fc.nat(), (v, cut) => {
        const good = union.encode(v as never);
        expect(union.decode(good.subarray(0, cut % good.length))).toBeUndefined();
        expect(union.decode(new Uint8Array([...good, 0]))).toBeUndefined();
      }),
    );
  });
}

for (const [name, codec] of Object.entries(structs)) check(name, plain(codec), arbitraryOf(shapeOf(codec.type)));

for (const [name, codec] of Object.entries(storeRecords)) {
  const coder = { encode: (v: unknown) => encodeRecord(codec, v), decode: (bytes: Uint8Array) => decodeRecord(codec, bytes) };
  check(name, coder, arbitraryOf(shapeOf(codec.type)));
}

test('a text that begins with a byte order mark keeps it', () => {
  const bye = { kind: 'detach', handle: 1, session: '\uFEFFs' };
  expect(unions['gateway-to-server']?.decode(unions['gateway-to-server'].encode(bye))).toEqual(bye);
});

test('a list that lies about its length costs nothing', () => {
  const { View } = structs as { View: Codec<unknown> };
  const w = new Writer();
  w.u32(1);
  w.u53(1);
  w.u32(0xffff_ffff);
  const began = performance.now();
  expect(plain(View).decode(w.copy())).toBeUndefined();
  expect(performance.now() - began).toBeLessThan(50);
});

function plain(codec: Codec<any>): Coder {
  return {
    encode(value) {
      const w = new Writer();
      codec.write(w, value);
      return w.copy();
    },
    decode(bytes) {
      const r = new Reader(bytes);
      const value = codec.read(r);
      return r.bad || r.left > 0 ? undefined : value;
    },
  };
}
