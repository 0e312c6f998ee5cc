/**
 * One player of the load: a WebSocket client with its frames built beforehand, and a parser that counts. It costs little, so that the
 * machine is left to what is measured, and it is the same for all that is measured.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CLIENT_PROTOCOL, ClientFrame, kind } from '@horizon-atlas/protocol';
import { type Delivery, downKind, downPlayAt, EVENT, UP_BYTES, upKind, upPlayAt } from './traffic.ts';

/** One cipher for all, so that no proxy wins by choosing a cheaper one. */
const TLS = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256',
  rejectUnauthorized: false,
} as const;

/** Fixed, and not zero: a mask of zeros would hide who forgets to unmask. */
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;
const HEADER = 6;
const FRAME = HEADER + UP_BYTES;
/** Frames that can go out in one write; also how many may be under way to be timed. */
export const BATCH = 64;
/** As the client SDK does, an ack for so many reliable messages at the latest. */
const ACK_EVERY = 32;

const empty = Buffer.alloc(0);

export interface LoadEvents {
  welcomed(client: LoadClient): void;
  /** Answers came: so many in one chunk. */
  answered(client: LoadClient, count: number): void;
  /** A message that was sent at `sentMs` has been answered. */
  timed(sentMs: number): void;
  failed(client: LoadClient, why: string): void;
}

export class LoadClient {
  sent = 0;
  received = 0;
  wrong = 0;
  /** When this client sends next, in paced traffic. */
  dueMs = 0;
  delivery: Delivery = 'latest';
  readonly #events: LoadEvents;
  readonly #socket: Socket;
  readonly #frames = Buffer.alloc(FRAME * BATCH);
  readonly #sentMs = new Float64Array(BATCH);
  readonly #ack = Buffer.alloc(HEADER + 5);
  readonly #token: string;
  #state: 'upgrading' | 'greeting' | 'playing' = 'upgrading';
  /** An incomplete frame, or the incomplete answer to the upgrade. */
  #rest: Buffer = empty;
  /** Numbers of the messages of each delivery start at 1; the play in them goes on counting. */
  #commands = 0;
  #messages = 0;
  #unacked = 0;

  constructor(where: { port: number; secure: boolean }, token: string, events: LoadEvents) {
    const { port, secure } = where;
    this.#events = events;
    this.#token = token;
    const host = '127.0.0.1';
    const socket = secure ? connectTls({ host, port, ...TLS }) : connect({ host, port });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.once(secure ? 'secureConnect' : 'connect', () => socket.write(upgradeRequest));
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => events.failed(this, error.message));
    socket.on('close', () => events.failed(this, 'the connection was closed'));
    const ack = new Uint8Array(5);
    ack[0] = kind.ack;
    frameInto(this.#ack, 0, ack);
    this.use('latest');
  }

