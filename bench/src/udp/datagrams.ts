/**
 * UDP sockets of the players and of the server in the `udp` bench, by system calls from Bun: what they cost themselves is a small part of what is measured, and the
 * kernel says when each datagram arrived, so that nobody's waking up late counts as time on the way. Of 64-bit Linux.
 */

interface Ffi {
  dlopen(
    library: string,
    functions: Readonly<Record<string, { readonly args: readonly string[]; readonly returns: string }>>,
  ): { readonly symbols: Readonly<Record<string, (...args: (number | null)[]) => number>> };
  ptr(view: NodeJS.ArrayBufferView): number;
}

const i32 = 'i32';
const functions = {
  socket: { args: [i32, i32, i32], returns: i32 },
  bind: { args: [i32, 'ptr', i32], returns: i32 },
  connect: { args: [i32, 'ptr', i32], returns: i32 },
  getsockname: { args: [i32, 'ptr', 'ptr'], returns: i32 },
  setsockopt: { args: [i32, i32, i32, 'ptr', i32], returns: i32 },
  send: { args: [i32, 'ptr', 'u64_fast', i32], returns: i32 },
  sendmmsg: { args: [i32, 'ptr', 'u32', i32], returns: i32 },
  recvmmsg: { args: [i32, 'ptr', 'u32', i32, 'ptr'], returns: i32 },
  epoll_create1: { args: [i32], returns: i32 },
  epoll_ctl: { args: [i32, i32, i32, 'ptr'], returns: i32 },
  epoll_pwait2: { args: [i32, 'ptr', i32, 'ptr', 'ptr'], returns: i32 },
  clock_gettime: { args: [i32, 'ptr'], returns: i32 },
} as const;

type Calls = Record<keyof typeof functions, (...args: (number | null)[]) => number>;

const [AF_INET, SOCK_DGRAM, NONBLOCK] = [2, 2, 0o4000] as const;
const [SOL_SOCKET, SO_SNDBUF, SO_RCVBUF, SO_TIMESTAMPNS] = [1, 7, 8, 35] as const;
const MSG_DONTWAIT = 0x40;
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const EVENTS = 128;
const BATCH = 64;
const SLOT_BYTES = 256;
/** `struct mmsghdr`, `sockaddr_in`, and room for one control message with a timespec. */
const [HEADER, NAME, CONTROL] = [64, 16, 48] as const;

export class Datagrams {
  readonly #call: Calls;
  readonly #ptr: Ffi['ptr'];
  readonly #epoll: number;
  readonly #events = Buffer.from(new ArrayBuffer(EVENTS * EVENT_BYTES));
  readonly #scratch = Buffer.from(new ArrayBuffer(64));
  readonly #time = new DataView(new ArrayBuffer(16));
  readonly #eventsAt: number;
  readonly #scratchAt: number;
  readonly #timeAt: number;
  readonly #inbox: Batch;

  private constructor(ffi: Ffi) {
    this.#call = ffi.dlopen('libc.so.6', functions).symbols as Calls;
    this.#ptr = ffi.ptr;
    this.#epoll = this.#call.epoll_create1(0);
    this.#eventsAt = ffi.ptr(this.#events);
    this.#scratchAt = ffi.ptr(this.#scratch);
    this.#timeAt = ffi.ptr(this.#time);
    this.#inbox = new Batch(ffi.ptr);
  }

  /** Rejects outside of Bun. */
  static async open(): Promise<Datagrams> {
    const name = 'bun:ffi';
    return new Datagrams((await import(name)) as Ffi);
  }

