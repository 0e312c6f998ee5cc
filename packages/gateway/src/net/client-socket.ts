/**
 * One client's connection: TLS handshake, HTTP upgrade, frames, end.
 *
 *   upgrading ──request ok──▶ open ──close frame sent──▶ closing ──FIN or time──▶ gone
 *       └──refused: HTTP status──────────────────────────────────────────────────▶
 *
 * What is sent in a turn is gathered in one buffer and written at the turn's end.
 */
import type { ErrorCode } from '@horizon-atlas/protocol';
import { type Buffers, LARGE_BYTES, SMALL_BYTES } from './buffers.ts';
import { closePayload, type FrameLimits, FrameReader, type FrameSink, HEADER_BYTES, opcode, writeHeader } from './frames.ts';
import { REQUEST_BYTES, type Request, readRequest, refusalResponse, upgradeResponse } from './upgrade.ts';
import type { Accepted, Wire, WireEvents } from './wire.ts';

/** Without a kind byte before the payload: a text message or a control frame. */
const NO_KIND = -1;
const nothing = new Uint8Array(0);

export type UpgradeRequest = Extract<Request, { kind: 'upgrade' }>;

/** What a connection tells its owner. */
export interface SocketEvents {
  /** Something is about to happen in this turn; or the socket was found ready, which is more. */
  enter(): void;
  wokenUp(): void;
  upgraded(socket: ClientSocket, request: UpgradeRequest): void;
  /** Answers whether more is wanted. */
  message(socket: ClientSocket, bytes: Uint8Array, start: number, end: number, text: boolean): boolean;
  /** A ping or pong of `bytes` bytes; `stamp` for a pong that answers one of ours. */
  control(socket: ClientSocket, bytes: number, stamp: number | undefined): boolean;
  fault(socket: ClientSocket, code: ErrorCode): void;
  /** It has something to write at the end of the turn. */
  dirty(socket: ClientSocket): void;
  /** All of a backlog above the limit was taken. */
  drained(socket: ClientSocket): void;
  /** The peer closed, with this code; or the connection is gone (1006). Once. */
  closed(socket: ClientSocket, closeCode: number): void;
  /** Nothing of it is left. Once. */
  gone(socket: ClientSocket): void;
}

export interface SocketSettings {
  readonly buffers: Buffers;
  readonly frames: FrameLimits;
  readonly events: SocketEvents;
  /** Backlog above which `drained` is wanted, in bytes. */
  readonly backlogBytes: number;
}

export class ClientSocket implements FrameSink, WireEvents {
  readonly conn: number;
  readonly address: string;
  text = false;
  /** Came by the listener for pages of this machine. */
  plain = false;
  readonly #wire: Wire;
  readonly #settings: SocketSettings;
  #state: 'upgrading' | 'open' | 'closing' | 'gone' = 'upgrading';
  /** Of the request, until it is whole. */
  #head: Uint8Array | undefined = nothing;
  #reader: FrameReader | undefined;
  #paused = false;
  #staged: Buffer | undefined;
  #stagedAt = 0;
  /** More than a buffer's worth is being said in this turn. */
  #filling = false;
  #awaitsDrain = false;
  #told = false;

  constructor(conn: number, address: string, accepted: Accepted, settings: SocketSettings) {
    this.conn = conn;
    this.address = address;
    this.#settings = settings;
    this.#wire = accepted.open(this);
  }

  /** The TLS handshake is over, or there is none. */
  get handshaken(): boolean {
    return this.#wire.handshaken;
  }

  get backlog(): number {
    return this.#wire.unwritten + this.#stagedAt;
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  /** One binary message, `kind` and `bytes[start, end)`. Answers the backlog. */
  binary(kind: number, bytes: Uint8Array, start: number, end: number): number {
    return this.#stage(opcode.binary, kind, bytes, start, end);
  }

  utf8(bytes: Uint8Array, start: number, end: number): number {
    return this.#stage(opcode.text, NO_KIND, bytes, start, end);
  }

  sendPing(stamp: number): void {
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, stamp);
    this.#stage(opcode.ping, NO_KIND, payload, 0, 4);
  }

  pause(): void {
    this.#paused = true;
    this.#wire.pause();
  }

  /** Goes on reading on a later turn. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    setImmediate(() => {
      if (this.#paused || this.#state !== 'open') return;
      this.#settings.events.enter();
      this.#faulty(this.#reader?.resume());
      if (!this.#paused) this.#wire.resume();
    });
  }

  /** Answers the upgrade; frames may be sent from now on. */
  accept(request: UpgradeRequest): void {
    const response = upgradeResponse(request.accept, request.echo);
    this.#state = 'open';
    this.#stagedAt += this.#room(response.length).write(response, this.#stagedAt, 'latin1');
  }

