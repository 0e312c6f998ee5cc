/**
 * UDP sockets of Bun, which takes many datagrams with one system call and, gathered over a turn, gives many: that is what a flood of small packets costs.
 */
import { type PeerSocket, type UdpSockets, type UpstreamSocket, type UpstreamWishes, udpLimits } from './udp-sockets.ts';

interface BunUdpSocket {
  readonly port: number;
  readonly hostname: string;
  readonly address: { readonly address: string; readonly port: number };
  send(data: Uint8Array, port?: number, address?: string): boolean;
  sendMany(packets: unknown[]): number;
  close(): void;
}

interface BunUdp {
  udpSocket(options: {
    hostname?: string;
    port?: number;
    connect?: { hostname: string; port: number };
    binaryType?: 'buffer' | 'uint8array';
    socket: {
      data?(socket: BunUdpSocket, data: Uint8Array, port: number, address: string): void;
      drain?(socket: BunUdpSocket): void;
      error?(error: Error & { code?: string }): void;
    };
  }): Promise<BunUdpSocket>;
}

const bun = (): BunUdp => (globalThis as unknown as { Bun: BunUdp }).Bun;

export function bunUdp(): UdpSockets {
  return { listen, connect: (wishes) => new BunUpstream(wishes) };
}

/** Beyond so many, a turn's datagrams are written before it ends. */
const GATHERED = 256;

async function listen(
  host: string,
  port: number,
  onData: (data: Uint8Array, address: string, port: number) => void,
): Promise<PeerSocket> {
  const socket = await bun().udpSocket({
    hostname: host,
    port,
    binaryType: 'uint8array',
    socket: { data: (_, data, from, address) => onData(data, address, from), error() {} },
  });
  let open = true;
  let gathered: unknown[] = [];
  let due = false;
  const flush = (): void => {
    due = false;
    const packets = gathered;
    gathered = [];
    if (open && packets.length > 0) sendAll(socket, packets);
  };
  return {
    port: socket.port,
    send(data, to, address) {
      gathered.push(data, to, address);
      if (gathered.length >= 3 * GATHERED) flush();
      else if (!due) {
        due = true;
        setImmediate(flush);
      }
    },
    close() {
      if (!open) return;
      flush();
      open = false;
      socket.close();
    },
  };
}

class BunUpstream implements UpstreamSocket {
  localHost = '';
  localPort = 0;
  #socket: BunUdpSocket | undefined;
  #waiting: Uint8Array[] = [];
  #closed = false;

  constructor({ host, port, from, onData, onOpen, onFail }: UpstreamWishes) {
    // It may throw at once where others reject.
    Promise.resolve()
      .then(() =>
        bun().udpSocket({
          ...(from ? { hostname: from.host, port: from.port } : {}),
          connect: { hostname: host, port },
          binaryType: 'uint8array',
          socket: {
            data: (_, data) => onData(data),
            error: (error) => {
              if (!this.#closed) onFail(error.code ?? 'UNKNOWN');
            },
          },
        }),
      )
      .then(
        (socket) => {
          if (this.#closed) return socket.close();
          this.#socket = socket;
          this.localHost = socket.address.address;
          this.localPort = socket.port;
          for (const data of this.#waiting) sendOne(socket, data);
          this.#waiting = [];
          onOpen();
        },
        (error: Error & { code?: string }) => {
          if (!this.#closed) onFail(error.code ?? 'UNKNOWN');
        },
      );
  }

  send(data: Uint8Array): void {
    if (this.#socket) sendOne(this.#socket, data);
    else if (this.#waiting.length < udpLimits.waiting) this.#waiting.push(data);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket?.close();
  }
}

function sendOne(socket: BunUdpSocket, data: Uint8Array): void {
  try {
    socket.send(data);
  } catch {
    // Lost, as datagrams are.
  }
}

/** What one datagram meets must not keep those behind it from going out. */
function sendAll(socket: BunUdpSocket, packets: unknown[]): void {
  for (let at = 0; at < packets.length; ) {
    try {
      const sent = socket.sendMany(at === 0 ? packets : packets.slice(at));
      if (at + 3 * sent >= packets.length) return;
      // The system's buffer is full: the next one is lost, so that the loop ends.
      at += 3 * (sent + 1);
    } catch {
      at = sendEach(socket, packets, at);
    }
  }
}

function sendEach(socket: BunUdpSocket, packets: unknown[], from: number): number {
  for (let at = from; at < packets.length; at += 3) {
    try {
      socket.send(packets[at] as Uint8Array, packets[at + 1] as number, packets[at + 2] as string);
    } catch {
      // This one was the reason.
    }
  }
  return packets.length;
}
