/** How long a player stands still when something is killed: a region server, a gateway, the control plane, all of Atlas. */
import { setTimeout as sleep } from 'node:timers/promises';
import { must, percentile } from '@horizon-atlas/base';
import { freePorts, Installation, solRegion } from '../atlas/installation.ts';
import type { AfterKill, AtTheEnd, SurvivorsOrder, SurvivorsSettings, Whose } from '../atlas/survivors.ts';
import type { Bench, BenchContext, Outcome } from '../bench.ts';
import type { Helper } from '../helper-processes.ts';

const PLAYERS = 24;
const GATEWAYS = 2;
/** 2 × 2 regions, and a home in each. */
const MIDDLE = { x: 1000, y: 0 };
const SIZE = 600;
const HALVES = [-1, 0] as const;
/** From the join to their homes. */
const WARM_UP_MS = 6000;
const BETWEEN_MS = 700;
const LIMIT_MS = 2000;

const VICTIMS = ['region server', 'gateway', 'control plane', 'everything'] as const;
type Victim = (typeof VICTIMS)[number];

/** Of one round; a run has `ROUNDS`. No post dies twice before the control plane does: how restarts slow down is not what is measured. */
const ROUND: readonly Victim[] = [
  ...['region server', 'gateway', 'region server', 'gateway', 'region server', 'control plane'],
  ...['region server', 'gateway', 'gateway', 'everything', 'everything', 'control plane'],
] as Victim[];
const ROUNDS = 2;

export const recovery: Bench = {
  about: 'how long players stand still after kill -9 of a region server, a gateway, the control plane, or all of them at once',
  method: [
    `${PLAYERS} players over WSS, 4 region servers without spares, ${GATEWAYS} gateways; each player sends 20 numbered commands a second. After a kill -9,`,
    'play has resumed for a player when a command that it sent after the kill has been answered by its ship, and the ship has been seen after',
    'that. "others": the longest that the ship of a player stood still whose processes were not hit. Everything: control plane, gateways and',
    'region servers at once; the supervisor (`atlas up`) is left, as systemd would be. Half a minute for the supervisor passes between two of its deaths.',
  ].join('\n'),
  async run(ctx) {
    const atlas = await Installation.start(ctx, {
      regionServer: { entry: solRegion },
      api: { port: 0 },
      gateway: { port: await freePorts(GATEWAYS), count: GATEWAYS },
      world: { regions: quarters(), spawn: { region: 'q00' } },
    });
    try {
      return await killAll(ctx, atlas);
    } finally {
      await atlas.stop();
    }
  },
};

async function killAll(ctx: BenchContext, atlas: Installation): Promise<Outcome> {
  const homes = quarters().map(({ bounds }) => ({ x: (bounds.minX + bounds.maxX) / 2, y: (bounds.minY + bounds.maxY) / 2 }));
  const settings: SurvivorsSettings = { doors: atlas.doors, players: PLAYERS, homes };
  const players = ctx.fork(new URL('../atlas/survivors.ts', import.meta.url), [JSON.stringify(settings)]);
  await players.message();
  await sleep(WARM_UP_MS, undefined, { signal: ctx.signal });
  const after = new Map<Victim, AfterKill[]>(VICTIMS.map((victim) => [victim, []]));
  const victims = ctx.quick ? VICTIMS : Array.from({ length: ROUNDS }, () => ROUND).flat();
  for (const [turn, victim] of victims.entries()) {
    await whole(atlas);
    await sleep(BETWEEN_MS, undefined, { signal: ctx.signal });
    after.get(victim)?.push(await killOne(ctx, atlas, players, victim, turn));
  }
  players.send({ kind: 'end' } satisfies SurvivorsOrder);
  return outcome(after, await players.message<AtTheEnd>(), ctx.quick);
}

