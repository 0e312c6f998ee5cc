/**
 * UDP sockets by system calls, in Bun on Linux. Bun's own sockets cost more in turning each datagram and each address into objects than the system takes to carry it; here nothing is made for
 * a datagram but a view.
 *
 * The thread sleeps in our `epoll_wait`, whose set holds our sockets and Bun's own set: so whatever comes first wakes it, and Bun goes on after each round. Bun's timers are in no set;
 * so a sleep is short.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import type { Calls } from './linux-calls.ts';
import { ADDRESS_BYTES, AF_INET, AF_INET6, fixed, hostAt, Messages, writeAddress } from './mmsg.ts';
import { type PeerSocket, type UdpSockets, type UpstreamSocket, type UpstreamWishes, udpLimits } from './udp-sockets.ts';

/** What timers may be late by while nothing happens. */
const SLEEP_MS = 5;
/** So long datagrams alone are seen to while they keep coming. */
const BUSY_MS = 0;
const EVENTS = 128;
const BATCH = 64;
/** Larger datagrams are cut by the system; games stay below 1,500. */
const SLOT_BYTES = 9_216;
/** Rounds of one socket before the others have their turn. */
const ROUNDS = 4;
/** Senders whose address is remembered as text. */
const NAMES_MAX = 65_536;

const SOCK_DGRAM = 2 | 0o4000 | 0o2000000;
const MSG_DONTWAIT = 0x40;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const EPOLLIN = 1;
const [ADD, DELETE] = [1, 2] as const;
const names: Readonly<Record<number, string>> = {
  98: 'EADDRINUSE',
  99: 'EADDRNOTAVAIL',
  111: 'ECONNREFUSED',
  13: 'EACCES',
  24: 'EMFILE',
};
/** Packed on x86-64 and on nothing else. */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const EVENT_FD = EVENT_BYTES - 8;

interface Ready {
  read(): void;
}

/** undefined: Bun's own set of sockets is not to be found, so that nobody would wake us for it. */
export function linuxUdp(calls: Calls): UdpSockets | undefined {
  const own = ownEpoll();
  if (own === undefined) return undefined;
  const poll = new Poll(calls, own);
  return {
    listen: async (host, port, onData) => new Door(poll, host, port, onData),
    connect: (wishes) => new Way(poll, wishes),
  };
}

/** Where all sockets are waited for. */
class Poll {
  readonly calls: Calls;
  readonly inbox: Messages;
  readonly #epoll: number;
  readonly #events = fixed(EVENTS * EVENT_BYTES);
  readonly #eventsAt: number;
  readonly #ready = new Map<number, Ready>();
  readonly #flushes: (() => void)[] = [];
  readonly #bunEpoll: number;
  #bunIsDue = false;
  #running = false;
  readonly #scratch = fixed(64);
  readonly #scratchAt: number;

  constructor(calls: Calls, bunEpoll: number) {
    this.calls = calls;
    this.inbox = new Messages(BATCH, SLOT_BYTES, true, calls.ptr);
    this.#bunEpoll = bunEpoll;
    this.#epoll = calls.epollCreate(0o2000000);
    this.#eventsAt = calls.ptr(this.#events);
    this.#scratchAt = calls.ptr(this.#scratch);
    this.#control(ADD, bunEpoll);
  }

