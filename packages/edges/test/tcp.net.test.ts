/** TCP and WebSocket through an edge on real sockets. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { turns, until } from '@horizon-atlas/port-contracts';
import { afterEach, expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { edgeTokenText, joinFrame, readEdgeFrame, readProxyHeader } from '../src/index.ts';
import { certificate } from './certificate.ts';
import { Rig, tokens, UdpEnd } from './rig.ts';
import { bytesOf, listenerOf, targetOf } from './udp-desk.ts';

let rig: Rig;
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) each.close();
  await rig.stop();
});

const game = 'arena/game';
const tcp = (over: Parameters<typeof listenerOf>[0] = {}) => listenerOf({ protocol: 'tcp', ...over });

/** A TCP game server; `onSocket` plays it. */
async function server(
  onSocket: (socket: Socket) => void,
  allowHalfOpen = true,
): Promise<{ port: number; sockets: Socket[]; server: Server }> {
  const sockets: Socket[] = [];
  const listening = createServer({ allowHalfOpen }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      listening.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  return { port: (listening.address() as { port: number }).port, sockets, server: listening };
}

interface Player {
  readonly socket: Socket;
  text(): string;
  bytes(): Uint8Array;
  ended: boolean;
  closed: boolean;
}

function play(socket: Socket): Player {
  const chunks: Buffer[] = [];
  const player = {
    socket,
    text: () => Buffer.concat(chunks).toString('latin1'),
    bytes: () => new Uint8Array(Buffer.concat(chunks)),
    ended: false,
    closed: false,
  };
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('end', () => {
    player.ended = true;
  });
  socket.on('close', () => {
    player.closed = true;
  });
  socket.on('error', () => {});
  open.push({ close: () => socket.destroy() });
  return player;
}

const player = (): Player => play(connect({ port: rig.portOf(game), host: '127.0.0.1', allowHalfOpen: true }));

test('bytes go both ways, the end of each direction by itself, from a loopback address of the player', async () => {
  const echo = await server((socket) => {
    socket.on('data', (chunk) => socket.write(`got ${chunk}`));
    socket.on('end', () => socket.end('bye'));
  });
  rig = await Rig.start([tcp({ source: 'loopback' })], [targetOf('srv_1', echo.port)]);
  const ann = player();
  ann.socket.write('hello');
  await until(() => ann.text() === 'got hello', 'the echo');
  expect(echo.sockets[0]?.remoteAddress).toMatch(/^127\.(?!0\.0\.1$)/);
  ann.socket.end();
  await until(() => ann.text() === 'got hellobye' && ann.ended, 'what the server says after our end');
  await until(() => rig.edge?.stats.sessionsNow === 0, 'both are closed');
});

test('a server that writes faster than its player reads is slowed down, and nothing is lost', async () => {
  const size = 24 * 1024 * 1024;
  const data = Buffer.alloc(size, 'x');
  let written = false;
  const fast = await server((socket) => {
    socket.end(data, () => {
      written = true;
    });
  });
  rig = await Rig.start([tcp()], [targetOf('srv_1', fast.port)]);
  const slow = connect({ port: rig.portOf(game), host: '127.0.0.1' });
  slow.pause();
  open.push({ close: () => slow.destroy() });
  await until(() => fast.sockets.length === 1, 'it is connected');
  // All that the edge could take without the player is taken then; the rest has to wait at the server.
  let taken = 0;
  let sameLooks = 0;
  await until(() => {
    const now = rig.edge?.stats.bytesOut ?? 0;
    sameLooks = now > 0 && now === taken ? sameLooks + 1 : 0;
    taken = now;
    return sameLooks >= 20;
  }, 'it stands still');
  expect(taken).toBeLessThan(size);
  expect(written).toBe(false);
  let heard = 0;
  slow.on('data', (chunk) => {
    heard += chunk.length;
  });
  slow.resume();
  await until(() => heard === size, 'all of it');
});

test('a player who never reads is cut off, and its server with it', async () => {
  const fast = await server((socket) => {
    const write = (): void => {
      while (socket.write(Buffer.alloc(65_536)));
    };
    socket.on('drain', write);
    write();
  });
  rig = await Rig.start([tcp()], [targetOf('srv_1', fast.port)], { policy: { stallMs: 200 } });
  const deaf = connect({ port: rig.portOf(game), host: '127.0.0.1' });
  deaf.pause();
  deaf.on('error', () => {});
  open.push({ close: () => deaf.destroy() });
  await until(() => rig.dropped('SLOW_PEER') === 1, 'it is counted');
  await until(() => fast.sockets[0]?.destroyed === true, 'the server is free');
});

test('who comes while the server sleeps is held, what he said is kept, and the server is woken', async () => {
  const echo = await server((socket) => socket.on('data', (chunk) => socket.write(chunk)));
  rig = await Rig.start([tcp({ wake: true })], [targetOf('srv_1', 0, { state: 'asleep', ports: [] })]);
  const ann = player();
  ann.socket.write('are you there?');
  await until(() => rig.heard.some(({ kind }) => kind === 'wake'), 'it is woken');
  expect(rig.edge?.stats.heldNow).toBe(1);
  rig.targets([targetOf('srv_1', echo.port)]);
  await until(() => ann.text() === 'are you there?', 'the echo');
});

test('who comes while a server that is said to be up does not listen is held until it does', async () => {
  const gone = await server(() => {});
  await new Promise((resolve) => gone.server.close(resolve));
  rig = await Rig.start([tcp({ wake: true })], [targetOf('srv_1', gone.port)]);
  const ann = player();
  ann.socket.write('are you there?');
  await until(() => rig.edge?.stats.heldNow === 1, 'it is held');
  const echo = await server((socket) => socket.on('data', (chunk) => socket.write(chunk)));
  rig.targets([targetOf('srv_1', echo.port)]);
  await until(() => ann.text() === 'are you there?', 'the echo');
  expect(rig.dropped('SERVER_UNREACHABLE')).toBe(0);
});

test('who is held for a server that cannot be woken is let go', async () => {
  rig = await Rig.start([tcp({ wake: true })], []);
  const ann = player();
  await until(() => rig.edge?.stats.heldNow === 1, 'it is held');
  rig.say({ kind: 'notWoken', fleet: 'arena', server: '', code: 'SERVER_START_FAILED' });
  await until(() => ann.ended, 'it is let go');
  expect(rig.dropped('NOT_WOKEN')).toBe(1);
});

test('a server that dies ends its players at once; one that cannot be reached is told', async () => {
  const mortal = await server(() => {});
  rig = await Rig.start([tcp({ wake: false })], [targetOf('srv_1', mortal.port)]);
  const ann = player();
  await until(() => mortal.sockets.length === 1, 'connected');
  mortal.sockets[0]?.resetAndDestroy();
  await until(() => ann.closed, 'the player is told');
  mortal.server.close();
  const bob = player();
  await until(() => bob.ended, 'nobody is there');
  expect(rig.dropped('SERVER_UNREACHABLE')).toBe(1);
});

test('a token in front of the stream leads to its server; PROXY headers come before all else', async () => {
  const heard: Buffer[] = [];
  const b = await server((socket) => socket.on('data', (chunk) => heard.push(chunk)));
  const listener = tcp({ route: 'token', source: 'proxy-v2' });
  rig = await Rig.start([listener], [targetOf('srv_a', 1), targetOf('srv_b', b.port)]);
  const ann = player();
  const frame = joinFrame(tokens.seal({ server: 'srv_b', player: 'ann', validS: 30 }), bytesOf('hello'));
  // In pieces, as a stream may come: the edge, in this very process, has read the first one before the second is sent.
  await until(() => rig.edge?.stats.sessionsNow === 1, 'it is let in');
  await new Promise((resolve) => ann.socket.write(frame.subarray(0, 3), resolve));
  await turns(2);
  ann.socket.write(frame.subarray(3));
  await until(() => Buffer.concat(heard).toString('latin1').endsWith('hello'), 'the server hears it');
  const read = readProxyHeader(new Uint8Array(Buffer.concat(heard)));
  expect(read).toMatchObject({ ok: true, addresses: { transport: 'tcp', source: '127.0.0.1' } });
  const mallory = player();
  mallory.socket.write(joinFrame(new Uint8Array(60)));
  await until(() => mallory.ended, 'the refusal');
  expect(readEdgeFrame(mallory.bytes())).toEqual({ kind: 'refused', why: 'TOKEN_INVALID' });
});

test('who says nothing in time is let go', async () => {
  rig = await Rig.start([tcp({ route: 'token' })], [targetOf('srv_a', 1)], { policy: { openingMs: 100 } });
  const silent = player();
  await until(() => silent.ended, 'it is let go');
  expect(rig.dropped('HANDSHAKE_TIMEOUT')).toBe(1);
});

test('connections of one address are limited', async () => {
  const quiet = await server(() => {});
  rig = await Rig.start([tcp()], [targetOf('srv_1', quiet.port)], { policy: { perAddressMax: 2 } });
  const players = [player(), player(), player()];
  await until(() => players.filter(({ closed, ended }) => closed || ended).length === 1, 'one is let go');
  expect(rig.dropped('ADDRESS_LIMIT')).toBe(1);
});

test('TCP and UDP on one number; a TCP connection vouches for the address of its datagrams', async () => {
  const echo = await server((socket) => socket.on('data', (chunk) => socket.write(chunk)));
  const udp = await UdpEnd.open(echo.port);
  open.push(udp);
  udp.onData = (_, to, from) => udp.socket.send('x'.repeat(1_000), to, from);
  rig = await Rig.start([listenerOf({ protocol: 'tcp+udp' })], [targetOf('srv_1', echo.port)]);
  const ann = await UdpEnd.open();
  open.push(ann);
  ann.send('short', rig.portOf(game));
  await until(() => rig.edge?.stats.unprovenNow === 1, 'it is unproven');
  expect(ann.heard).toEqual([]);
  const stream = player();
  stream.socket.write('hi');
  await until(() => stream.text() === 'hi', 'the echo');
  const bob = await UdpEnd.open();
  open.push(bob);
  bob.send('short', rig.portOf(game));
  await until(() => bob.texts[0]?.length === 1_000, 'a long answer to a short question');
});

test('WebSocket games are passed through: no frame is added, the address comes along, the token is in the URL', async () => {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  open.push(wss);
  await new Promise((resolve) => wss.once('listening', resolve));
  const from: unknown[] = [];
  wss.on('connection', (socket, request) => {
    from.push(request.headers['x-forwarded-for'], socket.protocol);
    socket.on('message', (data, binary) => socket.send(data, { binary }));
    // Some games end a connection when somebody pings.
    socket.on('ping', () => socket.close(1003));
  });
  const { port } = wss.address() as { port: number };
  rig = await Rig.start([listenerOf({ protocol: 'ws', route: 'token' })], [targetOf('srv_1', port)]);
  const token = edgeTokenText(tokens.seal({ server: 'srv_1', player: 'ann', validS: 30 }));
  const url = `ws://127.0.0.1:${rig.portOf(game)}/play?x=1&atlas_token=${token}`;
  const ws = new WebSocket(url, 'game.v2', { headers: { 'x-forwarded-for': '6.6.6.6' } });
  const heard: string[] = [];
  ws.on('message', (data) => heard.push(String(data)));
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject));
  ws.send('hello');
  await until(() => heard.length === 1, 'the echo');
  expect(from).toEqual(['127.0.0.1', 'game.v2']);
  ws.terminate();
  const refused = new WebSocket(`ws://127.0.0.1:${rig.portOf(game)}/play?atlas_token=nonsense`);
  const status = await new Promise((resolve) => refused.once('unexpected-response', (_, answer) => resolve(answer.statusCode)));
  expect(status).toBe(401);
});

