/** UDP sockets of Node.js. */
import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { type PeerSocket, type UdpSockets, type UpstreamSocket, type UpstreamWishes, udpLimits } from './udp-sockets.ts';

export function nodeUdp(): UdpSockets {
  return {
    listen,
    connect: (wishes) => new NodeUpstream(wishes),
  };
}

async function listen(
  host: string,
  port: number,
  onData: (data: Uint8Array, address: string, port: number) => void,
): Promise<PeerSocket> {
  const socket = socketFor(host);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: host, port }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // What a send meets (an unreachable peer, a full buffer) is a lost datagram.
  socket.on('error', () => {});
  socket.on('message', (data, from) => onData(data, from.address, from.port));
  let open = true;
  return {
    port: socket.address().port,
    send(data, to, address) {
      if (open) socket.send(data, to, address, lost);
    },
    close() {
      if (!open) return;
      open = false;
      socket.close();
    },
  };
}

class NodeUpstream implements UpstreamSocket {
  localHost = '';
  localPort = 0;
  readonly #socket: Socket;
  #waiting: Uint8Array[] | undefined = [];
  /** With one of its own a failed send is no failed socket; that nobody listened to the one before is told by the next. */
  readonly #sent: (error: Error | null) => void;
  #closed = false;

  constructor({ host, port, from, onData, onOpen, onFail }: UpstreamWishes) {
    const socket = socketFor(host);
    this.#sent = (error) => {
      if (error && (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' && !this.#closed) onFail('ECONNREFUSED');
    };
    this.#socket = socket;
    socket.on('message', (data) => onData(data));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.#closed) onFail(error.code ?? 'UNKNOWN');
    });
    const connect = (): void => {
      if (this.#closed) return;
      socket.connect(port, host, () => {
        if (this.#closed) return;
        const { address, port: localPort } = socket.address();
        this.localHost = address;
        this.localPort = localPort;
        const waiting = this.#waiting ?? [];
        this.#waiting = undefined;
        for (const data of waiting) socket.send(data, this.#sent);
        onOpen();
      });
    };
    if (from) socket.bind({ address: from.host, port: from.port, exclusive: true }, connect);
    else connect();
  }

  send(data: Uint8Array): void {
    if (this.#closed) return;
    if (this.#waiting === undefined) this.#socket.send(data, this.#sent);
    else if (this.#waiting.length < udpLimits.waiting) this.#waiting.push(data);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

function lost(): void {}

function socketFor(host: string): Socket {
  return createSocket({
    type: isIP(host) === 6 ? 'udp6' : 'udp4',
    recvBufferSize: udpLimits.receiveBufferBytes,
    sendBufferSize: udpLimits.sendBufferBytes,
    // Addresses are numbers by now: to look them up would cost a turn each.
    lookup: (name, _, done) => done(null, name === 'localhost' ? '127.0.0.1' : name, isIP(name) || 4),
  });
}
