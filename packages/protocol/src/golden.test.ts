/**
 * The bytes of every message, written down: what an older release or a client in another language relies on. If one of these
 * tests fails, a message has changed on the wire. If that is meant, and `version.ts` says so, write the files anew:
 *
 *   UPDATE_GOLDEN=1 vitest run packages/protocol/src/golden.test.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Reader, Writer } from '@horizon-atlas/base';
import { describe, expect, test } from 'vitest';
import { storeRecords, structs, unions } from '../test/catalogue.ts';
import { membersOf, sampleOf, shapeOf } from '../test/shape.ts';
import { decodeRecord, encodeRecord } from './records.ts';
import type { Codec } from './schema.ts';

interface Golden {
  readonly name: string;
  readonly value: unknown;
  readonly hex: string;
}

const update = process.env.UPDATE_GOLDEN === '1';

function check(file: string, names: readonly string[], sample: (name: string) => unknown, encode: Encode, decode: Decode): void {
  const url = new URL(`../golden/${file}.json`, import.meta.url);
  if (update || !existsSync(url)) {
    const samples = names.map((name) => ({ name, value: sample(name), hex: hexOf(encode(name, sample(name))) }));
    writeFileSync(url, `[\n${samples.map((each) => `  ${JSON.stringify(each, bytesToJson)}`).join(',\n')}\n]\n`);
  }
  const golden = JSON.parse(readFileSync(url, 'utf8'), jsonToBytes) as Golden[];
  describe(file, () => {
    test('each has its bytes written down', () => expect(golden.map(({ name }) => name)).toEqual(names));
    test.each(golden.map((each) => [each.name, each] as const))('%s', (name, { value, hex }) => {
      expect(hexOf(encode(name, value))).toBe(hex);
      expect(decode(name, bytesOf(hex))).toEqual(value);
    });
  });
}

type Encode = (name: string, value: any) => Uint8Array;
type Decode = (name: string, bytes: Uint8Array) => unknown;

for (const [file, union] of Object.entries(unions)) {
  const members = membersOf(union.type);
  const samples = new Map(members.map(({ kind, shape }) => [kind, { kind, ...(sampleOf(shape) as object) }]));
  check(
    file,
    [...samples.keys()],
    (kind) => samples.get(kind),
    (_, value) => union.encode(value),
    (_, bytes) => union.decode(bytes),
  );
}

check(
  'structs',
  Object.keys(structs),
  (name) => sampleOf(shapeOf(codecOf(structs, name).type)),
  (name, value) => {
    const w = new Writer();
    codecOf(structs, name).write(w, value);
    return w.copy();
  },
  (name, bytes) => {
    const r = new Reader(bytes);
    const value = codecOf(structs, name).read(r);
    return r.bad || r.left > 0 ? undefined : value;
  },
);

check(
  'records',
  Object.keys(storeRecords),
  (name) => sampleOf(shapeOf(codecOf(storeRecords, name).type)),
  (name, value) => encodeRecord(codecOf(storeRecords, name), value),
  (name, bytes) => decodeRecord(codecOf(storeRecords, name), bytes),
);

function codecOf(among: Readonly<Record<string, Codec<any>>>, name: string): Codec<any> {
  const codec = among[name];
  if (codec === undefined) throw new Error(`no codec ${name}: it was taken out of test/catalogue.ts, or renamed`);
  return codec;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function bytesToJson(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { $hex: hexOf(value) } : value;
}

function jsonToBytes(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$hex' in value)) return value;
  return bytesOf(value.$hex as string);
}
