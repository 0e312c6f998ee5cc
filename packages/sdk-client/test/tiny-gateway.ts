/** A gateway and its game server in one, over real sockets: echoes each command as a message with the same event id. */
import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ClientFrame, GatewayFrame } from '@horizon-atlas/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { welcomeOf } from './client-story.ts';

/** What happens to one handshake. 'black-hole' is never answered. */
export type Handshake = 'accept' | '503' | 'black-hole' | 'reset';

export interface TinyGateway {
  readonly url: string;
  /** Fates of the next handshakes; then all are accepted. */
  readonly handshakes: Handshake[];
  /** Commands that took effect, by number. */
  readonly commands: number[];
  /** Open WebSockets. */
  readonly sockets: ReadonlySet<WebSocket>;
  /** Handshakes that were not answered and whose TCP connection is still there. */
  readonly pending: ReadonlySet<Duplex>;
  readonly hellos: { readonly token: string; readonly resume: string }[];
  close(): Promise<void>;
}

export async function tinyGateway(tls?: { cert: string; key: string }): Promise<TinyGateway> {
  const server: Server = tls === undefined ? createHttp() : (createHttps(tls) as unknown as Server);
  const wss = new WebSocketServer({ noServer: true });
  const pending = new Set<Duplex>();
  const gateway = {
    url: '',
    handshakes: [] as Handshake[],
    commands: [] as number[],
    sockets: wss.clients,
    pending,
    hellos: [] as { token: string; resume: string }[],
    async close() {
      for (const each of [...wss.clients, ...pending]) 'terminate' in each ? each.terminate() : each.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const fate = gateway.handshakes.shift() ?? 'accept';
    if (fate === 'accept') wss.handleUpgrade(request, socket, head, (ws) => serve(ws, gateway));
    else if (fate === '503') socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    else if (fate === 'reset') socket.destroy();
    else {
      pending.add(socket);
      socket.on('error', () => {}).on('close', () => pending.delete(socket));
      socket.resume().on('end', () => socket.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  gateway.url = `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return gateway;
}

function serve(ws: WebSocket, gateway: { url: string; commands: number[]; hellos: { token: string; resume: string }[] }): void {
  const tell = (frame: GatewayFrame): void => ws.send(GatewayFrame.encode(frame));
  const { commands } = gateway;
  let sent = 0;
  ws.on('message', (data: Buffer) => {
    const frame = ClientFrame.decode(data);
    if (frame?.kind === 'hello') {
      gateway.hellos.push({ token: frame.token, resume: frame.resume });
      if (frame.token === 'bad') return ws.close(4401, 'TOKEN_INVALID');
      const applied = commands.length;
      tell(welcomeOf({ resumed: frame.resume !== '', applied, covered: applied, gateways: [gateway.url] }));
      sent = frame.received;
      // In one chunk with the welcome, to catch a client that is not ready for it.
      for (; sent < applied; sent++)
        tell({ kind: 'message', seq: sent + 1, event: 1, payload: numbered(commands[sent] as number) });
    } else if (frame?.kind === 'command' && frame.seq === commands.length + 1) {
      commands.push(frame.seq);
      sent = frame.seq;
      tell({ kind: 'message', seq: frame.seq, event: 1, payload: frame.payload });
    } else if (frame?.kind === 'ping') tell({ kind: 'pong', stamp: frame.stamp });
  });
}

function numbered(n: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, n, true);
  return payload;
}
