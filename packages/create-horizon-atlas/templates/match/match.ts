/** The match server. Atlas starts it, keeps one ready, gives it one match after another, and leads the players to it: they come by WebSocket and show the join token of their ticket. */
import { connect, type Session } from 'horizon-atlas/server';
import { type WebSocket, WebSocketServer } from 'ws';
import { Duel } from './duel.ts';
import type { FromPlayer, ToPlayer } from './messages.ts';

const STEP_MS = 20;
/** Who is not there by then has lost. */
const GATHER_MS = 10_000;
/** Who has not shown a token by then is let go. */
const TOKEN_MS = 5_000;

/** What matchmaking says of who plays: each team is one player here. */
interface Told {
  readonly teams: readonly {
    readonly name: string;
    readonly players: readonly { id: string; attributes?: { name?: string } }[];
  }[];
}

class Match {
  readonly session: Session;
  readonly #players: readonly { readonly id: string; readonly name: string; readonly team: string }[];
  readonly #sockets = new Map<number, WebSocket>();
  readonly #gatherUntilMs = performance.now() + GATHER_MS;
  #duel: Duel | undefined;

  constructor(session: Session) {
    this.session = session;
    // Nobody, where somebody has taken the server by hand.
    const { teams = [] } = (session.data ?? {}) as Partial<Told>;
    this.#players = teams.flatMap(({ name: team, players }) =>
      players.map(({ id, attributes }) => ({ id, name: (attributes?.name || id).slice(0, 24), team })),
    );
  }

  /** Resolves with the result: undefined where nobody has come. */
  async play(): Promise<unknown> {
    const over = Promise.withResolvers<void>();
    const timer = setInterval(() => this.#step(performance.now()) && over.resolve(), STEP_MS);
    await Promise.race([over.promise, this.session.closed]);
    clearInterval(timer);
    this.#tell();
    for (const socket of this.#sockets.values()) socket.close(1000, 'the match is over');
    const winner = this.#duel?.winner;
    if (winner === undefined) return undefined;
    // The ranks move the ratings.
    return { teams: this.#players.map(({ team }, i) => ({ name: team, rank: i === winner ? 1 : 2 })) };
  }

  join(socket: WebSocket, player: string): void {
    const i = this.#players.findIndex(({ id }) => id === player);
    if (i < 0) return socket.close(4001, 'this match is played without you');
    this.#sockets.get(i)?.close(1000, 'you came by another way');
    this.#sockets.set(i, socket);
    server.joined(player);
    socket.on('message', (data) => {
      if (!('draw' in read(data))) return;
      this.#duel?.draw(i, performance.now());
      this.#tell();
    });
    socket.once('close', () => {
      if (this.#sockets.get(i) !== socket) return;
      this.#sockets.delete(i);
      server.left(player);
      this.#duel?.leave(i);
    });
    this.#tell();
  }

  /** True: it is over, or nobody came. */
  #step(nowMs: number): boolean {
    const here = this.#sockets.size;
    if (!this.#duel && (here === 2 || nowMs > this.#gatherUntilMs)) {
      const [one, other] = this.#players.map(({ name }) => name);
      if (here === 0 || one === undefined || other === undefined) return true;
      this.#duel = new Duel([one, other], nowMs);
      for (const i of [0, 1]) if (!this.#sockets.has(i)) this.#duel.leave(i);
    }
    if (this.#duel?.step(nowMs)) this.#tell();
    return this.#duel?.phase === 'over';
  }

  #tell(): void {
    const { phase = 'pause', wins = [0, 0], last = '' } = this.#duel ?? {};
    const names = this.#players.map(({ name }) => name);
    for (const [you, socket] of this.#sockets) socket.send(JSON.stringify({ phase, you, names, wins, last } satisfies ToPlayer));
  }
}

const server = await connect();
let match: Match | undefined;
const sockets = new WebSocketServer({ host: server.host, port: server.port('game'), maxPayload: 8_192 });
sockets.on('connection', (socket) => {
  const patience = setTimeout(() => socket.close(4001, 'no join token came'), TOKEN_MS);
  socket.on('error', () => socket.terminate());
  socket.once('close', () => clearTimeout(patience));
  socket.once('message', async (data) => {
    clearTimeout(patience);
    const said = read(data);
    const admission = await server.admitted('token' in said ? said.token : '');
    if (!admission.ok) return socket.close(4001, admission.message);
    if (match?.session.id !== admission.session) return socket.close(4001, 'its match is not played here');
    if (socket.readyState === socket.OPEN) match.join(socket, admission.player);
  });
});
await new Promise((resolve) => sockets.once('listening', resolve));

for await (const session of server.sessions()) {
  match = new Match(session);
  session.active();
  await session.end(await match.play());
  match = undefined;
}
sockets.close();
await server.shutdown();
process.exit(0);

/** Players may send anything. */
function read(data: unknown): FromPlayer | Record<string, never> {
  try {
    const said: unknown = JSON.parse(String(data));
    return typeof said === 'object' && said !== null ? (said as FromPlayer) : {};
  } catch {
    return {};
  }
}
