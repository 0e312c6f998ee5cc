/** Fleets of game servers, single ones, and allocations. */
import { type GameServerOrder, gameServerStates } from '@horizon-atlas/protocol';
import { z } from 'zod';
import { type ApiContext, found, need } from '../context.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { pageOfList } from '../paging.ts';
import { Refused } from '../problems.ts';
import { Allocation, Fleet, GameServer, JoinKey, ModeDeployment } from '../resources/fleets.ts';
import { Id, PageQuery, pageOf } from '../resources/shapes.ts';
import { note } from './access.ts';

const ByName = z.object({ name: z.string().min(1).max(64) });
const ById = z.object({ id: Id });
const ByRequest = z.object({ id: z.string().min(1).max(128).describe('The request id.') });

function fleetOf(context: ApiContext, name: string): Fleet {
  const fleet = need(context, 'fleets').fleet(name);
  if (!fleet) throw new Refused('FLEET_UNKNOWN', `there is no fleet ${JSON.stringify(name)}`);
  return fleet;
}

const orders: readonly (readonly [GameServerOrder, string, string])[] = [
  ['shutdown', 'End a game server', 'Gently, whoever has it; its fleet starts another one where that is wanted.'],
  ['drain', 'Let nobody new onto a game server', 'It ends when it is empty: at once where nobody has it.'],
  [
    'maintain',
    'Take a game server out',
    'It is kept and given to nobody, once its session is over; its fleet starts another one in its place.',
  ],
  ['restore', 'Give a game server back', 'After `maintain`.'],
];

