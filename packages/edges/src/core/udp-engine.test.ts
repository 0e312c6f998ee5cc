import { describe, expect, test } from 'vitest';
import { bytesOf, Desk, listenerOf, targetOf } from '../../test/udp-desk.ts';
import { joinFrame, proofFrame, readEdgeFrame } from './join-frame.ts';

const byToken = listenerOf({ route: 'token' });

describe('a fixed port', () => {
  test('each peer has a socket of its own to the server, and hears what comes by it', () => {
    const desk = new Desk();
    desk.hear('10.0.0.1:5000', 'hello');
    desk.hear('10.0.0.2:5000', 'hello');
    desk.hear('10.0.0.1:5000', 'again');
    expect(desk.upstreams.map(({ sent }) => sent)).toEqual([['hello', 'again'], ['hello']]);
    desk.answer(desk.upstreams[0], 'hi');
    expect(desk.heardBy('10.0.0.1:5000')).toEqual(['hi']);
    expect(desk.heardBy('10.0.0.2:5000')).toEqual([]);
  });

  test('a peer that has proved nothing gets no more bytes than came from it, headers counted', () => {
    const desk = new Desk();
    desk.hear('10.0.0.1:5000', 'q');
    for (let i = 0; i < 50; i++) desk.answer(desk.upstreams[0], 'x'.repeat(300));
    expect(desk.bytesTo('10.0.0.1:5000')).toBeLessThanOrEqual(1 + 28);
    expect(desk.dropped('UNPROVEN')).toBeGreaterThan(0);
  });

  test('what it is owed comes as its own datagrams pay for it, and all once it has answered', () => {
    const desk = new Desk();
    desk.hear('10.0.0.1:5000', 'getchallenge');
    desk.answer(desk.upstreams[0], 'challengeResponse 1');
    expect(desk.heardBy('10.0.0.1:5000')).toEqual([]);
    desk.hear('10.0.0.1:5000', 'getchallenge');
    expect(desk.heardBy('10.0.0.1:5000')).toEqual(['challengeResponse 1']);
    desk.hear('10.0.0.1:5000', 'connect');
    desk.answer(desk.upstreams[0], 'ok');
    desk.hear('10.0.0.1:5000', 'move');
    for (let i = 0; i < 5; i++) desk.answer(desk.upstreams[0], 'y'.repeat(1_000));
    expect(desk.heardBy('10.0.0.1:5000').filter((each) => each.length === 1_000)).toHaveLength(5);
  });

  test('strangers whose first bytes are none of the game cost no session', () => {
    const desk = new Desk({}, [listenerOf({ accept: [Uint8Array.of(0xff, 0xff)] })]);
    desk.hear('10.0.0.1:5000', 'GET / HTTP/1.1');
    desk.hear('10.0.0.2:5000', '\xff\xffgetinfo');
    expect(desk.engine.counts.sessions).toBe(1);
    expect(desk.dropped('NOT_ACCEPTED')).toBe(1);
  });

  test('in a flood of invented sources, who plays plays on, and who knocks twice gets in', () => {
    const desk = new Desk();
    desk.hear('10.9.9.9:9000', 'playing');
    for (let i = 0; i < 100_000; i++) {
      desk.nowMs += 0.02;
      desk.hear(`11.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}:${1024 + (i % 50_000)}`, 'garbage');
      if (i % 500 === 0) desk.hear('10.9.9.9:9000', 'playing');
      if (i === 50_000 || i === 75_000) desk.hear('10.8.8.8:8000', 'let me in');
    }
    expect(desk.upstreams[0]?.sent).toHaveLength(201);
    expect(desk.engine.counts.sessions).toBeLessThan(800);
    expect([...desk.engine.sessions].some(({ peer }) => peer === '10.8.8.8')).toBe(true);
    expect(desk.dropped('FLOOD')).toBeGreaterThan(99_000);
  });

  test('one address has so many sessions and no more', () => {
    const desk = new Desk({ perAddressMax: 3 });
    for (let port = 1; port <= 10; port++) desk.hear(`10.0.0.1:${port}`, 'x');
    expect(desk.engine.counts.sessions).toBe(3);
    expect(desk.dropped('ADDRESS_LIMIT')).toBe(7);
  });

  test('a player who sends too much is cut to the rate, and nobody else', () => {
    const desk = new Desk({}, [listenerOf({ datagramsPerS: 100 })]);
    for (let i = 0; i < 1_000; i++) desk.hear('10.0.0.1:1', 'x');
    desk.hear('10.0.0.2:1', 'x');
    expect(desk.upstreams[0]?.sent.length).toBe(101);
    expect(desk.upstreams[1]?.sent).toHaveLength(1);
    expect(desk.dropped('RATE')).toBe(899);
  });

  test('silence ends a session: soon if its peer has proved nothing', () => {
    const desk = new Desk();
    desk.hear('10.0.0.1:1', 'x');
    desk.nowMs += 4_000;
    desk.engine.tick(desk.nowMs);
    expect(desk.engine.counts.sessions).toBe(1);
    desk.nowMs += 2_000;
    desk.engine.tick(desk.nowMs);
    expect(desk.engine.counts).toEqual({ sessions: 0, held: 0, unproven: 0 });
    expect(desk.upstreams[0]?.closed).toBe(true);
  });

  test('players of one address share a loopback address, others have others', () => {
    const desk = new Desk({}, [listenerOf({ source: 'loopback' })]);
    desk.hear('10.0.0.1:1', 'x');
    desk.hear('10.0.0.1:2', 'x');
    desk.hear('10.0.0.2:1', 'x');
    const [a, b, c] = desk.upstreams.map(({ localHost }) => localHost);
    expect(a).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.\d+$/);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
  });

  test('new players go to the server with the fewest', () => {
    const desk = new Desk({}, undefined, [targetOf('srv_1', 7001), targetOf('srv_2', 7002)]);
    for (let i = 1; i <= 4; i++) desk.hear(`10.0.0.${i}:1`, 'x');
    expect(desk.upstreams.map(({ to }) => to).sort()).toEqual([7001, 7001, 7002, 7002]);
  });
});

