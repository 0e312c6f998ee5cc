/**
 * Entry of the control-plane process, started by the supervisor: takes the configuration from the pipe, runs, reports, and ends when it is
 * asked to. When the supervisor dies it goes on; `atlas down` and signals still reach it.
 */
import { flushCompileCache } from 'node:module';
import { giveBackStartupMemory } from '@horizon-atlas/runtime';
import type { AtlasConfig } from './config.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Logger } from './log.ts';
import { makeLoggedPlane } from './logged-plane.ts';
import { type ControlOrder, type ControlReport, exitCode, refusalOf } from './reports.ts';
import { version } from './version.ts';

export const limits = {
  statusMs: 250,
  /** Everything must be stopped by then; what is left is killed. */
  stopMs: 10_000,
  /** Events told to the supervisor a second; beyond, only the log has them. */
  eventsPerS: 50,
} as const;

let plane: ControlPlane | undefined;
let starting: Promise<void> | undefined;
let log: Logger | undefined;
let stops = 0;

process.on('message', (order: ControlOrder) => {
  if (order.kind === 'begin') void begin(order.config);
  else void stop();
});
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
process.on('disconnect', () => log?.warn('the supervisor is gone; this Atlas goes on: stop it with atlas down'));
process.on('uncaughtException', (error) => {
  log?.fatal({ err: error }, 'a fault in the control plane');
  console.error(error);
  process.exit(exitCode.crashed);
});

async function begin(config: AtlasConfig): Promise<void> {
  let eventsLeft: number = limits.eventsPerS;
  const { plane: made, log: opened } = makeLoggedPlane(config, (event) => {
    // While stopping, servers go away because they are told to: that is no news.
    if (stops === 0 && eventsLeft-- > 0) report({ kind: 'event', ...event });
  });
  plane = made;
  log = opened;
  setInterval(() => {
    eventsLeft = Math.min(limits.eventsPerS, eventsLeft + (limits.eventsPerS * limits.statusMs) / 1000);
    report({ kind: 'status', status: made.status() });
  }, limits.statusMs).unref();
  try {
    starting = made.start();
    await starting;
    const { api, gateways, resumed } = made;
    const pages = config.pages.map(({ name }) => `${api}/play/${name}/`);
    if (stops === 0) report({ kind: 'running', version, api, gateways, resumed, pages });
    // Now, not at the exit: it may be killed, and its successor should be quick. After the report, since it stops everything for a while.
    setImmediate(() => {
      flushCompileCache();
      giveBackStartupMemory();
    });
  } catch (error) {
    // Stopped while starting: what had started is undone already.
    process.exitCode = stops > 0 ? exitCode.stopped : refuse(error);
    leave();
  }
}

function refuse(error: unknown): number {
  log?.error({ err: error }, 'the control plane cannot start');
  const code = refusalOf(error);
  if (code === undefined) {
    console.error(error);
    return exitCode.crashed;
  }
  report({ kind: 'refused', code, message: error instanceof Error ? error.message : String(error) });
  return exitCode.refused;
}

async function stop(): Promise<void> {
  stops++;
  report({ kind: 'stopping' });
  // Told to stop before it was told what to run.
  if (!plane) {
    leave();
    return;
  }
  if (stops > 1) {
    plane.hurry();
    return;
  }
  const late = setTimeout(() => plane?.hurry(), limits.stopMs);
  const failures = await plane.stop();
  await starting?.catch(() => {});
  clearTimeout(late);
  for (const { name, error } of failures) log?.error({ err: error, part: name }, 'it did not stop as it should');
  log?.info({ failures: failures.length }, 'stopped');
  process.exitCode = exitCode.stopped;
  leave();
}

/** The pipe is let go, so that the process ends by itself once the last report is out; whatever hangs is cut off. */
function leave(): void {
  const end = () => process.exit(process.exitCode ?? exitCode.stopped);
  setTimeout(end, 1000).unref();
  if (!process.connected) end();
  else process.send?.({ kind: 'ended' } satisfies ControlReport, undefined, undefined, end);
}

function report(message: ControlReport): void {
  // A pipe that has just broken is told by 'disconnect'.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
