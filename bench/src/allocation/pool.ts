/** A pool of game servers that are ready, as the Store has them: what an Atlas finds when it starts. None of them is a process. */
import { openSqliteStore } from '@horizon-atlas/adapter-sqlite';
import { type AtlasConfigInput, dataDirAt } from '@horizon-atlas/atlas';
import { encodeRecord, GameServerRecord, keys } from '@horizon-atlas/protocol';

const FLEET = 'arena';
/** A game's backend shows one: without, an address may ask 400 times a second. */
const TOKEN = 'bench-token-bench-token-bench';
export const authorization = `Bearer ${TOKEN}`;
const VERSION = 'v1';
const MAPS = ['dust', 'mill', 'ice'] as const;
const SITES = ['eu', 'us', 'ap'] as const;
/** Records that are written in one step. */
const STEP = 500;

export function serverId(i: number): string {
  return `${FLEET}_${i}`;
}

export function poolConfig(dataDir: string, servers: number): AtlasConfigInput {
  return {
    dataDir,
    api: { port: 0, auth: { token: TOKEN } },
    fleets: [
      {
        name: FLEET,
        command: ['/bin/true'],
        version: VERSION,
        sites: [...SITES],
        agones: false,
        // What warms the code up gives its servers back.
        afterSession: 'reuse',
        scaling: { min: servers, max: servers, warm: 0 },
      },
    ],
  };
}

/** Writes them into the data directory of an Atlas that is not running. */
export async function writePool(dataDir: string, servers: number): Promise<void> {
  const store = await openSqliteStore({ file: dataDirAt(dataDir).database });
  for (let from = 0; from < servers; from += STEP) {
    const ops = Array.from({ length: Math.min(STEP, servers - from) }, (_, i) => {
      const record = recordOf(from + i);
      return { op: 'put' as const, key: keys.gameServer(record.server), value: encodeRecord(GameServerRecord, record) };
    });
    const written = await store.transact(ops);
    if (!written.ok) throw new Error(`the pool cannot be written: ${written.code}`);
  }
  await store.close();
}

/** The map that the players want where one is ready in two of the three sites; else one near them; else any. */
export function askFor(requestId: string): string {
  const i = Number(requestId.slice(requestId.lastIndexOf('-') + 1));
  const ofFleet = { 'agones.dev/fleet': FLEET };
  const map = MAPS[i % MAPS.length] as string;
  const gameServerSelectors = [
    { matchLabels: { ...ofFleet, map }, matchExpressions: [{ key: 'atlas.dev/site', operator: 'In', values: ['eu', 'us'] }] },
    { matchLabels: { ...ofFleet, 'atlas.dev/site': 'eu' } },
    { matchLabels: ofFleet },
  ];
  return JSON.stringify({ requestId, gameServerSelectors });
}

function recordOf(i: number): GameServerRecord {
  const site = SITES[i % SITES.length] as string;
  const map = MAPS[Math.floor(i / SITES.length) % MAPS.length] as string;
  const port = 20_000 + (i % 40_000);
  return {
    server: serverId(i),
    fleet: FLEET,
    version: VERSION,
    site,
    state: 'ready',
    startedAtMs: 1,
    readyAtMs: 1,
    untilMs: 0,
    linked: false,
    pushes: false,
    wish: 'none',
    tookItself: false,
    why: '',
    ports: [{ name: 'game', protocol: 'udp', host: '127.0.0.1', port }],
    labels: [
      { key: 'agones.dev/fleet', value: FLEET },
      { key: 'atlas.dev/site', value: site },
      { key: 'atlas.dev/version', value: VERSION },
      { key: 'map', value: map },
    ],
    annotations: [],
    counters: [],
    lists: [],
  };
}
