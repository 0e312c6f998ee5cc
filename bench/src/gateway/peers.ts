/**
 * haproxy and nginx as WebSocket proxies: Debian's packages with what their manuals recommend for WebSocket, one worker each, as the
 * gateway has one thread. No logs, no checks, no limits: they only pass bytes on.
 */
import { accessSync, constants, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type BenchContext, PeerMissing } from '../bench.ts';
import type { Helper } from '../helper-processes.ts';
import type { CertificateFiles } from './certificate.ts';

export interface ProxySettings {
  /** For configuration and temporary files. */
  readonly folder: string;
  /** The game server's. */
  readonly upstream: number;
  /** undefined: no TLS. */
  readonly certificate: CertificateFiles | undefined;
}

export interface RunningProxy {
  readonly port: number;
  readonly process: Helper;
}

export const peers = { haproxy, nginx } as const;
export type Peer = keyof typeof peers;

/** Daemons are often outside of a user's path. */
const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', '/sbin'];
const BRINGS: Record<Peer, string> = { haproxy: 'the Debian package haproxy', nginx: 'the Debian package nginx-light' };

/** Throws PeerMissing, before anything is measured. */
export function needPeers(folders: readonly string[] = FOLDERS): void {
  programOf('haproxy', folders);
  programOf('nginx', folders);
}

async function haproxy(ctx: BenchContext, { folder, upstream, certificate }: ProxySettings): Promise<RunningProxy> {
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  const tls = certificate ? ` ssl crt ${certificate.pair} ssl-min-ver TLSv1.3` : '';
  writeFileSync(
    file,
    `global
  maxconn 8192
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 1m
  timeout server 1m
  timeout tunnel 1m
frontend players
  bind 127.0.0.1:${port} backlog 4096${tls}
  default_backend game
backend game
  server game 127.0.0.1:${upstream} maxconn 8192
`,
  );
  const process = ctx.spawn([programOf('haproxy'), '-db', '-f', file]);
  await untilListening(port, process);
  return { port, process };
}

async function nginx(ctx: BenchContext, { folder, upstream, certificate }: ProxySettings): Promise<RunningProxy> {
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  const tls = certificate
    ? `ssl_certificate ${certificate.cert}; ssl_certificate_key ${certificate.key}; ssl_protocols TLSv1.3;`
    : '';
  writeFileSync(
    file,
    `daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 8192; multi_accept on; }
http {
  access_log off;
  client_body_temp_path ${folder}/nginx-body;
  proxy_temp_path ${folder}/nginx-proxy;
  fastcgi_temp_path ${folder}/nginx-fastcgi;
  uwsgi_temp_path ${folder}/nginx-uwsgi;
  scgi_temp_path ${folder}/nginx-scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096${certificate ? ' ssl' : ''};
    ${tls}
    location / {
      proxy_pass http://127.0.0.1:${upstream};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_read_timeout 60s;
    }
  }
}
`,
  );
  const process = ctx.spawn([programOf('nginx'), '-c', file, '-p', folder, '-e', 'stderr']);
  await untilListening(port, process);
  return { port, process };
}

function programOf(peer: Peer, folders: readonly string[] = FOLDERS): string {
  const found = folders.map((folder) => join(folder, peer)).find(isExecutable);
  if (found === undefined) throw new PeerMissing(peer, BRINGS[peer]);
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** One that nobody had a moment ago: neither proxy can tell which it picked. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

const LISTENING_MS = 5000;
const RETRY_MS = 20;

async function untilListening(port: number, helper: Helper): Promise<void> {
  let ended: string | undefined;
  void helper.exited.then((how) => {
    ended = how;
  });
  const deadline = performance.now() + LISTENING_MS;
  while (!(await accepts(port))) {
    // Rejects with what the process last said.
    if (ended !== undefined || performance.now() > deadline) await helper.line(/^\b$/, 1);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
