/** Players of the real protocol, moved between two servers of it on one TCP connection. */
import { createHmac } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { until } from '@horizon-atlas/port-contracts';
import minecraftData from 'minecraft-data';
import mc from 'minecraft-protocol';
import { afterEach, expect, test } from 'vitest';
import { type Forwarding, type MinecraftFront, type MinecraftTarget, openMinecraftFront } from '../src/index.ts';

const version = '1.16.5';
const { loginPacket } = minecraftData(version) as unknown as { loginPacket: object };
const undo: (() => unknown)[] = [];
let front: MinecraftFront;
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

async function open(first: MinecraftTarget, forwarding: Forwarding = { kind: 'bungee' }): Promise<void> {
  front = await openMinecraftFront({
    host: '127.0.0.1',
    port: 0,
    version,
    onlineMode: false,
    forwarding,
    first: () => first,
    joinMs: 3_000,
  });
  undo.push(() => front.close());
}

interface Player {
  readonly client: mc.Client;
  readonly heard: string[];
  readonly at: () => number;
}

function player(name: string): Player {
  const client = mc.createClient({ host: '127.0.0.1', port: front.port, username: name, version, auth: 'offline' });
  undo.push(() => client.end(''));
  const heard: string[] = [];
  let x = 0;
  packetsOf(client).on('error', () => {});
  packetsOf(client).on('login', () => heard.push('login'));
  packetsOf(client).on('respawn', ({ worldName }: { worldName: string }) => heard.push(`respawn ${worldName}`));
  packetsOf(client).on('position', (packet: { x: number }) => {
    x = packet.x;
  });
  packetsOf(client).on('end', () => heard.push('end'));
  return { client, heard, at: () => x };
}

test('a player is moved there and back on the same TCP connection, and plays at one server at a time', async () => {
  const [a, b] = [await backend('a', 100), await backend('b', 200)];
  await open(a);
  const ann = player('ann');
  await until(() => ann.at() === 100, 'at A');
  const socket = (ann.client as unknown as { socket: Socket }).socket;
  ann.client.write('chat', { message: 'hello A' });
  await until(() => a.chats.length === 1, 'A hears');
  await front.move('ann', b);
  await until(() => ann.at() === 200, 'at B');
  ann.client.write('chat', { message: 'hello B' });
  await until(() => b.chats.length === 1, 'B hears');
  await front.move('ann', a);
  await until(() => ann.at() === 100, 'back at A');
  expect(ann.heard).toEqual(['login', 'login', 'respawn minecraft:b', 'login', 'respawn minecraft:a']);
  expect((ann.client as unknown as { socket: Socket }).socket).toBe(socket);
  expect(socket.destroyed).toBe(false);
  expect([a.chats, b.chats]).toEqual([['hello A'], ['hello B']]);
  expect(front.players).toEqual(new Map([['ann', 'a']]));
  // The real address and id, as BungeeCord puts them.
  const [host, address, id = ''] = (a.hosts[0] ?? '').split('\0');
  expect([host, address, id.length]).toEqual(['127.0.0.1', '127.0.0.1', 32]);
});

test('who cannot be moved stays and plays on', async () => {
  const [a, full] = [await backend('a', 100), await backend('full', 300, true)];
  await open(a);
  const ann = player('ann');
  await until(() => ann.at() === 100, 'at A');
  await expect(front.move('ann', full)).rejects.toThrow('full');
  await expect(front.move('ann', { name: 'nowhere', host: '127.0.0.1', port: 1 })).rejects.toThrow('nowhere cannot be reached');
  await expect(front.move('bob', a)).rejects.toThrow('bob is not here');
  ann.client.write('chat', { message: 'still here' });
  await until(() => a.chats.includes('still here'), 'A hears');
  expect(ann.heard).toEqual(['login']);
});

test('a server that dies lets its player go with a reason', async () => {
  const a = await backend('a', 100);
  await open(a);
  const ann = player('ann');
  await until(() => ann.at() === 100, 'at A');
  const reasons: string[] = [];
  packetsOf(ann.client).on('kick_disconnect', ({ reason }: { reason: string }) => reasons.push(reason));
  a.clients[0]?.end('');
  await until(() => ann.heard.includes('end'), 'told');
  expect(reasons.join()).toContain('a has closed the connection');
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
  await open({ name: 'v', host: '127.0.0.1', port }, { kind: 'velocity', secret: 'between us' });
  player('ann');
  await until(() => answers.length > 0, 'the answer');
  const [answer = Buffer.alloc(0)] = answers;
  const told = answer.subarray(32);
  expect(answer.subarray(0, 32)).toEqual(createHmac('sha256', 'between us').update(told).digest());
  expect([told[0], told[1], told.toString('latin1', 2, 11)]).toEqual([1, 9, '127.0.0.1']);
  expect([told[27], told.toString('latin1', 28, 31), told[31], told.length]).toEqual([3, 'ann', 0, 32]);
});
