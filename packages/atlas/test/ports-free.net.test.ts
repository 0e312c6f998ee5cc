import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { checkPortFree } from '../src/ports-free.ts';

it('a taken port is told with its number and where to change it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  const { port } = server.address() as AddressInfo;
  const check = () => checkPortFree('127.0.0.1', port, 'the gateway', 'set gateway.port or --gateway-port');
  await expect(check()).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringMatching(`port ${port} on 127.0.0.1[\\s\\S]*--gateway-port`),
  });
  await new Promise((resolve) => server.close(resolve));
  await expect(check()).resolves.toBeUndefined();
});

it('an address of another machine is a wrong configuration', () =>
  expect(checkPortFree('192.0.2.1', 7777, 'the gateway', 'set gateway.listen')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  }));
