/**
 * Many players at once, against the world that runs:  npm run loadtest -- --players 40 --seconds 20
 *
 * Each walks from place to place and says something now and then. Ends with exit code 1 if somebody could not join, lost a socket, or
 * stood still for too long at a border.
 */
import { parseArgs } from 'node:util';
import { connect } from 'horizon-atlas/client';
import { developmentAccess } from 'horizon-atlas/client/node';
import { schema } from './schema.ts';
import { world } from './world.ts';

const { values } = parseArgs({
  options: {
    players: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '15' },
    /** A border may cost a player so much. */
    'gap-ms': { type: 'string', default: '1000' },
    url: { type: 'string', default: 'wss://127.0.0.1:7777' },
    'data-dir': { type: 'string', default: '.atlas' },
  },
});
const wanted = Number(values.players);
const lost = new Set<string>();
const gapsMs: number[] = [];

const joined = await Promise.allSettled(Array.from({ length: wanted }, (_, i) => join(`walker-${i + 1}`)));
const players = joined.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
const refusals = joined.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
console.log(`${players.length} of ${wanted} players are in the world`);
for (const refusal of new Set(refusals)) console.log(`  ${refusal}`);

const walking = setInterval(() => {
  for (const player of players) {
    if (Math.random() < 0.3) player.send('walk/to', somewhere());
    if (Math.random() < 0.05) player.send('chat/say', { text: 'what a day' });
  }
}, 500);
await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000));
clearInterval(walking);

const pings = players.map(({ ping }) => ping).filter(Number.isFinite);
for (const player of players) player.close();
console.log(`ping to the gateway      p50 ${at(pings, 0.5)} ms, p99 ${at(pings, 0.99)} ms`);
console.log(`crossings ${gapsMs.length}; gap    p50 ${at(gapsMs, 0.5)} ms, p99 ${at(gapsMs, 0.99)} ms, max ${at(gapsMs, 1)} ms`);
console.log(`sockets lost ${lost.size}`);
const tooLong = Math.max(0, ...gapsMs) > Number(values['gap-ms']);
process.exitCode = players.length < wanted || lost.size > 0 || tooLong ? 1 : 0;

async function join(name: string) {
  const access = developmentAccess(values['data-dir'], name);
  const player = await connect({ url: values.url, schema, ...access, policy: { firstConnectMs: 20_000 } });
  player.on('$crossed', ({ gapMs }) => gapsMs.push(gapMs));
  player.on('$status', ({ status, code }) => {
    if (status === 'reconnecting' || (status === 'closed' && code !== undefined)) lost.add(name);
  });
  player.send('walk/to', somewhere());
  return player;
}

function somewhere() {
  const { bounds } = world.regions[Math.floor(Math.random() * world.regions.length)] ?? world.regions[0] ?? { bounds: undefined };
  const { minX = 0, maxX = 0, minY = 0, maxY = 0 } = bounds ?? {};
  return { x: minX + Math.random() * (maxX - minX), y: minY + Math.random() * (maxY - minY) };
}

function at(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? '–' : (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
}
