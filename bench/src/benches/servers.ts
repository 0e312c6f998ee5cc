/** Match servers that die or hang, and how long somebody waits for one: the arena's, as they are. */
import { fileURLToPath } from 'node:url';
import { must, percentile } from '@horizon-atlas/base';
import { type Admin, connectAdmin, type GameServer } from '@horizon-atlas/sdk-admin';
import { Installation } from '../atlas/installation.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { Played } from '../fleets/arena-player.ts';
import type { PlayOrder, PlayReport } from '../fleets/player.ts';
import { grow, msUntil, serversOf } from '../fleets/watching.ts';
import type { Helper } from '../helper-processes.ts';

const FULL = { fleets: 20, kills: 100, stops: 50, cold: 20, practice: 200, warm: 300, fresh: 30 } as const;
const QUICK = { fleets: 2, kills: 2, stops: 1, cold: 1, practice: 1, warm: 3, fresh: 1 } as const;
/** Frozen at the same time; noticing is what is measured, so they may be several. */
const STOPS_AT_ONCE = 5;
const STARTS_AT_ONCE = 4;
const START_MS = 120_000;

const entry = fileURLToPath(import.meta.resolve('@horizon-atlas/example-arena/match.ts'));

export const servers: Bench = {
  about: 'match servers that are killed or frozen while ready, and from a request to a playable match, cold and warm',
  method: [
    `The arena of examples/ in ${FULL.fleets} fleets of one ready server each (more of them, so that no fleet takes its crashes for a crash loop), started by \`atlas up\`.`,
    `${FULL.kills} × kill -9 of a ready server, one after the other: replaced is when its fleet has another one ready. ${FULL.stops} × SIGSTOP, ${STOPS_AT_ONCE} at a time: noticed is when`,
    `it is ready for nobody any more. Playable: from the HTTP request for a server to the match’s welcome on the player’s WebSocket. Cold: ${FULL.cold} × in a fleet without`,
    `any server, so a process is started for each; warm: ${FULL.warm} × in a fleet that keeps two ready, one after the other. Its servers have had no match before; the player and the`,
    `control plane have had ${FULL.practice} in another fleet, which do not count, so that it is not the player's own code that is measured while it is compiled. Warm and fresh: ${FULL.fresh} × in a fleet that`,
    'gives each match a process of its own, and so the first match of each. Players are a process of their own. When servers are ready, dead or frozen is seen through the API, every 8 ms.',
  ].join('\n'),
  runs: 1,
  async run(ctx) {
    const counts = ctx.quick ? QUICK : FULL;
    let player: Helper | undefined;
    const atlas = await Installation.start(ctx, { api: { port: 0 }, fleets: fleetsOf(counts.fleets) }, async ({ root }) => {
      player = ctx.fork(new URL('../fleets/player.ts', import.meta.url), [root]);
      await player.message();
    });
    try {
      const admin = connectAdmin({ url: atlas.api });
      const names = Array.from({ length: counts.fleets }, (_, i) => nameOf(i));
      for (let from = 0; from < names.length; from += STARTS_AT_ONCE)
        await Promise.all(names.slice(from, from + STARTS_AT_ONCE).map((name) => grow(admin, name, 1, 1, START_MS)));
      // Kept at none but for who waits: otherwise the server after the first player's would be ready for the next.
      await admin.scaleFleet('cold', 0);
      const replacedMs = await killAll(ctx, admin, names, counts.kills);
      ctx.log(`${replacedMs.length} killed`);
      const { noticedMs, anewMs } = await stopAll(ctx, admin, names, counts.stops);
      ctx.log(`${noticedMs.length} stopped`);
      const play = (fleet: string, count: number) =>
        playAll(ctx, admin, must(player, 'it was forked'), { url: atlas.api, fleet }, count);
      await play(nameOf(0), counts.practice);
      const warm = await play('warm', counts.warm);
      const fresh = await play('fresh', counts.fresh);
      const cold = await play('cold', counts.cold);
      return outcome(ctx.quick, { replacedMs, noticedMs, anewMs, warm, fresh, cold });
    } finally {
      await atlas.stop();
    }
  },
};

const nameOf = (i: number): string => `ready-${i}`;

function fleetsOf(count: number) {
  const fleet = (name: string, scaling: object, afterSession: 'reuse' | 'recycle') => ({
    name,
    entry,
    ports: [{ name: 'game', protocol: 'ws' as const }],
    scaling,
    afterSession,
  });
  return [
    ...Array.from({ length: count }, (_, i) => fleet(nameOf(i), { min: 0, max: 2, warm: 0 }, 'reuse')),
    fleet('warm', { min: 2, max: 6, warm: 2 }, 'reuse'),
    fleet('fresh', { min: 2, max: 6, warm: 2 }, 'recycle'),
    fleet('cold', { min: 0, max: 4, warm: 0 }, 'recycle'),
  ];
}

async function readyOf(admin: Admin, fleet: string): Promise<GameServer> {
  let found: GameServer | undefined;
  const look = async () => {
    [found] = await serversOf(admin, { fleet, state: 'Ready' });
    return found !== undefined;
  };
  await msUntil(`a ready server of ${fleet}`, look, performance.now());
  return must(found, 'it was waited for');
}

