import { get } from 'node:http';
import type { Clock } from '@horizon-atlas/ports';
import { systemClock } from '@horizon-atlas/runtime';
import { describe, expect, test } from 'vitest';
import { ClientRig, RawRig, secret, start, temporaryFolder, until } from './rig.ts';

describe('play', () => {
  test('join, commands out and back, views to everybody, goodbye', async () => {
    const { gateway, server, control } = await start();
    const one = new ClientRig(gateway.url);
    const two = new ClientRig(gateway.url);
    const welcome = await one.hello('p1');
    await two.hello('p2');
    expect(welcome).toMatchObject({ player: 'p1', region: 'r1', epoch: 1, entity: 9, resumed: false, gateways: [gateway.url] });
    for (let seq = 1; seq <= 200; seq++) one.command(seq);
    await until('all come back', () => one.messages().length === 200);
    expect(one.messages()).toEqual(Array.from({ length: 200 }, (_, i) => `c${i + 1}`));
    server.latestToAll(0, new Uint8Array(70_000).fill(5));
    const view = await until('a large view', () => two.frames.find((each) => each.kind === 'latest'));
    expect(view.kind === 'latest' && view.payload.length === 70_000 && view.payload.every((byte) => byte === 5)).toBe(true);
    one.send({ kind: 'bye' });
    expect(await one.end()).toEqual({ code: 4441, reason: 'SESSION_ENDED: the player has left' });
    two.socket.close(1000, 'enough');
    expect(await two.end()).toEqual({ code: 1000, reason: '' });
    await until('the control plane is told', () =>
      control.heard.some((each) => each.kind === 'closed' && each.closeCode === 1000),
    );
  });

  test('a lost socket is resumed with a token, and only what was missed comes', async () => {
    const { gateway, server } = await start();
    const one = new ClientRig(gateway.url);
    const { resume, session } = await one.hello('p1');
    one.command(1);
    await until('the first message', () => one.messages().length === 1);
    one.socket.terminate();
    await until('the server knows', () => server.detached.length === 1);
    server.messageTo(session, 3, new TextEncoder().encode('missed'));
    const two = new ClientRig(gateway.url);
    const welcome = await two.hello('p1', { resume, received: 1 });
    expect(welcome).toMatchObject({ session, resumed: true, applied: 1, covered: 1 });
    two.command(2);
    await until('both', () => two.messages().length === 2);
    expect(two.messages()).toEqual(['missed', 'c2']);
  });

  test('two gateways side by side: a session is resumed at the other', async () => {
    const rig = await start();
    const other = rig.another({ gateway: 'g2' });
    await other.start();
    const one = new ClientRig(rig.gateway.url);
    const { resume, session } = await one.hello('p1');
    one.command(1);
    await until('the echo', () => one.messages().length === 1);
    one.socket.terminate();
    const two = new ClientRig(other.url);
    const welcomed = two.hello('p1', { resume, received: 1 });
    await until('it asks where', () => rig.control.heard.some((each) => each.kind === 'locate'));
    rig.control.say({
      kind: 'route',
      session,
      region: 'r1',
      server: 'a',
      epoch: 1,
      entity: 9,
      player: 'p1',
      name: 'p1',
      applied: 1,
    });
    expect(await welcomed).toMatchObject({ session, resumed: true, applied: 1 });
    await other.stop(0);
    expect((await two.end()).code).toBe(1012);
  });

  test('horizon.v1: JSON by a client that knows no subprotocol, credentials in the upgrade', async () => {
    const { gateway, server } = await start({ auth: { hs256Secret: secret, guests: true } });
    const client = new ClientRig(gateway.url, []);
    await client.opened();
    client.socket.send('{"namespace":"chat","event":"say","data":{"text":"hé"}}');
    await until('the echo', () => client.texts.length === 2);
    expect(JSON.parse(client.texts[0] as string)).toMatchObject({ type: 'atlas_welcome', resumed: false });
    expect(client.texts[1]).toBe('{"namespace":"chat","event":"say","data":{"text":"hé"}}');
    expect(server.attaches[0]).toMatchObject({ format: 'horizon', name: 'Guest' });
    const refused = new ClientRig(`${gateway.url}/?token=nonsense`, ['horizon.v1']);
    expect((await refused.end()).code).toBe(4401);
  });

  test('drain: told, waited for, closed; and a stopped gateway holds nothing', async () => {
    const { gateway } = await start();
    const stays = new ClientRig(gateway.url);
    await stays.hello('p1');
    const stopped = gateway.stop(50);
    await until('the notice', () => stays.frames.some((each) => each.kind === 'notice' && each.notice === 'draining'));
    expect(await stays.end()).toMatchObject({ code: 1012 });
    await stopped;
    const late = new ClientRig(gateway.url);
    await until('nobody there', () => late.error);
    expect(late.error).toMatch(/ECONNREFUSED/);
  });

  test('a port in use, and a certificate that is not there', async () => {
    const { gateway, another } = await start();
    const inUse = another({ gateway: 'g2', port: gateway.port });
    await expect(inUse.start()).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    const secure = another({ gateway: 'g3', tls: { devFolder: temporaryFolder() } });
    await secure.start();
    const inUseToo = another({ gateway: 'g4', port: secure.port, tls: { devFolder: temporaryFolder() } });
    await expect(inUseToo.start()).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    const tls = { cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' };
    await expect(another({ gateway: 'g5', tls }).start()).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND' });
  });

  // One in another process has a clock of its own.
  test.skipIf(process.env.ATLAS_TEST_ENGINE === 'bun')(
    'the first player is told of without waiting for the second to be over',
    async () => {
      const clock = systemClock();
      const at: Clock['at'] = (ms, fn) => (ms > clock.now() + 900 ? () => {} : clock.at(ms, fn));
      const { gateway, control } = await start({}, { ...clock, at });
      const client = new ClientRig(gateway.url);
      await client.hello('p1');
      await until('stats', () =>
        control.heard.find((each) => each.kind === 'stats' && each.connections === 1 && each.sessions === 1),
      );
    },
  );

  test('the figures of a second reach the control plane', async () => {
    const { gateway, control } = await start();
    const client = new ClientRig(gateway.url);
    await client.hello('p1');
    client.command(1);
    const stats = await until('stats', () => control.heard.find((each) => each.kind === 'stats' && each.messagesIn === 2));
    expect(stats).toMatchObject({ connections: 1, sessions: 1, messagesIn: 2, refused: [] });
    expect(stats.kind === 'stats' && stats.cpuS > 0 && stats.memoryBytes > 0).toBe(true);
  });
});

describe('the transport, as other implementations see it', () => {
  test('fragments with a ping between them, and pings of all lengths', async () => {
    const { gateway, server } = await start();
    const client = new ClientRig(gateway.url);
    await client.hello('p1');
    const frame = [2, 1, 0, 0, 0, 3, 0, ...new TextEncoder().encode('in pieces')];
    client.socket.send(Buffer.from(frame.slice(0, 3)), { binary: true, fin: false });
    client.socket.ping('in the middle');
    client.socket.send(Buffer.from(frame.slice(3, 9)), { fin: false });
    client.socket.send(Buffer.from(frame.slice(9)), { fin: true });
    client.socket.ping('');
    client.socket.ping(Buffer.alloc(125, 1));
    await until('pongs', () => client.pongs.length === 3);
    expect(client.pongs.map((each) => each.length)).toEqual([13, 0, 125]);
    expect(server.commands).toMatchObject([{ seq: 1, text: 'in pieces' }]);
  });

  test.each([1000, 1001, 3000, 4999])('a close with %d is answered with the same', async (code) => {
    const { gateway } = await start();
    const client = new ClientRig(gateway.url);
    await client.hello('p1');
    client.socket.close(code);
    expect(await client.end()).toEqual({ code, reason: '' });
  });

  test.each<[string, number[], number]>([
    ['no mask', [0x82, 0x01, 0x00], 1002],
    ['a reserved bit', [0xc2, 0x80, 0, 0, 0, 0], 1002],
    ['an opcode of the future', [0x83, 0x80, 0, 0, 0, 0], 1002],
    ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0], 1002],
    ['half a close code', [0x88, 0x81, 0, 0, 0, 0, 3], 1002],
    ['a message above the limit', [0x82, 0xfe, 0x50, 0x00, 0, 0, 0, 0], 1009],
    ['text in atlas.v1', [0x81, 0x81, 0, 0, 0, 0, 65], 4400],
    ['an unknown kind of message', [0x82, 0x81, 0, 0, 0, 0, 99], 4400],
  ])('%s', async (_what, bytes, code) => {
    const { gateway } = await start();
    const raw = await new RawRig(gateway.port).upgrade();
    raw.socket.write(Buffer.from(bytes));
    expect(await raw.closeCode()).toBe(code);
    await until('the connection ends', () => raw.ended);
  });

  test.each<[string, number[], number]>([
    ['text that is not UTF-8', [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28], 4400],
    ['text that is not JSON', [0x81, 0x81, 0, 0, 0, 0, 0x7b], 4400],
    ['bytes in horizon.v1', [0x82, 0x81, 0, 0, 0, 0, 0x7b], 4400],
  ])('%s', async (_what, bytes, code) => {
    const { gateway } = await start();
    const raw = await new RawRig(gateway.port).upgrade('horizon.v1');
    raw.socket.write(Buffer.from(bytes));
    expect(await raw.closeCode()).toBe(code);
  });

  test('frames in the same packet as the request, and one byte at a time', async () => {
    const { gateway } = await start();
    const raw = new RawRig(gateway.port);
    const request = `GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
    const ping = Buffer.from([0x89, 0x82, 1, 2, 3, 4, 104 ^ 1, 105 ^ 2]);
    raw.socket.write(Buffer.concat([Buffer.from(request), ping, ping.subarray(0, 3)]));
    await until('a pong', () => raw.received.includes(Buffer.from([0x8a, 2, 104, 105])));
    const before = raw.received.length;
    for (const byte of ping.subarray(3)) raw.socket.write(Buffer.from([byte]));
    await until('another', () => raw.received.length === before + 4);
  });

  test('a version of the protocol that is not spoken here is refused where the client can see it', async () => {
    const { gateway } = await start();
    expect((await new ClientRig(gateway.url, ['atlas.v9']).end()).code).toBe(4426);
  });

  test('requests that are no upgrade get an answer in their own language', async () => {
    const { gateway } = await start();
    const ask = (path: string, method = 'GET'): Promise<string> =>
      new Promise((resolve, reject) => {
        const request = get({ port: gateway.port, path, method, agent: false }, (response) => {
          let body = '';
          response.on('data', (chunk) => {
            body += chunk;
          });
          response.on('end', () => resolve(`${response.statusCode} ${body}`));
        });
        request.on('error', reject);
      });
    expect(await ask('/')).toMatch(/^426 this is a WebSocket server/);
    expect(await ask('/healthz')).toBe('200 ok\n');
    expect(await ask('/', 'DELETE')).toMatch(/^405/);
    const raw = new RawRig(gateway.port);
    raw.socket.write(`GET / HTTP/1.1\r\nX: ${'y'.repeat(9000)}`);
    await until('431', () => raw.received.includes('HTTP/1.1 431 '));
    await until('the end', () => raw.ended);
  });
});

describe('who is not let in, and who has to go', () => {
  test('a page of another origin', async () => {
    const { gateway } = await start({ origins: ['https://play.example.com'] });
    const bad = new ClientRig(gateway.url, ['atlas.v1'], { origin: 'https://evil.example.com' });
    expect(await bad.end()).toMatchObject({ code: 4403, reason: expect.stringMatching(/^ORIGIN_REFUSED/) });
    await new ClientRig(gateway.url, ['atlas.v1'], { origin: 'https://play.example.com' }).hello('p1');
    await new ClientRig(gateway.url).hello('p2');
  });

  test('a wrong token, a resume token of nobody', async () => {
    const { gateway } = await start();
    const wrong = await new ClientRig(gateway.url).opened();
    wrong.send({ kind: 'hello', version: 1, token: 'nonsense', resume: '', received: 0, schema: 0 });
    expect((await wrong.end()).code).toBe(4401);
    const stale = await new ClientRig(gateway.url).opened();
    stale.send({ kind: 'hello', version: 1, token: '', resume: 'v1.k1.x.y', received: 0, schema: 0 });
    expect((await stale.end()).code).toBe(4450);
  });

  test('half a handshake: TCP only, half a request, an upgrade without a hello', async () => {
    const { gateway } = await start({ policy: { helloMs: 100, sweepMs: 20 } });
    const silent = new RawRig(gateway.port);
    const half = new RawRig(gateway.port);
    half.socket.write('GET / HTTP/1.1\r\nHost:');
    const quiet = new ClientRig(gateway.url);
    await until('408', () => silent.received.includes('HTTP/1.1 408 ') && half.received.includes('HANDSHAKE_TIMEOUT'));
    await until('both end', () => silent.ended && half.ended);
    expect((await quiet.end()).code).toBe(4408);
    expect(gateway.port).toBeGreaterThan(0);
  });

  test('more connections than one address may have get a status, and a flood of them gets nothing', async () => {
    const { gateway } = await start({ policy: { connectionsPerAddress: 3 } });
    const held = [1, 2, 3].map(() => new ClientRig(gateway.url));
    for (const client of held) await client.opened();
    const fourth = new ClientRig(gateway.url);
    await until('429', () => fourth.status);
    expect(fourth.status).toBe(429);
    const flood = Array.from({ length: 80 }, () => new RawRig(gateway.port));
    for (const raw of flood) raw.socket.write('GET / HTTP/1.1\r\n\r\n');
    await until('all end', () => flood.every((raw) => raw.ended));
    expect(flood.some((raw) => raw.received.length === 0)).toBe(true);
    held[0]?.socket.close();
    await held[0]?.end();
    await new ClientRig(gateway.url).opened();
  });

  test('one that floods is closed, and the others play on', async () => {
    const { gateway } = await start({ policy: { messagesPerConnection: { perS: 50, burst: 100 } } });
    const other = new ClientRig(gateway.url);
    await other.hello('p1');
    const flooder = new ClientRig(gateway.url);
    await flooder.hello('p2');
    for (let i = 0; i < 200; i++) flooder.send({ kind: 'latest', event: 1, payload: new Uint8Array(8) });
    expect((await flooder.end()).code).toBe(4429);
    other.command(1);
    await until('the echo', () => other.messages().length === 1);
  });

  test('one that never reads is closed, costs a bounded amount of memory, and can resume', async () => {
    const { gateway, server } = await start({ policy: { backlogBytes: 64 * 1024, slowBytesMax: 256 * 1024 } });
    const client = new ClientRig(gateway.url);
    const { session, resume } = await client.hello('p1');
    client.socket.pause();
    const chunk = new Uint8Array(16 * 1024).fill(1);
    let sent = 0;
    await until('it is detached', () => {
      if (server.detached.length === 0) server.messageTo(session, 4, chunk);
      sent++;
      return server.detached.length > 0;
    });
    expect(sent).toBeGreaterThan(10);
    client.socket.terminate();
    const again = new ClientRig(gateway.url);
    const welcome = await again.hello('p1', { resume, received: 0 });
    expect(welcome).toMatchObject({ session, resumed: true });
  });

  test('one whose commands are not covered is not read any more, until they are', async () => {
    const { gateway, server } = await start({ policy: { heldCommandsMax: 10, heartbeatMs: 60_000, idleMs: 120_000 } });
    server.echo = false;
    const client = new ClientRig(gateway.url);
    const { session } = await client.hello('p1');
    for (let seq = 1; seq <= 40; seq++) client.command(seq);
    await until('the notice', () => client.frames.some((each) => each.kind === 'notice' && each.notice === 'slow-down'));
    expect(server.commands).toHaveLength(10);
    server.echo = true;
    server.acks(session, 10, 10);
    await until('the rest', () => server.commands.length === 40);
    expect(server.commands.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(server.commands.every((each) => each.session === session)).toBe(true);
  });

  test('silence: asked by ping, closed at last', async () => {
    const { gateway } = await start({ policy: { heartbeatMs: 50, idleMs: 200, sweepMs: 10 } });
    const client = new ClientRig(gateway.url, ['atlas.v1'], { autoPong: false });
    await client.hello('p1');
    expect((await client.end()).code).toBe(4432);
    expect(client.pings.length).toBeGreaterThan(0);
    expect(client.frames.some((each) => each.kind === 'pong' && each.stamp === 0)).toBe(true);
  });
});
