/** The game server of the `udp` bench: one socket, as servers that nobody changed have it; each datagram is answered by as many bytes. */
import { createSocket } from 'node:dgram';

const socket = createSocket({ type: 'udp4', recvBufferSize: 4_194_304, lookup: (name, _, done) => done(null, name, 4) });
socket.on('message', (data, { address, port }) => socket.send(data, port, address, () => {}));
socket.bind(0, '127.0.0.1', () => process.send?.({ port: socket.address().port }));
