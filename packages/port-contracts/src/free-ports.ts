/** Ports for what cannot be told to take any: test files run side by side, and none may get another's. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Below the range that systems give out by themselves (32768 – 60999 on Linux): nobody gets one of these unasked. */
const range = { from: 20_000, to: 32_000 } as const;
/** Shares of the range, so that files in different workers never look at the same port. */
const workers = 8;
const size = (range.to - range.from) / workers;
const first = range.from + (Number(process.env.VITEST_POOL_ID ?? 0) % workers) * size;
/** Files that a worker runs one after the other begin at different places: what the one before had used may be closing yet. */
let next = Math.floor(Math.random() * size);

/** So many in a row that neither TCP nor UDP uses on 127.0.0.1. */
export async function freePorts(count: number): Promise<number[]> {
  for (let turn = 0; turn < size; turn += count) {
    if (next + count > size) next = 0;
    const ports = Array.from({ length: count }, (_, i) => first + next + i);
    next += count;
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports;
  }
  throw new Error(`no ${count} free ports in a row from ${first} to ${first + size}`);
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const tcp = new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
  const udp = new Promise<boolean>((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
  return (await tcp) && (await udp);
}