test('polling and its upgrade meet the same one of several servers', async () => {
  const names = ['A', 'B', 'C'];
  const servers = await Promise.all(
    names.map((name) =>
      server((socket) =>
        socket.on('data', () => socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n${name}`)),
      ),
    ),
  );
  const targets = servers.map(({ port }, i) => targetOf(`srv_${i}`, port));
  rig = await Rig.start([listenerOf({ protocol: 'ws' })], targets);
  const answers: string[] = [];
  for (let i = 0; i < 6; i++) {
    const poll = player();
    poll.socket.write('GET /socket.io/?transport=polling HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => poll.ended, 'an answer');
    answers.push(poll.text().slice(-1));
  }
  expect(new Set(answers).size).toBe(1);
});

test('TLS ends at the edge', async () => {
  const echo = await server((socket) => {
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('end', () => socket.end());
  });
  const pair = certificate();
  rig = await Rig.start([tcp({ tls: true })], [targetOf('srv_1', echo.port)], { certificate: pair });
  const ann = play(connectTls({ port: rig.portOf(game), host: '127.0.0.1', ca: pair.cert, servername: 'localhost' }));
  ann.socket.write('secret');
  await until(() => ann.text() === 'secret', 'the echo');
  const plain = player();
  plain.socket.write('GET / HTTP/1.1\r\n\r\n');
  await until(() => plain.closed || plain.ended, 'plain text is refused');
});
