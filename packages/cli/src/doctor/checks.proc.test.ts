/** Checks of `atlas doctor` on real files and ports. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { dataDirAt } from '@horizon-atlas/atlas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Level } from './finding.ts';
import { clockCheck, filesCheck, nodeCheck, socketsCheck } from './machine-checks.ts';
import { type Subject, subjectOf } from './subject.ts';
import { certificateCheck, configCheck, dataDirCheck, portChecks, storeCheck } from './world-checks.ts';

const home = mkdtempSync(join(tmpdir(), 'atlas-doctor-'));
afterAll(() => rmSync(home, { recursive: true }));
const at = (name: string) => join(home, name);
const taken = createServer();
beforeAll(() => new Promise<void>((resolve) => taken.listen({ host: '127.0.0.1', port: 0 }, resolve)));
afterAll(() => taken.close());

const world = { regions: [{ id: 'west', bounds: { minX: 0, maxX: 1, minY: 0, maxY: 1 } }] };
async function subject(config: object = {}): Promise<Subject> {
  const whole = { world, regionServer: { command: ['x'] }, api: { port: 0 }, gateway: { port: 0 }, ...config };
  writeFileSync(at('atlas.config.json'), JSON.stringify(whole));
  return subjectOf({ config: at('atlas.config.json') });
}

type Found = { readonly level: Level; readonly text: string; readonly mend: string };
const check = (found: Found | undefined, level: Level, text: RegExp, mend = /^/) => {
  expect(found).toMatchObject({
    level,
    text: expect.stringMatching(text) as string,
    mend: expect.stringMatching(mend) as string,
  });
  // Whatever is wrong, it is said what to do.
  if (level !== 'ok') expect(found?.mend).not.toBe('');
};

describe('the configuration', () => {
  it('that is fine', async () => check(configCheck(await subject()), 'ok', /1 region, 1 gateway/));
  it('that is wrong', async () => check(configCheck(await subject({ tickHz: 0 })), 'fail', /ticks a second from 1 to 128/));
  it('that is not there', async () => check(configCheck(await subjectOf({ config: at('none.ts') })), 'fail', /no configuration/));
});

describe('ports', () => {
  it('one that is taken', async () => {
    const { port } = taken.address() as AddressInfo;
    const found = await portChecks(await subject({ api: { port } }));
    check(found[0], 'fail', /another program uses port/, /api\.port or --api-port/);
  });
  it('any free one', async () => check((await portChecks(await subject()))[1], 'ok', /any free one/));
});

describe('the data folder', () => {
  it('that will be made', async () => check(dataDirCheck(await subject()), 'ok', /made at the first start/));
  it('that is a file', async () => {
    writeFileSync(at('file'), '');
    check(dataDirCheck(await subject({ dataDir: 'file' })), 'fail', /is a file/);
  });
  it('that others can look into', async () => {
    const open = mkdtempSync(at('open-'));
    chmodSync(open, 0o755);
    check(dataDirCheck(await subject({ dataDir: open })), 'warn', /others on this machine/, /chmod 700/);
  });
  it('with the lock of an Atlas that is gone', async () => {
    const made = await subject();
    check(dataDirCheck({ ...made, stale: true }), 'warn', /of an Atlas that is gone/);
  });
});

describe('the store', () => {
  const dir = dataDirAt(mkdtempSync(at('store-')));
  const look = async () => storeCheck({ ...(await subject()), dir });
  it('that is new', async () => check(await look(), 'ok', /a new world/));
  it('of a newer Atlas', async () => {
    const database = new DatabaseSync(dir.database);
    database.exec('PRAGMA application_id = 1212240972; PRAGMA user_version = 99; CREATE TABLE a (b)');
    database.close();
    check(await look(), 'fail', /version 99/, /newer Atlas/);
  });
  it('that is damaged', async () => {
    writeFileSync(
      dir.database,
      'not a database, but long enough to look like one to somebody who only counts its bytes, of which there are many',
    );
    check(await look(), 'fail', /damaged/, /restore a backup/);
  });
});

describe('the certificate', () => {
  const openssl = spawnSync('openssl', ['version']).error === undefined;
  const tls = { cert: at('cert.pem'), key: at('key.pem') };
  const look = async (nowMs?: number) => certificateCheck(await subject({ gateway: { port: 0, tls } }), nowMs);
  it('for development is made later', async () => check(certificateCheck(await subject()), 'ok', /made at the first start/));
  it('turned off', async () =>
    check(certificateCheck(await subject({ gateway: { port: 0, tls: { off: true } } })), 'warn', /TLS is off/));
  if (!openssl && !process.env.CI) it.skip('of your own: apt-get install openssl', () => {});
  else {
    it('of your own', async () => {
      const args = [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '90',
        '-subj',
        '/CN=x',
      ];
      expect(spawnSync('openssl', [...args, '-keyout', tls.key, '-out', tls.cert]).status).toBe(0);
      chmodSync(tls.key, 0o600);
      check(await look(), 'ok', /valid until .*the key fits/);
    });
    it('that ends soon', async () => check(await look(Date.now() + 80 * 86_400_000), 'warn', /valid until/, /renew/));
    it('that has ended', async () => check(await look(Date.now() + 100 * 86_400_000), 'fail', /ended on/));
    it('whose key others can read', async () => {
      chmodSync(tls.key, 0o644);
      check(await look(), 'warn', /others on this machine can read/, /chmod 600/);
    });
    it("with another one's key", async () => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      writeFileSync(tls.key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      check(await look(), 'fail', /is not the one of/);
    });
    it('that is none', async () => {
      writeFileSync(tls.cert, 'hello');
      check(await look(), 'fail', /no certificate that can be read/);
    });
  }
});

describe('the machine', () => {
  it.each([
    ['24.21.0', 'ok'],
    ['25.1.0', 'warn'],
    ['20.19.0', 'fail'],
  ] as const)('Node.js %s', (version, level) => check(nodeCheck(version), level, /Node\.js/));
  it('open files', async () => {
    const made = { ...(await subject()), gatewayConnections: 2000 };
    check(filesCheck(made, 65_536), 'ok', /65536/);
    check(filesCheck(made, 1024), 'warn', /1024/, /ulimit -n 2256/);
    check(filesCheck(made, 512), 'fail', /512/);
  });
  it('a clock that was set back', async () => {
    const made = await subject();
    check(clockCheck(made, 0), 'fail', /before this release/);
    const dir = dataDirAt(mkdtempSync(at('clock-')));
    writeFileSync(dir.database, '');
    utimesSync(dir.database, Date.now() / 1000 + 3600, Date.now() / 1000 + 3600);
    check(clockCheck({ ...made, dir }), 'warn', /set back/);
  });
  it('a path too long for sockets', async () => {
    const made = await subject();
    check(socketsCheck(made), 'ok', /in /);
    const dir = { ...made.dir, sockets: join(tmpdir(), 'x'.repeat(80)) };
    check(socketsCheck({ ...made, dir }), 'fail', /has \d+ bytes/, /TMPDIR/);
  });
});