  /** Of the clock by which the kernel stamps datagrams, ms. */
  now(): number {
    this.#call.clock_gettime(0, this.#timeAt);
    return msAt(this.#time, 0);
  }

  /** @param to a port of 127.0.0.1; undefined: bound to one that is free */
  socket(bufferBytes: number, to?: number): number {
    const fd = this.#check('socket', this.#call.socket(AF_INET, SOCK_DGRAM | NONBLOCK, 0));
    for (const [option, value] of [
      [SO_RCVBUF, bufferBytes],
      [SO_SNDBUF, bufferBytes],
      [SO_TIMESTAMPNS, 1],
    ] as const) {
      this.#scratch.writeInt32LE(value, 0);
      this.#check('setsockopt', this.#call.setsockopt(fd, SOL_SOCKET, option, this.#scratchAt, 4));
    }
    this.#scratch.fill(0);
    this.#scratch.writeUInt16LE(AF_INET, 0);
    this.#scratch.writeUInt16BE(to ?? 0, 2);
    this.#scratch.writeUInt32BE(0x7f_00_00_01, 4);
    const use = to === undefined ? 'bind' : 'connect';
    this.#check(use, this.#call[use](fd, this.#scratchAt, NAME));
    this.#scratch.fill(0);
    this.#scratch.writeUInt32LE(1, 0);
    this.#scratch.writeInt32LE(fd, EVENT_BYTES - 8);
    this.#check('epoll_ctl', this.#call.epoll_ctl(this.#epoll, 1, fd, this.#scratchAt));
    return fd;
  }

  portOf(fd: number): number {
    this.#scratch.writeUInt32LE(NAME, 32);
    this.#check('getsockname', this.#call.getsockname(fd, this.#scratchAt, this.#scratchAt + 32));
    return this.#scratch.readUInt16BE(2);
  }

  /** Sleeps until something has come, or for so long; then `ready` is called for each socket that has something. */
  wait(ms: number, ready: (fd: number) => void): void {
    const wholeS = Math.floor(Math.max(0, ms) / 1000);
    this.#time.setUint32(0, wholeS, true);
    this.#time.setUint32(8, Math.floor(Math.max(0, ms - wholeS * 1000) * 1e6), true);
    const count = this.#call.epoll_pwait2(this.#epoll, this.#eventsAt, EVENTS, this.#timeAt, null);
    for (let i = 0; i < count; i++) ready(this.#events.readInt32LE(i * EVENT_BYTES + EVENT_BYTES - 8));
  }

  /** All that has come to a socket, up to 64. The view is good until the next call; `arrivedMs` as of `now`. Answers how many. */
  receive(fd: number, heard: (data: DataView, arrivedMs: number, bytes: number) => void): number {
    const inbox = this.#inbox;
    const count = Math.max(0, this.#call.recvmmsg(fd, inbox.pointer, BATCH, MSG_DONTWAIT, null));
    for (let i = 0; i < count; i++) heard(inbox.views[i] as DataView, inbox.arrivedMsAt(i), inbox.bytesAt(i));
    inbox.rearm(count);
    return count;
  }

  /** What was received with the last call goes back to where it came from; when that was is noted in it. */
  sendBack(fd: number, count: number, noteAt: number): void {
    const inbox = this.#inbox;
    const nowMs = this.now();
    for (let i = 0; i < count; i++) inbox.views[i]?.setFloat64(noteAt, nowMs, true);
    inbox.turn(count);
    for (let at = 0; at < count; )
      at += Math.max(1, this.#call.sendmmsg(fd, inbox.pointer + at * HEADER, count - at, MSG_DONTWAIT));
    inbox.rearm(count);
  }

  pointerTo(view: NodeJS.ArrayBufferView): number {
    return this.#ptr(view);
  }

  /** On a connected socket. */
  send(fd: number, pointer: number, bytes: number): void {
    this.#call.send(fd, pointer, bytes, MSG_DONTWAIT);
  }

  #check(what: string, answer: number): number {
    if (answer < 0) throw new Error(`${what} was refused by the system`);
    return answer;
  }
}

/** Room for what comes in with one call. */
class Batch {
  readonly pointer: number;
  readonly views: readonly DataView[];
  readonly #headers = new DataView(new ArrayBuffer(BATCH * HEADER));
  readonly #vectors = new DataView(new ArrayBuffer(BATCH * 16));
  readonly #names = new DataView(new ArrayBuffer(BATCH * NAME));
  readonly #controls = new DataView(new ArrayBuffer(BATCH * CONTROL));
  readonly #data = new DataView(new ArrayBuffer(BATCH * SLOT_BYTES));

  constructor(ptr: Ffi['ptr']) {
    this.pointer = ptr(this.#headers);
    this.views = Array.from({ length: BATCH }, (_, i) => new DataView(this.#data.buffer, i * SLOT_BYTES, SLOT_BYTES));
    const [names, vectors, controls, data] = [this.#names, this.#vectors, this.#controls, this.#data].map((each) =>
      BigInt(ptr(each)),
    );
    for (let i = 0; i < BATCH; i++) {
      const header = (at: number, base = 0n, step = 0) =>
        this.#headers.setBigUint64(i * HEADER + at, base + BigInt(i * step), true);
      header(0, names, NAME);
      header(16, vectors, 16);
      header(24, 1n);
      header(32, controls, CONTROL);
      this.#vectors.setBigUint64(i * 16, (data ?? 0n) + BigInt(i * SLOT_BYTES), true);
    }
    this.rearm(BATCH);
  }

  bytesAt(i: number): number {
    return this.#headers.getUint32(i * HEADER + 56, true);
  }

  arrivedMsAt(i: number): number {
    return msAt(this.#controls, i * CONTROL + 16);
  }

  /** To be sent as it came: as long as it was, and without its stamp. */
  turn(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#vectors.setUint32(i * 16 + 8, this.bytesAt(i), true);
      this.#headers.setUint32(i * HEADER + 40, 0, true);
    }
  }

  /** The system has written how much of each there was; it has to be told anew how much room there is. */
  rearm(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#headers.setUint32(i * HEADER + 8, NAME, true);
      this.#headers.setUint32(i * HEADER + 40, CONTROL, true);
      this.#vectors.setUint32(i * 16 + 8, SLOT_BYTES, true);
    }
  }
}

/** Of a `struct timespec`. */
function msAt(view: DataView, at: number): number {
  return (view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32) * 1e3 + view.getUint32(at + 8, true) / 1e6;
}

/** Where in a datagram of the bench is what, each as a double of ms: when it was sent, when it came to the server, when that answered. */
export const stamps = { sent: 0, served: 8, answered: 16 } as const;