describe('a server that changes', () => {
  test('what the former server still says after a switch is dropped', () => {
    const desk = new Desk({}, undefined, [targetOf('srv_1', 7001), targetOf('srv_2', 7002, { state: 'draining' })]);
    desk.hear('10.0.0.1:1', 'x'.repeat(100));
    const [session] = [...desk.engine.sessions];
    expect(desk.engine.move(session?.id ?? 0, 'srv_2', desk.nowMs)).toBe('');
    desk.answer(desk.upstreams[0], 'stale');
    desk.answer(desk.upstreams[1], 'new');
    expect(desk.heardBy('10.0.0.1:1')).toEqual(['new']);
    expect(desk.dropped('STALE')).toBe(1);
    expect(desk.upstreams[0]?.closed).toBe(true);
  });

  test('a server that dies is replaced for its players with their next datagram', () => {
    const desk = new Desk();
    desk.hear('10.0.0.1:1', 'x');
    desk.targets([targetOf('srv_2', 7002)]);
    desk.hear('10.0.0.1:1', 'y');
    expect(desk.upstreams.map(({ to, sent }) => [to, sent])).toEqual([
      [7001, ['x']],
      [7002, ['y']],
    ]);
    expect(desk.engine.counts.sessions).toBe(1);
  });

  test('the first datagrams wake a server that sleeps, wait for it, and come in order', () => {
    const asleep = targetOf('srv_1', 7001, { state: 'asleep', ports: [] });
    const desk = new Desk({}, [listenerOf({ wake: true })], [asleep]);
    desk.hear('10.0.0.1:1', 'one');
    desk.hear('10.0.0.1:1', 'two');
    expect(desk.woken).toEqual(['arena/srv_1']);
    expect(desk.engine.counts.held).toBe(1);
    desk.nowMs += 1_500;
    desk.engine.tick(desk.nowMs);
    expect(desk.woken).toHaveLength(2);
    desk.targets([targetOf('srv_1', 7001)]);
    expect(desk.upstreams[0]?.sent).toEqual(['one', 'two']);
    expect(desk.engine.counts.held).toBe(0);
  });

  test('a frozen server is woken by who plays there, by the same socket', () => {
    const desk = new Desk({}, [listenerOf({ wake: true })]);
    desk.hear('10.0.0.1:1', 'one');
    desk.targets([targetOf('srv_1', 7001, { state: 'asleep' })]);
    desk.hear('10.0.0.1:1', 'two');
    expect(desk.woken).toEqual(['arena/srv_1']);
    desk.targets([targetOf('srv_1', 7001)]);
    expect(desk.upstreams.map(({ sent }) => sent)).toEqual([['one', 'two']]);
  });

  test('who is held too long, or for a server that cannot be woken, is let go; what is held is bounded', () => {
    const desk = new Desk({ holdDatagrams: 4 }, [listenerOf({ wake: true })], []);
    for (let i = 0; i < 10; i++) desk.hear('10.0.0.1:1', 'x');
    desk.hear('10.0.0.2:1', 'x');
    expect(desk.dropped('HELD_FULL')).toBe(6);
    desk.engine.notWoken('arena', '', desk.nowMs);
    expect(desk.engine.counts).toEqual({ sessions: 0, held: 0, unproven: 0 });
    desk.hear('10.0.0.3:1', 'x');
    desk.nowMs += 31_000;
    desk.engine.tick(desk.nowMs);
    expect(desk.engine.counts.sessions).toBe(0);
    expect(desk.dropped('NOT_WOKEN')).toBe(3);
  });
});

test('what waits for credit is what the server said, whatever was received since', () => {
  const desk = new Desk();
  desk.hear('10.0.0.1:1', 'hi');
  desk.answer(desk.upstreams[0], 'an answer that is far longer than what it answers');
  expect(desk.toPeers).toEqual([]);
  desk.hear('10.0.0.1:1', 'is anybody there, or is this a place where nobody answers?');
  expect(desk.toPeers.map(({ data }) => new TextDecoder().decode(data))).toEqual([
    'an answer that is far longer than what it answers',
  ]);
});

