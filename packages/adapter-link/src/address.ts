/**
 * Addresses of links: `unix:/path/to.sock` and `tcp:host:port`.
 *
 * The path of a Unix socket must fit into about a hundred bytes. A longer one is replaced, by listener and dialler alike, by
 * `/tmp/atlas-<uid>/<hash of the path>.sock` in a directory that only this user may enter. No file appears at the long path.
 */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LinkAddress } from '@horizon-atlas/ports';
import { limits } from './limits.ts';

export type Place =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** undefined: neither of the two forms. */
export function parseAddress(address: LinkAddress): Place | undefined {
  if (address.startsWith('unix:') && address.length > 5) return { kind: 'unix', path: shortPath(resolve(address.slice(5))) };
  const tcp = /^tcp:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address);
  if (!tcp) return undefined;
  const port = Number(tcp[3]);
  return port > 65_535 ? undefined : { kind: 'tcp', host: (tcp[1] ?? tcp[2]) as string, port };
}

export function formatTcp(host: string, port: number): LinkAddress {
  return host.includes(':') ? `tcp:[${host}]:${port}` : `tcp:${host}:${port}`;
}

/** Makes the aliases' directory if `path` is in it. Throws if somebody else has put something there. */
export function prepareDirectory(path: string): void {
  const dir = aliasDirectory();
  if (!path.startsWith(`${dir}/`)) return;
  mkdirSync(dir, { mode: 0o700, recursive: true });
  const stat = lstatSync(dir);
  if (!stat.isDirectory() || stat.uid !== userId() || (stat.mode & 0o077) !== 0) throw new Error(`${dir} is not this user's own`);
}

function shortPath(path: string): string {
  if (Buffer.byteLength(path) <= limits.unixPathBytes) return path;
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 32);
  return join(aliasDirectory(), `${hash}.sock`);
}

/** Not the temporary directory of the environment, which may differ between the two processes, and may be long itself. */
function aliasDirectory(): string {
  return `/tmp/atlas-${userId()}`;
}

function userId(): number {
  return process.getuid?.() ?? 0;
}
