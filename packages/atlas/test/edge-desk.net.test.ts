/** The control plane's end of the edges, with a real edge at the other: ports, sleepers, tokens, and a control plane that begins anew. */
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLinks } from '@horizon-atlas/adapter-link';
import { type Edge, edgeTokenBytes, joinFrame, makeEdge, readEdgeFrame, udpSocketsHere } from '@horizon-atlas/edges';
import { until } from '@horizon-atlas/port-contracts';
import type { GameServerState, GameServers, GameServerView, PortProtocol } from '@horizon-atlas/protocol';
import { memoryProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EdgeDesk } from '../src/edges/edge-desk.ts';
import { type EdgeFleet, type EdgePortWishes, edgePlan } from '../src/edges/edge-plan.ts';

const wishes: EdgePortWishes = {
  route: 'any',
  source: 'loopback',
  tls: false,
  wake: true,
  accept: [],
  amplification: 1,
  idleMs: 60_000,
  datagramsPerSecond: 500,
};
const keys = [{ key: 'key_1', secret: new Uint8Array(32).fill(3), createdAtMs: 0 }];
const clock = systemClock();

let folder: string;
let desk: EdgeDesk;
let edge: Edge;
let servers: ReturnType<typeof gameServers>;
const sockets: Socket[] = [];

beforeEach(() => {
  played.length = 0;
  knocks.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'desk-'));
  servers = gameServers();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await edge.stop();
  await desk.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a shared port leads to who is up; who comes to a sleeper wakes it and gets in', async () => {
  const echo = await end((data, port, from, socket) => socket.send(data, port, from));
  servers.set('bz_1', 'Sleeping', echo.address().port);
  await open({ ...wishes });
  const way = await until(() => listening() && desk.waysTo('bz_1')[0], 'a way');
  expect(way).toEqual({ name: 'game', protocol: 'udp', host: '127.0.0.1', port: way.port, tls: false });
  const heard: string[] = [];
  const ann = await end((data) => heard.push(String(data)));
  ann.send('first', way.port, '127.0.0.1');
  await until(() => servers.woken.includes('bz_1'), 'it is woken');
  servers.set('bz_1', 'Ready', echo.address().port);
  await until(() => heard.includes('first'), 'the first datagram comes back');
  await until(() => desk.edges[0]?.sessions.length === 1, 'the session is known');
  // An echo to one word proves nothing: it may have been sent in somebody else's name.
  expect(desk.edges[0]?.sessions[0]).toMatchObject({ server: 'bz_1', protocol: 'udp', state: 'unproven' });
  expect(played).toEqual([]);
  for (const word of ['second', 'third']) {
    ann.send(word, way.port, '127.0.0.1');
    await until(() => heard.includes(word), `${word} comes back`);
  }
  await until(() => played.length === 1, 'who talks back is a player');
  desk.endSession(desk.edges[0]?.sessions[0]?.session ?? 0);
  await until(() => played.length === 2, 'and is none any more');
  expect(played).toEqual([
    ['bz_1', 1],
    ['bz_1', 0],
  ]);
});

test('who comes to a fleet without servers is held until there is one', async () => {
  const echo = await end((data, port, from, socket) => socket.send(data, port, from));
  await open({ ...wishes });
  const way = await until(() => listening() && desk.edges[0]?.listeners.find(({ listener }) => listener === 'bz/game'), 'a way');
  const heard: string[] = [];
  const ann = await end((data) => heard.push(String(data)));
  ann.send('first', way.port, '127.0.0.1');
  await until(() => knocks.includes('bz'), 'it knocks');
  servers.set('bz_1', 'Ready', echo.address().port);
  await until(() => heard.includes('first'), 'the first datagram comes back');
});

test('a token leads to the very server that it was made for', async () => {
  const [a, b] = [
    await end((_, port, from, socket) => socket.send('A', port, from)),
    await end((_, port, from, socket) => socket.send('B', port, from)),
  ];
  servers.set('arena_1', 'Ready', a.address().port);
  servers.set('arena_2', 'Allocated', b.address().port);
  await open({ ...wishes, route: 'token' });
  const way = await until(() => listening() && desk.waysTo('arena_2', 'ann')[0], 'a way');
  const token = edgeTokenBytes(way.token ?? '');
  const heard: Buffer[] = [];
  const ann = await end((data) => heard.push(data));
  ann.send(joinFrame(token ?? new Uint8Array(), new Uint8Array(64)), way.port, '127.0.0.1');
  await until(() => heard.length === 2, 'accepted, and answered');
  expect(readEdgeFrame(heard[0] ?? new Uint8Array())?.kind).toBe('accepted');
  expect(String(heard[1])).toBe('B');
  await until(() => desk.edges[0]?.sessions[0]?.player === 'ann', 'the player is known');
});

