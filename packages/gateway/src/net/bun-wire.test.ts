import { describe, expect, test } from 'vitest';
import { Buffers, LARGE_BYTES, SMALL_BYTES } from './buffers.ts';
import { BunSockets } from './bun-wire.ts';
import type { Wire } from './wire.ts';

type Runtime = ConstructorParameters<typeof BunSockets>[0];
type Handlers = Parameters<Runtime['listen']>[0]['socket'];
type Socket = Parameters<Handlers['open']>[0];

/** One connection, whose system takes `takes` bytes a write. */
async function connected(takes = Number.POSITIVE_INFINITY) {
  const order: string[] = [];
  const buffers = new Buffers();
  let handlers: Handlers | undefined;
  let wire: Wire | undefined;
  const runtime: Runtime = {
    listen({ socket }) {
      handlers = socket;
      return { port: 1, stop() {} };
    },
  };
  const sockets = new BunSockets(runtime, {
    ...{ host: '', port: 0, certificate: undefined, buffers, arrived() {}, failed() {} },
    accepted(connection) {
      wire = connection.open({ received() {}, gone() {}, written: () => order.push(`written, ${wire?.unwritten} left`) });
    },
  });
  const nothing = (): void => {};
  const socket: Socket = {
    ...{ data: undefined, remoteAddress: '', setNoDelay: nothing, setKeepAlive: nothing, pause: nothing, resume: nothing },
    ...{ shutdown: nothing, end: nothing, terminate: nothing },
    write(_, offset, length) {
      order.push(`write ${offset} ${length}`);
      return Math.min(takes, length);
    },
  };
  await sockets.listen();
  handlers?.open(socket);
  return { order, sockets, wire: wire as unknown as Wire, buffers, drain: () => handlers?.drain(socket) };
}

describe('a wire in Bun', () => {
  test('writes what is small at the flush, and tells once that all is written', async () => {
    const { order, sockets, wire, buffers } = await connected();
    wire.write(buffers.take(10), 10);
    expect([order, wire.unwritten]).toEqual([[], 10]);
    sockets.flush();
    expect(order).toEqual(['write 0 10', 'written, 0 left']);
  });

  test('is not done while a large write follows the small one that was put aside', async () => {
    const { order, wire, buffers } = await connected();
    wire.write(buffers.take(SMALL_BYTES), SMALL_BYTES);
    wire.write(buffers.take(LARGE_BYTES), LARGE_BYTES);
    expect(order).toEqual([`write 0 ${SMALL_BYTES}`, `write 0 ${LARGE_BYTES}`, 'written, 0 left']);
  });

  test('keeps the order when the system takes a part', async () => {
    const { order, wire, buffers, drain } = await connected(6);
    wire.write(buffers.take(10), 10);
    wire.write(buffers.take(10), 10);
    expect([order, wire.unwritten]).toEqual([['write 0 10'], 14]);
    drain();
    expect(order.slice(1)).toEqual(['write 6 4', 'write 0 10']);
    drain();
    expect(order.slice(3)).toEqual(['write 6 4', 'written, 0 left']);
  });
});
