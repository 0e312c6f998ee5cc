/** Regions, servers, gateways and players: lists and single ones. */
import { z } from 'zod';
import { found, need } from '../context.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { pageOfList } from '../paging.ts';
import { Id, PageQuery, pageOf } from '../resources/shapes.ts';
import { Gateway, Player, Region, Server } from '../resources/world.ts';
import type { WorldSource } from '../sources.ts';

const ById = z.object({ id: Id.describe('As in the list.') });
const PlayerPath = z.object({ id: z.string().min(1).max(256).describe('The player’s id, as its token says.') });

const PlayersQuery = PageQuery.extend({
  q: z.string().max(128).optional().describe('A part of the name or id, whatever its case.'),
  region: Id.optional(),
  state: Player.shape.state.optional(),
});

interface Kind<T> {
  readonly plural: 'regions' | 'servers' | 'gateways';
  readonly singular: string;
  readonly shape: z.ZodType<T>;
  of(world: WorldSource): readonly T[];
}

function listed<T extends { readonly id: string }>({ plural, singular, shape, of }: Kind<T>): Endpoint[] {
  const Name = singular.charAt(0).toUpperCase() + singular.slice(1);
  return [
    endpoint({
      method: 'GET',
      path: `/api/v1/${plural}`,
      name: `list${Name}s`,
      tag: 'world',
      summary: `All ${plural}`,
      scope: 'read',
      query: PageQuery,
      answer: { kind: 'json', shape: pageOf(shape) },
      run: ({ context, query }) => pageOfList(of(need(context, 'world')), ({ id }) => id, query),
    }),
    endpoint({
      method: 'GET',
      path: `/api/v1/${plural}/:id`,
      name: `get${Name}`,
      tag: 'world',
      summary: `One ${singular}`,
      scope: 'read',
      params: ById,
      answer: { kind: 'json', shape },
      refusals: ['NOT_FOUND'],
      run: ({ context, params }) =>
        found(
          of(need(context, 'world')).find(({ id }) => id === params.id),
          singular,
          params.id,
        ),
    }),
  ];
}

export const worldEndpoints: readonly Endpoint[] = [
  ...listed({ plural: 'regions', singular: 'region', shape: Region, of: (world) => world.regions() }),
  ...listed({ plural: 'servers', singular: 'server', shape: Server, of: (world) => world.servers() }),
  ...listed({ plural: 'gateways', singular: 'gateway', shape: Gateway, of: (world) => world.gateways() }),
  endpoint({
    method: 'GET',
    path: '/api/v1/players',
    name: 'listPlayers',
    tag: 'world',
    summary: 'Players who are online, or left in the last minutes',
    description: 'In the order in which they joined. Names and ids are the players’ own choice: never trust them as markup.',
    scope: 'read',
    query: PlayersQuery,
    answer: { kind: 'json', shape: pageOf(Player) },
    run({ context, query }) {
      const { q, region, state } = query;
      const part = q?.toLowerCase();
      const matching = need(context, 'world')
        .players()
        .filter(
          (player) =>
            (region === undefined || player.region === region) &&
            (state === undefined || player.state === state) &&
            (part === undefined || player.name.toLowerCase().includes(part) || player.id.toLowerCase().includes(part)),
        );
      return pageOfList(matching, ({ id }) => id, query);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/players/:id',
    name: 'getPlayer',
    tag: 'world',
    summary: 'One player',
    scope: 'read',
    params: PlayerPath,
    answer: { kind: 'json', shape: Player },
    refusals: ['NOT_FOUND'],
    run: ({ context, params }) =>
      found(
        need(context, 'world')
          .players()
          .findLast(({ id }) => id === params.id),
        'player',
        params.id,
      ),
  }),
];
