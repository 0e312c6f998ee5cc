/**
 * I4: a client's socket never closes because of a crossing, a drain or the death of a game server: whatever happens behind a
 * gateway, it has no reason to close a well-behaved client's socket.
 */
import { type Checker, Violation } from './checker.ts';

/** What a well-behaved client may be told all the same: its own newer socket took over, or no region could take a newcomer in time. */
const honest = new Set([
  'SESSION_REPLACED',
  'GATEWAY_DRAINING',
  'NO_REGION',
  'GATEWAY_BUSY',
  'RESUME_REPLAYED',
  'RESUME_INVALID',
  'IDLE_TIMEOUT',
  'HANDSHAKE_TIMEOUT',
]);

export function openSocket(): Checker {
  const name = 'open-socket';
  return {
    name,
    socketClosed(client, code) {
      if (!honest.has(code)) throw new Violation(name, `client ${client}'s socket is closed with ${code}`);
    },
  };
}
