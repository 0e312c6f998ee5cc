/** What the API is told about this installation: where it listens, who may come in, and the world in a word. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ControlPolicy } from '@horizon-atlas/control';
import type { AtlasConfig } from './config.ts';

export interface ApiSecrets {
  /** Where the admin token is kept, if Atlas has made one. */
  readonly tokenFile: string;
}

/** On loopback without configured authentication no token is asked for; otherwise the configured one, or one that is made and kept in a file. */
export function apiPolicy(config: AtlasConfig, { tokenFile }: ApiSecrets): ControlPolicy {
  const { host, port, names = [], auth } = config.api;
  const open = isLoopback(host) && auth === undefined;
  return {
    host,
    port,
    names,
    world: aboutWorld(config),
    ...(config.gateway.origins ? { playOrigins: config.gateway.origins } : {}),
    ...(open ? {} : { token: auth?.token ?? adminToken(tokenFile) }),
    ...(auth?.oidc ? { oidc: auth.oidc } : {}),
  };
}

/** Whether the token of `tokenFile` is the one that counts. */
export function hasOwnToken({ api: { host, auth } }: AtlasConfig): boolean {
  return auth ? auth.token === undefined : !isLoopback(host);
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Made once, readable by its owner only. Who deletes the file and restarts has a new one. */
function adminToken(file: string): string {
  if (existsSync(file)) {
    const token = readFileSync(file, 'utf8').trim();
    if (/^[\x21-\x7e]{24,512}$/.test(token)) return token;
  }
  const token = `atlas_admin_${randomBytes(32).toString('base64url')}`;
  rmSync(file, { force: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return token;
}

function aboutWorld({ name, world: { regions } }: AtlasConfig): ControlPolicy['world'] {
  const least = (pick: (bounds: (typeof regions)[0]['bounds']) => number): number =>
    Math.min(...regions.map(({ bounds }) => pick(bounds)));
  const most = (pick: (bounds: (typeof regions)[0]['bounds']) => number): number =>
    Math.max(...regions.map(({ bounds }) => pick(bounds)));
  return {
    name: name ?? 'Horizon Atlas',
    regions: regions.length,
    bounds: {
      minX: least(({ minX }) => minX),
      maxX: most(({ maxX }) => maxX),
      minY: least(({ minY }) => minY),
      maxY: most(({ maxY }) => maxY),
      minZ: least(({ minZ }) => minZ),
      maxZ: most(({ maxZ }) => maxZ),
    },
  };
}
