/** Kill -9 of Atlas under load, again and again: game servers and sessions go on, and it gives servers away again soon. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { percentile } from '@horizon-atlas/base';
import { type Admin, connectAdmin } from '@horizon-atlas/sdk-admin';
import { freePorts, Installation } from '../atlas/installation.ts';
import type { Bench, BenchContext, Outcome } from '../bench.ts';
import type { ChurnOrder, ChurnReport, ChurnSettings } from '../fleets/churn.ts';
import { grow, msUntil, serversOf } from '../fleets/watching.ts';
import type { Helper } from '../helper-processes.ts';

const FULL = { linked: 10, plain: 190, sessions: 50, kills: 20 } as const;
const QUICK = { linked: 0, plain: 6, sessions: 3, kills: 2 } as const;
const START_MS = 120_000;
/** Of load between two deaths. */
const BETWEEN_MS = [300, 900] as const;
/** Longer than whoever has not come back by then is waited for. */
const SETTLE_MS = 17_000;
const LANES = 4;

const file = (name: string): string => fileURLToPath(new URL(`../fleets/${name}`, import.meta.url));

type Counts = typeof FULL | typeof QUICK;

export const restart: Bench = {
  about:
    'kill -9 of Atlas in the middle of allocations: game servers and sessions that go on, and the time until servers are given away again',
  method: [
    `${FULL.linked + FULL.plain} game servers, each a process: ${FULL.linked} speak by Atlas’ link (Node.js), ${FULL.plain} by Agones’ REST (shell); ${FULL.sessions} of them have a session that goes on. ${LANES} lanes of a`,
    `process of its own take and give back servers all the time. kill -9 of the control plane ${FULL.kills} times in the middle of it; \`atlas up\` starts it again.`,
    'Again: from the kill to the answer of a request that was first sent after it. Killed is each game server whose process is not the same at the end, lost is',
    `each session that is not on record with its server; both are looked at after each death and once more ${SETTLE_MS / 1000} s after the last one. Half a minute for the supervisor passes between two deaths.`,
  ].join('\n'),
  runs: 1,
  async run(ctx) {
    const counts = ctx.quick ? QUICK : FULL;
    const atlas = await Installation.start(ctx, { api: { port: await freePorts(1) }, fleets: fleetsOf(counts) });
    try {
      return await killAgainAndAgain(ctx, atlas, counts);
    } finally {
      await atlas.stop();
    }
  },
};

function fleetsOf({ linked, plain }: Counts) {
  // None at first: they are started a few at a time.
  const size = (count: number) => ({ scaling: { min: 0, max: Math.max(1, count), warm: 0 }, afterSession: 'reuse' as const });
  return [
    { name: 'linked', entry: file('linked-server.ts'), agones: false, ...size(linked) },
    {
      name: 'plain',
      command: ['/usr/bin/env', 'bash', file('agones-server.sh')],
      ...size(plain),
    },
  ];
}

interface Standing {
  readonly pids: ReadonlyMap<string, number>;
  /** Request ids, and the server of each. */
  readonly sessions: ReadonlyMap<string, string>;
}

async function killAgainAndAgain(ctx: BenchContext, atlas: Installation, counts: Counts): Promise<Outcome> {
  const admin = connectAdmin({ url: atlas.api });
  const all = counts.linked + counts.plain;
  const startedMs = performance.now();
  await grow(admin, 'linked', counts.linked, 4, START_MS);
  await grow(admin, 'plain', counts.plain, 20, START_MS);
  const startS = (performance.now() - startedMs) / 1000;
  ctx.log(`${all} game servers are ready`);
  const pids = new Map((await serversOf(admin)).map(({ id, pid }) => [id, pid]));
  const standing: Standing = { pids, sessions: await openSessions(admin, counts) };
  const settings: ChurnSettings = { url: atlas.api, fleets: counts.linked > 0 ? ['plain', 'linked'] : ['plain'], lanes: LANES };
  const churn = ctx.fork(new URL('../fleets/churn.ts', import.meta.url), [JSON.stringify(settings)]);
  const [againMs, killed, lost] = [[] as number[], new Set<string>(), new Set<string>()];
  const look = async () => {
    const found = await amiss(admin, standing);
    for (const id of found.killed) killed.add(id);
    for (const id of found.lost) lost.add(id);
  };
  for (let turn = 0; turn < counts.kills; turn++) {
    const [least, most] = BETWEEN_MS;
    await sleep(least + Math.random() * (most - least), undefined, { signal: ctx.signal });
    againMs.push(await killOnce(atlas, churn));
    await look();
  }
  ctx.log(`killed ${counts.kills} times`);
  await sleep(ctx.quick ? 1_000 : SETTLE_MS, undefined, { signal: ctx.signal });
  await look();
  churn.send({ kind: 'end' } satisfies ChurnOrder);
  const { taken, doubled } = await endOf(churn);
  return outcome(ctx.quick, { startS, againMs, killed: killed.size, lost: lost.size, taken, doubled, counts });
}

