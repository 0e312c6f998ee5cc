/** Players behind a front: where they go when they come, when a server is gone, and when they are moved. The front is a game of lines; connections and the edge are real. */
import { connect, type Socket } from 'node:net';
import { until } from '@horizon-atlas/port-contracts';
import type { EdgeFront, EdgeSession, EdgeTarget } from '@horizon-atlas/protocol';
import { afterEach, expect, test } from 'vitest';
import type { FrontMaker } from '../src/index.ts';
import { Rig } from './rig.ts';
import { listenerOf, targetOf } from './udp-desk.ts';

type Host = Parameters<Awaited<ReturnType<FrontMaker>>['take']>[1];

/** One player at its door: the first line is who they are. The test lets servers fail, and says whether they take the player in. */
class Guest {
  readonly #host: Host;
  readonly #socket: Socket;
  at = '';
  refuses = '';
  player = '';

  constructor(socket: Socket, host: Host) {
    this.#host = host;
    this.#socket = socket;
    socket.once('data', (data) => {
      this.player = String(data).trim();
      void this.#settle(undefined);
    });
    // Half-open as an edge's sockets are, it would wait for us.
    socket.once('end', () => socket.end());
    socket.resume();
  }

  async left(why: string, kicked: boolean): Promise<void> {
    const server = this.at;
    this.at = '';
    await this.#settle({ server, why, kicked });
  }

  async move(target: { readonly name: string; readonly host: string; readonly port: number }): Promise<void> {
    if (target.name === this.refuses) throw new Error(`${target.name} refused: no room`);
    this.#enter(target);
  }

  leave(why: string): void {
    this.#socket.end(`bye ${why}\n`);
  }

  async #settle(left: Parameters<Host['seek']>[1]): Promise<void> {
    const next = await this.#host.seek(this.player, left);
    if ('name' in next) this.#enter(next);
    else this.leave(next.why);
  }

  #enter(target: Parameters<Host['entered']>[0]): void {
    this.at = target.name;
    this.#socket.write(`at ${target.name}\n`);
    this.#host.entered(target, '127.0.0.1:1');
  }
}

const front: EdgeFront = {
  ...{ game: 'lines', version: '1', onlineMode: false, secret: '', motd: '', playersMax: 10 },
  ...{ forwarding: 'none', fallback: ['lobby'] },
};
const listener = listenerOf({ protocol: 'tcp', wake: true, front });
const lobby = (over: Partial<EdgeTarget> = {}) => targetOf('lobby_1', 1, { fleet: 'lobby', ...over });

let rig: Rig;
const guests: Guest[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  guests.length = 0;
  await rig.stop();
});

const makeFront: FrontMaker = async () => ({
  take(socket, host) {
    const guest = new Guest(socket, host);
    guests.push(guest);
    return { move: (target) => guest.move(target), leave: (why) => guest.leave(why), backlogBytes: 0 };
  },
  close: () => {},
});

const start = async (...targets: EdgeTarget[]): Promise<void> => {
  rig = await Rig.start([listener], targets, { makeFront });
};

function player(name: string): { text: () => string; socket: Socket } {
  const socket = connect(rig.portOf(listener.listener), '127.0.0.1', () => socket.write(`${name}\n`));
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  socket.on('error', () => {});
  sockets.push(socket);
  return { socket, text: () => text };
}

/** As the control plane has been told. */
function told(name: string): EdgeSession | undefined {
  return rig.heard.flatMap((each) => (each.kind === 'sessions' ? each.changed : [])).findLast((each) => each.player === name);
}
const woken = (): string[] => rig.heard.flatMap((each) => (each.kind === 'wake' ? [`${each.fleet} ${each.server}`] : []));

function guestOf(name: string): Guest {
  const guest = guests.find(({ player: theirs }) => theirs === name);
  if (!guest) throw new Error(`${name} is not here`);
  return guest;
}

let moves = 0;
/** What the edge answers; by then it has heard all that was said before. */
async function moved(session: number, server: string): Promise<string> {
  const move = ++moves;
  rig.say({ kind: 'move', move, session, server });
  const answer = await until(() => rig.heard.find((each) => each.kind === 'moved' && each.move === move), 'an answer');
  return answer.kind === 'moved' ? `${answer.code} ${answer.message}`.trim() : '';
}

async function targets(...are: EdgeTarget[]): Promise<void> {
  rig.targets(are);
  expect(await moved(0, '')).toBe('MOVE_FAILED the session is over');
}

