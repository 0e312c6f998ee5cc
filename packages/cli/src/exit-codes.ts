/** What the command's exit codes mean; `atlas help` shows this table. */
import { AtlasError } from '@horizon-atlas/protocol';

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  config: 3,
  occupied: 4,
  notRunning: 5,
  nodeTooOld: 6,
} as const;

export const exitCodeHelp: readonly (readonly [number, string])[] = [
  [exitCodes.ok, 'done, or stopped when asked to'],
  [exitCodes.failed, 'something broke; the log has the details'],
  [exitCodes.usage, 'the command line is wrong'],
  [exitCodes.config, 'the configuration is wrong or missing'],
  [exitCodes.occupied, 'an Atlas already runs there, or a port is taken'],
  [exitCodes.notRunning, 'no Atlas answers there'],
  [exitCodes.nodeTooOld, 'Node.js is too old'],
];

export function exitCodeOf(code: string): number {
  switch (code) {
    case 'CONFIG_INVALID':
    case 'CONFIG_NOT_FOUND':
      return exitCodes.config;
    case 'ALREADY_RUNNING':
    case 'PORT_IN_USE':
      return exitCodes.occupied;
    case 'NOT_RUNNING':
      return exitCodes.notRunning;
    case 'NODE_TOO_OLD':
      return exitCodes.nodeTooOld;
    default:
      return exitCodes.failed;
  }
}

/** How an error is shown: what people need to act first, the code for those who search for it. */
export function formatError(error: unknown): { text: string; code: number } {
  if (error instanceof AtlasError) return { text: `atlas: ${error.message}  (${error.code})`, code: exitCodeOf(error.code) };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `atlas: ${text}`, code: exitCodes.failed };
}
