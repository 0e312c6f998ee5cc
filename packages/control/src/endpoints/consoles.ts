/** Consoles of game servers that know nothing of Atlas: what is typed, and backups of what they save. Their lines are logs, as any process's. */
import { z } from 'zod';
import { type ApiContext, need, unwrap } from '../context.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { GameBackup, GameConsole } from '../resources/consoles.ts';
import { Id } from '../resources/shapes.ts';

const ConsolePath = z.object({ id: Id.describe('The game server’s id, or the name of a fleet with one server.') });
const line = z
  .string()
  .min(1)
  .max(1000)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  .regex(/^[^\u0000-\u0008\u000a-\u001f\u007f]*$/, 'one line, without control characters');

export const consoleEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/v1/gameservers/:id/console',
    name: 'getConsole',
    tag: 'world',
    summary: 'A game server as its console shows it, and whether it reads what is typed',
    scope: 'read',
    params: ConsolePath,
    answer: { kind: 'json', shape: GameConsole },
    refusals: ['PROCESS_UNKNOWN', 'ID_AMBIGUOUS'],
    run: ({ context, params }) => unwrap(need(context, 'consoles').find(params.id)).console,
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/gameservers/:id/console',
    name: 'typeConsole',
    tag: 'actions',
    summary: 'Type a line at a game server’s console',
    description:
      'What it answers stands in its log: `GET /api/v1/servers/:id/logs/watch`. The line is kept in the audit log, without secrets of the server.',
    scope: 'operate',
    params: ConsolePath,
    body: z.object({ line }),
    answer: { kind: 'none' },
    refusals: ['PROCESS_UNKNOWN', 'ID_AMBIGUOUS', 'CONSOLE_NONE', 'CONSOLE_FULL'],
    run({ context, caller, params, body }) {
      const outcome = need(context, 'consoles').type(params.id, body.line);
      note(
        context,
        'action.console',
        caller,
        params.id,
        { line: outcome.ok ? outcome.shown : '' },
        outcome.ok ? '' : outcome.code,
      );
      unwrap(outcome);
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/gameservers/:id/backup',
    name: 'backupGameServer',
    tag: 'actions',
    summary: 'Have a game server save, and copy what its definition says is worth keeping',
    scope: 'operate',
    params: ConsolePath,
    answer: { kind: 'json', shape: GameBackup },
    refusals: ['PROCESS_UNKNOWN', 'ID_AMBIGUOUS', 'CONSOLE_FULL', 'ACTION_TIMEOUT', 'GAME_FOLDER_UNUSABLE'],
    async run({ context, caller, params }) {
      const outcome = await need(context, 'consoles').backup(params.id);
      note(context, 'action.backup', caller, params.id, {}, outcome.ok ? '' : outcome.code);
      return { folder: unwrap(outcome).folder };
    },
  }),
];

function note(
  { deps }: ApiContext,
  kind: string,
  { actor, address }: { readonly actor: string; readonly address: string },
  subject: string,
  fields: Record<string, unknown>,
  code: string,
): void {
  deps.sources.audit?.append({ kind, actor, address, subject, fields, code });
}
