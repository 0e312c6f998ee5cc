import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ResumeTokens } from './resume-tokens.ts';

const key = (id: string, byte: number): { key: string; secret: Uint8Array } => ({
  key: id,
  secret: new Uint8Array(32).fill(byte),
});
const identity = { session: 's1', player: 'p.1', generation: 3 };

test('what one gateway signs, another with the same keys believes; after a rotation, too, until the key is gone', () => {
  let wall = 1_000_000;
  const one = new ResumeTokens(() => wall);
  const other = new ResumeTokens(() => wall);
  expect(one.seal(identity)).toBe('');
  one.useKeys([key('k1', 1)]);
  const token = one.seal(identity);
  expect(other.unseal(token)).toBeUndefined();
  other.useKeys([key('k2', 2), key('k1', 1)]);
  expect(other.unseal(token)).toEqual(identity);
  other.useKeys([key('k3', 3), key('k2', 2)]);
  expect(other.unseal(token)).toBeUndefined();
  wall += 8 * 24 * 3600 * 1000;
  expect(one.unseal(token)).toBeUndefined();
});

test('two tokens of one moment differ', () => {
  const tokens = new ResumeTokens(() => 0);
  tokens.useKeys([key('k1', 1)]);
  expect(tokens.seal(identity)).not.toBe(tokens.seal(identity));
});

test('nothing but the token itself is believed', () => {
  const tokens = new ResumeTokens(() => 0);
  tokens.useKeys([key('k1', 1)]);
  const token = tokens.seal(identity);
  const spoilt = fc
    .tuple(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 3 }))
    .map(([at, put]) => token.slice(0, at) + put + token.slice(at + put.length));
  fc.assert(
    fc.property(fc.oneof(fc.string(), spoilt), (text) => {
      if (text === token) return;
      expect(tokens.unseal(text)).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});
