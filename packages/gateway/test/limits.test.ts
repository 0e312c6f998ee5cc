import { ClientFrame, type ErrorCode } from '@horizon-atlas/protocol';
import { expect, test } from 'vitest';
import { latestIn, messagesIn, Story } from './story.ts';

test('a slow client: messages wait in order, latest values replace each other, all of it comes when it reads again', () => {
  const g = new Story({ backlogBytes: 100 });
  g.ready('a');
  const { handle } = g.play(1);
  g.backlog.set(1, 101);
  g.message('a', handle, 1);
  g.latest('a', handle, 0, 'v1');
  g.message('a', handle, 2);
  g.latest('a', handle, 0, 'v2');
  g.latest('a', handle, 7, 'w1');
  const before = g.heardByClient(1);
  expect(messagesIn(before)).toEqual(['m1']);
  expect(latestIn(before)).toEqual([]);
  expect(g.engine.takeStats().slowNow).toBe(1);
  g.backlog.set(1, 0);
  g.engine.writable(1, g.nowMs);
  const after = g.heardByClient(1);
  expect(messagesIn(after)).toEqual(['m2']);
  expect(latestIn(after)).toEqual(['v2', 'w1']);
  expect(g.engine.takeStats().slowNow).toBe(0);
});

test('a client that becomes slow again in the middle loses nothing and no order', () => {
  const g = new Story({ backlogBytes: 100 });
  g.ready('a');
  const { handle } = g.play(1);
  g.backlog.set(1, 101);
  for (let seq = 1; seq <= 5; seq++) g.message('a', handle, seq);
  g.latest('a', handle, 0, 'v');
  const heard: string[] = [];
  for (let i = 0; i < 6; i++) {
    const now = g.heardByClient(1);
    heard.push(...messagesIn(now), ...latestIn(now));
    g.engine.writable(1, g.nowMs);
  }
  const now = g.heardByClient(1);
  heard.push(...messagesIn(now), ...latestIn(now));
  expect(heard).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'v']);
});

test('a client that never reads is closed: by bytes of messages, or by time; its session stays for a resume', () => {
  const g = new Story({ backlogBytes: 100, slowBytesMax: 100 });
  g.ready('a');
  const first = g.play(1);
  g.backlog.set(1, 101);
  for (let seq = 1; seq <= 4; seq++) g.message('a', first.handle, seq, 5, 'x'.repeat(60));
  expect(g.closed.get(1)).toBe('SLOW_CLIENT');
  expect(g.engine.sessions).toBe(1);
  expect(g.heardByServer('a').at(-1)).toMatchObject({ kind: 'detach' });
  const second = g.play(2);
  g.backlog.set(2, 101);
  g.latest('a', second.handle, 0, 'v');
  for (let s = 0; s < 11; s++) {
    g.wait(1000);
    if (!g.closed.has(2)) g.send(2, { kind: 'ping', stamp: 0 });
    g.latest('a', second.handle, 0, 'v');
  }
  expect(g.closed.get(2)).toBe('SLOW_CLIENT');
});

test('a client that floods is closed, by its own rate or by that of its address', () => {
  const g = new Story({ messagesPerConnection: { perS: 10, burst: 20 }, messagesPerAddress: { perS: 20, burst: 40 } });
  g.ready('a');
  g.play(1);
  for (let i = 0; i < 30 && !g.closed.has(1); i++) g.send(1, { kind: 'latest', event: 1, payload: new Uint8Array(1) });
  expect(g.closed.get(1)).toBe('RATE_LIMITED');
  g.wait(2000);
  // Each started KiB counts.
  g.play(2);
  g.send(2, { kind: 'latest', event: 1, payload: new Uint8Array(16_000) });
  expect(g.closed.has(2)).toBe(false);
  g.send(2, { kind: 'latest', event: 1, payload: new Uint8Array(16_000) });
  expect(g.closed.get(2)).toBe('RATE_LIMITED');
  g.wait(2000);
  g.play(3);
  g.play(4);
  g.play(5);
  for (let i = 0; i < 15; i++) for (const conn of [3, 4, 5]) g.engine.heard(conn, 1, g.nowMs);
  expect([3, 4, 5].filter((conn) => g.closed.get(conn) === 'RATE_LIMITED').length).toBeGreaterThan(0);
});

test('connections: so many in all, so many of one address, so many a second', () => {
  const g = new Story({ connectionsMax: 4, connectionsPerAddress: 3, connectsPerAddress: { perS: 1, burst: 4 } });
  for (let conn = 1; conn <= 3; conn++) expect(g.engine.accepted(conn, '1.1.1.1', g.nowMs)).toBeUndefined();
  expect(g.engine.accepted(4, '1.1.1.1', g.nowMs)).toBe('RATE_LIMITED');
  expect(g.engine.accepted(5, '2.2.2.2', g.nowMs)).toBeUndefined();
  expect(g.engine.accepted(6, '3.3.3.3', g.nowMs)).toBe('CONNECTIONS_FULL');
  g.engine.closed(1, g.nowMs);
  expect(g.engine.accepted(7, '1.1.1.1', g.nowMs)).toBeUndefined();
  g.engine.closed(7, g.nowMs);
  expect(g.engine.accepted(8, '1.1.1.1', g.nowMs)).toBe('RATE_LIMITED');
  expect(g.engine.takeStats().refused).toEqual([
    { code: 'RATE_LIMITED', count: 2 },
    { code: 'CONNECTIONS_FULL', count: 1 },
  ]);
});

