/**
 * Sol's crowd: bots that are real clients over WSS, three quarters of them on recorded human paths across the borders, the others
 * traders on long hauls. Tells whoever started it, each second, what they saw: by IPC if there is a channel, else one JSON line a second.
 *
 *   node examples/sol/bots.ts [how many, default 60]
 *
 *   ATLAS_GATEWAYS        gateways, separated by commas; default wss://127.0.0.1:7777
 *   ATLAS_CA              file with the certificate authority to trust, for development certificates
 *   ATLAS_DEV_SECRET      file with the secret that signs development tokens
 */
import { existsSync, readFileSync } from 'node:fs';
import { histogram, Prng } from '@horizon-atlas/base';
import { nodeWebSocket } from '@horizon-atlas/sdk-client/node';
import { Bot } from './bot.ts';
import { replay, wander } from './courses.ts';
import { devToken } from './dev-token.ts';
import { unpackRecording } from './recording.ts';

/** What is told each second. Figures are since the start of the bots. */
export interface BotsReport {
  readonly kind: 'bots';
  readonly players: { readonly wanted: number; readonly online: number };
  readonly crossings: number;
  /** Around crossings: from the last view of the old region to the first of the new one. 0 while there was none. */
  readonly gapMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly commands: {
    readonly sent: number;
    readonly covered: number;
    readonly lost: number;
    readonly doubled: number;
    readonly reordered: number;
    /** Given up with a session that could not be resumed. */
    readonly dropped: number;
  };
  readonly reconnects: number;
  readonly closedSockets: number;
  /** Joins that failed, and sessions that were ended by Atlas. */
  readonly refusals: number;
  readonly gifts: { readonly given: number; readonly refused: number };
}

/** Each bot acts four times a second, as the recording has it; the turns of different bots are spread over the time between. */
const ACT_MS = 250;
const SLICES = 10;
const JOIN_EVERY_MS = 20;
const REPORT_MS = 1000;

const wanted = Math.max(1, Number(process.argv[2] ?? 60) || 60);
const gateways = (process.env.ATLAS_GATEWAYS ?? 'wss://127.0.0.1:7777').split(',');
const secretFile = process.env.ATLAS_DEV_SECRET ?? '';
const caFile = process.env.ATLAS_CA ?? '';

const secret = existsSync(secretFile) ? readFileSync(secretFile, 'utf8').trim() : '';
const WebSocket = existsSync(caFile) ? nodeWebSocket({ ca: readFileSync(caFile, 'utf8') }) : undefined;
const recording = unpackRecording(readFileSync(new URL('./data/movement.bin.gz', import.meta.url)));
const gapsMs = histogram();
const prng = new Prng(Date.now());

const bots = Array.from({ length: wanted }, (_, i) => {
  const trades = i % 4 === 3;
  const name = `${trades ? 'Trader' : 'Pilot'} ${i + 1}`;
  const course = trades ? wander(prng.fork()) : replay(recording, i, prng.between(0, 600));
  const url = gateways[i % gateways.length] as string;
  return new Bot({
    name,
    url,
    token: () => devToken(secret, `bot-${i + 1}`, name),
    WebSocket,
    course,
    trades,
    prng: prng.fork(),
    gapsMs,
  });
});

const startedMs = performance.now();
const timers: ReturnType<typeof setTimeout>[] = [];
for (const [i, bot] of bots.entries()) timers.push(setTimeout(() => void bot.start(), i * JOIN_EVERY_MS));

let stopping = false;
let turn = 0;
timers.push(
  setInterval(() => {
    const atS = (performance.now() - startedMs) / 1000;
    for (let i = turn % SLICES; i < bots.length; i += SLICES) bots[i]?.act(atS);
    turn++;
  }, ACT_MS / SLICES),
);
timers.push(setInterval(() => tell(report()), REPORT_MS));

process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// Whoever started the bots is gone.
process.once('disconnect', stop);

/** Says goodbye; the process ends by itself when the sockets are closed. */
function stop(): void {
  if (stopping) return;
  stopping = true;
  for (const timer of timers) clearTimeout(timer);
  const last = report();
  for (const bot of bots) bot.stop();
  tell(last);
  if (process.connected) process.disconnect();
}

function report(): BotsReport {
  const sum = (of: (bot: Bot) => number): number => bots.reduce((total, bot) => total + of(bot), 0);
  return {
    kind: 'bots',
    players: { wanted, online: sum((bot) => (bot.online ? 1 : 0)) },
    crossings: sum((bot) => bot.crossings),
    gapMs: { p50: gapsMs.percentile(0.5) || 0, p99: gapsMs.percentile(0.99) || 0, max: gapsMs.max },
    commands: {
      sent: sum((bot) => bot.sent),
      covered: sum((bot) => bot.covered),
      lost: sum((bot) => bot.counts.faults.lost),
      doubled: sum((bot) => bot.counts.faults.doubled),
      reordered: sum((bot) => bot.counts.faults.reordered),
      dropped: sum((bot) => bot.dropped),
    },
    reconnects: sum((bot) => Math.max(0, bot.connects - 1)),
    closedSockets: sum((bot) => bot.closedSockets),
    refusals: sum((bot) => bot.refusals),
    gifts: { given: sum((bot) => bot.gifts.given), refused: sum((bot) => bot.gifts.refused) },
  };
}

function tell(report: BotsReport): void {
  if (process.connected) process.send?.(report, undefined, undefined, () => {});
  else process.stdout.write(`${JSON.stringify(report)}\n`);
}
