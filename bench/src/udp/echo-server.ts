/**
 * The game server of the `udp` bench, in Bun: one socket, as servers that nobody changed have it; each datagram is answered by as many bytes. It notes in it when it
 * came and when it was answered.
 */
import { Datagrams, stamps } from './datagrams.ts';

/** Between two looks at what else the process has to hear. */
const ROUND_MS = 500;

const datagrams = await Datagrams.open();
const server = datagrams.socket(4_194_304);

function answer(): void {
  const count = datagrams.receive(server, (data, arrivedMs) => data.setFloat64(stamps.served, arrivedMs, true));
  if (count > 0) datagrams.sendBack(server, count, stamps.answered);
}

function round(): void {
  const untilMs = datagrams.now() + ROUND_MS;
  for (let leftMs = ROUND_MS; leftMs > 0; leftMs = untilMs - datagrams.now()) datagrams.wait(leftMs, answer);
  setImmediate(round);
}

process.send?.({ port: datagrams.portOf(server) });
round();
