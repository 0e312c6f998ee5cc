/** UDP through an edge on real sockets. */
import { until } from '@horizon-atlas/port-contracts';
import { afterEach, expect, test } from 'vitest';
import { joinFrame, proofFrame, readEdgeFrame, readProxyHeader } from '../src/index.ts';
import { Rig, tokens, UdpEnd } from './rig.ts';
import { bytesOf, listenerOf, targetOf } from './udp-desk.ts';

let rig: Rig;
const open: UdpEnd[] = [];
afterEach(async () => {
  for (const end of open.splice(0)) end.close();
  await rig.stop();
});
const player = async (): Promise<UdpEnd> => noted(await UdpEnd.open());
const server = async (name: string): Promise<UdpEnd> => noted(await UdpEnd.echo(name));

function noted(end: UdpEnd): UdpEnd {
  open.push(end);
  return end;
}

const padded = (text: string): string => text.padEnd(64, '.');
const game = 'arena/game';

test('an unmodified server sees each player at an address of its own; players hear their answers', async () => {
  const echo = await server('A');
  rig = await Rig.start([listenerOf({ source: 'loopback' })], [targetOf('srv_1', echo.port)]);
  const [ann, bob] = [await player(), await player()];
  ann.send(padded('ann'), rig.portOf(game));
  bob.send(padded('bob'), rig.portOf(game));
  await until(() => ann.heard.length > 0 && bob.heard.length > 0, 'both are answered');
  expect(ann.texts).toEqual(['A:ann']);
  expect(bob.texts).toEqual(['A:bob']);
  expect(new Set(echo.heard.map(({ port }) => port)).size).toBe(2);
  // Both come from 127.0.0.1, so they share an address that is not the edge's.
  expect(new Set(echo.heard.map(({ from }) => from)).size).toBe(1);
  expect(echo.heard[0]?.from).toMatch(/^127\.(?!0\.0\.1$)/);
});

test('by a token to its very server; the cookie proves the player; PROXY headers tell the real address', async () => {
  const [a, b] = [await server('A'), await server('B')];
  const listener = listenerOf({ route: 'token', source: 'proxy-v2' });
  rig = await Rig.start([listener], [targetOf('srv_a', a.port), targetOf('srv_b', b.port)]);
  const ann = await player();
  const token = tokens.seal({ server: 'srv_b', player: 'ann', validS: 30 });
  ann.send(joinFrame(token, bytesOf('hello')), rig.portOf(game));
  await until(() => b.heard.length === 1, 'the server hears it');
  const read = readProxyHeader(new Uint8Array(Buffer.from(b.heard[0]?.text ?? '', 'latin1')));
  expect(read).toMatchObject({ ok: true, addresses: { transport: 'udp', source: '127.0.0.1', sourcePort: ann.port } });
  await until(() => ann.heard.length > 0, 'it is accepted');
  const said = readEdgeFrame(new Uint8Array(Buffer.from(ann.texts[0] ?? '', 'latin1')));
  expect(said?.kind).toBe('accepted');
  if (said?.kind === 'accepted') ann.send(proofFrame(said.cookie, bytesOf('more')), rig.portOf(game));
  await until(() => b.heard.length === 2, 'what came with the proof');
  expect(a.heard).toEqual([]);
  expect(rig.edge?.stats.unprovenNow).toBe(0);
});

test('nothing is lost for a server that sleeps; the control plane is asked to wake it', async () => {
  const echo = await server('A');
  rig = await Rig.start([listenerOf({ wake: true })], [targetOf('srv_1', 0, { state: 'asleep', ports: [] })]);
  const ann = await player();
  ann.send(padded('one'), rig.portOf(game));
  ann.send(padded('two'), rig.portOf(game));
  await until(() => rig.heard.some(({ kind }) => kind === 'wake'), 'it is woken');
  rig.targets([targetOf('srv_1', echo.port)]);
  await until(() => echo.heard.length === 2, 'both arrive');
  expect(echo.texts).toEqual([padded('one'), padded('two')]);
});

test('a server that dies under its players: the next one takes them, and the edge does not mind', async () => {
  const first = await UdpEnd.echo('A');
  rig = await Rig.start([listenerOf()], [targetOf('srv_1', first.port)]);
  const ann = await player();
  ann.send(padded('x'), rig.portOf(game));
  await until(() => ann.heard.length === 1, 'an answer');
  first.close();
  ann.send(padded('into the void'), rig.portOf(game));
  ann.send(padded('again'), rig.portOf(game));
  await until(() => rig.dropped('ECONNREFUSED') > 0, 'the refusal is counted');
  const second = await server('B');
  rig.targets([targetOf('srv_2', second.port)]);
  await until(() => {
    ann.send(padded('y'), rig.portOf(game));
    return ann.texts.includes('B:y');
  }, 'the other one answers');
});

