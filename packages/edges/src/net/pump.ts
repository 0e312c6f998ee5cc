/**
 * Two sockets that pour into one another: at the pace of the slower one, each direction ending by itself. Whoever takes nothing for too long while something waits
 * for it is cut off.
 */
import type { Socket } from 'node:net';

export interface PumpEvents {
  /** So many bytes went through. */
  readonly up: (bytes: number) => void;
  readonly down: (bytes: number) => void;
  /** Once, when both are closed. `slow`: one of them did not read. */
  readonly closed: (slow: boolean) => void;
}

export function pump(client: Socket, server: Socket, stallMs: number, events: PumpEvents): void {
  let slow = false;
  let open = 2;
  const cutOff = (): void => {
    slow = true;
    client.destroy();
    server.destroy();
  };
  pour(client, server, stallMs, events.up, cutOff);
  pour(server, client, stallMs, events.down, cutOff);
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => {});
    one.on('close', (failed) => {
      // What arrived before a clean end still goes out; after a reset there is nobody to talk to.
      if (failed || !one.readableEnded) reset(other);
      else if (!other.writableEnded) other.end();
      if (--open === 0) events.closed(slow);
    });
  }
}

function pour(from: Socket, to: Socket, stallMs: number, count: (bytes: number) => void, cutOff: () => void): void {
  let stalled: NodeJS.Timeout | undefined;
  from.on('data', (chunk: Buffer) => {
    count(chunk.length);
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    stalled ??= setTimeout(cutOff, stallMs);
  });
  to.on('drain', () => {
    clearTimeout(stalled);
    stalled = undefined;
    from.resume();
  });
  to.on('close', () => clearTimeout(stalled));
  from.on('end', () => to.end());
}

function reset(socket: Socket): void {
  if (socket.destroyed) return;
  if (typeof socket.resetAndDestroy === 'function') socket.resetAndDestroy();
  else socket.destroy();
}