test('a player comes to a server that is up, is moved to one that takes them, and stays where they are otherwise', async () => {
  await start(targetOf('srv_1', 1), lobby(), targetOf('srv_3', 3, { state: 'draining' }));
  const ann = player('ann');
  const { session } = await until(() => told('ann')?.server === 'srv_1' && told('ann'), 'she is at srv_1');
  expect(await moved(session, 'lobby_1')).toBe('');
  expect(told('ann')).toMatchObject({ session, server: 'lobby_1', state: 'open' });
  guestOf('ann').refuses = 'srv_1';
  expect(await moved(session, 'srv_1')).toBe('MOVE_FAILED srv_1 refused: no room');
  expect(await moved(session, 'srv_3')).toBe('MOVE_FAILED srv_3 is not up, or has no port game');
  expect(await moved(session + 1, 'srv_1')).toBe('MOVE_FAILED the session is over');
  expect(told('ann')).toMatchObject({ session, server: 'lobby_1', state: 'open' });
  rig.say({ kind: 'end', session, code: 'SESSION_KICKED' });
  const all = 'at srv_1\nat lobby_1\nbye An operator has ended the session.\n';
  await until(() => ann.text() === all, 'she is told');
});

test('who comes while the server sleeps is held for it, though another fleet is up, and the server is woken', async () => {
  await start(targetOf('srv_1', 1, { state: 'asleep' }), lobby());
  const ann = player('ann');
  await until(() => told('ann')?.state === 'held', 'she is held');
  await until(() => woken().includes('arena srv_1'), 'it is woken');
  expect(ann.text()).toBe('');
  await targets(targetOf('srv_1', 1), lobby());
  await until(() => ann.text() === 'at srv_1\n', 'she is in');
});

test('a server that does not wake leaves who waits for it to the fallback, and without one they are told', async () => {
  await start(targetOf('srv_1', 1, { state: 'asleep' }), lobby());
  const ann = player('ann');
  await until(() => told('ann')?.state === 'held', 'she is held');
  rig.say({ kind: 'notWoken', fleet: 'arena', server: 'srv_1', code: 'PROCESS_STATE' });
  await until(() => ann.text() === 'at lobby_1\n', 'she is at the lobby');
  await targets(targetOf('srv_1', 1, { state: 'asleep' }));
  const bob = player('bob');
  await until(() => told('bob')?.state === 'held', 'he is held');
  rig.say({ kind: 'notWoken', fleet: 'arena', server: 'srv_1', code: 'PROCESS_STATE' });
  await until(() => woken().includes('lobby '), 'any server of the fallback is asked for');
  expect(bob.text()).toBe('');
  rig.say({ kind: 'notWoken', fleet: 'lobby', server: '', code: 'PROCESS_UNKNOWN' });
  await until(() => bob.text() === 'bye The server did not start in time. Try again in a moment.\n', 'he is told');
});

test('whom a server has left goes on: its own fleet first, then the fallback; not to one that let them down just now', async () => {
  await start(targetOf('srv_1', 1), lobby());
  const ann = player('ann');
  await until(() => ann.text() === 'at srv_1\n', 'she is at srv_1');
  await targets(targetOf('srv_1', 1), targetOf('srv_2', 2), lobby());
  await guestOf('ann').left('it crashed', false);
  expect(guestOf('ann').at).toBe('srv_2');
  await guestOf('ann').left('it crashed', false);
  expect(guestOf('ann').at).toBe('lobby_1');
  // Both of the arena let her down: once the lobby has sent her away, nobody is left.
  await guestOf('ann').left('banned', true);
  const all = 'at srv_1\nat srv_2\nat lobby_1\nbye No server is up. Try again in a moment.\n';
  await until(() => ann.text() === all, 'she is told');
});

test('a player whose server has died is held until one is up, and who leaves meanwhile is waited for no longer', async () => {
  await start(targetOf('srv_1', 1));
  const ann = player('ann');
  await until(() => ann.text() === 'at srv_1\n', 'she is at srv_1');
  await targets();
  const settled = guestOf('ann').left('it crashed', false);
  await until(() => told('ann')?.state === 'held', 'she is held');
  await until(() => woken().includes('arena '), 'any server of the fleet is asked for');
  await targets(targetOf('srv_2', 2));
  await settled;
  await until(() => ann.text() === 'at srv_1\nat srv_2\n', 'she is at the next one');
  await targets();
  const over = guestOf('ann').left('it crashed', false);
  await until(() => told('ann')?.state === 'held', 'she is held again');
  ann.socket.destroy();
  await over;
  await until(() => rig.edge?.stats.sessionsNow === 0, 'nobody is there');
});
