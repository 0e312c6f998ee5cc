/** What operators do: to processes and to players. Each is told what it would do with `?dryRun=true`, and leaves a line in the audit log. */
import { z } from 'zod';
import { type ApiContext, need, unwrap } from '../context.ts';
import { type Call, type Endpoint, endpoint } from '../endpoint.ts';
import { ActionResult } from '../resources/happenings.ts';
import { Id } from '../resources/shapes.ts';
import type { ActionSource, Outcome } from '../sources.ts';

const DryRun = z.object({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('`true`: nothing is done, but the effects are told.'),
});
const PlayerPath = z.object({ id: z.string().min(1).max(256) });
const coordinate = z.number().min(-1e9).max(1e9);

type Acting = Call<{ id: string }, { dryRun: boolean }>;

async function act(
  { context, caller, params, query }: Acting,
  fields: Record<string, unknown>,
  run: (actions: ActionSource) => Promise<Outcome<{ readonly result: ActionResult }>>,
  kind: string,
): Promise<ActionResult> {
  const outcome = await run(need(context, 'actions'));
  if (!query.dryRun) note(context, { kind, actor: caller.actor, address: caller.address, subject: params.id, fields, outcome });
  return unwrap(outcome).result;
}

function note(
  context: ApiContext,
  {
    outcome,
    ...rest
  }: { kind: string; actor: string; address: string; subject: string; fields: object; outcome: Outcome<unknown> },
): void {
  context.deps.sources.audit?.append({ ...rest, fields: { ...rest.fields }, code: outcome.ok ? '' : outcome.code });
}

const processActions = [
  [
    'kill',
    'Kill a process at once, to see a recovery',
    'SIGKILL. Its players wait until another server has taken over; nobody is disconnected by it.',
  ],
  [
    'drain',
    'Let a process hand over what it holds, and end',
    'A region server hands its regions over after a last checkpoint, a gateway sends its clients elsewhere; it is replaced where wanted.',
  ],
  ['restart', 'Drain a process and fill its post anew at once', 'As `drain`.'],
] as const;

function onProcess(folder: 'servers' | 'gateways'): Endpoint[] {
  const singular = folder === 'servers' ? 'Server' : 'Gateway';
  return processActions.map(([action, summary, description]) =>
    endpoint({
      method: 'POST',
      path: `/api/v1/${folder}/:id/${action}`,
      name: `${action}${singular}`,
      tag: 'actions',
      summary,
      description,
      scope: 'operate',
      params: z.object({ id: Id }),
      query: DryRun,
      answer: { kind: 'json', shape: ActionResult },
      refusals: ['NOT_FOUND'],
      run: (call) => act(call, {}, (actions) => actions[action](call.params.id, call.query.dryRun), `action.${action}`),
    }),
  );
}

export const actionEndpoints: readonly Endpoint[] = [
  ...onProcess('servers'),
  ...onProcess('gateways'),
  endpoint({
    method: 'POST',
    path: '/api/v1/players/:id/move',
    name: 'movePlayer',
    tag: 'actions',
    summary: 'Place a player elsewhere',
    description: 'By a handoff where that is another region; the connection stays.',
    scope: 'operate',
    params: PlayerPath,
    query: DryRun,
    body: z.object({ x: coordinate, y: coordinate, z: coordinate.default(0) }),
    answer: { kind: 'json', shape: ActionResult },
    refusals: ['NOT_FOUND', 'POSITION_INVALID'],
    run: (call) =>
      act(call, { to: call.body }, (actions) => actions.move(call.params.id, call.body, call.query.dryRun), 'action.move'),
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/players/:id/kick',
    name: 'kickPlayer',
    tag: 'actions',
    summary: 'End a player’s session',
    scope: 'operate',
    params: PlayerPath,
    query: DryRun,
    body: z.object({ message: z.string().max(200).default('').describe('What the player is told.') }).optional(),
    answer: { kind: 'json', shape: ActionResult },
    refusals: ['NOT_FOUND'],
    run(call) {
      const message = call.body?.message ?? '';
      return act(call, { message }, (actions) => actions.kick(call.params.id, message, call.query.dryRun), 'action.kick');
    },
  }),
];