  /** A socket of ours, not yet bound. Throws an error whose `code` is the system's. */
  open(host: string): number {
    const fd = this.calls.socket(host.includes(':') ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
    if (fd < 0) throw this.failed('socket');
    this.#option(fd, SO_RCVBUF, udpLimits.receiveBufferBytes);
    this.#option(fd, SO_SNDBUF, udpLimits.sendBufferBytes);
    return fd;
  }

  bind(fd: number, host: string, port: number): void {
    const length = writeAddress(this.#scratch, 0, host, port);
    if (this.calls.bind(fd, this.#scratchAt, length) < 0) throw this.failed('bind');
  }

  connect(fd: number, host: string, port: number): void {
    const length = writeAddress(this.#scratch, 0, host, port);
    if (this.calls.connect(fd, this.#scratchAt, length) < 0) throw this.failed('connect');
  }

  nameOf(fd: number): { readonly host: string; readonly port: number } {
    this.#scratch.writeUInt32LE(ADDRESS_BYTES, 32);
    if (this.calls.getsockname(fd, this.#scratchAt, this.#scratchAt + 32) < 0) throw this.failed('getsockname');
    return { host: hostAt(this.#scratch, 0), port: this.#scratch.readUInt16BE(2) };
  }

  watch(fd: number, ready: Ready): void {
    this.#ready.set(fd, ready);
    this.#control(ADD, fd);
    if (this.#running) return;
    this.#running = true;
    setImmediate(this.#round);
  }

  close(fd: number): void {
    this.#control(DELETE, fd);
    this.#ready.delete(fd);
    this.calls.close(fd);
  }

  /** Once, at the end of this round or of what runs now. */
  later(flush: () => void): void {
    this.#flushes.push(flush);
  }

  failed(what: string): NodeJS.ErrnoException {
    const errno = this.calls.errno();
    const code = names[errno] ?? `E${errno}`;
    return Object.assign(new Error(`${what}: ${code}`), { code, errno });
  }

  readonly #round = (): void => {
    // What timers and Bun's sockets have asked for since the last round.
    this.#flush();
    const untilMs = performance.now() + BUSY_MS;
    let count = this.#look(SLEEP_MS);
    // While there is more, and nothing of Bun's: each way round by it costs as much as a datagram.
    while (count > 0 && !this.#bunIsDue && performance.now() < untilMs) count = this.#look(0);
    if (this.#ready.size > 0) setImmediate(this.#round);
    else this.#running = false;
  };

  #look(timeoutMs: number): number {
    const count = this.calls.epollWait(this.#epoll, this.#eventsAt, EVENTS, timeoutMs);
    this.#bunIsDue = false;
    for (let i = 0; i < count; i++) {
      const fd = this.#events.readInt32LE(i * EVENT_BYTES + EVENT_FD);
      if (fd === this.#bunEpoll) this.#bunIsDue = true;
      else this.#ready.get(fd)?.read();
    }
    this.#flush();
    return count;
  }

  #flush(): void {
    if (this.#flushes.length === 0) return;
    for (const flush of this.#flushes.splice(0)) flush();
  }

  #control(op: number, fd: number): void {
    this.#scratch.fill(0, 0, EVENT_BYTES);
    this.#scratch.writeUInt32LE(EPOLLIN, 0);
    this.#scratch.writeInt32LE(fd, EVENT_FD);
    this.calls.epollCtl(this.#epoll, op, fd, this.#scratchAt);
  }

  #option(fd: number, option: number, value: number): void {
    this.#scratch.writeInt32LE(value, 0);
    this.calls.setsockopt(fd, SOL_SOCKET, option, this.#scratchAt, 4);
  }
}

class Door implements PeerSocket, Ready {
  readonly port: number;
  readonly #poll: Poll;
  readonly #fd: number;
  readonly #onData: (data: Uint8Array, address: string, port: number) => void;
  readonly #out: Messages;
  #texts = new Map<number, string>();
  #gathered = 0;
  #open = true;

  constructor(poll: Poll, host: string, port: number, onData: (data: Uint8Array, address: string, port: number) => void) {
    this.#poll = poll;
    this.#onData = onData;
    this.#fd = poll.open(host);
    try {
      poll.bind(this.#fd, host, port);
      this.port = poll.nameOf(this.#fd).port;
    } catch (error) {
      poll.calls.close(this.#fd);
      throw error;
    }
    this.#out = new Messages(BATCH, SLOT_BYTES, true, poll.calls.ptr);
    poll.watch(this.#fd, this);
  }

  read(): void {
    const { calls, inbox } = this.#poll;
    for (let round = 0; round < ROUNDS && this.#open; round++) {
      const count = calls.recvmmsg(this.#fd, inbox.pointer, BATCH, MSG_DONTWAIT, null);
      for (let i = 0; i < count; i++) {
        const at = i * ADDRESS_BYTES;
        this.#onData(inbox.received(i), this.#textAt(at), inbox.addresses.readUInt16BE(at + 2));
      }
      if (count > 0) inbox.rearm(count);
      if (count < BATCH) return;
    }
  }

  send(data: Uint8Array, port: number, address: string): void {
    if (!this.#open) return;
    const i = this.#gathered;
    const length = writeAddress(this.#out.addresses, i * ADDRESS_BYTES, address, port);
    if (!this.#out.put(i, data, length)) return;
    if (i === 0) this.#poll.later(this.#flush);
    this.#gathered++;
    if (this.#gathered === BATCH) this.#flush();
  }

  close(): void {
    if (!this.#open) return;
    this.#flush();
    this.#open = false;
    this.#poll.close(this.#fd);
  }

  readonly #flush = (): void => {
    const count = this.#gathered;
    this.#gathered = 0;
    for (let at = 0; at < count && this.#open; ) {
      const sent = this.#poll.calls.sendmmsg(this.#fd, this.#out.headerAt(at), count - at, MSG_DONTWAIT);
      // What the system does not take is lost, as datagrams are; those behind it are not.
      at += sent > 0 ? sent : 1;
    }
  };

  /** Of the sender at this place of the inbox. */
  #textAt(at: number): string {
    const { addresses } = this.#poll.inbox;
    if (addresses.readUInt16LE(at) !== AF_INET) return hostAt(addresses, at);
    const key = addresses.readUInt32LE(at + 4);
    let text = this.#texts.get(key);
    if (text === undefined) {
      text = hostAt(addresses, at);
      if (this.#texts.size >= NAMES_MAX) this.#texts.clear();
      this.#texts.set(key, text);
    }
    return text;
  }
}

class Way implements UpstreamSocket, Ready {
  localHost = '';
  localPort = 0;
  readonly #poll: Poll;
  readonly #onData: (data: Uint8Array) => void;
  readonly #onFail: (code: string) => void;
  #fd = -1;

  constructor(poll: Poll, { host, port, from, onData, onOpen, onFail }: UpstreamWishes) {
    this.#poll = poll;
    this.#onData = onData;
    this.#onFail = onFail;
    const to = host === 'localhost' ? '127.0.0.1' : host;
    try {
      this.#fd = poll.open(to);
      if (from) poll.bind(this.#fd, from.host, from.port);
      poll.connect(this.#fd, to, port);
      const name = poll.nameOf(this.#fd);
      this.localHost = name.host;
      this.localPort = name.port;
      poll.watch(this.#fd, this);
    } catch (error) {
      if (this.#fd >= 0) poll.calls.close(this.#fd);
      this.#fd = -1;
      const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException;
      // As others do: not before the caller has the socket.
      queueMicrotask(() => onFail(code));
      return;
    }
    queueMicrotask(() => this.#fd >= 0 && onOpen());
  }

  read(): void {
    const { calls, inbox } = this.#poll;
    for (let round = 0; round < ROUNDS && this.#fd >= 0; round++) {
      const count = calls.recvmmsg(this.#fd, inbox.pointer, BATCH, MSG_DONTWAIT, null);
      if (count < 0) return this.#refused();
      for (let i = 0; i < count; i++) this.#onData(inbox.received(i));
      if (count < BATCH) return;
    }
  }

  send(data: Uint8Array): void {
    if (this.#fd < 0 || data.length === 0) return;
    const { calls } = this.#poll;
    if (calls.send(this.#fd, calls.ptr(data), data.length, MSG_DONTWAIT) < 0) this.#refused();
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#poll.close(this.#fd);
    this.#fd = -1;
  }

  #refused(): void {
    if (this.#poll.calls.errno() === 111) this.#onFail('ECONNREFUSED');
  }
}

/** Bun's own `epoll` set: the first of this process. */
function ownEpoll(): number | undefined {
  try {
    const fds = readdirSync('/proc/self/fd')
      .map(Number)
      .sort((a, b) => a - b);
    return fds.find((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:[eventpoll]';
      } catch {
        return false;
      }
    });
  } catch {
    return undefined;
  }
}
