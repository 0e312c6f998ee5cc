/** Agones' REST paths over real sockets: the requests that the plug-ins for Unreal, Unity and Godot send, and bad ones. */
import { connect } from 'node:net';
import { noProbe } from '@horizon-atlas/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type MemoryGameServers, memoryGameServers } from '../test/game-servers.ts';
import { agonesLimits } from './core/limits.ts';
import { type Agones, makeAgones } from './service.ts';

let servers: MemoryGameServers;
let agones: Agones;
let base: string;

beforeEach(async () => {
  servers = memoryGameServers();
  servers.put('gs_1');
  agones = makeAgones({ servers, probe: noProbe }, { portFirst: 0, portCount: 4 });
  base = `http://127.0.0.1:${await agones.open('gs_1')}`;
});
afterEach(() => agones.stop());

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(base + path, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const check = async (method: string, path: string, body: unknown, answer: unknown) =>
  expect(await ask(method, path, body)).toEqual({ status: 200, body: answer });

it('takes the life calls with `{}` and answers `{}`, and changes the state', async () => {
  for (const [path, state] of [
    ['/ready', 'Ready'],
    ['/health', 'Ready'],
    ['/allocate', 'Allocated'],
    ['/reserve', 'Reserved'],
    ['/shutdown', 'Shutdown'],
  ] as const) {
    await check('POST', path, path === '/reserve' ? { seconds: '30' } : {}, {});
    expect(servers.get('gs_1')?.state).toBe(state);
  }
  expect(servers.words).toContainEqual({ id: 'gs_1', word: { say: 'reserve', forMs: 30_000 } });
});

it('tells of the game server with the names of the .proto and 64-bit numbers as text', async () => {
  const { body } = await ask('GET', '/gameserver');
  expect(body).toMatchObject({
    object_meta: { name: 'gs_1', creation_timestamp: '1700000000', labels: { 'agones.dev/fleet': 'arena' } },
    status: { state: 'Scheduled', ports: [{ name: 'default', port: 7777 }], counters: { rooms: { count: '1', capacity: '10' } } },
  });
});

it('sets labels and annotations under the prefix of the SDK', async () => {
  await check('PUT', '/metadata/label', { key: 'map', value: 'harbour' }, {});
  await check('PUT', '/metadata/annotation', { key: 'note', value: 'ä "quoted"' }, {});
  expect(servers.get('gs_1')).toMatchObject({
    labels: { 'agones.dev/sdk-map': 'harbour' },
    annotations: { 'agones.dev/sdk-note': 'ä "quoted"' },
  });
});

it('counts, and keeps lists', async () => {
  await check('GET', '/v1beta1/counters/rooms', undefined, { name: 'rooms', count: '1', capacity: '10' });
  await check('PATCH', '/v1beta1/counters/rooms', { countDiff: '4' }, { name: 'rooms', count: '5', capacity: '10' });
  await check('PATCH', '/v1beta1/counters/rooms', { count: '0', capacity: 3 }, { name: 'rooms', capacity: '3' });
  await check('POST', '/v1beta1/lists/players:addValue', { value: 'ann' }, { name: 'players', capacity: '4', values: ['ann'] });
  await check(
    'PATCH',
    '/v1beta1/lists/players',
    { capacity: '1', values: ['x', 'y'] },
    { name: 'players', capacity: '1', values: ['x'] },
  );
  await check('POST', '/v1beta1/lists/players:removeValue', { value: 'x' }, { name: 'players', capacity: '1' });
});

it('tracks players', async () => {
  await check('PUT', '/alpha/player/capacity', { count: 1 }, {});
  await check('POST', '/alpha/player/connect', { playerID: 'ann' }, { bool: true });
  await check('POST', '/alpha/player/connect', { playerID: 'ann' }, {});
  await check('GET', '/alpha/player/connected/ann', undefined, { bool: true });
  await check('GET', '/alpha/player/connected', undefined, { list: ['ann'] });
  await check('GET', '/alpha/player/count', undefined, { count: '1' });
  expect((await ask('POST', '/alpha/player/connect', { playerID: 'bob' })).body.code).toBe(11);
});

it('watches by a line for each change, and ends when the server is gone', async () => {
  const response = await fetch(`${base}/watch/gameserver`);
  const lines = linesOf(response);
  expect(await lines.next()).toMatchObject({ value: { result: { status: { state: 'Scheduled' } } } });
  servers.put('gs_1', { state: 'Allocated', allocations: ['match-1'] });
  expect(await lines.next()).toMatchObject({ value: { result: { status: { state: 'Allocated' } } } });
  servers.put('gs_1', { sinceMs: 5 });
  servers.drop('gs_1');
  expect(await lines.next()).toMatchObject({ done: true });
  expect(agones.doors).toBe(0);
});

const bad: readonly [name: string, method: string, path: string, body: unknown, status: number, code: string][] = [
  ['a path that is none', 'GET', '/nothing', undefined, 404, 'NOT_FOUND'],
  ['a method that is none', 'GET', '/ready', undefined, 405, 'METHOD_NOT_ALLOWED'],
  ['a body that is no JSON', 'POST', '/ready', '{', 400, 'REQUEST_INVALID'],
  ['a body that is no object', 'POST', '/ready', '[1]', 400, 'REQUEST_INVALID'],
  ['a huge body', 'PUT', '/metadata/annotation', ' '.repeat(agonesLimits.messageBytes + 1), 413, 'MESSAGE_TOO_BIG'],
  ['a huge label', 'PUT', '/metadata/label', { key: 'k', value: 'v'.repeat(64) }, 400, 'METADATA_INVALID'],
  ['a label with a strange key', 'PUT', '/metadata/label', { key: '__proto__', value: 'v' }, 400, 'METADATA_INVALID'],
  ['a huge annotation', 'PUT', '/metadata/annotation', { key: 'k', value: 'v'.repeat(20_000) }, 400, 'METADATA_INVALID'],
  ['a label without a key', 'PUT', '/metadata/label', {}, 400, 'METADATA_INVALID'],
  ['a counter that was not declared', 'GET', '/v1beta1/counters/toString', undefined, 404, 'ID_UNKNOWN'],
  ['a count that is no number', 'PATCH', '/v1beta1/counters/rooms', { count: 'many' }, 400, 'REQUEST_INVALID'],
  ['a count beyond what can be counted', 'PATCH', '/v1beta1/counters/rooms', { count: 1e300 }, 400, 'REQUEST_INVALID'],
  ['a change of nothing', 'PATCH', '/v1beta1/counters/rooms', {}, 400, 'REQUEST_INVALID'],
  ['values that are no list', 'PATCH', '/v1beta1/lists/players', { values: 5 }, 400, 'REQUEST_INVALID'],
  ['values that are no text', 'PATCH', '/v1beta1/lists/players', { values: [{}] }, 400, 'REQUEST_INVALID'],
  ['a field that a list has not', 'PATCH', '/v1beta1/lists/players', { colour: 'red' }, 400, 'REQUEST_INVALID'],
  ['a list larger than may be', 'PATCH', '/v1beta1/lists/players', { capacity: 1001 }, 400, 'REQUEST_INVALID'],
  ['a path with broken escapes', 'GET', '/v1beta1/lists/%E0%A4', undefined, 400, 'REQUEST_INVALID'],
  ['a reservation until the end of days', 'POST', '/reserve', { seconds: 1e30 }, 400, 'REQUEST_INVALID'],
];
it.each(bad)('refuses %s with a code, and hears nothing', async (_, method, path, body, status, code) => {
  const answer = await ask(method, path, body);
  expect(answer.status).toBe(status);
  expect(answer.body.message).toMatch(new RegExp(`^${code}: `));
  expect(servers.words).toEqual([]);
});

it('tells a server that is not there any more that it is unknown, and one in the wrong state so', async () => {
  servers.put('gs_1', { state: 'Shutdown' });
  expect((await ask('POST', '/ready')).body.message).toMatch(/^PROCESS_STATE: .*Shutdown/);
  // The door closes with the server; a call that is already inside is answered.
  const alone = { ...servers, get: () => undefined, heard: () => false, watch: () => () => {} };
  const other = makeAgones({ servers: alone, probe: noProbe }, { portFirst: 0, portCount: 4 });
  base = `http://127.0.0.1:${await other.open('gs_9')}`;
  expect((await ask('POST', '/ready')).body.message).toMatch(/^SERVER_UNKNOWN: .*gs_9/);
  expect((await ask('GET', '/gameserver')).status).toBe(404);
  await other.stop();
});

it('closes on garbage, and serves others meanwhile', async () => {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(base).port) });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  socket.resume();
  socket.write(Buffer.from([0x16, 0x03, 0x01, 0, 0xff, 0xfe, 0xfd]));
  await closed;
  const truncated = connect({ host: '127.0.0.1', port: Number(new URL(base).port) });
  truncated.on('error', () => {});
  truncated.end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u00ff');
  await check('POST', '/ready', {}, {});
});

it('finds another port where one is taken, and says so where a known one is', async () => {
  const port = Number(new URL(base).port);
  const other = makeAgones({ servers, probe: noProbe }, { portFirst: port, portCount: 200 });
  await expect(other.open('gs_3', port)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  expect(await other.open('gs_3')).not.toBe(port);
  await other.stop();
  await expect(other.open('gs_4')).rejects.toMatchObject({ code: 'NOT_READY' });
});

async function* linesOf(response: Response): AsyncGenerator<unknown> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line);
  }
}