/** ms until servers are given away again. */
async function killOnce(atlas: Installation, churn: Helper): Promise<number> {
  const { control } = await atlas.processes();
  if (control <= 1) throw new Error('the process of the control plane is not known');
  atlas.calm();
  process.kill(control, 'SIGKILL');
  churn.send({ kind: 'killed', atMs: performance.timeOrigin + performance.now() } satisfies ChurnOrder);
  await atlas.running();
  const report = await churn.message<ChurnReport>();
  if (report.kind !== 'again') throw new Error('the load has ended before its time');
  return report.afterMs;
}

async function openSessions(admin: Admin, { sessions, linked }: Counts): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let i = 0; i < sessions; i++) {
    // Half of the linked ones stay free for the load.
    const fleet = i < linked / 2 ? 'linked' : 'plain';
    const requestId = `session-${i}`;
    const given = await admin.allocate({ fleet, requestId, players: [`player-${i}`], waitMs: 10_000 });
    found.set(requestId, given.gameServerName);
  }
  return found;
}

/** Once Atlas knows as many servers as before, or has had the time to. */
async function amiss(
  admin: Admin,
  { pids, sessions }: Standing,
): Promise<{ readonly killed: string[]; readonly lost: string[] }> {
  const seen = new Map<string, number>();
  const known = async () => {
    seen.clear();
    for (const { id, pid } of await serversOf(admin)) seen.set(id, pid);
    return [...pids].every(([id, pid]) => seen.get(id) === pid);
  };
  await msUntil('all game servers to be known', known, performance.now(), 3_000).catch(() => {});
  const killed = [...pids].filter(([id, pid]) => seen.get(id) !== pid || !isAlive(pid)).map(([id]) => id);
  const lost: string[] = [];
  const holders = new Map((await serversOf(admin)).map(({ id, allocations }) => [id, allocations]));
  // Of those that are not over.
  const { items } = await admin.allocations({ limit: 500 });
  const standing = new Map(items.map(({ requestId, server }) => [requestId, server]));
  for (const [requestId, server] of sessions)
    if (standing.get(requestId) !== server || !holders.get(server)?.includes(requestId)) lost.push(requestId);
  return { killed, lost };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function endOf(churn: Helper): Promise<Extract<ChurnReport, { kind: 'ended' }>> {
  for (;;) {
    const report = await churn.message<ChurnReport>();
    if (report.kind === 'ended') return report;
  }
}

function outcome(
  quick: boolean,
  of: Record<'startS' | 'killed' | 'lost' | 'taken' | 'doubled', number> & {
    readonly againMs: number[];
    readonly counts: Counts;
  },
): Outcome {
  const { startS, againMs, killed, lost, taken, doubled, counts } = of;
  const never = (name: string, value: number) => ({ name, value, limit: 0, judge: 'worst' as const });
  return {
    figures: {
      'game servers': counts.linked + counts.plain,
      sessions: counts.sessions,
      'all ready after, s': startS,
      'kills of Atlas': againMs.length,
      'allocating again p50, ms': percentile(againMs, 0.5),
      'allocating again max, ms': percentile(againMs, 1),
      'servers taken by the load': taken,
    },
    bars: [
      never('game servers killed', killed),
      never('sessions lost', lost),
      never('servers given to two', doubled),
      ...(quick ? [] : [{ name: 'allocating again max, ms', value: percentile(againMs, 1), limit: 2_000 }]),
    ],
  };
}
