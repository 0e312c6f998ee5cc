/** A worker process of a load test: some of the players. Told what to do over IPC, tells what they saw each second, ends with its parent. */
import { pathToFileURL } from 'node:url';
import { developmentAccess, nodeWebSocket } from '@horizon-atlas/sdk-client/node';
import { LoadPlayer, type PlayerAccess } from './player.ts';
import { isScenario, type Scenario, type ScenarioPlayer } from './scenario.ts';
import type { LoadtestSettings, WorkerOrder } from './settings.ts';
import { Tally, type TallyParts } from './tally.ts';

/** Worker to parent. */
export type WorkerReport =
  | { readonly kind: 'progress'; readonly parts: TallyParts }
  /** All of its players have joined or were refused. */
  | { readonly kind: 'gathered'; readonly parts: TallyParts }
  | { readonly kind: 'final'; readonly parts: TallyParts }
  | { readonly kind: 'fault'; readonly message: string };

const reportMs = 1000;
const tally = new Tally();
const end = new AbortController();
let players: LoadPlayer[] = [];

process.on('disconnect', () => process.exit(0));
// A terminal's Ctrl-C reaches this process, too; the parent decides what it means.
process.on('SIGINT', () => {});
process.on('uncaughtException', (error) => {
  tally.counts.failures++;
  tally.failure ||= error instanceof Error ? error.message : String(error);
});
process.on('message', (message) => {
  const order = message as WorkerOrder;
  if (order.kind === 'begin') begin(order).catch((error: Error) => tell({ kind: 'fault', message: error.message }));
  else if (order.kind === 'measure') tally.beginMeasuring();
  else void finish();
});

async function begin({ settings, worker, workers }: Extract<WorkerOrder, { kind: 'begin' }>): Promise<void> {
  const scenario = await load(settings.script);
  const mine = Array.from({ length: settings.players }, (_, index) => index).filter((index) => index % workers === worker);
  const startedMs = performance.now();
  const joining = mine.map(async (index) => {
    const who: ScenarioPlayer = { index, id: `${settings.prefix}-${index + 1}`, name: `${settings.prefix} ${index + 1}` };
    const player = new LoadPlayer(who, scenario, settings, tally, end.signal);
    const atMs = startedMs + (settings.rampS * 1000 * index) / settings.players;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - performance.now())));
    if (end.signal.aborted) return;
    players.push(player);
    await player.join(accessOf(who, scenario, settings));
  });
  setInterval(() => {
    for (const player of players) player.look();
    tell({ kind: 'progress', parts: counted() });
  }, reportMs).unref();
  await Promise.all(joining);
  tell({ kind: 'gathered', parts: counted() });
}

async function finish(): Promise<void> {
  end.abort();
  await Promise.all(players.map((player) => player.leave()));
  players = [];
  const parts = counted();
  // The last word must be out before the channel is closed.
  process.send?.({ kind: 'final', parts } satisfies WorkerReport, undefined, undefined, () => process.disconnect());
}

async function load(script: string): Promise<Scenario> {
  const module = (await import(pathToFileURL(script).href)) as { default?: unknown };
  if (!isScenario(module.default))
    throw new Error(`${script} has no scenario: export default defineScenario({ schema, player })`);
  return module.default;
}

function accessOf(who: ScenarioPlayer, scenario: Scenario, { access }: LoadtestSettings): PlayerAccess {
  const made = scenario.token;
  const own = made && (() => made(who));
  if ('dataDir' in access) {
    const development = developmentAccess(access.dataDir, who.id, who.name);
    return { ...development, token: own ?? development.token };
  }
  const { tokens, ca } = access;
  const token = own ?? (() => tokens[who.index] ?? '');
  return { token, WebSocket: nodeWebSocket(ca === '' ? {} : { ca }) };
}

function counted(): TallyParts {
  tally.counts.online = players.filter(({ online }) => online).length;
  return tally.parts;
}

function tell(report: WorkerReport): void {
  if (process.connected) process.send?.(report, undefined, undefined, () => {});
}
