/** Checks of one world: its configuration, ports, certificate, data directory and store. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type AtlasConfig, checkPortFree, plainListenerOf } from '@horizon-atlas/atlas';
import { inspectDatabase } from '@horizon-atlas/atlas/examine';
import { AtlasError } from '@horizon-atlas/protocol';
import { bytes } from '../figures.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { counted, mayWrite, nearestFolder } from './machine-checks.ts';
import type { Subject } from './subject.ts';

export const limits = {
  /** A certificate that ends within this wants to be renewed now. */
  renewMs: 14 * 24 * 3600 * 1000,
} as const;

export function configCheck({ file, config, configError }: Subject): Finding {
  if (configError !== undefined) return fail('config', configError, 'change it as the examples show, and ask again');
  if (!config)
    return warn(
      'config',
      'there is no atlas.config.ts here; what is below is about the defaults',
      'name one: atlas doctor path/to/atlas.config.ts',
    );
  const { world, gateway, fleets = [], matchmaking } = config;
  const parts = [
    counted(world.regions.length, 'region'),
    counted(world.regions.length && gateway.count, 'gateway'),
    counted(fleets.length, 'fleet'),
    counted(matchmaking?.queues.length ?? 0, 'queue'),
  ].filter((part) => !part.startsWith('0 '));
  return ok('config', `${file}: ${parts.join(', ')}`);
}

/** A port that the running Atlas of this data directory has is its own. */
export async function portChecks({ config, running }: Subject): Promise<Finding[]> {
  const api = config?.api ?? { host: '127.0.0.1', port: 7700 };
  const gateway = config?.gateway;
  const [listen, port, count] = [gateway?.listen ?? '127.0.0.1', gateway?.port ?? 7777, gateway?.count ?? 1];
  const plain = gateway ? plainListenerOf(gateway) : { port: port + 1000 };
  const of = (name: string, host: string, first: number, setting: string) =>
    Array.from({ length: name === 'api port' ? 1 : count }, (_, i) =>
      portCheck(name, host, first === 0 ? 0 : first + i, setting, running !== undefined),
    );
  return Promise.all([
    ...of('api port', api.host, api.port, 'api.port or --api-port'),
    ...of('gateway port', listen, port, 'gateway.port or --gateway-port'),
    ...(plain
      ? of('play port', listen, plain.port, 'gateway.plain.port, or gateway.plain: false to do without Play in the browser')
      : []),
  ]);
}

async function portCheck(name: string, host: string, port: number, setting: string, running: boolean): Promise<Finding> {
  if (port === 0) return ok(name, 'any free one');
  try {
    await checkPortFree(host, port, name, `set ${setting}`);
    return ok(name, `${host}:${port} is free`);
  } catch (error) {
    if (running && error instanceof AtlasError && error.code === 'PORT_IN_USE')
      return ok(name, `${host}:${port} is in use, and this Atlas runs`);
    const [text = '', ...more] = (error as Error).message.split('\n');
    return fail(name, text.replace(`${name}: `, ''), more.join(' ').trim() || `set ${setting}`);
  }
}

export function certificateCheck({ config, dir }: Subject, nowMs = Date.now()): Finding {
  const tls: AtlasConfig['gateway']['tls'] = config?.gateway.tls ?? { dev: true };
  if ('off' in tls)
    return warn(
      'certificate',
      'TLS is off: what players send can be read and changed on the way',
      'gateway.tls, unless something before Atlas ends TLS',
    );
  if ('dev' in tls) return devCertificate(join(dir.tls, 'dev-pair.pem'), nowMs);
  const found = certificateFinding(tls.cert, tls.key, nowMs);
  return found.level === 'ok' && modeOf(tls.key) & 0o077
    ? warn('certificate', `others on this machine can read ${tls.key}`, `chmod 600 ${tls.key}`)
    : found;
}

function devCertificate(pair: string, nowMs: number): Finding {
  if (!existsSync(pair)) return ok('certificate', 'for development, made at the first start');
  const found = certificateFinding(pair, pair, nowMs);
  // One that ends soon, or is damaged, is replaced at the next start.
  return found.level === 'ok'
    ? ok('certificate', `for development, ${found.text}`)
    : warn('certificate', found.text, 'atlas up makes a new one');
}

function certificateFinding(certFile: string, keyFile: string, nowMs: number): Finding {
  const name = 'certificate';
  const mend = 'see gateway.tls in the configuration';
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(readFileSync(certFile));
  } catch (error) {
    return fail(name, `${certFile} is no certificate that can be read: ${(error as Error).message}`, mend);
  }
  const [fromMs, toMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  try {
    const text = readFileSync(keyFile, 'utf8');
    const at = text.search(/-----BEGIN [A-Z ]*PRIVATE KEY-----/);
    const key = createPrivateKey(at < 0 ? text : text.slice(at));
    if (!certificate.checkPrivateKey(key)) return fail(name, `the key ${keyFile} is not the one of ${certFile}`, mend);
  } catch (error) {
    return fail(name, `${keyFile} is no private key that can be read: ${(error as Error).message}`, mend);
  }
  if (nowMs < fromMs)
    return fail(
      name,
      `${certFile} is valid from ${certificate.validFrom}, and the clock shows an earlier time`,
      'set the clock, or renew it',
    );
  if (nowMs > toMs) return fail(name, `${certFile} ended on ${certificate.validTo}`, 'renew it, then restart the gateways');
  const until = `valid until ${new Date(toMs).toISOString().slice(0, 10)}, the key fits`;
  return toMs - nowMs < limits.renewMs
    ? warn(name, `${certFile} is ${until}`, 'renew it, then restart the gateways')
    : ok(name, until);
}

export function dataDirCheck({ dir, running, stale }: Subject): Finding {
  const name = 'data folder';
  const at = nearestFolder(dir.root);
  if (!statSync(at).isDirectory())
    return fail(name, `${at} is a file, not a folder`, 'move it away, or set dataDir or --data-dir');
  if (!mayWrite(at)) return fail(name, `${at} cannot be written`, `chmod u+rwx ${at}, or set dataDir or --data-dir`);
  if (running) return ok(name, `${dir.root}, in use by the Atlas with pid ${running.pid}`);
  if (stale)
    return warn(
      name,
      `${dir.root} has the lock of an Atlas that is gone`,
      'nothing: the next atlas up takes it over, and finds what still runs',
    );
  if (at === dir.root && modeOf(dir.root) & 0o077)
    return warn(name, `others on this machine can look into ${dir.root}, where keys are`, `chmod 700 ${dir.root}`);
  return ok(name, at === dir.root ? dir.root : `${dir.root}, made at the first start`);
}

export function storeCheck({ dir, running }: Subject): Finding {
  if (running) return ok('store', 'in use by this Atlas, which checked it when it started');
  try {
    const { bytes: size, version, whole } = inspectDatabase(dir.database);
    if (version === 0) return ok('store', 'a new world');
    return ok('store', `${bytes(size)}, version ${version}${whole ? ', whole' : ', too large to be checked as a whole now'}`);
  } catch (error) {
    return fail('store', (error as Error).message, mendOf((error as { code?: string }).code));
  }
}

function mendOf(code: string | undefined): string {
  if (code === 'STORE_NEWER') return 'run the newer Atlas that wrote it, or restore a backup';
  return code === 'STORE_CORRUPT'
    ? 'restore a backup in its place, or move it away for an empty world'
    : 'see who uses it: atlas status, or fuser';
}

function modeOf(path: string): number {
  try {
    return process.platform === 'win32' ? 0 : statSync(path).mode & 0o777;
  } catch {
    return 0;
  }
}
