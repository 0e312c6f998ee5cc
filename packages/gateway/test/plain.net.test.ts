/** The listener without TLS for pages of this machine: who may come by it, and where those are sent. */
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { GatewayConfig } from '../src/index.ts';
import { ClientRig, type GatewayRig, start, temporaryFolder, until } from './rig.ts';

const page = 'http://127.0.0.1:7700';
const gateways = ['ws://127.0.0.1:8777', 'ws://127.0.0.1:8778'];

async function withPlain(change: Partial<GatewayConfig> = {}): Promise<GatewayRig> {
  const plain = { port: 0, origins: [page], gateways };
  return (await start({ tls: { devFolder: temporaryFolder() }, plain, ...change })).gateway;
}

test('a page of the API plays by it, and is told of the other plain listeners only', async () => {
  const gateway = await withPlain();
  expect(gateway.plainUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
  const browser = new ClientRig(gateway.plainUrl, ['atlas.v1'], { origin: page });
  expect((await browser.hello('p1')).gateways).toEqual(gateways);
  browser.command(1);
  await until('it plays', () => browser.messages().length === 1);
  const usual = new ClientRig(gateway.url, ['atlas.v1'], { rejectUnauthorized: false });
  expect((await usual.hello('p2')).gateways).toEqual([gateway.url]);
});

test('other pages are refused by it, whatever the usual listener allows; programs are not', async () => {
  const gateway = await withPlain({ origins: ['https://play.example.com'] });
  for (const origin of ['https://play.example.com', 'http://127.0.0.1:7701', 'http://evil.example:7700', 'null']) {
    const end = await new ClientRig(gateway.plainUrl, ['atlas.v1'], { origin }).end();
    expect(end, origin).toMatchObject({ code: 4403 });
  }
  await new ClientRig(gateway.plainUrl).hello('p1');
  const usual = new ClientRig(gateway.url, ['atlas.v1'], { origin: page, rejectUnauthorized: false });
  expect(await usual.end()).toMatchObject({ code: 4403 });
});

test('it counts against the same limits', async () => {
  const gateway = await withPlain({ policy: { connectionsMax: 1 } });
  await new ClientRig(gateway.url, ['atlas.v1'], { rejectUnauthorized: false }).hello('p1');
  const second = new ClientRig(gateway.plainUrl);
  await until('it is refused', () => second.status === 503);
});

test('outside of loopback there is none', async () => {
  await expect(withPlain({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('a port that somebody else has costs the page, not the players', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const gateway = await withPlain({ plain: { port, origins: [page], gateways } });
  expect(gateway.plainUrl).toBe('');
  await new ClientRig(gateway.url, ['atlas.v1'], { rejectUnauthorized: false }).hello('p1');
});

test('it ends with the gateway', async () => {
  const gateway = await withPlain();
  const client = new ClientRig(gateway.plainUrl);
  await client.hello('p1');
  await gateway.stop(0);
  expect((await client.end()).code).toBe(1012);
  const late = new ClientRig(gateway.plainUrl);
  await until('nobody listens', () => late.error?.includes('ECONNREFUSED'));
});
