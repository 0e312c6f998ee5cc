/** Somebody to play against: each bot queues, plays, rests, and queues again. Atlas starts them with the rest (`companions` in atlas.config.ts). */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { matchmake } from 'horizon-atlas/client/matchmaking';
import { developmentToken } from 'horizon-atlas/client/node';
import type { ToPlayer } from './messages.ts';

const bots = [
  { name: 'Billy', reactionMs: 250 },
  { name: 'Calamity', reactionMs: 320 },
  { name: 'Doc', reactionMs: 450 },
];
const api = process.env.ATLAS_API ?? 'http://127.0.0.1:7700';
// In the field your login server signs the tokens of players.
const secret = readFileSync(process.env.ATLAS_DEV_SECRET ?? '.atlas/dev-secret', 'utf8').trim();

for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, () => process.exit(0));
await Promise.all(bots.map(live));

async function live({ name, reactionMs }: (typeof bots)[0]): Promise<never> {
  const token = () => developmentToken(secret, `bot-${name.toLowerCase()}`, name);
  for (;;) {
    try {
      const seat = await matchmake({ api, token, queue: 'duel', attributes: { name } });
      await play(seat.address, seat.token, reactionMs);
    } catch (error) {
      console.error(`${name}: ${(error as Error).message}`);
    }
    await sleep(1_000 + Math.random() * 4_000);
  }
}

function play(address: string, token: string, reactionMs: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(address);
    socket.onopen = () => socket.send(JSON.stringify({ token }));
    socket.onmessage = async ({ data }) => {
      if ((JSON.parse(String(data)) as ToPlayer).phase !== 'signal') return;
      await sleep(reactionMs * (0.7 + 0.6 * Math.random()));
      socket.send(JSON.stringify({ draw: true }));
    };
    socket.onclose = () => resolve();
  });
}
