import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRequest, refusalResponse, upgradeResponse } from './upgrade.ts';

const good: Record<string, string> = {
  Host: 'x',
  Upgrade: 'websocket',
  Connection: 'keep-alive, Upgrade',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function request(change: Record<string, string | undefined> = {}, line = 'GET / HTTP/1.1'): Uint8Array {
  const headers = Object.entries({ ...good, ...change }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return Buffer.from(`${[line, ...headers].join('\r\n')}\r\n\r\n`, 'latin1');
}

describe('an upgrade', () => {
  test("RFC 6455's own example", () => {
    expect(readRequest(request())).toMatchObject({
      kind: 'upgrade',
      accept: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      protocol: 'horizon.v1',
      echo: '',
    });
  });

  test.each([
    ['atlas.v1', 'atlas.v1', 'atlas.v1'],
    ['horizon.v1', 'horizon.v1', 'horizon.v1'],
    ['foo, horizon.v1 , atlas.v1', 'atlas.v1', 'atlas.v1'],
    ['atlas.v9', undefined, 'atlas.v9'],
  ])('offering %s speaks %s', (offered, protocol, echo) => {
    expect(readRequest(request({ 'Sec-WebSocket-Protocol': offered }))).toMatchObject({ protocol, echo });
  });

  test('credentials come as a bearer token or in the query', () => {
    expect(readRequest(request({ Authorization: 'Bearer abc' }))).toMatchObject({ token: 'abc', resume: '' });
    expect(readRequest(request({}, 'GET /?token=a%2Bb&resume=r HTTP/1.1'))).toMatchObject({ token: 'a+b', resume: 'r' });
    expect(readRequest(request())).toMatchObject({ token: '', resume: '', origin: '' });
  });

  test('what follows the request is not part of it', () => {
    const head = request();
    expect(readRequest(Buffer.concat([head, Buffer.from([1, 2, 3])]))).toMatchObject({ end: head.length });
  });

  test('half a request is waited for, but not for ever', () => {
    const head = request();
    for (const length of [0, 1, 20, head.length - 1])
      expect(readRequest(head.subarray(0, length))).toEqual({ kind: 'incomplete' });
    expect(readRequest(Buffer.alloc(8192, 'a'))).toMatchObject({ kind: 'refused', status: 431 });
  });
});

describe('a refusal', () => {
  test.each<[string, number, Uint8Array]>([
    ['no HTTP', 400, latin('hello\r\n\r\n')],
    ['TLS to a port without', 400, Buffer.concat([Buffer.from([22, 3, 1, 2, 0]), latin('\r\n\r\n')])],
    ['another method', 405, request({}, 'POST / HTTP/1.1')],
    ['a page', 426, request({ Upgrade: undefined })],
    ['another upgrade', 426, request({ Upgrade: 'h2c' })],
    ['no Connection: Upgrade', 400, request({ Connection: 'keep-alive' })],
    ['HTTP/1.0', 400, request({}, 'GET / HTTP/1.0')],
    ['another version of WebSocket', 426, request({ 'Sec-WebSocket-Version': '8' })],
    ['no key', 400, request({ 'Sec-WebSocket-Key': undefined })],
    ['a short key', 400, request({ 'Sec-WebSocket-Key': 'abc' })],
    ['two keys', 400, request({ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' })],
    ['a body', 400, request({ 'Content-Length': '5' })],
    ['a header with a space', 400, request({ 'Bad Name': 'x' })],
    ['a folded header', 400, latin('GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n')],
    ['health', 200, request({}, 'GET /healthz HTTP/1.1')],
  ])('%s: %d', (_what, status, bytes) => {
    expect(readRequest(bytes)).toMatchObject({ kind: 'refused', status });
  });

  test('is a whole HTTP response that says what was expected', () => {
    expect(refusalResponse(426, 'speak WebSocket')).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\nUpgrade: websocket\r\n/);
    expect(refusalResponse(429, 'slower', 'RATE_LIMITED')).toMatch(
      /Content-Length: 21\r\n[\s\S]*\r\n\r\nRATE_LIMITED: slower\n$/,
    );
    expect(upgradeResponse('x', 'atlas.v1')).toMatch(/^HTTP\/1\.1 101 [\s\S]*Sec-WebSocket-Protocol: atlas\.v1\r\n\r\n$/);
  });
});

test('no bytes make the reader of requests throw', () => {
  const mutated = fc.tuple(fc.nat(request().length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([at, put]) => {
    const bytes = Uint8Array.from(request());
    bytes.set(put.subarray(0, bytes.length - at), at);
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 9000 }), mutated), (bytes) => {
      expect(['incomplete', 'refused', 'upgrade']).toContain(readRequest(bytes).kind);
    }),
    { numRuns: 1000 },
  );
});
