/** `atlas up`: runs the control plane under a supervisor and shows what happens until it is stopped. */
import { resolve } from 'node:path';
import { loadConfig, type Override, startControlProcess, supervise, version } from '@horizon-atlas/atlas';
import { AtlasError, type ErrorCode } from '@horizon-atlas/protocol';
import { systemClock } from '@horizon-atlas/runtime';
import pc from 'picocolors';
import { findConfig } from './installation.ts';
import { lineScreen, liveScreen, type ScreenHost } from './screen.ts';

export interface UpOptions {
  readonly apiPort?: number;
  readonly gatewayPort?: number;
  readonly dataDir?: string;
  readonly color: boolean;
  readonly plain?: boolean;
}

/** Resolves when everything is stopped; rejects with the reason why it could not start or died. */
export async function up(named: string | undefined, options: UpOptions): Promise<void> {
  const config = await loadConfig(findConfig(named), overridesOf(options));
  const { stdout } = process;
  const live = stdout.isTTY && options.plain !== true && process.env.TERM !== 'dumb';
  const host: ScreenHost = {
    output: stdout,
    paint: pc.createColors(options.color && pc.isColorSupported && stdout.isTTY),
    wall: () => Date.now(),
    every(ms, fn) {
      const timer = setInterval(fn, ms);
      return () => clearInterval(timer);
    },
  };
  const screen = (live ? liveScreen : lineScreen)(config.name ?? '', version, host);
  const supervisor = supervise({
    clock: systemClock(),
    start: () => startControlProcess(config),
    onReport: (report) => screen.report(report),
  });
  const stop = () => {
    screen.stopping();
    supervisor.stop();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  const end = await supervisor.ended;
  for (const signal of signals) process.off(signal, stop);
  screen.end(end.ok ? `Stopped. Nothing is left running; the world is kept in ${config.dataDir}` : '');
  if (!end.ok) throw new AtlasError(end.code as ErrorCode, end.message);
}

function overridesOf({ apiPort, gatewayPort, dataDir }: UpOptions): Override[] {
  const all: [string, unknown, string][] = [
    ['api.port', apiPort, '--api-port'],
    ['gateway.port', gatewayPort, '--gateway-port'],
    ['dataDir', dataDir === undefined ? undefined : resolve(dataDir), '--data-dir'],
  ];
  return all.flatMap(([path, value, from]) => (value === undefined ? [] : [{ path, value, from }]));
}
