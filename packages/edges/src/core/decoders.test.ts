/** What strangers send must never throw, whatever it is; and what we write is what we read. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../test/udp-desk.ts';
import { EdgeTokens, edgeTokenBytes, edgeTokenText } from '../edge-tokens.ts';
import { networkOf } from './admission.ts';
import { readEdgeClaim } from './edge-token.ts';
import { headEnd, readHead, withForwardedFor } from './http-head.ts';
import { joinFrame, joinFrameEnd, proofFrame, readClientFrame, readEdgeFrame } from './join-frame.ts';
import { proxyHeader, readProxyHeader } from './proxy-header.ts';
import { SecondLook } from './second-look.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const magic = bytes.map((rest) => new Uint8Array([0x48, 0x41, 0x54, 0x4c, ...rest]));
const signature = bytes.map((rest) => new Uint8Array([13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10, ...rest]));
const tokens = new EdgeTokens(() => 1e12, [{ secret: new Uint8Array(32).fill(1) }, { secret: new Uint8Array(32).fill(2) }]);

describe('any bytes', () => {
  test('are frames, tokens, headers, or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, magic, signature), (data) => {
        readClientFrame(data);
        readEdgeFrame(data);
        joinFrameEnd(data);
        readEdgeClaim(data);
        expect(typeof tokens.verify(data)).toBe('string');
        const read = readProxyHeader(data);
        if (read.ok) expect(read.end).toBeLessThanOrEqual(data.length);
        const end = headEnd(data);
        readHead(Buffer.from(data).toString('latin1', 0, end));
      }),
      { numRuns: 3_000 },
    );
  });

  test('a token with one bit turned is no token', () => {
    const good = tokens.seal({ server: 'srv_1', player: 'änn', validS: 60 });
    expect(tokens.verify(good)).toMatchObject({ server: 'srv_1', player: 'änn' });
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = good.slice();
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(tokens.verify(bad)).toBe('TOKEN_INVALID');
    }
    expect(tokens.verify(good.subarray(0, -1))).toBe('TOKEN_INVALID');
  });
});

test('tokens of the key before are good, those of others and old ones are not', () => {
  const wall = { ms: 1e12 };
  const older = new EdgeTokens(() => wall.ms, [{ secret: new Uint8Array(32).fill(2) }]);
  const token = older.seal({ server: 'srv_1', player: '', validS: 60 });
  expect(tokens.verify(token)).toMatchObject({ player: '' });
  expect(edgeTokenBytes(edgeTokenText(token))).toEqual(token);
  expect(new EdgeTokens(() => 1e12, [{ secret: new Uint8Array(32) }]).verify(token)).toBe('TOKEN_INVALID');
  wall.ms += 61_000;
  expect(older.verify(token)).toBe('TOKEN_EXPIRED');
});

test('frames of clients are read as they are written, with what follows', () => {
  fc.assert(
    fc.property(bytes, bytes, (token, rest) => {
      expect(readClientFrame(joinFrame(token, rest))).toEqual({ kind: 'join', token, rest });
      const cookie = new Uint8Array(8).fill(7);
      expect(readClientFrame(proofFrame(cookie, rest))).toEqual({ kind: 'proof', cookie, rest });
    }),
  );
});

test('PROXY headers carry both kinds of addresses, and become IPv6 where they are mixed', () => {
  const four = { transport: 'udp', source: '198.51.100.7', sourcePort: 5000, target: '127.0.0.1', targetPort: 27960 } as const;
  const read = readProxyHeader(proxyHeader(four));
  expect(read).toEqual({ ok: true, addresses: four, end: 28 });
  const six = readProxyHeader(proxyHeader({ ...four, transport: 'tcp', source: '2001:db8::7' }));
  expect(six).toMatchObject({ ok: true, end: 52, addresses: { transport: 'tcp', source: '2001:db8:0:0:0:0:0:7' } });
  expect(readProxyHeader(proxyHeader({ ...four, source: 'nonsense' }))).toEqual({ ok: true, addresses: undefined, end: 16 });
  expect(readProxyHeader(proxyHeader(four).subarray(0, 20))).toEqual({ ok: false, more: true });
  expect(readProxyHeader(bytesOf('GET / HTTP/1.1'))).toEqual({ ok: false, more: false });
});

test('the network of an address is what one customer gets', () => {
  expect(networkOf('::ffff:198.51.100.7')).toBe('198.51.100.7');
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:db8::6')).toBe('2001:db8:0:0::/64');
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
});

test('a head keeps its lines, but not what a player says of its address', () => {
  const head = 'GET /x?atlas_token=abc_- HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nUpgrade: websocket\r\n\r\n';
  expect(readHead(head)).toEqual({ upgrade: true, token: 'abc_-' });
  expect(withForwardedFor(head, '198.51.100.7')).toBe(
    'GET /x?atlas_token=abc_- HTTP/1.1\r\nX-Forwarded-For: 198.51.100.7\r\nHost: a\r\nUpgrade: websocket\r\n\r\n',
  );
  expect(readHead('POST / HTTP/2\r\n\r\n')).toBeUndefined();
});

test('who comes again within some seconds is known, and forgotten later', () => {
  const look = new SecondLook(12_345, 1_000);
  expect(look.again('10.0.0.1', 1, 0)).toBe(false);
  expect(look.again('10.0.0.1', 1, 500)).toBe(true);
  expect(look.again('10.0.0.1', 2, 500)).toBe(false);
  expect(look.again('10.0.0.1', 1, 1_200)).toBe(true);
  expect(look.again('10.0.0.1', 2, 9_000)).toBe(false);
});