test('each server has a public port of its own, which outlives a control plane', async () => {
  const a = await end((_, port, from, socket) => socket.send('A', port, from));
  servers.set('arena_1', 'Ready', a.address().port);
  servers.set('arena_2', 'Ready', a.address().port);
  await open({ ...wishes, route: 'own' });
  await until(listening, 'both listen');
  const before = ['arena_1', 'arena_2'].map((id) => desk.waysTo(id)[0]?.port);
  expect(new Set(before).size).toBe(2);
  await desk.close();
  // In another order, as it may happen.
  servers = gameServers();
  servers.set('arena_2', 'Ready', a.address().port);
  servers.set('arena_1', 'Ready', a.address().port);
  await openDesk({ ...wishes, route: 'own' });
  await until(listening, 'the edge is back');
  expect(['arena_1', 'arena_2'].map((id) => desk.waysTo(id)[0]?.port)).toEqual(before);
});

test('a player is moved to another server of the fleet; who cannot be is told why', async () => {
  const [a, b] = [
    await end((_, port, from, socket) => socket.send('A', port, from)),
    await end((_, port, from, socket) => socket.send('B', port, from)),
  ];
  servers.set('arena_1', 'Ready', a.address().port);
  await open({ ...wishes });
  const way = await until(() => listening() && desk.waysTo('arena_1')[0], 'a way');
  const heard: string[] = [];
  const ann = await end((data) => heard.push(String(data)));
  ann.send('first', way.port, '127.0.0.1');
  await until(() => heard.includes('A'), 'at A');
  const { session } = await until(() => desk.edges[0]?.sessions[0], 'the session is known');
  servers.set('arena_2', 'Sleeping', b.address().port);
  const soon = desk.move(session, { server: 'arena_2', waitMs: 20_000 });
  await until(() => servers.woken.includes('arena_2'), 'it is woken');
  servers.set('arena_2', 'Ready', b.address().port);
  expect(await soon).toEqual({ ok: true, server: 'arena_2' });
  expect(desk.edges[0]?.sessions[0]).toMatchObject({ session, server: 'arena_2' });
  ann.send('second', way.port, '127.0.0.1');
  await until(() => heard.includes('B'), 'at B');
  expect(await desk.move(session, { fleet: 'arena', waitMs: 0 })).toEqual({ ok: true, server: 'arena_1' });
  servers.set('arena_2', 'Ready', b.address().port, { count: 4, capacity: 4 });
  servers.set('bz_1', 'Ready', b.address().port);
  servers.set('arena_3', 'Draining', b.address().port);
  servers.set('arena_4', 'Starting', b.address().port);
  const refusals = await Promise.all([
    desk.move(session, { server: 'arena_2', waitMs: 0 }),
    desk.move(session, { server: 'bz_1', waitMs: 0 }),
    desk.move(session, { server: 'arena_3', waitMs: 0 }),
    desk.move(session, { server: 'arena_4', waitMs: 0 }),
    desk.move(session, { server: 'nobody', waitMs: 0 }),
    desk.move(session, { fleet: 'nobody', waitMs: 0 }),
    desk.move(7, { server: 'arena_1', waitMs: 0 }),
  ]);
  expect(refusals.map((each) => !each.ok && each.code)).toEqual([
    ...['SERVER_FULL', 'MOVE_IMPOSSIBLE', 'PROCESS_STATE', 'NOT_READY', 'PROCESS_UNKNOWN', 'FLEET_UNKNOWN', 'NOT_FOUND'],
  ]);
});

test('what is passed through as TCP is not moved', async () => {
  servers.set('bz_1', 'Ready', 1, undefined, 'tcp');
  await open({ ...wishes });
  const way = await until(() => listening() && desk.waysTo('bz_1')[0], 'a way');
  expect(way.protocol).toBe('tcp');
  servers.set('bz_1', 'Sleeping', 1, undefined, 'tcp');
  const socket = connect(way.port, '127.0.0.1');
  socket.on('error', () => {});
  const { session, state } = await until(() => desk.edges[0]?.sessions[0], 'the session is known');
  expect(state).toBe('held');
  expect(await desk.move(session, { server: 'bz_1', waitMs: 0 })).toMatchObject({ ok: false, code: 'MOVE_IMPOSSIBLE' });
  socket.destroy();
});

