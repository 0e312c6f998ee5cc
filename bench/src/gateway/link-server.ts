/**
 * Our game server in the `gateway` bench: all players over one link, doing for each what ws-server.ts does. It also stands in for the
 * control plane, which has nothing to do once everybody has joined. A whole region server would simulate; here the wire is measured.
 */
import { randomBytes } from 'node:crypto';
import { makeLinks } from '@horizon-atlas/adapter-link';
import type { Link } from '@horizon-atlas/ports';
import { ControlToGateway, GatewayToControl, GatewayToServer, gameLink, ServerToGateway } from '@horizon-atlas/protocol';
import { systemClock } from '@horizon-atlas/runtime';
import { serveBench } from './bench-server.ts';
import { DOWN_BYTES, downPlayAt, EVENT, HZ, Player, viewOf } from './traffic.ts';

/** A player on the link: kind, then handle, before what a client's message has after its kind. */
const HANDLE_BYTES = 4;
const SERVER = 'game';

const { folder } = JSON.parse(process.argv[2] ?? '{}') as { folder: string };
const links = makeLinks({ clock: systemClock() });
const game = await links.listen(`unix:${folder}/game.sock`, serveGame);
const control = await links.listen(`unix:${folder}/control.sock`, serveControl);

class Session extends Player {
  readonly handle: number;
  readonly link: Link;
  applied = 0;
  /** Reliable messages so far. */
  messages = 0;
  /** Has commands that were not yet acknowledged. */
  owed = false;

  constructor(handle: number, link: Link) {
    super();
    this.handle = handle;
    this.link = link;
  }
}

const sessions = new Map<number, Session>();
/** Those to whom `acks` are owed at the end of the tick. */
let owed: Session[] = [];
const frame = new Uint8Array(HANDLE_BYTES + DOWN_BYTES).fill(0x5a);
const frameView = viewOf(frame);

const bench = serveBench({
  players: () => sessions.values(),
  tick() {
    for (const session of sessions.values()) sayLatest(session);
  },
});
setInterval(sendAcks, 1000 / HZ);
bench.ready({ game: game.address, control: control.address });

function serveGame(link: Link): void {
  link.onFrame((bytes) => {
    const what = bytes[0];
    if (what === gameLink.control) {
      attach(link, bytes);
      return;
    }
    const view = viewOf(bytes);
    const session = sessions.get(view.getUint32(1, true));
    if (session === undefined) return;
    if (what === gameLink.latestUp) {
      session.hears(view, 7);
      if (bench.answers === 'each') sayLatest(session);
    } else if (what === gameLink.command) {
      session.applied = view.getUint32(5, true);
      session.hears(view, 11);
      sayMessage(session);
      if (!session.owed) owed.push(session);
      session.owed = true;
    }
  });
  link.send(withKind(ServerToGateway.encode({ kind: 'hello', server: SERVER, version: 1 })));
}

function attach(link: Link, bytes: Uint8Array): void {
  const message = GatewayToServer.decode(bytes, 1);
  if (message?.kind !== 'attach') return;
  const { handle, session } = message;
  sessions.set(handle, new Session(handle, link));
  const answer = { handle, session, resumed: false, applied: 0, covered: 0, generation: 0, tickHz: HZ };
  link.send(withKind(ServerToGateway.encode({ kind: 'attached', ...answer })));
}

function sayLatest(session: Session): void {
  frame[0] = gameLink.latestDown;
  frameView.setUint32(1, session.handle, true);
  frameView.setUint32(5, 1, true);
  frameView.setUint16(9, EVENT, true);
  session.says(frameView, HANDLE_BYTES + downPlayAt.latest);
  session.link.send(frame);
}

function sayMessage(session: Session): void {
  frame[0] = gameLink.message;
  frameView.setUint32(1, session.handle, true);
  frameView.setUint32(5, ++session.messages, true);
  frameView.setUint16(9, EVENT, true);
  session.says(frameView, HANDLE_BYTES + downPlayAt.reliable);
  session.link.send(frame);
}

/** What has been applied this tick, and, as if a checkpoint followed each tick, is covered. */
function sendAcks(): void {
  const [first] = owed;
  if (first === undefined) return;
  const acks = new Uint8Array(3 + 12 * owed.length);
  const view = viewOf(acks);
  acks[0] = gameLink.acks;
  view.setUint16(1, owed.length, true);
  for (const [i, session] of owed.entries()) {
    view.setUint32(3 + 12 * i, session.handle, true);
    view.setUint32(7 + 12 * i, session.applied, true);
    view.setUint32(11 + 12 * i, session.applied, true);
    session.owed = false;
  }
  owed = [];
  first.link.send(acks);
}

function serveControl(link: Link): void {
  let epoch = 0;
  const say = (message: ControlToGateway): void => link.send(ControlToGateway.encode(message));
  link.onFrame((bytes) => {
    const message = GatewayToControl.decode(bytes);
    if (message?.kind !== 'join') return;
    const { request, session } = message;
    say({ kind: 'joined', request, session, region: 'r', server: SERVER, epoch: ++epoch, entity: epoch });
  });
  say({ kind: 'hello', version: 1, keys: [{ key: 'k1', secret: new Uint8Array(randomBytes(32)) }], gateways: [] });
  say({ kind: 'servers', servers: [{ server: SERVER, address: game.address }] });
}

function withKind(message: Uint8Array): Uint8Array {
  const whole = new Uint8Array(1 + message.length);
  whole[0] = gameLink.control;
  whole.set(message, 1);
  return whole;
}
