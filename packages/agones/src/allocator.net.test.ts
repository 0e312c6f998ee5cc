/** The published client of gRPC calls the allocator service with bytes that clients made of Agones' published allocation.proto send, and gets the bytes that these read. */
import { type AddressInfo, createServer } from 'node:net';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterEach, expect, it } from 'vitest';
import { type Allocate, openAllocator } from './index.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0).reverse()) each();
});

type Asked = Parameters<Allocate>;

/** Answers what was asked, and how to ask. */
async function open(answer: Allocate): Promise<{ asked: Asked[]; call: (hex: string, token?: string) => Promise<string> }> {
  const asked: Asked[] = [];
  const allocator = await openAllocator((...each) => {
    asked.push(each);
    return answer(...each);
  });
  const listener = createServer((socket) => allocator.admit(socket));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const client = new Client(`127.0.0.1:${(listener.address() as AddressInfo).port}`, credentials.createInsecure());
  undo.push(
    () => void listener.close(),
    () => allocator.close(),
    () => client.close(),
  );
  const same = (bytes: Buffer): Buffer => bytes;
  const call = (hex: string, token?: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const metadata = new Metadata();
      if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
      const told = (error: ServiceError | null, value?: Buffer): void =>
        error ? reject(error) : resolve(value?.toString('hex') ?? '');
      const bytes = Buffer.from(hex, 'hex');
      client.makeUnaryRequest('/allocation.AllocationService/Allocate', same, same, bytes, metadata, told);
    });
  return { asked, call };
}

// As @grpc/proto-loader 0.8 serializes them by allocation.proto of Agones 1.57, in which zero is an amount, too.
const request =
  '0a0764656661756c7428013a0e0a0c0a046d6f646512046475656c423f0a190a1061676f6e65732e6465762f666c65657412056172656e611001220e0a0873657373696f6e73120218012a100a07706c617965727312050a03616e6e' +
  '4a0d08011207706c6179657273180152210a0873657373696f6e7312150a0b0a09496e6372656d656e74120208011a0208005a140a07706c617965727312090a03626f6212020809';
const response =
  '12076172656e615f311a090a0467616d6510d83622093132372e302e302e312a04686f6d6532056c6f63616c3a0d0a0b0a036d61701204647573744217' +
  '0a0a496e7465726e616c495012093132372e302e302e314a140a0873657373696f6e7312080a0208001202080452140a07706c617965727312090a03616e6e12020802';

it('what a client of the published interface asks is JSON, and what is answered is what it reads', async () => {
  const { asked, call } = await open(async () => ({
    ok: true,
    body: {
      ...{ gameServerName: 'arena_1', address: '127.0.0.1', nodeName: 'home', source: 'local' },
      ports: [{ name: 'game', port: 7000 }],
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      metadata: { labels: { map: 'dust' }, annotations: {} },
      counters: { sessions: { count: '0', capacity: '4' } },
      lists: { players: { values: ['ann'], capacity: '2' } },
      requestId: 'al-1',
    },
  }));
  expect(await call(request, 'secret')).toBe(response);
  expect(asked).toEqual([
    [
      {
        namespace: 'default',
        scheduling: 1,
        metadata: { labels: { mode: 'duel' } },
        gameServerSelectors: [
          {
            matchLabels: { 'agones.dev/fleet': 'arena' },
            gameServerState: 1,
            counters: { sessions: { minAvailable: 1 } },
            lists: { players: { containsValue: 'ann' } },
          },
        ],
        priorities: [{ type: 1, key: 'players', order: 1 }],
        counters: { sessions: { action: 'Increment', amount: 1, capacity: 0 } },
        lists: { players: { addValues: ['bob'], capacity: 9 } },
      },
      { authorization: 'Bearer secret', host: expect.stringMatching(/^127\.0\.0\.1:\d+$/), address: '127.0.0.1' },
    ],
  ]);
  await call('');
  expect(asked[1]).toMatchObject([{}, { authorization: undefined }]);
});

it('a refusal has its code, and what breaks tells nothing', async () => {
  let broken = false;
  const { call } = await open(async () => {
    if (broken) throw new Error('a secret of the house');
    return { ok: false, code: 8, message: 'ALLOCATION_NONE_READY: none is ready' };
  });
  await expect(call('')).rejects.toMatchObject({ code: 8, details: 'ALLOCATION_NONE_READY: none is ready' });
  await expect(call('ffff')).rejects.toMatchObject({ code: 13 });
  broken = true;
  await expect(call('')).rejects.toMatchObject({ code: 13, details: 'INTERNAL' });
});