test('a server that is gone is gone for its players, too', async () => {
  const a = await end((_, port, from, socket) => socket.send('A', port, from));
  servers.set('arena_1', 'Ready', a.address().port);
  await open({ ...wishes, route: 'token' });
  const way = await until(() => listening() && desk.waysTo('arena_1')[0], 'a way');
  const heard: Buffer[] = [];
  const ann = await end((data) => heard.push(data));
  servers.set('arena_1', 'Shutdown', 0);
  const frame = joinFrame(edgeTokenBytes(way.token ?? '') ?? new Uint8Array());
  await until(() => {
    ann.send(frame, way.port, '127.0.0.1');
    return heard.some((each) => readEdgeFrame(each)?.kind === 'refused');
  }, 'the refusal');
});

const listening = (): boolean => desk.edges[0]?.listeners.length === 2;

async function open(port: EdgePortWishes): Promise<void> {
  await openDesk(port);
  edge = makeEdge(
    { clock, entropy: systemEntropy(), links: makeLinks({ clock }), probe: memoryProbe(), sockets: await udpSocketsHere() },
    { edge: 'edge_0', folder: join(folder, 'state'), control: address() },
  );
  await edge.start();
}

const knocks: string[] = [];
const played: [server: string, players: number][] = [];

async function openDesk(port: EdgePortWishes): Promise<void> {
  const first = 20_000 + (process.pid % 20_000);
  const plan = edgePlan({ listen: '127.0.0.1', ports: { first, last: first + 50 } }, [
    fleetOf('bz', { startTimeoutMs: 5_000, edge: port }),
    fleetOf('arena', { max: 20, edge: port }),
  ]);
  const processes = { knows: () => true, onServerUp: () => {}, onServerDown: () => {} };
  desk = new EdgeDesk(
    {
      clock,
      links: makeLinks({ clock }),
      probe: memoryProbe(),
      address: address(),
      keys,
      processes,
      played: (server, players) => played.push([server, players]),
      knock: (fleet) => knocks.push(fleet) > 0,
    },
    plan,
    servers.all,
  );
  await desk.open();
}

function fleetOf(
  name: string,
  { max = 1, startTimeoutMs = 90_000, edge: port }: { max?: number; startTimeoutMs?: number; edge: EdgePortWishes },
): EdgeFleet {
  const ports = [{ name: 'game', protocol: 'udp', edge: port }] as const;
  return { name, host: '127.0.0.1', scaling: { max }, startTimeoutMs, ports };
}

const address = (): string => `unix:${join(folder, 'edges.sock')}`;

interface KnownServers {
  readonly all: GameServers;
  readonly woken: string[];
  set(id: string, state: GameServerState, port: number, players?: GameServerView['players'], protocol?: PortProtocol): void;
}

function gameServers(): KnownServers {
  const views = new Map<string, GameServerView>();
  const watchers = new Set<(view: GameServerView, gone: boolean) => void>();
  const woken: string[] = [];
  const all: GameServers = {
    get: (id) => views.get(id),
    list: (fleet) => [...views.values()].filter((view) => fleet === undefined || view.fleet === fleet),
    watch(fn) {
      watchers.add(fn);
      return () => watchers.delete(fn);
    },
    heard: () => true,
    order: () => undefined,
    sleep: () => undefined,
    wake(id) {
      woken.push(id);
      return undefined;
    },
  };
  return {
    all,
    woken,
    set(id, state, port, players, protocol = 'udp') {
      const view: GameServerView = {
        id,
        fleet: id.split('_')[0] ?? '',
        version: '1',
        state,
        sinceMs: 0,
        startedAtMs: 0,
        pid: 1,
        ports: [{ name: 'game', protocol, host: '127.0.0.1', port }],
        labels: {},
        annotations: {},
        counters: {},
        lists: {},
        players,
        allocations: [],
        why: '',
      };
      views.set(id, view);
      for (const fn of watchers) fn(view, false);
    },
  };
}

async function end(onData: (data: Buffer, port: number, from: string, socket: Socket) => void): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (data, { address: from, port }) => onData(data, port, from, socket));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  sockets.push(socket);
  return socket;
}
