/** What the command's exit codes mean; `atlas help` and docs/reference/cli.md show this table. */
import { AtlasError } from '@horizon-atlas/protocol';
import { AdminError } from '@horizon-atlas/sdk-admin';
import { harmless } from './text-width.ts';

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  config: 3,
  occupied: 4,
  notRunning: 5,
  nodeTooOld: 6,
  notFound: 7,
  refused: 8,
  missed: 9,
  incomplete: 10,
  interrupted: 130,
} as const;

export const exitCodeHelp: readonly (readonly [number, string])[] = [
  [exitCodes.ok, 'done, or stopped when asked to'],
  [exitCodes.failed, 'something broke; the log has the details'],
  [exitCodes.usage, 'the command line is wrong'],
  [exitCodes.config, 'the configuration is wrong or missing'],
  [exitCodes.occupied, 'an Atlas already runs there, or a port is taken'],
  [exitCodes.notRunning, 'no Atlas answers there'],
  [exitCodes.nodeTooOld, 'Node.js is too old'],
  [exitCodes.notFound, 'there is nothing of that id, or several things are'],
  [exitCodes.refused, 'the API refused: the token is missing, wrong or of too little scope'],
  [exitCodes.missed, 'a check failed: doctor found a fault, a threshold was missed, the audit log was changed'],
  [exitCodes.incomplete, 'loadtest: not every player joined, so there are no figures'],
  [exitCodes.interrupted, 'ended by Ctrl-C before it was done'],
];

export function exitCodeOf(code: string): number {
  switch (code) {
    case 'CONFIG_INVALID':
    case 'CONFIG_NOT_FOUND':
    case 'GAME_INVALID':
    case 'GAME_UNKNOWN':
    case 'GAME_VARIABLE_INVALID':
    case 'EGG_INVALID':
      return exitCodes.config;
    case 'ALREADY_RUNNING':
    case 'PORT_IN_USE':
      return exitCodes.occupied;
    case 'NOT_RUNNING':
      return exitCodes.notRunning;
    case 'NAME_INVALID':
    case 'TEMPLATE_UNKNOWN':
      return exitCodes.usage;
    case 'NODE_TOO_OLD':
      return exitCodes.nodeTooOld;
    case 'ID_UNKNOWN':
    case 'ID_AMBIGUOUS':
    case 'NOT_FOUND':
      return exitCodes.notFound;
    case 'CONSENT_NEEDED':
      return exitCodes.usage;
    case 'AUDIT_BROKEN':
    case 'THRESHOLD_MISSED':
      return exitCodes.missed;
    case 'LOADTEST_INCOMPLETE':
      return exitCodes.incomplete;
    case 'SCENARIO_INVALID':
      return exitCodes.config;
    default:
      return exitCodes.failed;
  }
}

/** How an error is shown: what people need to act first, the code for those who search for it. */
export function formatError(error: unknown): { text: string; code: number } {
  if (error instanceof AtlasError) return { text: `atlas: ${error.message}  (${error.code})`, code: exitCodeOf(error.code) };
  if (error instanceof AdminError) return refusal(error);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `atlas: ${text}`, code: exitCodes.failed };
}

/** What the API answered comes from elsewhere. */
function refusal({ code, message, status }: AdminError): { text: string; code: number } {
  const denied = status === 401 || status === 403;
  const advice = denied
    ? '\n  Give the admin token or an API key: --token, or ATLAS_TOKEN in the environment'
    : code === 'NOT_RUNNING'
      ? '\n  Start one with atlas up, or name another with --api, --data-dir or --config'
      : '';
  return {
    text: `atlas: ${harmless(message)}  (${harmless(code)})${advice}`,
    code: denied ? exitCodes.refused : exitCodeOf(code),
  };
}
