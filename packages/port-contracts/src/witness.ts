/**
 * A loopback socket that child processes of a test connect to: it knows who lives without asking the adapter under test,
 * because the operating system closes a dead process's socket.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Inbox, until } from './await.ts';

/** What a child says about itself when it is up. */
export interface Testimony {
  readonly id: string;
  readonly pid: number;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export class Witness {
  readonly arrivals = new Inbox<Testimony>();
  readonly #server: Server;
  readonly #sockets = new Map<Socket, number>();
  readonly #port: number;

  static async open(): Promise<Witness> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Witness(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the witness has no port');
    this.#port = address.port;
    server.on('connection', (socket) => this.#hear(socket));
  }

  /**
   * The command line of a child that testifies once `setup` has run, and then lives until it is ended, or the witness closes.
   * `setup`: JavaScript, with `id` and `args` (its further arguments) in scope.
   */
  argv(id: string, setup = '', ...args: readonly string[]): string[] {
    const script = `
      const [id, ...args] = process.argv.slice(1);
      ${setup};
      const socket = require('node:net').connect(${this.#port}, '127.0.0.1', () => socket.write(JSON.stringify(
        { id, pid: process.pid, argv: args, cwd: process.cwd(), env: process.env }) + '\\n'));
      socket.on('error', () => {});
      socket.on('close', () => process.exit(0));
      setInterval(() => {}, 1000);`;
    return [process.execPath, '-e', script, '--', id, ...args];
  }

  alive(pid: number): boolean {
    return [...this.#sockets.values()].includes(pid);
  }

  async gone(pid: number): Promise<void> {
    await until(() => !this.alive(pid), `process ${pid} is gone`);
  }

  /** The processes that testified and still live. */
  get pids(): readonly number[] {
    return [...this.#sockets.values()].filter((pid) => pid > 0);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.keys()) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #hear(socket: Socket): void {
    let text = '';
    this.#sockets.set(socket, 0);
    socket.setEncoding('utf8');
    socket.on('data', (more) => {
      text += String(more);
      const end = text.indexOf('\n');
      if (end < 0) return;
      const testimony = JSON.parse(text.slice(0, end)) as Testimony;
      text = text.slice(end + 1);
      this.#sockets.set(socket, testimony.pid);
      this.arrivals.add(testimony);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