describe('a port that routes by token', () => {
  const join = (desk: Desk, server = 'srv_1', rest = '', validS = 30) =>
    joinFrame(desk.tokens.seal({ server, player: 'ann', validS }), bytesOf(rest));

  test('the token leads to its server, the rest of the datagram with it; the cookie proves the peer', () => {
    const desk = new Desk({}, [byToken], [targetOf('srv_1', 7001), targetOf('srv_2', 7002)]);
    desk.hear('10.0.0.1:1', join(desk, 'srv_2', 'hello'));
    expect(desk.upstreams.map(({ to, sent }) => [to, sent])).toEqual([[7002, ['hello']]]);
    const said = readEdgeFrame(desk.toPeers[0]?.data ?? new Uint8Array());
    expect(said?.kind).toBe('accepted');
    expect(desk.engine.counts.unproven).toBe(1);
    if (said?.kind === 'accepted') desk.hear('10.0.0.1:1', proofFrame(said.cookie, bytesOf('go')));
    expect(desk.engine.counts.unproven).toBe(0);
    expect(desk.upstreams[0]?.sent).toEqual(['hello', 'go']);
    expect([...desk.engine.sessions][0]?.player).toBe('ann');
  });

  test('nothing else gets in, and answers are smaller than what asked for them', () => {
    const desk = new Desk({}, [byToken]);
    const good = join(desk);
    desk.hear('10.0.0.1:1', 'hello');
    desk.hear('10.0.0.1:1', good.slice(0, 20));
    const forged = good.slice();
    forged[20] = (forged[20] ?? 0) ^ 1;
    desk.hear('10.0.0.1:1', forged);
    desk.wallMs += 60_000;
    desk.hear('10.0.0.1:1', good);
    desk.hear('10.0.0.1:1', join(desk, 'srv_9'));
    expect(desk.engine.counts.sessions).toBe(0);
    expect(desk.toPeers.map(({ data }) => readEdgeFrame(data))).toEqual([
      { kind: 'refused', why: 'TOKEN_INVALID' },
      { kind: 'refused', why: 'TOKEN_EXPIRED' },
      { kind: 'refused', why: 'SERVER_GONE' },
    ]);
    expect(desk.dropped('NO_TOKEN')).toBe(2);
  });

  test('a token at another address takes the session along only once the former one is silent', () => {
    const desk = new Desk({}, [byToken]);
    const frame = join(desk);
    desk.hear('10.0.0.1:1', frame);
    desk.hear('10.0.0.2:9', frame);
    expect(desk.dropped('TOKEN_USED')).toBe(1);
    desk.nowMs += 3_100;
    desk.hear('10.0.0.2:9', frame);
    desk.hear('10.0.0.2:9', 'still me');
    expect(desk.upstreams.map(({ sent }) => sent)).toEqual([['still me']]);
    expect(desk.engine.counts.sessions).toBe(1);
    expect([...desk.engine.sessions][0]?.peer).toBe('10.0.0.2');
  });

  test('a repeated join is answered and not passed on', () => {
    const desk = new Desk({}, [byToken]);
    const frame = join(desk);
    desk.hear('10.0.0.1:1', frame);
    desk.hear('10.0.0.1:1', frame);
    expect(desk.toPeers).toHaveLength(2);
    expect(desk.upstreams[0]?.sent).toEqual([]);
  });

  test('who has a token for a server that sleeps is held for it, not for another', () => {
    const asleep = targetOf('srv_2', 7002, { state: 'asleep', ports: [] });
    const desk = new Desk({}, [listenerOf({ route: 'token', wake: true })], [targetOf('srv_1', 7001), asleep]);
    desk.hear('10.0.0.1:1', join(desk, 'srv_2', 'x'));
    desk.targets([targetOf('srv_1', 7001)], false);
    expect(desk.upstreams).toHaveLength(0);
    desk.targets([targetOf('srv_2', 7002)], false);
    expect(desk.upstreams.map(({ to, sent }) => [to, sent])).toEqual([[7002, ['x']]]);
  });
});

test('what is kept of a session is enough for the next process to go on by the same ports', async () => {
  const desk = new Desk({}, [listenerOf({ source: 'loopback' })]);
  desk.hear('10.0.0.1:1', 'x');
  await Promise.resolve();
  const [record] = [...desk.kept.values()];
  expect(record).toMatchObject({ peer: '10.0.0.1', peerPort: 1, server: 'srv_1', port: 7001 });
  const next = new Desk({}, [listenerOf({ source: 'loopback' })]);
  expect(record && next.engine.restore(record, next.nowMs)).toBe(true);
  expect(record && next.engine.restore(record, next.nowMs)).toBe(false);
  expect(next.upstreams[0]).toMatchObject({ localHost: record?.localHost, localPort: record?.localPort, to: 7001 });
  next.hear('10.0.0.1:1', 'y');
  expect(next.upstreams.map(({ sent }) => sent)).toEqual([['y']]);
});
