/**
 * The match server: Atlas starts it, gives it one match after another, and leads the players to it. They come by WebSocket and show the join token
 * that came with their ticket; then they say what they want, and are told twenty times a second what is so.
 *
 *   node match.ts [mode]        as a fleet's `entry`; modes.ts has the modes
 */
import { connect, type Session } from '@horizon-atlas/sdk-server';
import { type WebSocket, WebSocketServer } from 'ws';
import { Game, rules } from './game.ts';
import { aimFromWire, closed, FromPlayer, moveFromWire, ToPlayer } from './messages.ts';
import { modeOf } from './modes.ts';
import { readTeams, viewOf, type WireTeam } from './telling.ts';

/** The match begins when all are there, or after this; without anybody it ends. */
const GATHER_MS = 6_000;
const EMPTY_MS = 8_000;
const JOIN_MS = 5_000;
/** Who does not read is left out of a view. */
const BACKLOG_BYTES = 65_536;

class Match {
  readonly #session: Session;
  readonly #teams: readonly WireTeam[];
  readonly #game: Game;
  readonly #sockets = new Map<number, WebSocket>();
  readonly #gatherUntilMs = performance.now() + GATHER_MS;
  #began = false;
  #seenMs = performance.now();

  constructor(session: Session) {
    this.#session = session;
    this.#teams = readTeams(session);
    const seats = this.#teams.flatMap(({ players }, team) => players.map(({ id }) => ({ player: id, team })));
    this.#game = new Game(mode, this.#teams.length, seats);
  }

  get id(): string {
    return this.#session.id;
  }

  /** Plays it to its end. What it resolves with is the result: undefined where nobody came. */
  async play(): Promise<unknown> {
    const ended = Promise.withResolvers<void>();
    const timer = setInterval(() => this.#turn() && ended.resolve(), 1000 / rules.tickHz);
    await Promise.race([ended.promise, this.#session.closed]);
    clearInterval(timer);
    const [ranks, { scores, fighters }] = [this.#game.ranks(), this.#game];
    this.#tell(ToPlayer.encode({ kind: 'over', ranks, scores }));
    for (const socket of this.#sockets.values()) socket.close(closed.over, 'the match is over');
    if (!this.#began) return undefined;
    const teams = this.#teams.map(({ name }, i) => ({ name, rank: ranks[i], score: scores[i] }));
    return { teams, data: { players: fighters.map(({ player, knockouts, falls }) => ({ player, knockouts, falls })) } };
  }

  join(socket: WebSocket, player: string): void {
    const fighter = this.#game.fighters.find((each) => each.player === player);
    if (!fighter) return socket.close(closed.refused, 'this match is played without you');
    this.#sockets.get(fighter.index)?.close(closed.replaced, 'you came by another way');
    this.#sockets.set(fighter.index, socket);
    fighter.present = true;
    server.joined(player);
    const players = this.#teams.flatMap((team, i) => team.players.map(({ id, name, rating }) => ({ id, name, team: i, rating })));
    const teams = this.#teams.map(({ name }) => name);
    socket.send(ToPlayer.encode({ kind: 'welcome', mode: modeName, match: this.id, you: fighter.index, teams, players }));
    socket.on('message', (data) => {
      const said = FromPlayer.decode(data as Buffer);
      if (said?.kind !== 'wish') return socket.close(closed.malformed, 'this is no wish');
      const { moveX, moveY, aim, fire, dash } = said;
      fighter.wish = { moveX: moveFromWire(moveX), moveY: moveFromWire(moveY), aim: aimFromWire(aim), fire, dash };
    });
    socket.on('close', () => {
      if (this.#sockets.get(fighter.index) !== socket) return;
      this.#sockets.delete(fighter.index);
      fighter.present = false;
      server.left(player);
    });
  }

  /** True: it is over. */
  #turn(): boolean {
    const [nowMs, game] = [performance.now(), this.#game];
    if (this.#sockets.size > 0) this.#seenMs = nowMs;
    this.#began ||= this.#sockets.size === game.fighters.length || (this.#sockets.size > 0 && nowMs > this.#gatherUntilMs);
    if (this.#began) game.step(1 / rules.tickHz);
    this.#tell(viewOf(game));
    return (this.#began && game.isOver) || nowMs - this.#seenMs > EMPTY_MS;
  }

  #tell(bytes: Uint8Array): void {
    for (const socket of this.#sockets.values()) if (socket.bufferedAmount < BACKLOG_BYTES) socket.send(bytes);
  }
}

const modeName = process.argv[2] ?? 'arena';
const mode = modeOf(modeName);
const server = await connect();
let match: Match | undefined;

const sockets = new WebSocketServer({
  host: server.host,
  port: server.port('game'),
  perMessageDeflate: false,
  maxPayload: 8_192,
});
sockets.on('connection', (socket) => {
  const patience = setTimeout(() => socket.close(closed.refused, 'no join token came'), JOIN_MS);
  socket.on('error', () => socket.terminate());
  socket.once('close', () => clearTimeout(patience));
  socket.once('message', (data) => {
    clearTimeout(patience);
    const said = FromPlayer.decode(data as Buffer);
    if (said?.kind !== 'join') return socket.close(closed.malformed, 'the first word is the join token');
    void letIn(socket, said.token);
  });
});

async function letIn(socket: WebSocket, token: string): Promise<void> {
  const admission = await server.admitted(token);
  if (!admission.ok) return socket.close(closed.refused, admission.message);
  if (socket.readyState !== socket.OPEN) return;
  if (match?.id !== admission.session) return socket.close(closed.refused, 'its match is not played here');
  match.join(socket, admission.player);
}
await new Promise((resolve) => sockets.once('listening', resolve));

for await (const session of server.sessions()) {
  match = new Match(session);
  session.active();
  await session.end(await match.play());
  match = undefined;
}
for (const socket of sockets.clients) socket.terminate();
sockets.close();
await server.shutdown();
process.exit(0);
