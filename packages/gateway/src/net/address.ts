/** Addresses: the word that stands for a client's network in rate limits, and whether one is this machine's own. */
import { isIPv4, isIPv6 } from 'node:net';

/** Nobody else can reach what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/**
 * An IPv4 address as it is, also when it comes mapped into IPv6; of IPv6 the /64 network, which is what one customer gets.
 * @param remote `socket.remoteAddress`; undefined when the socket is already gone
 */
export function networkOf(remote: string | undefined): string {
  if (remote === undefined) return 'unknown';
  if (remote.startsWith('::ffff:') && remote.includes('.')) return remote.slice(7);
  // Node.js compiles a long expression for the second question, ten milliseconds of a gateway's start.
  if (!remote.includes(':') || !isIPv6(remote)) return remote;
  const bare = remote.split('%', 1)[0] as string;
  const [left = '', right] = bare.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const groups =
    right === undefined ? head : [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
