/** `atlas up`: runs the control plane under a supervisor and shows what happens until it is stopped. */
import { resolve } from 'node:path';
import {
  type AtlasConfig,
  type ControlReport,
  loadConfig,
  type Override,
  ReadyControl,
  supervise,
  version,
} from '@horizon-atlas/atlas';
import { makeBundlesBehind } from '@horizon-atlas/bundles';
import { AtlasError, type ErrorCode } from '@horizon-atlas/protocol';
import { giveBackStartupMemory, systemClock } from '@horizon-atlas/runtime';
import type { Command } from 'commander';
import { findConfig } from '../installation.ts';
import { examples, portOption, runOf, withColor } from '../options.ts';
import { lineScreen, liveScreen, type ScreenHost } from '../screen.ts';
import type { Terminal } from '../terminal.ts';

export function addUp(program: Command): void {
  const command = program
    .command('up')
    .argument('[config]', 'the configuration; atlas.config.ts of this folder when absent')
    .description('run what a configuration says until Ctrl-C; it goes on from where the last run stopped')
    .addOption(portOption('--api-port <port>', 'the API listens here instead'))
    .addOption(portOption('--gateway-port <port>', 'the first gateway listens here instead'))
    .option('--data-dir <folder>', 'keep the world here instead')
    .option('--plain', 'lines instead of a live screen')
    .action(async (config: string | undefined, options: UpOptions, self: Command) => {
      const { options: shared, terminal } = runOf(self);
      await up(config ?? shared.config, { ...options, dataDir: shared.dataDir }, terminal);
    });
  examples(withColor(command), [
    ['atlas up', 'run atlas.config.ts of this folder'],
    ['atlas up examples/sol/atlas.config.ts', 'run another one'],
    ['atlas up --api-port 0 --gateway-port 7800', 'where the usual ports are taken'],
    ['atlas up --plain > atlas.log', 'a line for what happens, for logs and services'],
  ]);
}

/** From when all runs: what the first players need comes first. */
const BUNDLES_AFTER_MS = 5_000;

interface UpOptions {
  readonly apiPort?: number;
  readonly gatewayPort?: number;
  readonly dataDir?: string | undefined;
  readonly plain?: boolean;
}

/** Resolves when everything is stopped; rejects with the reason why it could not start or died. */
async function up(named: string | undefined, options: UpOptions, terminal: Terminal): Promise<void> {
  const { config, control } = await load(findConfig(named), overridesOf(options));
  const { stdout } = process;
  const live = stdout.isTTY && options.plain !== true && process.env.TERM !== 'dumb';
  const host: ScreenHost = {
    output: stdout,
    paint: terminal.paint,
    wall: () => Date.now(),
    every(ms, fn) {
      const timer = setInterval(fn, ms);
      return () => clearInterval(timer);
    },
  };
  const screen = (live ? liveScreen : lineScreen)(config.name ?? '', version, host);
  let endBundles = () => {};
  let later: NodeJS.Timeout | undefined;
  const onReport = (report: ControlReport): void => {
    screen.report(report);
    if (report.kind !== 'running' || later) return;
    later = setTimeout(() => {
      endBundles = makeBundlesBehind();
    }, BUNDLES_AFTER_MS).unref();
  };
  const supervisor = beginning(screen, () => supervise({ clock: systemClock(), start: () => control.start(config), onReport }));
  const stop = () => {
    screen.stopping();
    supervisor.stop();
  };
  giveBackStartupMemory();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  const end = await supervisor.ended;
  clearTimeout(later);
  endBundles();
  for (const signal of signals) process.off(signal, stop);
  screen.end(end.ok ? `Stopped. Nothing is left running; the world is kept in ${config.dataDir}` : '');
  if (!end.ok) throw new AtlasError(end.code as ErrorCode, end.message);
}

/** What cannot begin at all leaves no screen behind, which would wait for ever. */
function beginning<T>(screen: { end(text: string): void }, begin: () => T): T {
  try {
    return begin();
  } catch (error) {
    screen.end('');
    throw error;
  }
}

/** The control plane loads on another core while this one checks the configuration. */
async function load(file: string, overrides: readonly Override[]): Promise<{ config: AtlasConfig; control: ReadyControl }> {
  let control: ReadyControl | undefined;
  try {
    const config = await loadConfig(file, overrides, (dataDir) => {
      control = new ReadyControl(dataDir);
    });
    return { config, control: control ?? new ReadyControl(config.dataDir) };
  } catch (error) {
    control?.drop();
    throw error;
  }
}

function overridesOf({ apiPort, gatewayPort, dataDir }: UpOptions): Override[] {
  const all: [string, unknown, string][] = [
    ['api.port', apiPort, '--api-port'],
    ['gateway.port', gatewayPort, '--gateway-port'],
    ['dataDir', dataDir === undefined ? undefined : resolve(dataDir), '--data-dir'],
  ];
  return all.flatMap(([path, value, from]) => (value === undefined ? [] : [{ path, value, from }]));
}
