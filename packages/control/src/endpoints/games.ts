/** Game definitions: those that fleets run, and those that come with Atlas. */
import { z } from 'zod';
import { found, need } from '../context.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { pageOfList } from '../paging.ts';
import { Game } from '../resources/games.ts';
import { PageQuery, pageOf } from '../resources/shapes.ts';

const ById = z.object({ id: z.string().min(1).max(128).describe('As in the list.') });

export const gameEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/v1/games',
    name: 'listGames',
    tag: 'fleets',
    summary: 'Game definitions: those that fleets run, and those that come with Atlas',
    scope: 'read',
    query: PageQuery,
    answer: { kind: 'json', shape: pageOf(Game) },
    run: async ({ context, query }) => pageOfList(await need(context, 'games').games(), ({ id }) => id, query),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/games/:id',
    name: 'getGame',
    tag: 'fleets',
    summary: 'One game definition',
    scope: 'read',
    params: ById,
    answer: { kind: 'json', shape: Game },
    refusals: ['NOT_FOUND'],
    run: async ({ context, params }) =>
      found(
        (await need(context, 'games').games()).find(({ id }) => id === params.id),
        'game definition',
        params.id,
      ),
  }),
];
