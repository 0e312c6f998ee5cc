/** Whether somebody takes connections: the least that a server can answer. It proves little, since the system takes them for a program that hangs. */

import { connect } from 'node:net';
import type { QueryAnswer, QueryTarget } from '@horizon-atlas/ports';

export function askTcp({ host, port, timeoutMs }: QueryTarget): Promise<QueryAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (error: Error | undefined) => {
      socket.destroy();
      if (error) reject(error);
      else resolve({ players: undefined, capacity: undefined, names: undefined });
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end(new Error(`no connection within ${timeoutMs} ms`)));
    socket.once('error', end);
  });
}