  /** Answers the request with a refusal and hangs up. */
  refuse(status: number, text: string, code?: ErrorCode): void {
    if (this.#state !== 'upgrading') return;
    this.#state = 'closing';
    this.#told = true;
    this.#head = undefined;
    this.#wire.end(refusalResponse(status, text, code));
    this.#wire.resume();
  }

  /** Says goodbye; what was sent before still goes out. Nothing is reported any more. */
  end(closeCode: number, reason: string): void {
    this.#told = true;
    if (this.#state !== 'open') return;
    this.#goodbye(closePayload(closeCode, reason));
  }

  destroy(): void {
    this.#told = true;
    this.#wire.destroy();
  }

  /** Writes what was gathered; to be called at the end of the turn in which `dirty` was. */
  flush(): void {
    const buffer = this.#staged;
    if (buffer !== undefined) this.#write(buffer);
  }

  // ---- what the wire tells ----

  received(chunk: Buffer): void {
    if (this.#state === 'closing' || this.#state === 'gone') return;
    this.#settings.events.wokenUp();
    if (this.#reader !== undefined) this.#faulty(this.#reader.push(chunk));
    else if (this.#head !== undefined) this.#upgrade(chunk);
  }

  written(): void {
    // Also called from within a write; there, the one at the end of the turn is yet to come.
    if (this.#stagedAt > 0 || this.#filling) return;
    if (this.#state === 'closing') {
      this.#wire.end();
      // What still comes is read and thrown away: closing with unread bytes would reset the connection, close frame and all.
      this.#wire.resume();
    } else if (this.#awaitsDrain) this.#drained();
  }

  gone(): void {
    this.#state = 'gone';
    this.#reader = undefined;
    this.#head = undefined;
    this.#staged = undefined;
    this.#stagedAt = 0;
    this.#settings.events.enter();
    this.#tell(1006);
    this.#settings.events.gone(this);
  }

  // ---- what the reader found ----

  message(bytes: Uint8Array, start: number, end: number, text: boolean): boolean {
    return this.#settings.events.message(this, bytes, start, end, text) && this.#wantsMore();
  }

  ping(payload: Uint8Array): boolean {
    if (!this.#settings.events.control(this, payload.length, undefined)) return false;
    this.#stage(opcode.pong, NO_KIND, payload, 0, payload.length);
    return this.#wantsMore();
  }

  pong(payload: Uint8Array): boolean {
    const stamp = payload.length === 4 ? new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0) : undefined;
    return this.#settings.events.control(this, payload.length, stamp) && this.#wantsMore();
  }

  /** The peer says goodbye: the same back, and the end. */
  close(code: number): void {
    this.#tell(code);
    this.#goodbye(code === 1005 ? nothing : closePayload(code, ''));
  }

  #upgrade(chunk: Buffer): void {
    const head = this.#head === undefined || this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const request = readRequest(head);
    if (request.kind === 'incomplete') {
      // A chunk may be a view of much more memory than a slow handshake should hold.
      this.#head = Buffer.from(head.subarray(0, REQUEST_BYTES));
      return;
    }
    if (request.kind === 'refused') {
      this.#tell(1006);
      this.refuse(request.status, request.text);
      return;
    }
    this.#head = undefined;
    this.#reader = new FrameReader(this.#settings.frames, this);
    this.#settings.events.upgraded(this, request);
    if (this.#state === 'open' && head.length > request.end) this.#faulty(this.#reader.push(head.subarray(request.end)));
  }

  #wantsMore(): boolean {
    return !this.#paused && this.#state === 'open';
  }

  #faulty(code: ErrorCode | undefined): void {
    if (code !== undefined) this.#settings.events.fault(this, code);
  }

  #goodbye(payload: Uint8Array): void {
    this.#stage(opcode.close, NO_KIND, payload, 0, payload.length);
    this.#state = 'closing';
    this.#reader = undefined;
  }

  #tell(closeCode: number): void {
    if (this.#told) return;
    this.#told = true;
    this.#settings.events.closed(this, closeCode);
  }

  #stage(code: number, kind: number, bytes: Uint8Array, start: number, end: number): number {
    if (this.#state !== 'open') return 0;
    const length = end - start + (kind === NO_KIND ? 0 : 1);
    const into = this.#room(HEADER_BYTES + length);
    let at = this.#stagedAt;
    at += writeHeader(into, at, code, length);
    if (kind !== NO_KIND) into[at++] = kind;
    if (end - start <= 32) for (let i = start; i < end; i++) into[at++] = bytes[i] as number;
    else {
      into.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at);
      at += end - start;
    }
    this.#stagedAt = at;
    const backlog = this.backlog;
    if (backlog > this.#settings.backlogBytes) this.#awaitsDrain = true;
    return backlog;
  }

  /** The buffer of this turn, with room for `need` more bytes at `#stagedAt`. */
  #room(need: number): Buffer {
    const { buffers, events } = this.#settings;
    const staged = this.#staged;
    if (staged === undefined) {
      events.dirty(this);
      this.#staged = buffers.take(need);
      this.#stagedAt = 0;
      return this.#staged;
    }
    if (this.#stagedAt + need <= staged.length) return staged;
    if (staged.length === SMALL_BYTES && this.#stagedAt + need <= LARGE_BYTES) {
      const larger = buffers.take(LARGE_BYTES);
      staged.copy(larger, 0, 0, this.#stagedAt);
      buffers.giveBack(staged);
      this.#staged = larger;
      return larger;
    }
    this.#filling = true;
    this.#write(staged);
    this.#filling = false;
    this.#staged = buffers.take(need);
    return this.#staged;
  }

  #write(buffer: Buffer): void {
    const bytes = this.#stagedAt;
    this.#staged = undefined;
    this.#stagedAt = 0;
    this.#wire.write(buffer, bytes);
  }

  #drained(): void {
    this.#awaitsDrain = false;
    if (this.#state !== 'open') return;
    this.#settings.events.enter();
    this.#settings.events.drained(this);
  }
}