test('addresses are remembered only as long as that matters', () => {
  const g = new Story({ addressesMax: 2 });
  for (let conn = 1; conn <= 2; conn++) g.engine.accepted(conn, `1.1.1.${conn}`, g.nowMs);
  expect(g.engine.accepted(3, '1.1.1.3', g.nowMs)).toBe('RATE_LIMITED');
  g.engine.closed(1, g.nowMs);
  g.wait(1000);
  expect(g.engine.accepted(4, '1.1.1.4', g.nowMs)).toBeUndefined();
});

test('half a handshake, a hello that does not come, a token that is never verified: closed in time', () => {
  const g = new Story();
  g.engine.accepted(1, '1.1.1.1', g.nowMs);
  g.open(2);
  g.open(3);
  g.hello(3);
  g.wait(4000);
  expect(g.closed.size).toBe(0);
  g.wait(1500);
  expect([...g.closed]).toEqual([1, 2, 3].map((conn) => [conn, 'HANDSHAKE_TIMEOUT']));
});

test('silence: the gateway says something itself, asks, and at last closes', () => {
  const g = new Story();
  g.ready('a');
  g.play(1);
  g.wait(5000);
  expect(g.heardByClient(1)).toEqual([{ kind: 'pong', stamp: 0 }]);
  expect(g.pings).toEqual([{ conn: 1, stamp: 0 }]);
  g.engine.ponged(1, 0, g.nowMs);
  g.engine.heard(1, 4, g.nowMs);
  g.wait(14_000);
  expect(g.closed.size).toBe(0);
  g.wait(2000);
  expect(g.closed.get(1)).toBe('IDLE_TIMEOUT');
});

const hello = ClientFrame.encode({ kind: 'hello', version: 1, token: 't', resume: '', received: 0, schema: 0 });
test.each<[string, Uint8Array, ErrorCode]>([
  ['nothing at all', new Uint8Array(0), 'MESSAGE_INVALID'],
  ['an unknown kind', new Uint8Array([0x55, 1, 2]), 'MESSAGE_INVALID'],
  ['half a hello', hello.subarray(0, 9), 'MESSAGE_INVALID'],
  ['a hello with something behind it', new Uint8Array([...hello, 0]), 'MESSAGE_INVALID'],
  [
    'another version',
    ClientFrame.encode({ kind: 'hello', version: 2, token: '', resume: '', received: 0, schema: 0 }),
    'VERSION_UNKNOWN',
  ],
  [
    'a command before the hello',
    ClientFrame.encode({ kind: 'command', seq: 1, event: 1, payload: new Uint8Array(0) }),
    'MESSAGE_INVALID',
  ],
  ['more than the limit', new Uint8Array(20_000), 'MESSAGE_TOO_BIG'],
])('%s instead of a hello', (_what, bytes, code) => {
  const g = new Story();
  g.open(1);
  g.raw(1, bytes);
  expect(g.closed.get(1)).toBe(code);
  expect(g.engine.connections).toBe(0);
});

test.each<[string, Uint8Array, ErrorCode]>([
  ['a second hello', hello, 'MESSAGE_INVALID'],
  ['a short command', new Uint8Array([2, 1, 0, 0, 0, 1]), 'MESSAGE_INVALID'],
  ['a short latest', new Uint8Array([3, 1]), 'MESSAGE_INVALID'],
  ['a short ping', new Uint8Array([5, 1]), 'MESSAGE_INVALID'],
  ['a frame of the other direction', new Uint8Array([0x84, 0, 0, 0, 0, 0, 0, 0, 0]), 'MESSAGE_INVALID'],
  ['an ack of what was never sent', new Uint8Array([4, 9, 0, 0, 0]), 'MESSAGE_INVALID'],
  ['command number 0', new Uint8Array([2, 0, 0, 0, 0, 1, 0]), 'MESSAGE_INVALID'],
])('%s in play', (_what, bytes, code) => {
  const g = new Story();
  g.ready('a');
  g.play(1);
  g.raw(1, bytes);
  expect(g.closed.get(1)).toBe(code);
});

test('a wrong or expired token is refused', () => {
  const g = new Story();
  g.open(1);
  g.hello(1);
  g.engine.tokenVerified(1, { ok: false, code: 'TOKEN_INVALID' }, g.nowMs);
  expect(g.closed.get(1)).toBe('TOKEN_INVALID');
});