function signal({ id, pid }: GameServer, name: 'SIGKILL' | 'SIGSTOP'): void {
  if (pid <= 1) throw new Error(`${id} has no process`);
  process.kill(pid, name);
}

/** When another one is ready than the one that was hit. */
function replaced(admin: Admin, { id, fleet }: GameServer, fromMs: number): Promise<number> {
  const another = async () => (await serversOf(admin, { fleet, state: 'Ready' })).some((each) => each.id !== id);
  return msUntil(`another server of ${fleet}`, another, fromMs);
}

async function killAll(ctx: BenchContext, admin: Admin, names: readonly string[], count: number): Promise<number[]> {
  const tookMs: number[] = [];
  for (let i = 0; i < count; i++) {
    ctx.signal.throwIfAborted();
    const victim = await readyOf(admin, names[i % names.length] ?? '');
    signal(victim, 'SIGKILL');
    tookMs.push(await replaced(admin, victim, performance.now()));
  }
  return tookMs;
}

async function stopAll(
  ctx: BenchContext,
  admin: Admin,
  names: readonly string[],
  count: number,
): Promise<{ readonly noticedMs: readonly number[]; readonly anewMs: readonly number[] }> {
  const [noticedMs, anewMs]: [number[], number[]] = [[], []];
  for (let from = 0; from < count; from += STOPS_AT_ONCE) {
    ctx.signal.throwIfAborted();
    const some = Array.from({ length: Math.min(STOPS_AT_ONCE, count - from) }, (_, i) => names[(from + i) % names.length] ?? '');
    await Promise.all(
      some.map(async (fleet) => {
        const victim = await readyOf(admin, fleet);
        signal(victim, 'SIGSTOP');
        const fromMs = performance.now();
        const given = async () => (await serversOf(admin, { fleet, state: 'Ready' })).every(({ id }) => id !== victim.id);
        noticedMs.push(await msUntil(`the hang of ${victim.id}`, given, fromMs));
        anewMs.push(await replaced(admin, victim, fromMs));
      }),
    );
  }
  return { noticedMs, anewMs };
}

async function playAll(
  ctx: BenchContext,
  admin: Admin,
  player: Helper,
  where: Pick<PlayOrder, 'url' | 'fleet'>,
  count: number,
): Promise<Played[]> {
  const { fleet } = where;
  const all: Played[] = [];
  const ready = { cold: 0, warm: 2, fresh: 2 }[fleet] ?? 1;
  for (let i = 0; i < count; i++) {
    ctx.signal.throwIfAborted();
    player.send({ ...where, requestId: `${fleet}-${i}` } satisfies PlayOrder);
    const played = await player.message<PlayReport>();
    if ('failed' in played) throw new Error(played.failed);
    all.push(played);
    const settled = async () => {
      const { states, inUse } = await admin.fleet(fleet);
      const has = Object.values(states).reduce((sum, each) => sum + each, 0);
      return inUse === 0 && (ready > 0 ? (states.Ready ?? 0) >= ready : has === 0);
    };
    await msUntil(`${fleet} to be as before`, settled, performance.now());
  }
  return all;
}

interface Seen {
  readonly replacedMs: readonly number[];
  readonly noticedMs: readonly number[];
  readonly anewMs: readonly number[];
  readonly warm: readonly Played[];
  readonly fresh: readonly Played[];
  readonly cold: readonly Played[];
}

function outcome(quick: boolean, { replacedMs, noticedMs, anewMs, warm, fresh, cold }: Seen) {
  const figures: Record<string, number> = { 'killed with kill -9': replacedMs.length, frozen: noticedMs.length };
  const [warmMs, freshMs, coldMs] = [warm, fresh, cold].map((all) => all.map(({ playableMs }) => playableMs)) as [
    number[],
    number[],
    number[],
  ];
  for (const [name, ms] of [
    ['killed, replaced', replacedMs],
    ['frozen, noticed', noticedMs],
    ['frozen, replaced', anewMs],
    ['cold, playable', coldMs],
    ['warm, answered', warm.map(({ answeredMs }) => answeredMs)],
    ['warm, connected', warm.map(({ connectedMs }) => connectedMs)],
    ['warm, playable', warmMs],
    ['warm and fresh, playable', freshMs],
  ] as const)
    for (const [word, part] of [
      ['p50', 0.5],
      ['p99', 0.99],
      ['max', 1],
    ] as const)
      figures[`${name} ${word}, ms`] = percentile(ms, part);
  const bar = (name: string, value: number, limit: number) => ({ name, value, limit });
  return {
    figures,
    bars: quick
      ? []
      : [
          bar('killed, replaced p99, ms', percentile(replacedMs, 0.99), 1_000),
          bar('frozen, noticed max, ms', percentile(noticedMs, 1), 2_000),
          bar('cold, playable p99, ms', percentile(coldMs, 0.99), 1_000),
          bar('warm, playable p99, ms', percentile(warmMs, 0.99), 30),
        ],
  };
}
