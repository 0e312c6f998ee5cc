import { AtlasError, defineGame, u32 } from '@horizon-atlas/protocol';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Atlas, type ConnectOptions, connect, type WebSocketConstructor } from '../src/index.ts';
import { nodeWebSocket } from '../src/node.ts';
import { type Handshake, type TinyGateway, tinyGateway } from './tiny-gateway.ts';
import { cert, key } from './tls-fixture.ts';

const schema = defineGame({ client: { 'probe/count': { n: u32 } }, server: { 'probe/counted': { n: u32 } } });
type Client = Atlas<typeof clientEvents, typeof serverEvents, {}>;
const clientEvents = { 'probe/count': { n: u32 } };
const serverEvents = { 'probe/counted': { n: u32 } };

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const policy: ConnectOptions<any, any, any>['policy'] = { openMs: 100, backoffMs: 10, backoffMsMax: 50, firstConnectMs: 5_000 };

async function gatewayWith(handshakes: readonly Handshake[], tls?: { cert: string; key: string }): Promise<TinyGateway> {
  const gateway = await tinyGateway(tls);
  gateway.handshakes.push(...handshakes);
  open.push(gateway);
  return gateway;
}

async function join(
  url: string,
  WebSocket?: WebSocketConstructor,
  token: () => Promise<string> = async () => 'good',
): Promise<Client> {
  const atlas = await connect({ url, token, schema, policy, ...(WebSocket && { WebSocket }) });
  open.push(atlas);
  return atlas;
}

/** The first `count` numbers that are told, from now on. */
function told(atlas: Client, count: number): Promise<number[]> {
  return new Promise((resolve) => {
    const numbers: number[] = [];
    atlas.on('probe/counted', ({ n }) => {
      if (numbers.push(n) === count) resolve(numbers);
    });
  });
}

/** The next connection: was it resumed? The first is announced after `connect` has resolved, too. */
function connected(atlas: Client): Promise<boolean> {
  return new Promise((resolve) => {
    const off = atlas.on('$connected', ({ resumed }) => {
      off();
      resolve(resumed);
    });
  });
}

/** Both have their own ways to fail a handshake. */
describe.each([
  ["Node's own WebSocket", undefined],
  ['the package ws', nodeWebSocket()],
])('over %s', (_name, WebSocket) => {
  test('refused, black-holed, reset and 503 handshakes do not end the attempts', async () => {
    const gateway = await gatewayWith(['503', 'black-hole', 'reset', '503', 'reset', 'black-hole']);
    const atlas = await join(gateway.url, WebSocket);
    expect(atlas.status).toBe('online');
    expect(atlas.me).toMatchObject({ player: 'ann', entity: 7, region: 'alpha' });
    expect(gateway.hellos).toHaveLength(1);
    // An abandoned handshake is ended, not leaked.
    await vi.waitFor(() => expect(gateway.pending.size).toBe(0), 5_000);
  });

  test('a session survives its sockets, and each command counts once', async () => {
    const gateway = await gatewayWith([]);
    const atlas = await join(gateway.url, WebSocket);
    const all = told(atlas, 60);
    await connected(atlas);
    const fates: Handshake[][] = [['503'], ['black-hole', 'reset'], ['reset', '503', '503']];
    for (let n = 1; n <= 60; n++) {
      expect(atlas.send('probe/count', { n })).toEqual({ ok: true, seq: n });
      if (n % 20 !== 0) continue;
      const back = connected(atlas);
      gateway.handshakes.push(...(fates.shift() ?? []));
      for (const socket of gateway.sockets) socket.terminate();
      expect(await back).toBe(true);
    }
    expect(await all).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(gateway.commands).toHaveLength(60);
    expect(gateway.hellos.slice(1).every(({ resume }) => resume === 'r1')).toBe(true);
    await vi.waitFor(() => expect(atlas.ping).toBeGreaterThanOrEqual(0), 5_000);
  });

  test('a bad token is an answer, not something to try again', async () => {
    const gateway = await gatewayWith([]);
    const failed = connect({ url: gateway.url, token: 'bad', schema, policy, ...(WebSocket && { WebSocket }) });
    await expect(failed).rejects.toThrow(new AtlasError('TOKEN_INVALID'));
    expect(gateway.hellos).toHaveLength(1);
  });

  test('a gateway that is not there is said to be so in the end', async () => {
    const gateway = await gatewayWith([]);
    await gateway.close();
    open.pop();
    const failed = connect({
      url: gateway.url,
      token: 'good',
      schema,
      policy: { ...policy, firstConnectMs: 150 },
      ...(WebSocket && { WebSocket }),
    });
    await expect(failed).rejects.toMatchObject({ code: 'NOT_RUNNING' });
  });
});

test('a token is asked for before each dial, and one that cannot be had is a failed dial', async () => {
  const gateway = await gatewayWith([]);
  let asked = 0;
  const atlas = await join(gateway.url, undefined, async () => {
    asked++;
    if (asked === 1) throw new Error('the login server is down');
    return `token ${asked}`;
  });
  await connected(atlas);
  const again = connected(atlas);
  for (const socket of gateway.sockets) socket.terminate();
  await again;
  expect(gateway.hellos.map(({ token }) => token)).toEqual(['token 2', 'token 3']);
});

describe('a development certificate', () => {
  test('is trusted where its authority is given', async () => {
    const gateway = await gatewayWith([], { cert, key });
    const atlas = await join(gateway.url, nodeWebSocket({ ca: cert }));
    atlas.send('probe/count', { n: 41 });
    expect(await told(atlas, 1)).toEqual([41]);
  });

  test('is not trusted otherwise', async () => {
    const gateway = await gatewayWith([], { cert, key });
    const failed = connect({
      url: gateway.url,
      token: 'good',
      schema,
      policy: { ...policy, firstConnectMs: 300 },
      WebSocket: nodeWebSocket(),
    });
    await expect(failed).rejects.toMatchObject({ code: 'NOT_RUNNING' });
    expect(gateway.hellos).toHaveLength(0);
  });
});

test('what comes in one chunk with the welcome waits for the handlers', async () => {
  const gateway = await gatewayWith([]);
  gateway.commands.push(1, 2, 3);
  const atlas = await join(gateway.url, nodeWebSocket());
  expect(await told(atlas, 3)).toEqual([1, 2, 3]);
});
