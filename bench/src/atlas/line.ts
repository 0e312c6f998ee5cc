/** Forked: a long line to a gateway. Passes bytes on as they are, each way so many milliseconds late; tells its port. */
import { connect, createServer, type Socket } from 'node:net';

export interface LineSettings {
  readonly port: number;
  readonly oneWayMs: number;
}

const { port, oneWayMs } = JSON.parse(process.argv[2] ?? '') as LineSettings;

const server = createServer({ noDelay: true, pauseOnConnect: true }, (near) => {
  // The first byte of a connection's set-up crosses the line, too, and so does its answer.
  later(2, () => {
    const far = connect({ host: '127.0.0.1', port, noDelay: true });
    pass(near, far);
    pass(far, near);
    near.resume();
  });
});
server.listen({ host: '127.0.0.1', port: 0 }, () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});

function pass(from: Socket, to: Socket): void {
  from.on('data', (bytes) => later(1, () => to.writable && to.write(bytes)));
  from.on('end', () => later(1, () => to.end()));
  from.on('error', () => later(1, () => to.destroy()));
}

function later(ways: number, act: () => void): void {
  setTimeout(act, ways * oneWayMs);
}
