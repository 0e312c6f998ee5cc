/** From where a game server sees a player's connection: what its listener's `source` asks for, when the server is dialled. */
import type { Place } from '../core/directory.ts';
import { isLoopback, type LoopbackAddresses } from '../core/loopback-addresses.ts';
import { proxyHeader } from '../core/proxy-header.ts';
import type { TcpSession } from './tcp-side.ts';

export interface SeenFrom {
  /** An address of this machine that is the player's own. */
  readonly localAddress?: string;
  /** Goes in front of everything. */
  readonly header?: Uint8Array;
}

export function seenFrom(
  { listener, peer, peerPort }: TcpSession,
  { host, port }: Place,
  loopbacks: LoopbackAddresses,
): SeenFrom {
  if (listener.source === 'proxy-v2') {
    const addresses = { source: peer, sourcePort: peerPort, target: host, targetPort: port };
    return { header: proxyHeader({ transport: 'tcp', ...addresses }) };
  }
  const own = listener.source === 'loopback' && isLoopback(host) && process.platform === 'linux';
  return own ? { localAddress: loopbacks.of(peer) } : {};
}
