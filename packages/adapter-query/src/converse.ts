/** One question over TCP: bytes go out, what comes back is read until an answer is complete, and the connection is closed whatever happened. */
import { connect } from 'node:net';
import type { QueryAnswer, QueryTarget } from '@horizon-atlas/ports';

export interface Understood {
  /** So many bytes have been read and are not shown again. */
  readonly used: number;
  readonly answer?: QueryAnswer;
}

/** Bytes that a server may send before it has answered. */
const bytesMax = 256 * 1024;

/** @param understand called with all bytes that were not used yet; what it throws is why there is no answer */
export function converse(
  { host, port, timeoutMs }: QueryTarget,
  opening: Uint8Array,
  understand: (bytes: Buffer, reply: (bytes: Uint8Array) => void) => Understood,
): Promise<QueryAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let bytes = Buffer.alloc(0);
    let total = 0;
    const end = (error: Error | undefined, answer?: QueryAnswer) => {
      clearTimeout(timer);
      socket.destroy();
      if (answer) resolve(answer);
      else reject(error ?? new Error('it closed the connection without an answer'));
    };
    const timer = setTimeout(() => end(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    socket.setNoDelay(true);
    socket.once('connect', () => socket.write(opening));
    socket.once('error', end);
    socket.once('close', () => end(undefined));
    socket.on('data', (more) => {
      total += more.length;
      if (total > bytesMax) return end(new Error('it sends far more than an answer'));
      bytes = Buffer.concat([bytes, more]);
      try {
        const { used, answer } = understand(bytes, (reply) => void socket.write(reply));
        bytes = bytes.subarray(used);
        if (answer) end(undefined, answer);
      } catch (error) {
        end(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}