  /** What follows is sent so. */
  use(delivery: Delivery): void {
    this.delivery = delivery;
    const up = Buffer.alloc(UP_BYTES, 0x5a);
    up[0] = upKind[delivery];
    const play = upPlayAt[delivery];
    up.writeUInt16LE(EVENT, play - 2);
    for (const [i, at] of [1, 2, 3].entries()) up.writeFloatLE(at * 100 + this.#token.length, play + 8 + 4 * i);
    for (let i = 0; i < BATCH; i++) frameInto(this.#frames, i * FRAME, up);
  }

  /** Sends `count` messages in one write, at most `BATCH`. */
  send(count: number, nowMs: number): void {
    const frames = this.#frames;
    for (let i = 0; i < count; i++) {
      const number = ++this.sent;
      const at = i * FRAME;
      this.#sentMs[number % BATCH] = nowMs;
      writeMasked(frames, at, upPlayAt[this.delivery], number);
      if (this.delivery === 'reliable') writeMasked(frames, at, 1, ++this.#commands);
    }
    const bytes = frames.subarray(0, count * FRAME);
    // What the system has not taken yet must not change under it.
    this.#socket.write(this.#socket.writableLength === 0 ? bytes : Buffer.from(bytes));
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = this.#state === 'upgrading' ? this.#upgraded(bytes) : 0;
    if (this.#state === 'upgrading') {
      this.#rest = bytes;
      return;
    }
    const before = this.received;
    while (bytes.length - at >= 2) {
      const short = bytes[at + 1] as number;
      const head = short === 126 ? 4 : 2;
      if (bytes.length - at < head) break;
      const size = short === 126 ? bytes.readUInt16BE(at + 2) : short;
      if (bytes.length - at < head + size) break;
      this.#frame(bytes, bytes[at] as number, at + head, size);
      at += head + size;
    }
    this.#rest = at === bytes.length ? empty : Buffer.from(bytes.subarray(at));
    if (this.received > before) this.#events.answered(this, this.received - before);
  }

  /** Where frames begin, once the answer is complete. */
  #upgraded(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return 0;
    const status = bytes.toString('latin1', 0, bytes.indexOf('\r\n'));
    if (!/^HTTP\/1\.1 101 /.test(status)) {
      this.#events.failed(this, status);
      return 0;
    }
    this.#state = 'greeting';
    const hello = { kind: 'hello', version: CLIENT_PROTOCOL, token: this.#token, resume: '', received: 0, schema: 0 } as const;
    const payload = ClientFrame.encode(hello);
    const frame = Buffer.alloc(8 + payload.length);
    frameInto(frame, 0, payload);
    this.#socket.write(frame);
    return end + 4;
  }

  #frame(bytes: Buffer, first: number, at: number, size: number): void {
    // Control frames of WebSocket, and Atlas's own signs of life, are not what is counted.
    if (first !== 0x82) {
      if (first === 0x88) this.#events.failed(this, `closed: ${bytes.toString('utf8', at + 2, at + size)}`);
      return;
    }
    const what = bytes[at] as number;
    if (what === downKind.latest) this.#answer(bytes, at + downPlayAt.latest);
    else if (what === downKind.reliable) {
      if (bytes.readUInt32LE(at + 1) !== ++this.#messages) this.wrong++;
      this.#answer(bytes, at + downPlayAt.reliable);
      if (++this.#unacked >= ACK_EVERY) this.#acknowledge();
    } else if (what === kind.welcome && this.#state === 'greeting') {
      this.#state = 'playing';
      this.#events.welcomed(this);
    }
  }

  #answer(bytes: Buffer, play: number): void {
    if (bytes.readUInt32LE(play) !== ++this.received) this.wrong++;
    const echo = bytes.readUInt32LE(play + 4);
    if (echo > this.sent - BATCH && echo > 0) this.#events.timed(this.#sentMs[echo % BATCH] as number);
  }

  #acknowledge(): void {
    this.#unacked = 0;
    writeMasked(this.#ack, 0, 1, this.#messages);
    this.#socket.write(Buffer.from(this.#ack));
  }
}

const upgradeRequest = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: atlas.v1',
  '\r\n',
].join('\r\n');

/** A masked binary frame at `at`; payloads above 125 bytes have a longer header. */
function frameInto(into: Buffer, at: number, payload: Uint8Array): void {
  into[at] = 0x82;
  let mask = at + 2;
  if (payload.length < 126) into[at + 1] = 0x80 | payload.length;
  else {
    into[at + 1] = 0x80 | 126;
    into.writeUInt16BE(payload.length, at + 2);
    mask += 2;
  }
  into.set(MASK, mask);
  for (const [i, byte] of payload.entries()) into[mask + 4 + i] = byte ^ (MASK[i & 3] as number);
}

/** A u32 at offset `offset` of the payload of the short frame at `frame`. */
function writeMasked(into: Buffer, frame: number, offset: number, value: number): void {
  const at = frame + HEADER + offset;
  into[at] = (value & 0xff) ^ (MASK[offset & 3] as number);
  into[at + 1] = ((value >>> 8) & 0xff) ^ (MASK[(offset + 1) & 3] as number);
  into[at + 2] = ((value >>> 16) & 0xff) ^ (MASK[(offset + 2) & 3] as number);
  into[at + 3] = (value >>> 24) ^ (MASK[(offset + 3) & 3] as number);
}
