/** Forked by installation.ts: `atlas up` without its screen. When the bench is gone, however, it takes all of this Atlas with it. */
import {
  type ControlReport,
  dataDirAt,
  loadConfig,
  type SupervisorReport,
  startControlProcess,
  supervise,
} from '@horizon-atlas/atlas';
import type { Clock } from '@horizon-atlas/ports';
import { systemClock } from '@horizon-atlas/runtime';
import { killLeftovers } from './leftovers.ts';

export type KeeperOrder = { readonly kind: 'stop' | 'calm' };
export type KeeperReport =
  | Exclude<ControlReport, { kind: 'status' } | { kind: 'ended' }>
  | SupervisorReport
  | { readonly kind: 'ended'; readonly message: string };

/** Longer than the supervisor's `steadyMs`. */
const CALM_MS = 31_000;

const config = await loadConfig(process.argv[2] ?? '');
const clock = systemClock();
let aheadMs = 0;
const shifted: Clock = {
  now: () => clock.now() + aheadMs,
  wall: () => clock.wall(),
  at: (ms, fn) => clock.at(ms - aheadMs, fn),
};

process.on('exit', () => killLeftovers(dataDirAt(config.dataDir)));
process.on('SIGTERM', () => process.exit(1));

const supervisor = supervise({
  clock: shifted,
  start: () => startControlProcess(config),
  onReport(report) {
    if (report.kind !== 'status' && report.kind !== 'ended') tell(report);
  },
});
process.on('message', (order: KeeperOrder) => {
  if (order.kind === 'stop') supervisor.stop();
  else aheadMs += CALM_MS;
});

const end = await supervisor.ended;
tell({ kind: 'ended', message: end.ok ? 'as it was asked to' : end.message });
process.disconnect();

function tell(report: KeeperReport): void {
  process.send?.(report, undefined, undefined, () => {});
}
