/**
 * Asks a Minetest or Luanti server whether it lives, as its server list does: the first packet of a handshake, which it answers with a peer id, and then a farewell.
 * It tells nothing of players; gamedig asks the public list for those, which knows nothing of a server at home.
 *
 *   → magic, peer 0, channel 0, original(1)   ← magic, …, reliable(3), seq, control(0), set-peer-id(1), id   → magic, id, channel 0, control(0), disconnect(3)
 */
import { createSocket } from 'node:dgram';
import type { QueryAnswer, QueryTarget } from '@horizon-atlas/ports';

const magic = Buffer.from([0x4f, 0x45, 0x74, 0x03]);
const hello = Buffer.concat([magic, Buffer.from([0, 0, 0, 1])]);

export function askLuanti({ host, port, timeoutMs }: QueryTarget): Promise<QueryAnswer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const end = (error: Error | undefined) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.close();
      if (error) reject(error);
      else resolve({ players: undefined, capacity: undefined, names: undefined });
    };
    const timer = setTimeout(() => end(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    socket.on('error', end);
    socket.on('message', (packet) => {
      if (packet.length < 14 || !packet.subarray(0, 4).equals(magic)) return end(new Error('it is no Minetest server'));
      // Otherwise it would keep the peer until it has timed out.
      const farewell = Buffer.concat([magic, packet.subarray(12, 14), Buffer.from([0, 0, 3])]);
      socket.send(farewell, () => end(undefined));
    });
    // A connected socket hears of a port where nobody is.
    socket.connect(port, host, () => socket.send(hello));
  });
}
