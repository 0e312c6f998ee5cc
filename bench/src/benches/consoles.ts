/** What open consoles cost the players: the gateway's CPU a message with many consoles open, against none. */
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from '@horizon-atlas/base';
import { freePorts, Installation, solRegion } from '../atlas/installation.ts';
import type { SurvivorsSettings } from '../atlas/survivors.ts';
import type { WatchersOrder, WatchersReport } from '../atlas/watchers.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { Helper } from '../helper-processes.ts';

const PLAYERS = 80;
const CONSOLES = 20;
const WARM_UP_MS = 8000;
/** From the opening or closing of the consoles to the measurement. */
const SETTLE_MS = 1000;
const MEASURE_MS = 5000;
/** With and without, in turns and in both orders, so that what drifts on the machine hits both alike. */
const TURNS = [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0] as const;
/** A console gets ten scenes a second when Atlas is not busy; fewer than this, and it would not be what people have open. */
const SCENES_PER_S = 2;

export const consoles: Bench = {
  about: 'CPU of the gateway a message with 20 consoles open, against none',
  method: [
    `${PLAYERS} players over WSS in 4 regions, 20 numbered commands a second each; ${CONSOLES} streams with all topics, as the console's page reads, from a process of`,
    `their own. CPU of the gateway's process in ${TURNS.length} turns of ${MEASURE_MS / 1000} s with and without them; the traffic is paced, and so the same in both.`,
  ].join('\n'),
  runs: 1,
  async run(ctx) {
    const homes = [-300, 300].flatMap((x) => [-300, 300].map((y) => ({ x, y })));
    const atlas = await Installation.start(ctx, {
      regionServer: { entry: solRegion },
      api: { port: 0 },
      gateway: { port: await freePorts(1), engine: 'bun' },
      world: {
        regions: homes.map(({ x, y }, i) => ({
          id: `q${i}`,
          bounds: { minX: x - 300, maxX: x + 300, minY: y - 300, maxY: y + 300 },
        })),
      },
    });
    try {
      const settings: SurvivorsSettings = { doors: atlas.doors, players: PLAYERS, homes };
      const players = ctx.fork(new URL('../atlas/survivors.ts', import.meta.url), [JSON.stringify(settings)]);
      await players.message();
      await atlas.until('everybody to play', (status) => status.players.online === PLAYERS);
      const watchers = ctx.fork(new URL('../atlas/watchers.ts', import.meta.url), [atlas.api]);
      return await compare(ctx, atlas, watchers);
    } finally {
      await atlas.stop();
    }
  },
};

async function compare(ctx: BenchContext, atlas: Installation, watchers: Helper): ReturnType<Bench['run']> {
  const { pid } = must((await atlas.processes()).gateways[0], 'a gateway runs');
  const { control } = await atlas.processes();
  const rest = (ms: number): Promise<void> => sleep(ctx.quick ? ms / 20 : ms, undefined, { signal: ctx.signal });
  const sums = [0, 1].map(() => ({ cpuS: 0, controlS: 0, messages: 0, wallS: 0 }));
  let scenesPerS = Number.POSITIVE_INFINITY;
  await rest(WARM_UP_MS);
  for (const open of ctx.quick ? [0, 1] : TURNS) {
    const wanted = open === 1 ? CONSOLES : 0;
    await order(watchers, wanted);
    await rest(SETTLE_MS);
    await order(watchers, wanted);
    const before = await look(ctx, atlas, pid, control);
    await rest(MEASURE_MS);
    const after = await look(ctx, atlas, pid, control);
    const report = await order(watchers, wanted);
    if (report.open !== wanted) throw new Error(`${report.open} of ${wanted} consoles had their streams open`);
    const sum = must(sums[open], 'with or without');
    sum.cpuS += after.cpuS - before.cpuS;
    sum.controlS += after.controlS - before.controlS;
    sum.messages += after.messages - before.messages;
    sum.wallS += (after.ms - before.ms) / 1000;
    if (open === 1) scenesPerS = Math.min(scenesPerS, (report.scenesLeast * 1000) / (after.ms - before.ms));
    ctx.log(
      `  ${wanted} consoles: ${((after.cpuS - before.cpuS) / ((after.ms - before.ms) / 1000)).toFixed(3)} cores of the gateway`,
    );
  }
  const rates = sums.map(({ cpuS, controlS, messages, wallS }) => ({
    gateway: cpuS / wallS,
    control: controlS / wallS,
    messages: messages / wallS,
  }));
  const [without, with_] = [must(rates[0], 'without'), must(rates[1], 'with')];
  return {
    figures: {
      'gateway cores without consoles': without.gateway,
      [`gateway cores with ${CONSOLES} consoles`]: with_.gateway,
      'control plane cores without': without.control,
      [`control plane cores with ${CONSOLES} consoles`]: with_.control,
      'messages a second without': without.messages,
      [`messages a second with ${CONSOLES} consoles`]: with_.messages,
      'scenes a second, least of a console': scenesPerS,
    },
    bars: ctx.quick
      ? []
      : [
          { name: `gateway's CPU with ${CONSOLES} consoles, of without`, value: with_.gateway / without.gateway, limit: 1.03 },
          { name: 'scenes a second, least of a console', value: scenesPerS, limit: SCENES_PER_S, must: 'at-least' },
        ],
  };
}

async function order(watchers: Helper, consoles: number): Promise<WatchersReport> {
  watchers.send({ consoles } satisfies WatchersOrder);
  return watchers.message<WatchersReport>();
}

async function look(ctx: BenchContext, atlas: Installation, gateway: number, control: number) {
  const [up, down] = await Promise.all(
    ['in', 'out'].map((direction) => atlas.metric(`atlas_gateway_messages_total\\{direction="${direction}",gateway="0"\\}`)),
  );
  const messages = (up ?? Number.NaN) + (down ?? Number.NaN);
  if (!(messages > 0)) throw new Error('the gateway counts no messages');
  return { cpuS: ctx.cpuOf(gateway), controlS: ctx.cpuOf(control), messages, ms: performance.now() };
}
