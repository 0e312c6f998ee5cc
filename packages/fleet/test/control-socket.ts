/** Where the servers of tests (game-server.ts) say who they are, and that they live: three missed heartbeats of 50 ms are a lost link. */
import { createServer, type Server, type Socket } from 'node:net';

export interface ControlSocketOut {
  up(server: string, socket: Socket): void;
  down(server: string, socket: Socket): void;
}

export function controlSocket({ up, down }: ControlSocketOut): Server {
  return createServer((socket) => {
    let server = '';
    let missed = 0;
    const beat = setInterval(() => {
      if (++missed > 3) socket.destroy();
    }, 50);
    socket.on('data', (data) => {
      missed = 0;
      const [line, rest] = data.toString().split('\n');
      if (server !== '' || rest === undefined || line === undefined) return;
      server = line;
      up(server, socket);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(beat);
      if (server !== '') down(server, socket);
    });
  });
}
