/** The API's port with somebody behind it who speaks gRPC: who comes as HTTP/2 is theirs, and what they are asked they ask of the API. */
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { GrpcTold, OpenGrpc } from '../src/index.ts';
import { type Fixture, fixture } from './fixture.ts';
import { SmallFleets } from './small-fleets.ts';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const sockets: Socket[] = [];
let made: Fixture;
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await made.control.close();
});

interface Opened {
  readonly fleets: SmallFleets;
  readonly url: string;
  readonly told: GrpcTold[];
  opened: number;
}

/** Each connection of HTTP/2 asks once, with what it said behind the preface as its token. */
async function open(): Promise<Opened> {
  const fleets = new SmallFleets();
  const told: GrpcTold[] = [];
  const grpc: OpenGrpc = async (allocate) => {
    opened.opened++;
    return {
      async admit(socket) {
        const token = String(socket.read()).slice(preface.length);
        const authorization = token === '' ? undefined : `Bearer ${token}`;
        told.push(await allocate({ scheduling: 1 }, { authorization, host: 'localhost', address: '10.1.2.3' }));
        socket.destroy();
      },
      close: () => {},
    };
  };
  made = fixture({ sources: { fleets }, policy: { token: 'secret' }, deps: { grpc } });
  const opened: Opened = { fleets, told, url: await made.control.listen(), opened: 0 };
  return opened;
}

function dial(url: string, text: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, () => text !== '' && socket.write(text));
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

const over = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve));

it('gRPC and HTTP share the port; who speaks gRPC is asked for with the first of them, and answers by the rules of the API', async () => {
  const opened = await open();
  const { url, told, fleets } = opened;
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(opened.opened).toBe(0);
  await over(dial(url, `${preface}secret`));
  expect(told).toMatchObject([{ ok: true, body: { gameServerName: 'arena_1', ports: [{ name: 'game', port: 7000 }] } }]);
  expect(fleets.asked).toMatchObject([{ scheduling: 'Distributed' }]);
  await over(dial(url, `${preface}wrong`));
  expect(told[1]).toMatchObject({ ok: false, code: 16, message: expect.stringMatching(/^TOKEN_INVALID: /) });
  fleets.refusal = { ok: false, code: 'ALLOCATION_NONE_READY', message: 'none is ready', etaMs: 4 };
  await over(dial(url, `${preface}secret`));
  expect(told[2]).toEqual({ ok: false, code: 8, message: 'ALLOCATION_NONE_READY: none is ready' });
  expect(opened.opened).toBe(1);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

it('who says nothing keeps the API from nothing, its end included', async () => {
  const { url } = await open();
  const silent = dial(url, '');
  await new Promise((resolve) => silent.once('connect', resolve));
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const closed = over(silent);
  await made.control.close();
  await closed;
});
