/** Players of the `udp` bench: a socket each. They join by token where they are told to, then send as ordered; each datagram carries the time that it was sent. */
import { createSocket, type Socket } from 'node:dgram';
import { joinFrame, proofFrame, readEdgeFrame } from '@horizon-atlas/edges';
import { RoundTrips } from '../round-trips.ts';

export interface LoadSettings {
  readonly port: number;
  readonly players: number;
  /** Base64; undefined: no tokens. */
  readonly tokens: readonly string[] | undefined;
  readonly bytes: number;
}

export interface LoadOrder {
  /** Datagrams a second of all players; undefined: each sends as soon as it was answered. */
  readonly perS: number | undefined;
  /** Under way at a time, of each player, in saturated traffic. */
  readonly window: number;
  readonly ms: number;
}

export interface LoadCounts {
  readonly sent: number;
  readonly heard: number;
  readonly wallS: number;
  /** See round-trips.ts. */
  readonly rtt: readonly number[];
}

/** What is under way has so long to arrive. */
const SETTLE_MS = 300;
/** A window that lost a datagram is filled again after this. */
const REFILL_MS = 100;

/** The longest the process sleeps between looks at its sockets, in paced traffic. */
const NAP_MS = 0.2;

const settings = JSON.parse(process.argv[2] ?? '{}') as LoadSettings;
const players = await Promise.all(Array.from({ length: settings.players }, (_, i) => join(i)));
process.send?.({ ready: players.length });

let sent = 0;
let heard = 0;
let trips = new RoundTrips();
let again = false;
const buffers = players.map(() => Buffer.alloc(settings.bytes));

for (const [i, player] of players.entries()) {
  player.on('message', (data) => {
    heard++;
    trips.add(performance.now() - data.readDoubleLE(0));
    if (again) send(i);
  });
}

process.on('message', (order: LoadOrder) => void run(order).then((counts) => process.send?.(counts)));

async function run({ perS, window, ms }: LoadOrder): Promise<LoadCounts> {
  sent = 0;
  heard = 0;
  trips = new RoundTrips();
  const beganMs = performance.now();
  if (perS === undefined) await saturate(window, ms);
  else await pace(perS, ms);
  const wallS = (performance.now() - beganMs) / 1000;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return { sent, heard, wallS, rtt: [...trips.counts] };
}

async function saturate(window: number, ms: number): Promise<void> {
  again = true;
  for (let i = 0; i < players.length; i++) for (let n = 0; n < window; n++) send(i);
  let before = 0;
  const refill = setInterval(() => {
    if (heard === before) for (let i = 0; i < players.length; i++) send(i);
    before = heard;
  }, REFILL_MS);
  await new Promise((resolve) => setTimeout(resolve, ms));
  clearInterval(refill);
  again = false;
}

/** By the clock and not by the answers: who is late catches up. Timers of whole milliseconds would make bursts of what are independent players. */
async function pace(perS: number, ms: number): Promise<void> {
  const beganMs = performance.now();
  const sleepCell = new Int32Array(new SharedArrayBuffer(4));
  let next = 0;
  await new Promise<void>((resolve) => {
    const step = (): void => {
      const passedMs = performance.now() - beganMs;
      if (passedMs >= ms) return resolve();
      const due = Math.floor((passedMs * perS) / 1000);
      while (next < due) send(next++ % players.length);
      const waitMs = Math.min(NAP_MS, ((next + 1) * 1000) / perS - (performance.now() - beganMs));
      if (waitMs > 0) Atomics.wait(sleepCell, 0, 0, waitMs);
      setImmediate(step);
    };
    step();
  });
}

function send(i: number): void {
  const data = buffers[i] as Buffer;
  // The kernel has copied it by the time that this returns: Node tries at once.
  const copy = Buffer.from(data);
  copy.writeDoubleLE(performance.now(), 0);
  sent++;
  (players[i] as Socket).send(copy, () => {});
}

async function join(i: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1_048_576 });
  await new Promise<void>((resolve) => socket.connect(settings.port, '127.0.0.1', resolve));
  const token = settings.tokens?.[i];
  if (token === undefined) return socket;
  await new Promise<void>((resolve) => {
    const frame = joinFrame(new Uint8Array(Buffer.from(token, 'base64')));
    const knock = setInterval(() => socket.send(frame), 200);
    socket.send(frame);
    socket.on('message', (data) => {
      const said = readEdgeFrame(data);
      if (said?.kind !== 'accepted') return;
      clearInterval(knock);
      socket.removeAllListeners('message');
      socket.send(proofFrame(said.cookie));
      resolve();
    });
  });
  return socket;
}
