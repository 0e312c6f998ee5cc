/** The UDP sockets of the program that this is. */
import { bunUdp } from './bun-udp.ts';
import { nodeUdp } from './node-udp.ts';
import type { UdpSockets } from './udp-sockets.ts';

export function udpSocketsHere(): UdpSockets {
  return 'Bun' in globalThis ? bunUdp() : nodeUdp();
}
