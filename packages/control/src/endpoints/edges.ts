/** Edges: public ports, players' ways through them, and how a game server is reached. */
import { z } from 'zod';
import { found, need, unwrap } from '../context.ts';
import { type Call, type Endpoint, endpoint } from '../endpoint.ts';
import { pageOfList } from '../paging.ts';
import { Edge, EdgeWay, PublicWay } from '../resources/edges.ts';
import { Id, PageQuery, pageOf } from '../resources/shapes.ts';
import type { EdgeSource, Outcome } from '../sources.ts';
import { note } from './access.ts';

const WaysQuery = PageQuery.extend({
  server: Id.optional(),
  player: z.string().max(256).optional(),
  state: EdgeWay.shape.state.optional(),
});
const ById = z.object({ id: Id.describe('As in the list.') });
const WayPath = z.object({
  id: z
    .string()
    .regex(/^\d{1,16}$/)
    .describe('As in the list.'),
});
const ServerPath = z.object({ id: Id.describe('The game server’s id.') });
const MoveBody = z
  .object({
    server: Id.optional().describe('A game server’s id.'),
    fleet: Id.optional().describe('Whichever of its servers has the fewest players, other than the one where the player is.'),
    waitMs: z
      .int()
      .min(0)
      .max(120_000)
      .default(30_000)
      .describe('How long the server may take to be there: one that sleeps is woken.'),
  })
  .refine(({ server, fleet }) => (server === undefined) !== (fleet === undefined), 'either a server or a fleet');
const PlayerBody = z.object({
  player: z.string().max(64).default('').describe('Who the tokens are for; empty: whoever holds them.'),
});

export const edgeEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/v1/edges',
    name: 'listEdges',
    tag: 'edges',
    summary: 'All edges, with their public ports and figures',
    scope: 'read',
    query: PageQuery,
    answer: { kind: 'json', shape: pageOf(Edge) },
    run: ({ context, query }) => pageOfList(need(context, 'edges').edges(), ({ id }) => id, query),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/edges/:id',
    name: 'getEdge',
    tag: 'edges',
    summary: 'One edge',
    scope: 'read',
    params: ById,
    answer: { kind: 'json', shape: Edge },
    refusals: ['NOT_FOUND'],
    run: ({ context, params }) =>
      found(
        need(context, 'edges')
          .edges()
          .find(({ id }) => id === params.id),
        'edge',
        params.id,
      ),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/edge-sessions',
    name: 'listEdgeSessions',
    tag: 'edges',
    summary: 'Players’ ways through edges',
    description:
      'As of the last second. Players’ ids are their token’s; without tokens all that is known is where a player comes from.',
    scope: 'read',
    query: WaysQuery,
    answer: { kind: 'json', shape: pageOf(EdgeWay) },
    run({ context, query }) {
      const { server, player, state } = query;
      const matching = need(context, 'edges')
        .sessions()
        .filter(
          (way) =>
            (server === undefined || way.server === server) &&
            (player === undefined || way.player === player) &&
            (state === undefined || way.state === state),
        );
      return pageOfList(matching, ({ id }) => id, query);
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/v1/edge-sessions/:id',
    name: 'endEdgeSession',
    tag: 'edges',
    summary: 'End a player’s way',
    description: 'What comes of it is the game’s affair; the player may come again.',
    scope: 'operate',
    params: WayPath,
    answer: { kind: 'none' },
    refusals: ['NOT_FOUND'],
    run(call) {
      const edges = need(call.context, 'edges');
      const about = aboutWay(edges, call.params.id);
      unwrap(noted(call, 'action.edge-session.end', about, edges.end(call.params.id)));
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/edge-sessions/:id/move',
    name: 'moveEdgeSession',
    tag: 'edges',
    summary: 'Have a player go on at another server, on the connection that they have',
    description:
      'For UDP, between servers of one fleet, and for ports with a front that understands the game (Minecraft), between all. Answers when the player is there; one who cannot be moved stays where they are.',
    scope: 'operate',
    params: WayPath,
    body: MoveBody,
    answer: { kind: 'json', shape: z.object({ server: z.string() }) },
    refusals: [
      ...(['NOT_FOUND', 'MOVE_IMPOSSIBLE', 'MOVE_FAILED', 'SERVER_FULL', 'NOT_READY'] as const),
      ...(['PROCESS_UNKNOWN', 'PROCESS_STATE', 'FLEET_UNKNOWN'] as const),
    ],
    async run(call) {
      const edges = need(call.context, 'edges');
      const { server: to, fleet } = call.body;
      const about = { ...aboutWay(edges, call.params.id), ...(to === undefined ? { fleet } : { to }) };
      const outcome = await edges.move(call.params.id, call.body);
      return { server: unwrap(noted(call, 'action.edge-session.move', about, outcome)).server };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/gameservers/:id/ways',
    name: 'openWays',
    tag: 'edges',
    summary: 'How a game server is reached from outside, with tokens for a player',
    description:
      'For backends that hand out places themselves. Tokens are good for two minutes; each way is one port of the server.',
    scope: 'operate',
    params: ServerPath,
    body: PlayerBody,
    answer: { kind: 'json', shape: z.object({ ways: z.array(PublicWay) }) },
    refusals: ['NOT_FOUND'],
    run: ({ context, params, body }) => ({ ways: unwrap(need(context, 'edges').waysTo(params.id, body.player)).ways }),
  }),
];

/** As it was before the act: afterwards the way may be gone, or the player elsewhere. */
function aboutWay(edges: EdgeSource, id: string): { readonly player?: string; readonly peer?: string; readonly server?: string } {
  const way = edges.sessions().find((each) => each.id === id);
  return way ? { player: way.player, peer: way.peer, server: way.server } : {};
}

function noted<T>(
  call: Pick<Call<{ id: string }>, 'context' | 'caller' | 'params'>,
  kind: string,
  about: object,
  outcome: Outcome<T>,
): Outcome<T> {
  note(call, kind, call.params.id, about, outcome.ok ? '' : outcome.code);
  return outcome;
}
