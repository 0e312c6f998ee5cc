/** A vandal as a process: garbage datagrams to a port from many sockets, at a pace, until it is told to stop. usage: udp-flood.ts PORT DATAGRAMS_PER_SECOND; tells what it has sent. */
import { createSocket } from 'node:dgram';

const [port = 0, perSecond = 50_000] = process.argv.slice(2).map(Number);
const SOCKETS = 32;
const TURN_MS = 5;
const kinds = [Buffer.from('GARBAGE'), Buffer.alloc(64, 0xa5), Buffer.from([0]), Buffer.alloc(1200, 0x01)];
const sockets = Array.from({ length: SOCKETS }, () => createSocket('udp4').on('error', () => {}));
let sent = 0;
const startedMs = performance.now();
const timer = setInterval(() => {
  // What a slow turn has missed is made up for, but not all at once.
  const due = Math.min((perSecond * (performance.now() - startedMs)) / 1000 - sent, (perSecond * TURN_MS * 4) / 1000);
  for (let i = 0; i < due; i++, sent++)
    sockets[sent % SOCKETS]?.send(kinds[sent % kinds.length] ?? '', port, '127.0.0.1', () => {});
}, TURN_MS);
process.on('message', () => {
  clearInterval(timer);
  process.send?.({ sent, seconds: (performance.now() - startedMs) / 1000 });
  process.disconnect();
  for (const socket of sockets) socket.close();
});
process.send?.({ sent: 0, seconds: 0 });
