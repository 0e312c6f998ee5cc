/**
 * The process that is measured by match-end-to-end: the API on a socket, the matchmaker, and a Store on SQLite that is durable before it answers. Servers
 * are reserved in memory, so that what is measured is matchmaking; what reserving a real one costs is the bench allocation's. Join tokens are signed as ever.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '@horizon-atlas/adapter-sqlite';
import { makeControl } from '@horizon-atlas/control';
import { openJoinTokens } from '@horizon-atlas/fleet';
import { makeMatchmaker, readRuleSet } from '@horizon-atlas/matchmaker';
import { SmallFleet } from '@horizon-atlas/matchmaker/small-fleet';
import { systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { ruleSet } from './tickets.ts';

const token = process.argv[2] ?? '';
const folder = mkdtempSync(join(tmpdir(), 'atlas-match-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const read = readRuleSet(ruleSet);
if (!read.ok) throw new Error(JSON.stringify(read.complaints));
const clock = systemClock();
const store = await openSqliteStore({ file: join(folder, 'atlas.db') });
const fleet = new SmallFleet(1_000_000_000);
const entropy = systemEntropy();
const tokens = await openJoinTokens(store, entropy, clock.wall());
const matchmaker = makeMatchmaker(
  {
    clock,
    store,
    entropy,
    sessions: fleet,
    servers: fleet,
    address: (_server, ports) => `${ports[0]?.host}:${ports[0]?.port}`,
    token: (sub, srv, mat, team) => tokens.sign({ sub, srv, mat, team, exp: Math.floor(clock.wall() / 1000) + 120 }),
  },
  {
    queues: [
      {
        name: 'four',
        ruleSet: read.ruleSet,
        fleet: 'arena',
        ticketTimeoutMs: 300_000,
        acceptMs: 0,
        backfill: false,
        rating: undefined,
        sites: [],
        recorded: false,
      },
    ],
    lobbies: [],
    waitMs: 1_000,
    leaseMs: 60_000,
  },
);
await matchmaker.start();
const control = makeControl(
  {
    status: () => ({}) as never,
    metrics: { snapshot: () => [] },
    missing: () => [],
    sources: { matchmaking: matchmaker },
    onFault: ({ error }) => console.error(error),
    clock,
    store,
  },
  { host: '127.0.0.1', port: 0, token, world: { name: 'bench', regions: 0, bounds: {} as never } },
);
const url = await control.listen();
process.on('message', async (word) => {
  if (word !== 'stop') return;
  await control.close();
  await matchmaker.stop();
  await store.close();
  process.exit(0);
});
process.send?.({ url });
