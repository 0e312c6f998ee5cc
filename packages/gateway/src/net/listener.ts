/** Which sockets the gateway has: those of the program that runs it. */
import { BunSockets, bun } from './bun-wire.ts';
import { NodeSockets } from './node-wire.ts';
import type { Listener, ListenerSettings } from './wire.ts';

export function makeListener(settings: ListenerSettings): Listener {
  return bun === undefined ? new NodeSockets(settings) : new BunSockets(bun, settings);
}
