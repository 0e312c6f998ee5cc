/**
 * Asks a BZFlag server (protocol 0221) for its game and players, over TCP. No player is made by that: the connection is one that has not entered.
 *
 *   → "BZFLAG\r\n\r\n"  ← "BZFS0221" id   → qg  ← qg {sizes}   → qp  ← qp {counts} tu {teams} ap {player} …
 *
 * Messages are: u16 length of what follows the code, u16 code, payload; all big-endian.
 */
import type { QueryAnswer, QueryTarget } from '@horizon-atlas/ports';
import { converse } from './converse.ts';

const code = { game: 0x7167, players: 0x7170, addPlayer: 0x6170 } as const;
const greeting = 'BZFLAG\r\n\r\n';
const names = { offset: 11, bytes: 32 } as const;
/** Of one message; a server that sends more is none of BZFlag's. */
const messageBytesMax = 4096;

export function askBzflag(target: QueryTarget): Promise<QueryAnswer> {
  let greeted = false;
  let capacity: number | undefined;
  let expected = Number.NaN;
  const players: string[] = [];
  return converse(target, Buffer.from(greeting), (bytes, reply) => {
    let at = 0;
    if (!greeted) {
      if (bytes.length < 9) return { used: 0 };
      const hello = bytes.toString('latin1', 0, 8);
      if (!hello.startsWith('BZFS')) throw new Error('it is no BZFlag server');
      if (hello !== 'BZFS0221') throw new Error(`it speaks BZFlag's protocol ${hello.slice(4)}, and this probe 0221`);
      if (bytes[8] === 0xff) throw new Error('it refuses connections: it is full, or we are banned');
      greeted = true;
      at = 9;
      reply(message(code.game));
      reply(message(code.players));
    }
    while (bytes.length - at >= 4) {
      const length = bytes.readUInt16BE(at);
      if (length > messageBytesMax) throw new Error('what it sends is no message of BZFlag');
      if (bytes.length - at < 4 + length) break;
      const kind = bytes.readUInt16BE(at + 2);
      const payload = bytes.subarray(at + 4, at + 4 + length);
      at += 4 + length;
      if (kind === code.game && length >= 8) capacity = payload.readUInt16BE(4);
      else if (kind === code.players && length >= 4) expected = payload.readUInt16BE(2);
      else if (kind === code.addPlayer && length >= names.offset + names.bytes) players.push(nameIn(payload));
    }
    const done = capacity !== undefined && players.length >= expected;
    return { used: at, ...(done ? { answer: { players: players.length, capacity, names: players } } : {}) };
  });
}

function message(kind: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(kind, 2);
  return bytes;
}

function nameIn(payload: Buffer): string {
  const raw = payload.subarray(names.offset, names.offset + names.bytes);
  const end = raw.indexOf(0);
  return raw.toString('utf8', 0, end < 0 ? raw.length : end).trim();
}