export const fleetEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/v1/fleets',
    name: 'listFleets',
    tag: 'fleets',
    summary: 'All fleets',
    scope: 'read',
    query: PageQuery,
    answer: { kind: 'json', shape: pageOf(Fleet) },
    run: ({ context, query }) => pageOfList(need(context, 'fleets').fleets(), ({ name }) => name, query),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/fleets/:name',
    name: 'getFleet',
    tag: 'fleets',
    summary: 'One fleet',
    scope: 'read',
    params: ByName,
    answer: { kind: 'json', shape: Fleet },
    refusals: ['FLEET_UNKNOWN'],
    run: ({ context, params }) => fleetOf(context, params.name),
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/fleets/:name/scale',
    name: 'scaleFleet',
    tag: 'fleets',
    summary: 'Hold a fleet at a size, or let it go',
    description:
      'So many servers in all, within its limits, whatever its scaling says, also after a restart of Atlas; servers that somebody has are not stopped, and a request that waits still has one started. `null`: it is scaled again by its policy, or as it keeps servers warm.',
    scope: 'operate',
    params: ByName,
    body: z.object({ replicas: z.int().min(0).max(100_000).nullable().describe('null: let it go.') }),
    answer: { kind: 'json', shape: Fleet },
    refusals: ['FLEET_UNKNOWN'],
    async run(call) {
      const { context, params, body } = call;
      fleetOf(context, params.name);
      need(context, 'fleets').scale(params.name, body.replicas);
      note(call, 'fleet.scaled', params.name, body, '');
      // What it is to have is known at the end of this turn.
      await new Promise((resolve) => setImmediate(resolve));
      return fleetOf(context, params.name);
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/modes',
    name: 'deployMode',
    tag: 'fleets',
    summary: 'Deploy a game mode for so many players',
    description:
      'A fleet of the configuration becomes a mode: at least 1 server and at most one for each 50 players, more when more than 0.8 of them are in use, so that a fifth is ready, and fewer once less than 0.3 were for all of `downAfterMs`. That stands in place of a scaling policy, and lets go of a size that an operator held.',
    scope: 'operate',
    body: z.object({
      mode: z.string().min(1).max(64).describe('A fleet of the configuration.'),
      expectedPlayers: z.int().min(1).max(5_000_000),
      sites: z.array(Id).max(64).default([]).describe('Some of the fleet’s; all of them when empty.'),
    }),
    answer: { kind: 'json', shape: ModeDeployment },
    refusals: ['FLEET_UNKNOWN'],
    async run(call) {
      const outcome = await need(call.context, 'fleets').deployMode(call.body);
      note(call, 'mode.deployed', call.body.mode, call.body, outcome.ok ? '' : outcome.code);
      if (!outcome.ok) throw new Refused(outcome.code, outcome.message);
      return outcome.deployment;
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/join-keys',
    name: 'getJoinKeys',
    tag: 'fleets',
    summary: 'The public keys that check join tokens, as a JSON Web Key Set',
    description:
      'For game servers without the server SDK: a join token is a JWT (EdDSA) whose `sub` is the player, `srv` the game server, `mat` the match, `team` the team, and `exp` its end. Game servers find this address in ATLAS_JOIN_KEYS. A key may be kept for an hour; ask again when a token names a `kid` that is not known.',
    scope: null,
    answer: { kind: 'json', shape: z.object({ keys: z.array(JoinKey) }) },
    run: ({ context }) => ({ keys: [...need(context, 'fleets').joinKeys()] }),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/gameservers',
    name: 'listGameServers',
    tag: 'fleets',
    summary: 'Game servers of all fleets',
    scope: 'read',
    query: PageQuery.extend({ fleet: z.string().max(64).optional(), state: z.enum(gameServerStates).optional() }),
    answer: { kind: 'json', shape: pageOf(GameServer) },
    run({ context, query }) {
      const { fleet, state } = query;
      const all = need(context, 'fleets').servers(fleet);
      const matching = state === undefined ? all : all.filter((each) => each.state === state);
      return pageOfList(matching, ({ id }) => id, query);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/gameservers/:id',
    name: 'getGameServer',
    tag: 'fleets',
    summary: 'One game server',
    scope: 'read',
    params: ById,
    answer: { kind: 'json', shape: GameServer },
    refusals: ['NOT_FOUND'],
    run: ({ context, params }) => found(need(context, 'fleets').server(params.id), 'game server', params.id),
  }),
  ...orders.map(([order, summary, description]) =>
    endpoint({
      method: 'POST',
      path: `/api/v1/gameservers/:id/${order}`,
      name: `${order}GameServer`,
      tag: 'fleets',
      summary,
      description,
      scope: 'operate',
      params: ById,
      answer: { kind: 'json', shape: GameServer },
      refusals: ['PROCESS_UNKNOWN', 'PROCESS_STATE'],
      run(call) {
        const fleets = need(call.context, 'fleets');
        const refusal = fleets.order(call.params.id, order);
        note(call, `gameserver.${order}`, call.params.id, {}, refusal ?? '');
        if (refusal) throw new Refused(refusal);
        return found(fleets.server(call.params.id), 'game server', call.params.id);
      },
    }),
  ),
  endpoint({
    method: 'GET',
    path: '/api/v1/allocations',
    name: 'listAllocations',
    tag: 'fleets',
    summary: 'Allocations that are not over',
    scope: 'read',
    query: PageQuery,
    answer: { kind: 'json', shape: pageOf(Allocation) },
    run: ({ context, query }) => pageOfList(need(context, 'fleets').allocations(), ({ requestId }) => requestId, query),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/allocations/:id',
    name: 'getAllocation',
    tag: 'fleets',
    summary: 'One allocation, also for ten minutes after its end',
    scope: 'read',
    params: ByRequest,
    answer: { kind: 'json', shape: Allocation },
    refusals: ['NOT_FOUND'],
    run: ({ context, params }) => found(need(context, 'fleets').allocation(params.id), 'allocation', params.id),
  }),
  ...(['activate', 'release'] as const).map((act) =>
    endpoint({
      method: 'POST',
      path: `/api/v1/allocations/:id/${act}`,
      name: `${act}Allocation`,
      tag: 'fleets',
      summary: act === 'activate' ? 'Its players have come: the lease is fulfilled' : 'Its session is over',
      scope: 'operate',
      params: ByRequest,
      answer: { kind: 'json', shape: Allocation },
      refusals: ['NOT_FOUND', 'ALLOCATION_ENDED'],
      run({ context, params }) {
        const fleets = need(context, 'fleets');
        found(fleets.allocation(params.id), 'allocation', params.id);
        if (!fleets[act](params.id)) throw new Refused('ALLOCATION_ENDED');
        return found(fleets.allocation(params.id), 'allocation', params.id);
      },
    }),
  ),
];
