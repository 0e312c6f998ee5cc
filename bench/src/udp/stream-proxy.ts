/** nginx's stream module as a UDP proxy: Debian's packages, one worker, as an edge has one thread, with the same priority; no logs, sessions that stay. */

import { createSocket } from 'node:dgram';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchContext, PeerMissing } from '../bench.ts';
import type { Helper } from '../helper-processes.ts';

const PROGRAM = ['/usr/sbin/nginx', '/usr/local/sbin/nginx'];
const MODULE = ['/usr/lib/nginx/modules/ngx_stream_module.so', '/usr/share/nginx/modules/ngx_stream_module.so'];

/** Throws PeerMissing. */
export function needStreamProxy(): { readonly program: string; readonly module: string } {
  const program = PROGRAM.find((file) => existsSync(file));
  if (program === undefined) throw new PeerMissing('nginx', 'the Debian package nginx-light');
  const module = MODULE.find((file) => existsSync(file));
  if (module === undefined) throw new PeerMissing("nginx's stream module", 'the Debian package libnginx-mod-stream');
  return { program, module };
}

export async function streamProxy(
  ctx: BenchContext,
  folder: string,
  upstream: number,
): Promise<{ readonly port: number; readonly process: Helper }> {
  const { program, module } = needStreamProxy();
  const port = await freePort();
  const file = join(folder, 'stream.conf');
  writeFileSync(
    file,
    `load_module ${module};
daemon off;
worker_processes 1;
worker_priority -5;
worker_rlimit_nofile 16384;
pid ${folder}/stream.pid;
error_log stderr notice;
events { worker_connections 8192; multi_accept on; }
stream {
  server {
    listen 127.0.0.1:${port} udp rcvbuf=4m;
    proxy_pass 127.0.0.1:${upstream};
    proxy_timeout 10m;
  }
}
`,
  );
  const process = ctx.spawn([program, '-c', file, '-p', folder, '-e', 'stderr']);
  await process.line(/start worker process /);
  return { port, process };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
