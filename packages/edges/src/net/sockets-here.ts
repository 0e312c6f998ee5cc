/** The UDP sockets of the program that this is, the cheapest that work here. */
import { bunUdp } from './bun-udp.ts';
import { linuxCalls } from './linux-calls.ts';
import { linuxUdp } from './linux-udp.ts';
import { nodeUdp } from './node-udp.ts';
import type { UdpSockets } from './udp-sockets.ts';

/** @param plain the program's own sockets, without system calls of ours */
export async function udpSocketsHere(plain = false): Promise<UdpSockets> {
  if (!('Bun' in globalThis)) return nodeUdp();
  const calls = plain ? undefined : await linuxCalls();
  return (calls && linuxUdp(calls)) ?? bunUdp();
}
