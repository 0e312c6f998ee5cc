/**
 * The arena's crowd: bots that queue alone and in parties with their own tokens, play, rest and queue again, so that matches form all the time. Who
 * waits without being one of them does not wait long: bots that rest come at once. Ends when whoever started it ends.
 *
 *   node bots.ts [how many, default 24]
 *
 *   ATLAS_API          the HTTP API; default http://127.0.0.1:7700
 *   ATLAS_DEV_SECRET   file with the secret that signs development tokens
 *   ARENA_QUEUE        default arena
 */
import { existsSync, readFileSync } from 'node:fs';
import { Prng } from '@horizon-atlas/base';
import { developmentToken } from '@horizon-atlas/sdk-client/node';
import { WebSocket } from 'ws';
import { type BotSetup, type Figures, Party } from './bot.ts';
import { makeQueueing } from './queueing.ts';

/** What is told each second, if anything has changed. */
export interface ArenaReport extends Figures {
  readonly kind: 'arena-bots';
  readonly bots: number;
  readonly waiting: number;
}

const LOOK_MS = 1_000;
/** Of a dozen bots: parties of these sizes, and the others alone. */
const partiesOf = [3, 2];
const START_EACH_MS = 60;
/** A new token before the former one ends. */
const TOKEN_MS = 30 * 60_000;

const wanted = Math.max(1, Number(process.argv[2] ?? 24) || 24);
const api = process.env.ATLAS_API ?? 'http://127.0.0.1:7700';
const queue = process.env.ARENA_QUEUE ?? 'arena';
const secretFile = process.env.ATLAS_DEV_SECRET ?? '';
if (!existsSync(secretFile)) {
  console.error('ATLAS_DEV_SECRET names no file: bots sign their own tokens, which works where gateway.auth is { dev: true }');
  process.exit(1);
}
const secret = readFileSync(secretFile, 'utf8').trim();
const prng = new Prng(Date.now());
const figures: Figures = { queued: 0, matches: 0, finished: 0, lost: 0, refused: 0 };

const names = ['Ada', 'Bo', 'Cleo', 'Dax', 'Edda', 'Fynn', 'Gus', 'Hana', 'Ivo', 'Juna', 'Kip', 'Lou'];
const bots = Array.from({ length: wanted }, (_, i) => botOf(i));
const parties: Party[] = [];
for (let at = 0; at < bots.length; ) {
  const size = parties.length % 8 < partiesOf.length ? (partiesOf[parties.length % 8] ?? 1) : 1;
  const together = bots.slice(at, at + size);
  parties.push(new Party({ api, queue, bots: together, prng: prng.fork(), WebSocket, figures }));
  at += size;
}
const lives = parties.map(async (party, i) => {
  await new Promise((resolve) => setTimeout(resolve, i * START_EACH_MS));
  await party.live();
});

const looker = makeQueueing({ api, token: bots[0]?.token ?? (() => '') });
const timer = setInterval(() => void look().catch(() => {}), LOOK_MS);
let toldBefore = '';

for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, stop);
await Promise.all(lives);

function botOf(i: number): BotSetup {
  const player = `arena-bot-${i + 1}`;
  const name = `${names[i % names.length]}${i < names.length ? '' : ` ${Math.floor(i / names.length) + 1}`}`;
  let [token, untilMs] = ['', 0];
  return {
    player,
    name,
    skill: ((i * 7) % wanted) / Math.max(1, wanted - 1),
    prng: prng.fork(),
    token: () => {
      if (performance.now() > untilMs) [token, untilMs] = [developmentToken(secret, player, name), performance.now() + TOKEN_MS];
      return token;
    },
  };
}

/** More wait than there are bots that do: people. Enough of those who rest come now. */
async function look(): Promise<void> {
  tell();
  const { players } = await looker.look(queue);
  const waiting = waitingBots();
  if (players <= waiting) return;
  let missing = 10 - players;
  const rested = parties.filter((party) => (party.restedMs(performance.now()) ?? 0) > 1_000);
  for (const party of rested) {
    if (missing <= 0) return;
    missing -= party.size;
    party.hurry();
  }
}

function waitingBots(): number {
  return parties.reduce((sum, party) => sum + (party.waiting ? party.size : 0), 0);
}

function tell(): void {
  const report: ArenaReport = { kind: 'arena-bots', bots: wanted, waiting: waitingBots(), ...figures };
  const text = JSON.stringify(report);
  if (text === toldBefore) return;
  toldBefore = text;
  if (process.connected) process.send?.(report, undefined, undefined, () => {});
  else process.stdout.write(`${text}\n`);
}

function stop(): void {
  clearInterval(timer);
  for (const party of parties) party.stop();
  if (process.connected) process.disconnect();
}
