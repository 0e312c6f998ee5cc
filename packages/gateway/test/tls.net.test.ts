import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { DEV_CERTIFICATE_FILE, devCertificate, makeTokenVerifier } from '../src/index.ts';
import { ClientRig, RawRig, start, temporaryFolder, until } from './rig.ts';

async function handshake(port: number, options: object): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ...options });
  onTestFinished(() => {
    socket.destroy();
  });
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

test('TLS 1.3 with a development certificate that clients can trust by its file', async () => {
  const folder = temporaryFolder();
  const { gateway } = await start({ tls: { devFolder: folder } });
  const ca = readFileSync(join(folder, DEV_CERTIFICATE_FILE));
  expect(gateway.url).toMatch(/^wss:/);
  const socket = await handshake(gateway.port, { ca, servername: 'localhost' });
  expect(socket.getProtocol()).toBe('TLSv1.3');
  expect(socket.authorized).toBe(true);
  const client = new ClientRig(gateway.url, ['atlas.v1'], { ca });
  await client.hello('p1');
  for (let seq = 1; seq <= 300; seq++) client.command(seq, `c${seq}${'x'.repeat(seq * 7)}`);
  await until('all come back', () => client.messages().length === 300);
  expect(client.messages().every((text, i) => text === `c${i + 1}${'x'.repeat((i + 1) * 7)}`)).toBe(true);
  client.socket.close(1000);
  expect((await client.end()).code).toBe(1000);
});

test('older TLS, plain HTTP and garbage are turned away, and nobody else notices', async () => {
  const folder = temporaryFolder();
  const { gateway } = await start({ tls: { devFolder: folder } });
  await expect(handshake(gateway.port, { rejectUnauthorized: false, maxVersion: 'TLSv1.2' })).rejects.toThrow();
  const plain = new RawRig(gateway.port);
  plain.socket.write('GET / HTTP/1.1\r\n\r\n');
  const garbage = new RawRig(gateway.port);
  garbage.socket.write(Buffer.alloc(2000, 0xff));
  const half = new RawRig(gateway.port);
  half.socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
  await until('they end', () => plain.ended && garbage.ended);
  half.socket.destroy();
  await new ClientRig(gateway.url, ['atlas.v1'], { rejectUnauthorized: false }).hello('p1');
});

test('half a TLS handshake is ended in time', async () => {
  const folder = temporaryFolder();
  const { gateway } = await start({ tls: { devFolder: folder }, policy: { helloMs: 100, sweepMs: 20 } });
  const half = new RawRig(gateway.port);
  half.socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
  await until('it ends', () => half.ended);
});

test('a new certificate without a restart: new connections see it, old ones stay', async () => {
  const one = await devCertificate(temporaryFolder());
  const two = await devCertificate(temporaryFolder(), ['second.example']);
  const folder = temporaryFolder();
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const write = ({ cert, key }: { cert: string; key: string }): void => {
    writeFileSync(files.cert, cert);
    writeFileSync(files.key, key);
  };
  write(one);
  const { gateway } = await start({ tls: files });
  const old = new ClientRig(gateway.url, ['atlas.v1'], { ca: one.cert });
  await old.hello('p1');
  write(two);
  await gateway.reloadCertificate();
  await new ClientRig(gateway.url, ['atlas.v1'], { ca: two.cert }).hello('p2');
  write({ cert: two.cert, key: one.key });
  await expect(gateway.reloadCertificate()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  await new ClientRig(gateway.url, ['atlas.v1'], { ca: two.cert }).hello('p3');
  old.command(1);
  await until('the old one plays on', () => old.messages().length === 1);
});

test('the development certificate is kept, private, renewed in time, and the same for all who ask at once', async () => {
  const folder = temporaryFolder();
  const now = Date.now();
  const all = await Promise.all([1, 2, 3].map(() => devCertificate(folder, [], now)));
  expect(new Set(all.map(({ cert }) => cert)).size).toBe(1);
  expect((await devCertificate(folder, [], now)).cert).toBe(all[0]?.cert);
  expect(statSync(join(folder, 'dev-pair.pem')).mode & 0o077).toBe(0);
  const later = await devCertificate(folder, [], now + 395 * 24 * 3600 * 1000);
  expect(later.cert).not.toBe(all[0]?.cert);
  expect(readFileSync(join(folder, DEV_CERTIFICATE_FILE), 'utf8').trim()).toBe(later.cert);
});

test('tokens by published keys: fetched once, again for a new key, and a shared secret is not taken', async () => {
  const pairs = [await generateKeyPair('ES256'), await generateKeyPair('EdDSA')];
  let published = 1;
  let fetched = 0;
  const provider = createServer((_request, response) => {
    fetched++;
    Promise.all(
      pairs.slice(0, published).map(async ({ publicKey }, i) => ({ ...(await exportJWK(publicKey)), kid: `k${i}` })),
    ).then((keys) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys }));
    });
  });
  await new Promise<void>((resolve) => {
    provider.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    provider.close();
  });
  const address = provider.address();
  const jwksUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/keys`;
  const verify = makeTokenVerifier({ jwksUrl }, () => 'g');
  const issue = (i: number, alg: string): Promise<string> =>
    new SignJWT({})
      .setProtectedHeader({ alg, kid: `k${i}` })
      .setSubject(`p${i}`)
      .setExpirationTime('1h')
      .sign((pairs[i] as { privateKey: CryptoKey }).privateKey);
  expect(await verify(await issue(0, 'ES256'))).toMatchObject({ ok: true, player: 'p0' });
  expect(await verify(await issue(0, 'ES256'))).toMatchObject({ ok: true });
  expect(fetched).toBe(1);
  expect(await verify(await issue(1, 'EdDSA'))).toEqual({ ok: false, code: 'TOKEN_INVALID' });
  published = 2;
  const fresh = makeTokenVerifier({ jwksUrl }, () => 'g');
  expect(await fresh(await issue(1, 'EdDSA'))).toMatchObject({ ok: true, player: 'p1' });
  const forged = new SignJWT({}).setProtectedHeader({ alg: 'HS256', kid: 'k0' }).setSubject('p').setExpirationTime('1h');
  expect(await verify(await forged.sign(new TextEncoder().encode('k'.repeat(32))))).toEqual({ ok: false, code: 'TOKEN_INVALID' });
  const nobody = makeTokenVerifier({ jwksUrl: 'http://127.0.0.1:1/keys' }, () => 'g');
  expect(await nobody(await issue(0, 'ES256'))).toEqual({ ok: false, code: 'GATEWAY_BUSY' });
});
