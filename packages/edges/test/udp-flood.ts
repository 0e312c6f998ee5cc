/**
 * A vandal as a process: garbage datagrams to a port from many sockets, at a pace, until it is told to stop. usage: udp-flood.ts PORT DATAGRAMS_PER_SECOND; tells what it has sent. In
 * Bun many leave with one system call, so that the pace is kept.
 */
import { createSocket } from 'node:dgram';

interface BunSocket {
  sendMany(packets: readonly (Uint8Array | number | string)[]): number;
  close(): void;
}
const bun = (globalThis as { readonly Bun?: { udpSocket(options: object): Promise<BunSocket> } }).Bun;

const [port = 0, perSecond = 50_000] = process.argv.slice(2).map(Number);
const SOCKETS = 32;
const TURN_MS = 5;
/** So many at a time. */
const BATCH = 32;
const kinds = [Buffer.alloc(7, 'G'), Buffer.alloc(64, 0xa5), Buffer.from([0]), Buffer.alloc(1200, 0x01)];
const batch = Array.from({ length: BATCH }, (_, i) => [kinds[i % kinds.length] ?? '', port, '127.0.0.1']).flat();
const sockets = await Promise.all(Array.from({ length: SOCKETS }, opened));
let sent = 0;
const startedMs = performance.now();
const timer = setInterval(() => {
  // What a slow turn has missed is made up for, within a tenth of a second.
  const due = Math.min((perSecond * (performance.now() - startedMs)) / 1000 - sent, perSecond / 10);
  for (let i = 0; i < due; i += BATCH) sent += sockets[((sent / BATCH) % SOCKETS) | 0]?.send() ?? 0;
}, TURN_MS);
process.on('message', () => {
  clearInterval(timer);
  process.send?.({ sent, seconds: (performance.now() - startedMs) / 1000 });
  process.disconnect();
  for (const socket of sockets) socket.close();
});
process.send?.({ sent: 0, seconds: 0 });

async function opened(): Promise<{ send(): number; close(): void }> {
  if (bun) {
    const socket = await bun.udpSocket({});
    return { send: () => socket.sendMany(batch), close: () => socket.close() };
  }
  const socket = createSocket('udp4').on('error', () => {});
  const send = () => {
    for (let i = 0; i < BATCH; i++) socket.send(kinds[i % kinds.length] ?? '', port, '127.0.0.1', () => {});
    return BATCH;
  };
  return { send, close: () => socket.close() };
}
