/** A match server for tests: plays each session until somebody says how it ends, by a datagram to its port `game`. */
import { createSocket } from 'node:dgram';
import { connect } from '@horizon-atlas/sdk-server';

const server = await connect();
const socket = createSocket('udp4');
let end: (winner: string) => void = () => {};
socket.on('message', (datagram, from) => {
  const [word = '', rest = ''] = datagram.toString('utf8').split(' ');
  if (word === 'end') end(rest);
  if (word === 'join') {
    const admission = server.admit(rest);
    if (admission.ok) server.joined(admission.player);
    socket.send(admission.ok ? `welcome ${admission.player}` : admission.code, from.port, from.address);
  }
});
await new Promise<void>((resolve) => socket.bind(server.port('game'), server.host, resolve));

await server.ready();
for await (const session of server.sessions()) {
  session.active();
  const winner = await Promise.race([
    new Promise<string>((resolve) => {
      end = resolve;
    }),
    session.closed.then(() => ''),
  ]);
  await session.end({ winner, data: session.data });
}
await server.shutdown();
process.exit(0);
