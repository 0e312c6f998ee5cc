/** A server that does nothing but live: says its id on the control socket, then a dot each 50 ms. Redials when the socket is lost. SIGUSR2 is a bug of it. */
import { connect } from 'node:net';

const [id = '', control = '', doom = ''] = process.argv.slice(2);
if (doom === 'crash') process.exit(3);

function dial(): void {
  const socket = connect(control);
  let beat: NodeJS.Timeout | undefined;
  socket.on('connect', () => {
    socket.write(`${id}\n`);
    beat = setInterval(() => socket.write('.'), 50);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    clearInterval(beat);
    setTimeout(dial, 50);
  });
}

dial();
process.on('SIGTERM', () => process.exit(0));
process.on('SIGUSR2', () => {
  for (;;);
});
