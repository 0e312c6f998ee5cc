/** Players of the real protocol, moved between servers of it on one TCP connection. */
import { createHmac } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { deflateSync } from 'node:zlib';
import { until } from '@horizon-atlas/port-contracts';
import minecraftData from 'minecraft-data';
import mc from 'minecraft-protocol';
import { afterEach, expect, test } from 'vitest';
import { type Forwarding, type LeftServer, type MinecraftSeat, type MinecraftTarget, makeMinecraftFront } from '../src/index.ts';

const version = '1.16.5';
const library = createRequire(import.meta.url).resolve('minecraft-protocol');
const { loginPacket } = minecraftData(version) as unknown as { loginPacket: object };
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

const packetsOf = (end: mc.Client): EventEmitter => end as unknown as EventEmitter;

interface Backend extends MinecraftTarget {
  readonly chats: string[];
  readonly hosts: string[];
  readonly clients: mc.ServerClient[];
}

/** Lets everybody in at `x`, and notes what they say. */
async function backend(name: string, x: number, refuse = false): Promise<Backend> {
  const server = mc.createServer({ 'online-mode': false, version, host: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => server.once('listening', () => resolve()));
  const { port } = (server as unknown as { socketServer: { address(): { port: number } } }).socketServer.address();
  const made: Backend = { name, host: '127.0.0.1', port, chats: [], hosts: [], clients: [] };
  server.on('error', () => {});
  server.on('playerJoin', (client: mc.ServerClient) => {
    packetsOf(client).on('error', () => {});
    if (refuse) return void client.end('no room');
    made.clients.push(client);
    made.hosts.push((client as unknown as { serverHost: string }).serverHost);
    client.write('login', { ...loginPacket, entityId: x, gameMode: 1, worldName: `minecraft:${name}` });
    client.write('position', { x, y: 64, z: 0, yaw: 0, pitch: 0, flags: 0, teleportId: x });
    packetsOf(client).on('chat', ({ message }: { message: string }) => made.chats.push(message));
  });
  undo.push(() => server.close());
  return made;
}

interface Door {
  readonly port: number;
  readonly seats: MinecraftSeat[];
  readonly left: (LeftServer | undefined)[];
  readonly entered: string[];
  readonly faults: string[];
}

/** A front with a door; `seek` says where players go. */
async function open(
  seek: (left: LeftServer | undefined) => MinecraftTarget | { why: string } | Promise<MinecraftTarget>,
  forwarding: Forwarding = { kind: 'bungee' },
): Promise<Door> {
  const faults: string[] = [];
  const settings = { library, version, onlineMode: false, forwarding, motd: 'A front', playersMax: 7, joinMs: 20_000 } as const;
  const front = await makeMinecraftFront({ ...settings, fault: ({ message }) => faults.push(message) });
  const door = { seats: [] as MinecraftSeat[], left: [] as (LeftServer | undefined)[], entered: [] as string[], faults };
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    const seat = front.take(socket, {
      async seek(_player, left) {
        door.left.push(left);
        return seek(left);
      },
      entered: ({ name }) => door.entered.push(name),
    });
    door.seats.push(seat);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  undo.push(
    () => front.close(),
    () => listener.close(),
  );
  return { ...door, port: (listener.address() as AddressInfo).port };
}

interface Player {
  readonly client: mc.Client;
  readonly heard: string[];
  readonly chats: string[];
  readonly kicks: string[];
  readonly at: () => number;
}

function player(name: string, { port }: Door): Player {
  const client = mc.createClient({ host: '127.0.0.1', port, username: name, version, auth: 'offline' });
  undo.push(() => client.end(''));
  const heard: string[] = [];
  const chats: string[] = [];
  const kicks: string[] = [];
  let x = 0;
  const on = packetsOf(client).on.bind(packetsOf(client));
  on('error', () => {});
  on('login', () => heard.push('login'));
  on('respawn', ({ worldName }: { worldName: string }) => heard.push(`respawn ${worldName}`));
  on('position', (packet: { x: number }) => {
    x = packet.x;
  });
  on('chat', ({ message }: { message: string }) => chats.push(message));
  on('kick_disconnect', ({ reason }: { reason: string }) => kicks.push(reason));
  on('end', () => heard.push('end'));
  return { client, heard, chats, kicks, at: () => x };
}

test('a player is moved there and back on the same TCP connection, and plays at one server at a time', async () => {
  const [a, b] = [await backend('a', 100), await backend('b', 200)];
  const door = await open(() => a);
  const ann = player('ann', door);
  await until(() => ann.at() === 100, 'at A');
  const socket = (ann.client as unknown as { socket: Socket }).socket;
  ann.client.write('chat', { message: 'hello A' });
  await until(() => a.chats.length === 1, 'A hears');
  await door.seats[0]?.move(b);
  await until(() => ann.at() === 200, 'at B');
  ann.client.write('chat', { message: 'hello B' });
  await until(() => b.chats.length === 1, 'B hears');
  await door.seats[0]?.move(a);
  await until(() => ann.at() === 100, 'back at A');
  expect(ann.heard).toEqual(['login', 'login', 'respawn minecraft:b', 'login', 'respawn minecraft:a']);
  expect((ann.client as unknown as { socket: Socket }).socket).toBe(socket);
  expect(socket.destroyed).toBe(false);
  expect([a.chats, b.chats]).toEqual([['hello A'], ['hello B']]);
  expect(door.entered).toEqual(['a', 'b', 'a']);
  // The real address and id, as BungeeCord puts them.
  const [host, address, id = ''] = (a.hosts[0] ?? '').split('\0');
  expect([host, address, id.length]).toEqual(['127.0.0.1', '127.0.0.1', 32]);
});

test('who cannot be moved stays and plays on', async () => {
  const [a, full] = [await backend('a', 100), await backend('full', 300, true)];
  const door = await open(() => a);
  const ann = player('ann', door);
  await until(() => ann.at() === 100, 'at A');
  await expect(door.seats[0]?.move(full)).rejects.toThrow('full refused: no room');
  await expect(door.seats[0]?.move({ name: 'nowhere', host: '127.0.0.1', port: 1 })).rejects.toThrow('nowhere cannot be reached');
  ann.client.write('chat', { message: 'still here' });
  await until(() => a.chats.includes('still here'), 'A hears');
  expect(ann.heard).toEqual(['login']);
});

test('a server that dies leaves its player to the next one, and one that sends the player away says why', async () => {
  const [a, b] = [await backend('a', 100), await backend('b', 200)];
  const door = await open((left) => (left === undefined ? a : left.server === 'a' ? b : { why: 'nothing left' }));
  const ann = player('ann', door);
  await until(() => ann.at() === 100, 'at A');
  (a.clients[0] as unknown as { socket: Socket } | undefined)?.socket.destroy();
  await until(() => ann.at() === 200, 'at B');
  expect(ann.heard).toEqual(['login', 'login', 'respawn minecraft:b']);
  expect(ann.chats.join()).toContain('a has closed the connection. Looking for another server.');
  b.clients[0]?.end('go home');
  await until(() => ann.heard.includes('end'), 'gone');
  expect(ann.kicks.join()).toContain('go home');
  expect(door.left).toEqual([
    undefined,
    { server: 'a', why: 'a has closed the connection.', kicked: false },
    { server: 'b', why: 'go home', kicked: true },
  ]);
});

test('a player is held without a server, and who only asks how it is wakes nobody', async () => {
  const a = await backend('a', 100);
  let come: (target: MinecraftTarget) => void = () => {};
  const door = await open(
    () =>
      new Promise<MinecraftTarget>((resolve) => {
        come = resolve;
      }),
  );
  const asked = (await mc.ping({ host: '127.0.0.1', port: door.port, version })) as mc.NewPingResult;
  expect([asked.players.max, asked.version.name, (asked.description as { text: string }).text]).toEqual([7, version, 'A front']);
  expect(door.left).toEqual([]);
  const ann = player('ann', door);
  await until(() => door.left.length === 1, 'the player has logged in');
  expect(ann.heard).toEqual([]);
  come(a);
  await until(() => ann.at() === 100, 'at A');
});

test('what is not the protocol ends its own connection and nothing else', async () => {
  const a = await backend('a', 100);
  const door = await open(() => a);
  const ann = player('ann', door);
  await until(() => ann.at() === 100, 'at A');
  // Too long a length, a negative one, a handshake that is cut, one of another kind, HTTP, a ping of old clients, and noise.
  const asHex = ['ffffffff0f', 'fbffffff0f0000', '100100093132372e302e302e310000', '0a00f2050100000001', 'fe01fa'];
  const packets = [
    ...asHex.map((bytes) => Buffer.from(bytes, 'hex')),
    Buffer.alloc(4_000, 0xff),
    Buffer.alloc(200_000, 0),
    Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\n\r\n`),
    ...Array.from({ length: 60 }, (_, i) => noise(i)),
  ];
  for (const packet of packets) {
    const socket = connect(door.port, '127.0.0.1', () => socket.end(packet));
    socket.on('error', () => {});
    socket.resume();
    await until(() => socket.destroyed, `${packet.toString('hex').slice(0, 20)} is let go`);
  }
  ann.client.write('chat', { message: 'still here' });
  await until(() => a.chats.includes('still here'), 'A hears');
});

test('a packet that would unpack to more than a packet can be is refused', async () => {
  const a = await backend('a', 100);
  const door = await open(() => a);
  const bob = player('bob', door);
  await until(() => bob.at() === 100, 'at A');
  // Says that it has 4 MiB, and has 64.
  const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024));
  const { framer } = bob.client as unknown as { framer: { write(data: Buffer): void } };
  framer.write(Buffer.concat([Buffer.from([0x80, 0x80, 0x80, 0x02]), bomb]));
  await until(() => bob.heard.includes('end'), 'gone');
  expect(door.faults.length).toBeGreaterThan(0);
});

test('Velocity’s answer is signed, and says who the player is', async () => {
  const server = mc.createServer({ 'online-mode': false, version, host: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => server.once('listening', () => resolve()));
  undo.push(() => server.close());
  const answers: Buffer[] = [];
  server.on('connection', (client: mc.ServerClient) => {
    packetsOf(client).on('error', () => {});
    packetsOf(client).on('login_plugin_response', ({ data }: { data?: Buffer }) => data && answers.push(data));
    // The library would let the player in.
    packetsOf(client).removeAllListeners('login_start');
    packetsOf(client).once('login_start', () =>
      client.write('login_plugin_request', { messageId: 7, channel: 'velocity:player_info', data: Buffer.alloc(0) }),
    );
  });
  const { port } = (server as unknown as { socketServer: { address(): { port: number } } }).socketServer.address();
  const velocity = { kind: 'velocity', secret: 'between us' } as const;
  const door = await open((left) => (left ? { why: left.why } : { name: 'v', host: '127.0.0.1', port }), velocity);
  player('ann', door);
  await until(() => answers.length > 0, 'the answer');
  const [answer = Buffer.alloc(0)] = answers;
  const told = answer.subarray(32);
  expect(answer.subarray(0, 32)).toEqual(createHmac('sha256', 'between us').update(told).digest());
  expect([told[0], told[1], told.toString('latin1', 2, 11)]).toEqual([1, 9, '127.0.0.1']);
  expect([told[27], told.toString('latin1', 28, 31), told[31], told.length]).toEqual([3, 'ann', 0, 32]);
});

/** The same each time. */
function noise(seed: number): Buffer {
  let state = seed * 2_654_435_761 + 1;
  const data = Buffer.alloc(64 + (seed % 5) * 300);
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    data[i] = state >>> 16;
  }
  return data;
}
