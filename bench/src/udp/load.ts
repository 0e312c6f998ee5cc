/**
 * Players of the `udp` bench, in Bun: a socket each. They join by token where they are told to, then send as ordered. What the kernel noted when an answer came counts,
 * not when this process woke up for it.
 */
import { joinFrame, proofFrame, readEdgeFrame } from '@horizon-atlas/edges';
import { RoundTrips } from '../round-trips.ts';
import { Datagrams, stamps } from './datagrams.ts';

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
  /** See round-trips.ts. There and back; of that, what was not at the server; and by how much each was sent later than it was due. */
  readonly rtt: readonly number[];
  readonly way: readonly number[];
  readonly late: readonly number[];
}

/** What is under way has so long to arrive. */
const SETTLE_MS = 300;
/** A window that lost a datagram is filled again after this. */
const REFILL_MS = 100;
const KNOCK_MS = 200;

const settings = JSON.parse(process.argv[2] ?? '{}') as LoadSettings;
const datagrams = await Datagrams.open();
const players = Array.from({ length: settings.players }, () => datagrams.socket(1_048_576, settings.port));
const out = new DataView(new ArrayBuffer(settings.bytes));
const outAt = datagrams.pointerTo(out);
const frame = new Uint8Array(new ArrayBuffer(1_024));

let sent = 0;
let heard = 0;
let again = false;
let [trips, ways, lates] = [new RoundTrips(), new RoundTrips(), new RoundTrips()];

join(settings.tokens ?? []);
process.on('message', (order: LoadOrder) => process.send?.(run(order)));
process.send?.({ ready: players.length });
process.channel?.ref();

/** Nothing else runs in this process meanwhile. */
function run({ perS, window, ms }: LoadOrder): LoadCounts {
  [sent, heard] = [0, 0];
  [trips, ways, lates] = [new RoundTrips(), new RoundTrips(), new RoundTrips()];
  const beganMs = datagrams.now();
  if (perS === undefined) saturate(window, beganMs + ms);
  else pace(perS, beganMs, beganMs + ms);
  const endedMs = datagrams.now();
  for (let leftMs = SETTLE_MS; leftMs > 0; leftMs = endedMs + SETTLE_MS - datagrams.now()) datagrams.wait(leftMs, hear);
  const [rtt, way, late] = [trips, ways, lates].map(({ counts }) => [...counts]) as [number[], number[], number[]];
  return { sent, heard, wallS: (endedMs - beganMs) / 1000, rtt, way, late };
}

function saturate(window: number, untilMs: number): void {
  again = true;
  for (let n = 0; n < window; n++) for (const player of players) send(player, datagrams.now());
  for (let nowMs = 0; nowMs < untilMs; nowMs = datagrams.now()) {
    const before = heard;
    datagrams.wait(REFILL_MS, hear);
    if (heard === before) for (const player of players) send(player, datagrams.now());
  }
  again = false;
}

/** Each at its moment, by the clock and not by the answers: who is late catches up. */
function pace(perS: number, beganMs: number, untilMs: number): void {
  const everyMs = 1000 / perS;
  for (let next = 0, dueMs = beganMs; dueMs < untilMs; ) {
    let nowMs = datagrams.now();
    for (; dueMs <= nowMs && dueMs < untilMs; dueMs = beganMs + ++next * everyMs) {
      lates.add(nowMs - dueMs);
      send(players[next % players.length] as number, nowMs);
      nowMs = datagrams.now();
    }
    datagrams.wait(dueMs - nowMs, hear);
  }
}

function hear(player: number): void {
  const count = datagrams.receive(player, counted);
  if (again) for (let i = 0; i < count; i++) send(player, datagrams.now());
}

function counted(data: DataView, arrivedMs: number): void {
  heard++;
  const sentMs = data.getFloat64(stamps.sent, true);
  trips.add(arrivedMs - sentMs);
  ways.add(arrivedMs - sentMs - (data.getFloat64(stamps.answered, true) - data.getFloat64(stamps.served, true)));
}

function send(player: number, nowMs: number): void {
  out.setFloat64(stamps.sent, nowMs, true);
  sent++;
  datagrams.send(player, outAt, settings.bytes);
}

/** All of them, before anything is measured. */
function join(tokens: readonly string[]): void {
  const waiting = new Map<number, Uint8Array>();
  for (const [i, player] of players.entries())
    if (tokens[i] !== undefined) waiting.set(player, joinFrame(Buffer.from(tokens[i], 'base64')));
  for (let knockMs = 0; waiting.size > 0; ) {
    if (datagrams.now() > knockMs) {
      for (const [player, wish] of waiting) tell(player, wish);
      knockMs = datagrams.now() + KNOCK_MS;
    }
    datagrams.wait(KNOCK_MS, (player) =>
      datagrams.receive(player, (data, _, bytes) => {
        const said = readEdgeFrame(new Uint8Array(data.buffer, data.byteOffset, bytes));
        if (said?.kind !== 'accepted' || !waiting.delete(player)) return;
        tell(player, proofFrame(said.cookie));
      }),
    );
  }
}

function tell(player: number, said: Uint8Array): void {
  frame.set(said);
  datagrams.send(player, datagrams.pointerTo(frame), said.length);
}
