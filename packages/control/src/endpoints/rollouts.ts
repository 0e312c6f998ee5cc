/** Versions of fleets: how far a rollout is, a new one, a pause, and back; and why a fleet is as large as it is. */
import { z } from 'zod';
import { found, need, unwrap } from '../context.ts';
import { type Call, type Endpoint, endpoint } from '../endpoint.ts';
import { FleetChange, Rollout, Scaling } from '../resources/rollouts.ts';
import type { Outcome } from '../sources.ts';
import { note } from './access.ts';

const ByName = z.object({ name: z.string().min(1).max(64).describe('Of the fleet.') });

export const rolloutEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/v1/fleets/:name/rollout',
    name: 'getRollout',
    tag: 'fleets',
    summary: 'Which version a fleet runs, and how far it is from the one before',
    scope: 'read',
    params: ByName,
    answer: { kind: 'json', shape: Rollout },
    refusals: ['NOT_FOUND'],
    run: ({ context, params }) => found(need(context, 'versions').rollout(params.name), 'fleet', params.name),
  }),
  endpoint({
    method: 'PATCH',
    path: '/api/v1/fleets/:name',
    name: 'changeFleet',
    tag: 'fleets',
    summary: 'Roll a fleet out to another version',
    description:
      'Servers of the new version come up beside the old ones as `rollout` of the fleet says; servers in use are stopped by nobody, their sessions are their last. It stands over restarts, until the configuration asks for another version than before.',
    scope: 'operate',
    params: ByName,
    body: FleetChange,
    answer: { kind: 'json', shape: Rollout },
    refusals: ['FLEET_UNKNOWN', 'VERSION_TAKEN', 'ROLLOUT_NONE'],
    run(call) {
      const { context, params, body } = call;
      return noted(call, 'fleet.change', { version: body.version }, need(context, 'versions').change(params.name, body));
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/fleets/:name/rollback',
    name: 'rollBackFleet',
    tag: 'fleets',
    summary: 'Roll a fleet back to the version before',
    scope: 'operate',
    params: ByName,
    answer: { kind: 'json', shape: Rollout },
    refusals: ['FLEET_UNKNOWN', 'ROLLOUT_NONE'],
    run: (call) => noted(call, 'fleet.rollback', {}, need(call.context, 'versions').rollback(call.params.name)),
  }),
  ...([true, false] as const).map((paused) =>
    endpoint({
      method: 'POST',
      path: `/api/v1/fleets/:name/rollout/${paused ? 'pause' : 'resume'}`,
      name: paused ? 'pauseRollout' : 'resumeRollout',
      tag: 'fleets',
      summary: paused ? 'Have a rollout stay as it is' : 'Have a rollout that was paused go on',
      description: paused
        ? 'No more servers of the new version come, and none of the former version goes; where more are wanted they are of the former one. A trial goes on and does not end.'
        : 'A trial that was paused lasts its time anew.',
      scope: 'operate',
      params: ByName,
      answer: { kind: 'json', shape: Rollout },
      refusals: ['FLEET_UNKNOWN', 'ROLLOUT_NONE'],
      run: (call) => {
        const kind = paused ? 'fleet.pause' : 'fleet.resume';
        return noted(call, kind, {}, need(call.context, 'versions').hold(call.params.name, paused));
      },
    }),
  ),
  endpoint({
    method: 'GET',
    path: '/api/v1/fleets/:name/scaling',
    name: 'getScaling',
    tag: 'fleets',
    summary: 'Why a fleet is as large as it is',
    description: 'The decision of now, and those before with what was seen and why.',
    scope: 'read',
    params: ByName,
    answer: { kind: 'json', shape: Scaling },
    refusals: ['NOT_FOUND'],
    run: ({ context, params }) => found(need(context, 'versions').scaling(params.name), 'scaling policy of a fleet', params.name),
  }),
];

function noted(
  call: Pick<Call<{ name: string }>, 'context' | 'caller' | 'params'>,
  kind: string,
  fields: object,
  outcome: Outcome<{ readonly rollout: Rollout }>,
): Rollout {
  note(call, kind, call.params.name, fields, outcome.ok ? '' : outcome.code);
  return unwrap(outcome).rollout;
}
