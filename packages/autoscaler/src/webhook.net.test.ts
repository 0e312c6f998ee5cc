/** Webhooks over real sockets: Agones' review and answer, and those that hang, break off, flood, or answer nonsense. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { askWebhook, type WebhookAsk, webhookLimits } from './webhook.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const ask: WebhookAsk = {
  uid: 'u1',
  fleet: 'arena',
  labels: { mode: 'duel' },
  replicas: 10,
  ready: 2,
  reserved: 1,
  allocated: 7,
};

async function webhook(answer: (response: ServerResponse, body: string) => void): Promise<string> {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => answer(response, body));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/scale`;
}

const says = (value: unknown) => webhook((response) => response.end(typeof value === 'string' ? value : JSON.stringify(value)));

it('sends what Agones sends, and takes what it takes', async () => {
  let told = '';
  const url = await webhook((response, body) => {
    told = body;
    response.end(JSON.stringify({ response: { uid: 'u1', scale: true, replicas: 12 } }));
  });
  expect(await askWebhook(url, ask, 5000)).toEqual({ ok: true, replicas: 12 });
  expect(JSON.parse(told)).toEqual({
    request: {
      uid: 'u1',
      name: 'arena',
      namespace: 'default',
      labels: { mode: 'duel' },
      annotations: {},
      status: { replicas: 10, readyReplicas: 2, reservedReplicas: 1, allocatedReplicas: 7 },
    },
    response: null,
  });
});

it('may leave the size as it is', async () =>
  expect(await askWebhook(await says({ response: { uid: 'u1', scale: false, replicas: 0 } }), ask, 5000)).toEqual({
    ok: true,
    replicas: undefined,
  }));

it('gives up on one that hangs, before its answer and within', async () => {
  const silent = await webhook(() => {});
  expect(await askWebhook(silent, ask, 50)).toMatchObject({
    ok: false,
    code: 'WEBHOOK_TIMEOUT',
    message: expect.stringMatching(/50 ms/),
  });
  server?.closeAllConnections();
  server?.close();
  const halting = await webhook((response) => response.write('{"response"'));
  expect(await askWebhook(halting, ask, 50)).toMatchObject({ ok: false, code: 'WEBHOOK_TIMEOUT' });
});

it.each([
  ['no JSON', 'twelve', /no JSON/],
  ['no response', { replicas: 3 }, /no response/],
  ['null', 'null', /no response/],
  ['another uid', { response: { uid: 'u2', scale: true, replicas: 3 } }, /uid/],
  ['a size that is none', { response: { uid: 'u1', scale: true, replicas: -3 } }, /whole number/],
  ['half a server', { response: { uid: 'u1', scale: true, replicas: 1.5 } }, /whole number/],
  ['a size in words', { response: { uid: 'u1', scale: true, replicas: '3' } }, /whole number/],
  ['more servers than there are', { response: { uid: 'u1', scale: true, replicas: 1e12 } }, /whole number/],
  ['a flood', 'x'.repeat(webhookLimits.answerBytes + 1), /longer than/],
])('refuses %s', async (_, value, message) => {
  const outcome = await askWebhook(await says(value), ask, 5000);
  expect(outcome).toMatchObject({ ok: false, code: 'WEBHOOK_INVALID', message: expect.stringMatching(message) });
});

it('refuses errors and redirections', async () => {
  const failing = await webhook((response) => response.writeHead(500).end('oh'));
  expect(await askWebhook(failing, ask, 5000)).toMatchObject({
    code: 'WEBHOOK_INVALID',
    message: expect.stringMatching(/status 500/),
  });
  server?.close();
  const elsewhere = await webhook((response) => response.writeHead(302, { location: 'http://example.com/' }).end());
  expect(await askWebhook(elsewhere, ask, 5000)).toMatchObject({ code: 'WEBHOOK_FAILED' });
});

it('says that nobody listens', async () => {
  const url = await says('');
  server?.closeAllConnections();
  await new Promise<void>((resolve) => server?.close(() => resolve()));
  expect(await askWebhook(url, ask, 5000)).toMatchObject({
    code: 'WEBHOOK_FAILED',
    message: expect.stringMatching(/ECONNREFUSED/),
  });
});
