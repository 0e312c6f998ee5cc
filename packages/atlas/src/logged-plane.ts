/** A control plane with its log: what each of its parts tells of goes there, and to whoever runs it. */
import { join } from 'node:path';
import { memoryProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import type { AtlasConfig } from './config.ts';
import { type ControlPlane, type ControlPlaneHost, makeControlPlane } from './control-plane.ts';
import { dataDirAt } from './data-dir.ts';
import { type Logger, openLog } from './log.ts';

/** Events of which there may be hundreds a second: figures tell of them better than lines. */
const quiet = new Set(['handoff.done', 'server_state', 'game_server_state']);

export interface LoggedPlane {
  readonly plane: ControlPlane;
  readonly log: Logger;
}

/** @param told hears of events that are worth a line */
export function makeLoggedPlane(
  config: AtlasConfig,
  told: (event: { readonly atMs: number; readonly name: string; readonly fields: Record<string, unknown> }) => void,
  runners: Pick<ControlPlaneHost, 'gameServerRunner'> = {},
): LoggedPlane {
  const clock = systemClock();
  const log = openLog(join(dataDirAt(config.dataDir).logs, 'atlas.log'), 'control');
  const level = (name: string) => (quiet.has(name) ? 'debug' : 'info');
  const probe = memoryProbe({
    onEvent({ name, fields }) {
      if (!log.isLevelEnabled(level(name))) return;
      const said = plain(fields);
      log[level(name)](said, name);
      if (!quiet.has(name)) told({ atMs: clock.wall(), name, fields: said });
    },
  });
  return { log, plane: makeControlPlane(config, { clock, entropy: systemEntropy(), probe, ...runners }) };
}

/** Fields as JSON takes them. */
function plain(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? value.message : typeof value === 'bigint' ? String(value) : value,
    ]),
  );
}
