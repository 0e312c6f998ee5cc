/** The API's port before there is an API, over real sockets. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type HeldPort, holdPort, limits } from '../src/held-port.ts';
import { type Fixture, fixture } from './fixture.ts';

const HOST = '127.0.0.1';
let made: Fixture | undefined;
let held: HeldPort | undefined;
afterEach(async () => {
  await (made?.control ?? held)?.close();
  [made, held] = [undefined, undefined];
});

it('who asks before there is an API is answered when there is one', async () => {
  held = await holdPort(HOST, 0);
  const { url } = held;
  const early = Promise.all([1, 2, 3].map(() => fetch(`${url}/healthz`)));
  made = fixture({ deps: {} });
  expect(await made.control.listen(held)).toBe(url);
  expect((await early).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

it('whoever connects while it is handed over meets no closed door', async () => {
  held = await holdPort(HOST, 0);
  const { url } = held;
  made = fixture({ deps: {} });
  const opens = made.control.listen(held);
  let open = false;
  void opens.then(() => {
    open = true;
  });
  const asked: Promise<Response>[] = [];
  while (!open) {
    asked.push(fetch(`${url}/healthz`));
    await new Promise(setImmediate);
  }
  expect((await Promise.all(asked)).every(({ status }) => status === 200)).toBe(true);
});

it('by the name localhost it is reached at each of its addresses, and closed at each', async () => {
  held = await holdPort('localhost', 0);
  const { port } = held;
  made = fixture({ deps: {} });
  await made.control.listen(held);
  const addresses = (await lookup('localhost', { all: true })).map(({ address }) => address);
  const urls = addresses.map((each) => `http://${each.includes(':') ? `[${each}]` : each}:${port}/healthz`);
  for (const url of urls) expect((await fetch(url)).status).toBe(200);
  await made.control.close();
  for (const url of urls) await expect(fetch(url)).rejects.toThrow();
});

it('who has gone meanwhile costs nobody anything', async () => {
  held = await holdPort(HOST, 0);
  const gone = connect(held.port, HOST);
  await once(gone, 'connect');
  gone.resetAndDestroy();
  await once(gone, 'close');
  made = fixture({ deps: {} });
  const url = await made.control.listen(held);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

it('a port that another program has is told at once', async () => {
  held = await holdPort(HOST, 0);
  await expect(holdPort(HOST, held.port)).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining('api.port'),
  });
  await expect(holdPort('192.0.2.1', 7700)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

it('so many wait, and no more', async () => {
  held = await holdPort(HOST, 0);
  const { port } = held;
  const sockets = Array.from({ length: limits.waiting + 1 }, () => connect(port, HOST).on('error', () => {}));
  await Promise.race(sockets.map((socket) => once(socket, 'close')));
  const isOpen = ({ readyState }: Socket): boolean => readyState === 'open';
  expect(sockets.filter(isOpen).length).toBe(limits.waiting);
  for (const socket of sockets) socket.destroy();
});
