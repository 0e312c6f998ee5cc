/**
 * The peers' game server in the `gateway` bench: one WebSocket a player, by the package `ws`, as games without Atlas are written. It
 * speaks the same messages as a gateway does, and checks the same tokens.
 */
import { makeTokenVerifier } from '@horizon-atlas/gateway';
import { CLIENT_PROTOCOL, ClientFrame, GatewayFrame, kind } from '@horizon-atlas/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { serveBench } from './bench-server.ts';
import { DOWN_BYTES, downKind, downPlayAt, EVENT, HZ, Player, upPlayAt, viewOf } from './traffic.ts';

const { secret } = JSON.parse(process.argv[2] ?? '{}') as { secret: string };
const verify = makeTokenVerifier({ hs256Secret: secret }, () => 'guest');

const sockets = new Map<WebSocket, Player>();
const template = Buffer.alloc(DOWN_BYTES, 0x5a);
template[0] = downKind.latest;
template.writeUInt32LE(1, 1);
template.writeUInt16LE(EVENT, 5);

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  handleProtocols: (offered) => [...offered][0] ?? false,
});

server.on('connection', (socket) => {
  const player = new Player();
  socket.once('message', (hello: Buffer) => {
    void greet(socket, player, hello);
    socket.on('message', (data: Buffer) => {
      if (data[0] !== kind.latestUp) return;
      player.hears(viewOf(data), upPlayAt.latest);
      if (bench.answers === 'each') say(socket, player);
    });
  });
  socket.on('close', () => sockets.delete(socket));
});

const bench = serveBench({
  players: () => sockets.values(),
  tick() {
    for (const [socket, player] of sockets) say(socket, player);
  },
});

server.on('listening', () => {
  const address = server.address();
  bench.ready({ port: typeof address === 'object' && address ? address.port : 0 });
});

async function greet(socket: WebSocket, player: Player, data: Buffer): Promise<void> {
  const hello = ClientFrame.decode(data);
  const verdict = await verify(hello?.kind === 'hello' ? hello.token : '');
  if (!verdict.ok) {
    socket.close(1008, verdict.code);
    return;
  }
  sockets.set(socket, player);
  const numbers = { resumeMs: 0, applied: 0, covered: 0, entity: 1, epoch: 1, tickHz: HZ, heartbeatMs: 5000 };
  const names = { session: verdict.player, player: verdict.player, region: 'r', resume: '', resumed: false, gateways: [] };
  socket.send(GatewayFrame.encode({ kind: 'welcome', version: CLIENT_PROTOCOL, ...numbers, ...names }));
}

function say(socket: WebSocket, player: Player): void {
  // A buffer of its own: `ws` may still hold it when this returns.
  const message = Buffer.from(template);
  player.says(viewOf(message), downPlayAt.latest);
  socket.send(message);
}
