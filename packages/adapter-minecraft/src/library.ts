/**
 * What is used of the library `minecraft-protocol`, and how it is loaded: by path, since it brings half a gigabyte of data of all versions and is installed by those alone who have
 * Minecraft servers. What comes from outside is kept from it until it can do no harm: the library throws at some malformed bytes where nobody can catch it.
 */
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { Transform, TransformCallback } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { unzipSync } from 'node:zlib';

/** One end of a connection. Its events are named after packets; `raw` has all of them as bytes. */
export interface McEnd extends EventEmitter {
  username: string;
  uuid: string;
  socket: Socket;
  id: number;
  readonly splitter: Transform & { readonly recognizeLegacyPing: boolean };
  readonly decompressor: Transform | null;
  setCompressionThreshold(threshold: number): void;
  setSocket(socket: Socket): void;
  write(packet: string, fields: object): void;
  writeRaw(packet: Buffer): void;
  end(reason?: string): void;
  readonly state: string;
}

export interface McServer extends EventEmitter {
  readonly version: string;
  readonly clients: Record<number, McEnd>;
  playerCount: number;
  readonly socketServer: { address(): { readonly port: number } };
  close(): void;
}

export interface McLibrary {
  readonly Server: new (...args: unknown[]) => McServer;
  readonly Client: new (isServer: boolean, version: string, customPackets: undefined, hideErrors: boolean) => McEnd;
  readonly states: { readonly LOGIN: string; readonly PLAY: string };
  createServer(options: object): McServer;
  createClient(options: object): McEnd;
}

export interface McPacketMeta {
  readonly name: string;
  readonly state: string;
}

/** @param file the library's main file, as `require.resolve` says it */
export async function loadLibrary(file: string): Promise<McLibrary> {
  const module = (await import(pathToFileURL(file).href)) as { default: McLibrary };
  return module.default;
}

/** A Join Game of this version, from the data that the library brings along. */
export function loginPacketOf(file: string, version: string): object {
  const data = createRequire(file)('minecraft-data') as (version: string) => { readonly loginPacket: object };
  return data(version).loginPacket;
}

/** As the protocol has it: the length of a packet is a number of three bytes, and one that was compressed has at most as many. */
export const PACKET_BYTES_MAX = 2 ** 21 - 1;
/** Of a packet that was compressed, once it is not: what servers send is larger than what players do. */
export const PLAIN_BYTES_MAX = 2 ** 23;
const LEGACY_PING = 0xfe;

/** What the other end sends can neither throw past us nor make us hold more than a packet; what is not the protocol ends the connection. */
export function harden(end: McEnd, onFault: (error: Error) => void): void {
  const fault = (error: unknown): void => {
    // That nobody listens, or the line is cut, is no fault of what was said.
    if ((error as NodeJS.ErrnoException).syscall === undefined) onFault(error as Error);
    end.socket?.destroy();
  };
  const emit = end.emit.bind(end);
  // Handlers of the library work on what the other end says, too.
  end.emit = (...args: Parameters<typeof emit>): boolean => {
    try {
      return emit(...args);
    } catch (error) {
      fault(error);
      return false;
    }
  };
  end.on('error', fault);
  const { splitter } = end;
  const legacy = splitter._transform.bind(splitter);
  let rest: Buffer = Buffer.alloc(0);
  splitter._transform = (chunk: Buffer, encoding, done) => {
    if (splitter.recognizeLegacyPing && rest.length === 0 && chunk[0] === LEGACY_PING) return legacy(chunk, encoding, done);
    const taken = splitPackets(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), (packet) => splitter.push(packet));
    if (taken instanceof Error) return done(taken);
    rest = taken;
    done();
  };
  const begin = end.setCompressionThreshold.bind(end);
  end.setCompressionThreshold = (threshold) => {
    begin(threshold);
    const { decompressor } = end;
    if (decompressor) decompressor._transform = (packet: Buffer, _, done) => inflate(decompressor, packet, done);
  };
}

/** Answers what is no whole packet yet. */
function splitPackets(data: Buffer, each: (packet: Buffer) => void): Buffer | Error {
  let at = 0;
  while (at < data.length) {
    const length = varint(data, at, 3);
    if (length === undefined) return new Error('a packet is longer than a packet can be');
    if (length === 'more' || data.length < length.next + length.value) break;
    each(data.subarray(length.next, length.next + length.value));
    at = length.next + length.value;
  }
  return data.subarray(at);
}

function inflate(to: Transform, packet: Buffer, done: TransformCallback): void {
  const plain = varint(packet, 0, 4);
  if (plain === undefined || plain === 'more' || plain.value > PLAIN_BYTES_MAX)
    return done(new Error('a packet is larger than a packet can be'));
  if (plain.value === 0) {
    to.push(packet.subarray(plain.next));
    return done();
  }
  try {
    to.push(unzipSync(packet.subarray(plain.next), { maxOutputLength: plain.value }));
    done();
  } catch (error) {
    done(error as Error);
  }
}

function varint(data: Buffer, at: number, bytesMax: number): { value: number; next: number } | 'more' | undefined {
  let value = 0;
  for (let i = 0; i < bytesMax; i++) {
    const byte = data[at + i];
    if (byte === undefined) return 'more';
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return undefined;
}