test('what a former server says after a move does not reach the player', async () => {
  const [a, b] = [await server('A'), await server('B')];
  rig = await Rig.start(
    [listenerOf({ source: 'loopback' })],
    [targetOf('srv_a', a.port), targetOf('srv_b', b.port, { state: 'draining' })],
  );
  const ann = await player();
  ann.send(padded('x'), rig.portOf(game));
  await until(() => ann.heard.length === 1, 'an answer of A');
  await until(() => rig.heard.some((each) => each.kind === 'sessions' && each.changed.length > 0), 'its session is told');
  const told = rig.heard.find((each) => each.kind === 'sessions' && each.changed.length > 0);
  const session = told?.kind === 'sessions' ? (told.changed[0]?.session ?? 0) : 0;
  rig.say({ kind: 'move', move: 1, session, server: 'srv_b' });
  await until(() => {
    ann.send(padded('y'), rig.portOf(game));
    return ann.texts.some((text) => text.startsWith('B:'));
  }, 'an answer of B');
  const { from = '', port = 0 } = a.heard[0] ?? {};
  a.socket.send('stale', port, from);
  const before = ann.heard.length;
  ann.send(padded('last'), rig.portOf(game));
  await until(() => ann.heard.length > before, 'B answers again');
  expect(ann.texts).not.toContain('stale');
});

test('an edge that ends and begins again goes on by the same ports, without a control plane', async () => {
  const echo = await server('A');
  rig = await Rig.start([listenerOf({ source: 'loopback' })], [targetOf('srv_1', echo.port)]);
  const ann = await player();
  const port = rig.portOf(game);
  ann.send(padded('before'), port);
  await until(() => ann.heard.length === 1, 'an answer');
  await rig.closeControl();
  await rig.edge?.stop();
  await rig.startEdge();
  expect(rig.portOf(game)).toBe(port);
  // The server speaks first, to where it knows the player.
  const { from = '', port: seen = 0 } = echo.heard[0] ?? {};
  ann.send(padded('after'), port);
  await until(() => ann.heard.length === 2, 'an answer');
  echo.socket.send('by itself', seen, from);
  await until(() => ann.texts.includes('by itself'), 'what the server says by itself');
  expect(echo.heard.map((each) => `${each.from}:${each.port}`)).toEqual([`${from}:${seen}`, `${from}:${seen}`]);
});

test('a port in use is told, not fatal; listeners that are wanted no more are closed with their sessions', async () => {
  const echo = await server('A');
  const taken = await server('taken');
  rig = await Rig.start([listenerOf()], [targetOf('srv_1', echo.port)]);
  const ann = await player();
  const port = rig.portOf(game);
  ann.send(padded('x'), port);
  await until(() => ann.heard.length === 1, 'an answer');
  rig.listeners([listenerOf({ listener: 'arena/other', listenPort: taken.port })]);
  await until(
    () => rig.heard.some((each) => each.kind === 'listening' && each.listeners.some(({ code }) => code === 'PORT_IN_USE')),
    'the refusal',
  );
  expect(rig.portOf(game)).toBe(0);
  expect(rig.edge?.stats.sessionsNow).toBe(0);
});

test('garbage from a thousand ports does not keep a player from playing', async () => {
  const echo = await server('A');
  rig = await Rig.start([listenerOf({ route: 'token', source: 'loopback' })], [targetOf('srv_1', echo.port)]);
  const ann = await player();
  const vandals = await Promise.all(Array.from({ length: 16 }, player));
  const port = rig.portOf(game);
  ann.send(joinFrame(tokens.seal({ server: 'srv_1', player: 'ann', validS: 60 })), port);
  await until(() => ann.heard.length === 1, 'in');
  const forged = joinFrame(tokens.seal({ server: 'srv_1', player: 'x', validS: 60 }).fill(1, 20, 30));
  for (let round = 0; round < 50; round++) {
    for (const vandal of vandals) for (let i = 0; i < 4; i++) vandal.send(i % 2 ? forged : 'GARBAGE', port);
    ann.send(padded(`${round}`), port);
    await until(() => ann.texts.includes(`A:${round}`), `round ${round}`);
  }
  expect(rig.dropped('NO_TOKEN')).toBeGreaterThan(100);
  expect(rig.dropped('TOKEN_INVALID')).toBeGreaterThan(100);
  expect(rig.edge?.stats.sessionsNow).toBe(1);
});
