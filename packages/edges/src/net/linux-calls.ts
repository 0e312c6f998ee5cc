/**
 * The few system calls of Linux that datagrams need, called from Bun without anything to compile: many datagrams with one call in both directions, and one place where all sockets
 * are waited for. Layouts are those of 64-bit Linux.
 */

/** The part of `bun:ffi` that is used, declared by ourselves: its own types would redefine Node's for the whole repository. */
interface Ffi {
  dlopen(
    library: string,
    functions: Readonly<Record<string, { readonly args: readonly string[]; readonly returns: string }>>,
  ): { readonly symbols: Readonly<Record<string, (...args: (number | bigint | null)[]) => number>> };
  ptr(view: NodeJS.ArrayBufferView): number;
  readonly read: { i32(pointer: number, offset: number): number };
}

export interface Calls {
  readonly ptr: (view: NodeJS.ArrayBufferView) => number;
  /** A negative answer of a call: why, as the system's number. */
  readonly errno: () => number;
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: number, length: number) => number;
  readonly connect: (fd: number, address: number, length: number) => number;
  readonly getsockname: (fd: number, address: number, length: number) => number;
  readonly setsockopt: (fd: number, level: number, option: number, value: number, length: number) => number;
  readonly close: (fd: number) => number;
  readonly send: (fd: number, data: number, length: number, flags: number) => number;
  readonly sendmmsg: (fd: number, messages: number, count: number, flags: number) => number;
  readonly recvmmsg: (fd: number, messages: number, count: number, flags: number, timeout: null) => number;
  readonly epollCreate: (flags: number) => number;
  readonly epollCtl: (epoll: number, op: number, fd: number, event: number) => number;
  readonly epollWait: (epoll: number, events: number, count: number, timeoutMs: number) => number;
}

const i32 = 'i32';
const functions = {
  socket: { args: [i32, i32, i32], returns: i32 },
  bind: { args: [i32, 'ptr', i32], returns: i32 },
  connect: { args: [i32, 'ptr', i32], returns: i32 },
  getsockname: { args: [i32, 'ptr', 'ptr'], returns: i32 },
  setsockopt: { args: [i32, i32, i32, 'ptr', i32], returns: i32 },
  close: { args: [i32], returns: i32 },
  send: { args: [i32, 'ptr', 'u64_fast', i32], returns: i32 },
  sendmmsg: { args: [i32, 'ptr', 'u32', i32], returns: i32 },
  recvmmsg: { args: [i32, 'ptr', 'u32', i32, 'ptr'], returns: i32 },
  epoll_create1: { args: [i32], returns: i32 },
  epoll_ctl: { args: [i32, i32, i32, 'ptr'], returns: i32 },
  epoll_wait: { args: [i32, 'ptr', i32, i32], returns: i32 },
  __errno_location: { args: [], returns: 'ptr' },
} as const;

/** glibc's name, then musl's on its two architectures. */
const LIBRARIES = ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'];

/** undefined: this is not Bun on a 64-bit Linux, or its C library is not to be had. */
export async function linuxCalls(): Promise<Calls | undefined> {
  if (process.platform !== 'linux' || !('Bun' in globalThis) || !['x64', 'arm64'].includes(process.arch)) return undefined;
  const name = 'bun:ffi';
  const ffi = (await import(name)) as Ffi;
  for (const library of LIBRARIES) {
    try {
      const { symbols } = ffi.dlopen(library, functions);
      const call = symbols as unknown as Record<keyof typeof functions, never>;
      const location = symbols.__errno_location as () => number;
      return {
        ptr: ffi.ptr,
        errno: () => ffi.read.i32(location(), 0),
        socket: call.socket,
        bind: call.bind,
        connect: call.connect,
        getsockname: call.getsockname,
        setsockopt: call.setsockopt,
        close: call.close,
        send: call.send,
        sendmmsg: call.sendmmsg,
        recvmmsg: call.recvmmsg,
        epollCreate: call.epoll_create1,
        epollCtl: call.epoll_ctl,
        epollWait: call.epoll_wait,
      };
    } catch {
      // The next one.
    }
  }
  return undefined;
}