async function killOne(
  ctx: BenchContext,
  atlas: Installation,
  players: Helper,
  victim: Victim,
  turn: number,
): Promise<AfterKill> {
  const { pids, whose } = await aim(atlas, victim, turn);
  atlas.calm();
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  const atMs = performance.timeOrigin + performance.now();
  players.send({ kind: 'killed', atMs, whose } satisfies SurvivorsOrder);
  if (victim === 'control plane' || victim === 'everything') await atlas.running();
  const result = await players.message<AfterKill>();
  const { resumedMs, othersMs } = result;
  ctx.log(
    `${victim}: ${resumedMs.length} players, ${Math.round(Math.max(...resumedMs))} ms at most; others ${Math.round(othersMs)} ms`,
  );
  if (resumedMs.length === 0) throw new Error(`nobody was hit by the death of a ${victim}`);
  return result;
}

async function aim(atlas: Installation, victim: Victim, turn: number): Promise<{ pids: readonly number[]; whose: Whose }> {
  const { control, gateways, servers } = await atlas.processes();
  const all = [control, ...gateways.map(({ pid }) => pid), ...servers.map(({ pid }) => pid)];
  if (all.some((pid) => pid <= 1)) throw new Error('a process of Atlas is not known');
  switch (victim) {
    case 'region server': {
      const server = must(servers[turn % servers.length], 'a region server runs');
      return { pids: [server.pid], whose: { region: server.region } };
    }
    case 'gateway': {
      // Where the players are: those of the one that died before have all gone to the other.
      const { gateways: seen } = await atlas.status();
      const [fullest] = [...seen].sort((a, b) => b.connections - a.connections);
      const gateway = must(
        gateways.find(({ pid }) => pid === fullest?.pid),
        'a gateway runs',
      );
      return { pids: [gateway.pid], whose: { gateway: gateway.url } };
    }
    case 'control plane':
      return { pids: [control], whose: 'everybody' };
    case 'everything':
      return { pids: all, whose: 'everybody' };
  }
}

/** Everything runs again. */
async function whole(atlas: Installation): Promise<void> {
  await atlas.until('everything to run', ({ regions, servers, gateways, players }) => {
    const ready = [...servers, ...gateways].filter(({ state }) => state === 'ready').length;
    const active = regions.every(({ state }) => state === 'active');
    return active && ready >= regions.length + GATEWAYS && players.online === PLAYERS;
  });
}

function outcome(after: ReadonlyMap<Victim, readonly AfterKill[]>, end: AtTheEnd, quick: boolean): Outcome {
  const figures: Record<string, number> = {};
  const bars: Outcome['bars'][number][] = [];
  for (const [victim, kills] of after) {
    const resumedMs = kills.flatMap((kill) => kill.resumedMs);
    figures[`${victim}: kills`] = kills.length;
    for (const [name, part] of [
      ['p50', 0.5],
      ['p99', 0.99],
      ['max', 1],
    ] as const) {
      figures[`${victim}: play resumes ${name}, ms`] = percentile(resumedMs, part);
    }
    figures[`${victim}: others max, ms`] = Math.max(...kills.map(({ othersMs }) => othersMs));
    if (!quick) bars.push({ name: `${victim}: play resumes p99, ms`, value: percentile(resumedMs, 0.99), limit: LIMIT_MS });
  }
  const notWhole = (victim: Victim): number => (after.get(victim) ?? []).reduce((sum, kill) => sum + kill.notWhole, 0);
  const closed = (after.get('region server') ?? []).reduce((sum, { socketsClosed }) => sum + socketsClosed, 0);
  const never = {
    'sockets closed by the death of a region server': closed,
    'commands lost': end.lost,
    'commands doubled': end.doubled,
    'commands reordered': end.reordered,
    'sessions lost': end.sessionsLost,
    'resumes after the death of a gateway that were not whole': notWhole('gateway'),
  };
  Object.assign(
    figures,
    { commands: end.commands, 'resumes after the death of everything that were not whole': notWhole('everything') },
    never,
  );
  for (const [name, value] of Object.entries(never)) bars.push({ name, value, limit: 0, judge: 'worst' });
  return { figures, bars };
}

function quarters() {
  return HALVES.flatMap((i) =>
    HALVES.map((j) => {
      const [minX, minY] = [MIDDLE.x + i * SIZE, MIDDLE.y + j * SIZE];
      return {
        id: `q${i + 1}${j + 1}`,
        bounds: { minX, maxX: minX + SIZE, minY, maxY: minY + SIZE, minZ: -100, maxZ: 100 },
      };
    }),
  );
}
