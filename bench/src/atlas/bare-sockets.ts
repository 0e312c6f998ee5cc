/** Forked: a server of Node.js's own TLS sockets that does nothing with them. What they cost is the floor for whoever builds on them. */
import { readFileSync } from 'node:fs';
import { createServer, type TLSSocket } from 'node:tls';

const pair = readFileSync(process.argv[2] ?? '', 'utf8');
const sockets: TLSSocket[] = [];
const server = createServer({ key: pair, cert: pair, minVersion: 'TLSv1.3' }, (socket) => {
  sockets.push(socket);
  socket.on('error', () => {});
  socket.on('data', () => socket.write('welcome'));
});
server.listen({ host: '127.0.0.1', port: 0 }, () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
