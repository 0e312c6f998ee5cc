/**
 * Tickets, matches, queues and ratings. A game client may come with its player's own token (`play`): it then speaks for that player alone, and sees
 * what that player may see.
 */
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import { type ApiContext, found, need, unwrap } from '../context.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { pageOfList } from '../paging.ts';
import { Refused } from '../problems.ts';
import {
  Attributes,
  Explanation,
  Latencies,
  limits,
  Match,
  MatchResult,
  PlayerId,
  Queue,
  Rating,
  Ticket,
  TicketOutcome,
  TicketPlayer,
  Whereabouts,
} from '../resources/matchmaking.ts';
import { Id, PageQuery, pageOf } from '../resources/shapes.ts';
import type { MatchmakingSource, SeatEyes } from '../sources.ts';

const base = '/api/v1/matchmaking';
const ById = z.object({ id: Id });

const TicketWishes = z.object({
  queue: z.string().min(1).max(64),
  players: z
    .array(TicketPlayer)
    .min(1)
    .max(40)
    .optional()
    .describe('Who wants to play, and stays together. With a player’s token: absent, or that player alone.'),
  attributes: Attributes.optional().describe('With a player’s token: what the player brings.'),
  latencyMs: Latencies.optional().describe('With a player’s token: the player’s round trips to places, ms.'),
  priority: z.int().min(-100).max(100).default(0).describe('Higher ones are looked at first. Players’ own tokens cannot set it.'),
});

/** A misspelt name is one of many here, and must not pass either. */
const BackendWishes = z.strictObject({
  queue: z.string().min(1).max(64),
  players: z.array(TicketPlayer).min(1).max(40).describe('Who wants to play, and stays together.'),
  priority: z.int().min(-100).max(100).default(0).describe('Higher ones are looked at first.'),
});

export const matchmakingEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'POST',
    path: `${base}/tickets`,
    name: 'createTicket',
    tag: 'matchmaking',
    summary: 'Queue a player or a party for a match',
    description: [
      'The answer comes once the ticket is durable. What becomes of it is pushed by `GET …/tickets/{id}/watch`. A player waits in one ticket at a time.',
      'Parties that were formed here are queued by `POST …/parties/{id}/queue`.',
    ].join(' '),
    scope: 'operate',
    play: true,
    body: TicketWishes,
    answer: { kind: 'json', shape: Ticket, created: true },
    refusals: ['QUEUE_UNKNOWN', 'QUEUE_FULL', 'TICKET_INVALID', 'PLAYER_WAITING', 'STORE_FULL', 'STORE_UNAVAILABLE'],
    async run({ context, caller, body }) {
      const { queue, players: written, attributes = {}, latencyMs = {}, priority } = body;
      let players = written;
      if (caller.player !== '') {
        const [only, ...more] = written ?? [];
        if (more.length > 0 || (only && only.id !== caller.player)) {
          throw new Refused('SCOPE_MISSING', `this token speaks for ${caller.player} alone: form a party to queue with others`);
        }
        players = [only ?? { id: caller.player, attributes, latencyMs }];
      }
      if (!players) throw needed('players');
      const wishes = { queue, players, ...(caller.player === '' ? { priority } : {}) };
      return unwrap(await need(context, 'matchmaking').create(wishes)).ticket;
    },
  }),
  endpoint({
    method: 'POST',
    path: `${base}/tickets/batch`,
    name: 'createTickets',
    tag: 'matchmaking',
    summary: 'Queue many tickets at once, each by itself',
    description: [
      `For a game’s backend: up to ${limits.batch} tickets and 1 MiB. Each is taken or refused by itself, and \`items\` has what became of each in the order of the request: the ticket, or`,
      'a code as `createTicket` would have answered. The answer comes once all that were taken are durable. A body that is not of this shape is refused as a whole, and nobody is queued.',
      'With an Idempotency-Key a repeat queues nobody twice and is answered alike: what was refused for the moment (STORE_UNAVAILABLE, QUEUE_FULL) comes again with a new key.',
    ].join(' '),
    scope: 'operate',
    body: z.object({ tickets: z.array(BackendWishes).min(1).max(limits.batch) }),
    answer: { kind: 'json', shape: z.object({ items: z.array(TicketOutcome), taken: z.int(), refused: z.int() }) },
    async run({ context, body }) {
      const matchmaking = need(context, 'matchmaking');
      const items = await Promise.all(
        body.tickets.map(async (wishes): Promise<TicketOutcome> => {
          const outcome = await matchmaking.create(wishes);
          if (outcome.ok) return { ticket: outcome.ticket, code: '', message: '' };
          return { ticket: null, code: outcome.code, message: outcome.message };
        }),
      );
      const taken = items.filter(({ ticket }) => ticket !== null).length;
      return { items, taken, refused: items.length - taken };
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/tickets`,
    name: 'listTickets',
    tag: 'matchmaking',
    summary: 'Tickets that wait, or were over in the last minutes',
    scope: 'read',
    query: PageQuery.extend({
      queue: z.string().max(64).optional(),
      status: Ticket.shape.status.optional(),
      player: PlayerId.optional(),
    }),
    answer: { kind: 'json', shape: pageOf(Ticket) },
    run({ context, query }) {
      const { queue, status, player } = query;
      const all = need(context, 'matchmaking')
        .tickets()
        .filter(
          (ticket) =>
            (queue === undefined || ticket.queue === queue) &&
            (status === undefined || ticket.status === status) &&
            (player === undefined || ticket.players.includes(player)),
        );
      return pageOfList(all, ({ id }) => id, query);
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/tickets/:id`,
    name: 'getTicket',
    tag: 'matchmaking',
    summary: 'One ticket; once it is COMPLETED, where to play',
    description: 'Join tokens are shown to the player and to callers who may operate.',
    scope: 'read',
    play: true,
    params: ById,
    answer: { kind: 'json', shape: Ticket },
    refusals: ['TICKET_UNKNOWN'],
    run: ({ context, caller, params }) => ownTicket(context, caller, params.id),
  }),
  endpoint({
    method: 'DELETE',
    path: `${base}/tickets/:id`,
    name: 'cancelTicket',
    tag: 'matchmaking',
    summary: 'Stop waiting',
    description: 'Once this is answered the ticket is in no match. TICKET_STATE: it has its match already.',
    scope: 'operate',
    play: true,
    params: ById,
    answer: { kind: 'none' },
    refusals: ['TICKET_UNKNOWN', 'TICKET_STATE'],
    async run({ context, caller, params }) {
      ownTicket(context, caller, params.id);
      unwrap(await need(context, 'matchmaking').cancel(params.id));
    },
  }),
  endpoint({
    method: 'POST',
    path: `${base}/tickets/:id/accept`,
    name: 'acceptMatch',
    tag: 'matchmaking',
    summary: 'Say yes or no to the match that was found',
    scope: 'operate',
    play: true,
    params: ById,
    body: z.object({
      accept: z.boolean().default(true),
      players: z.array(PlayerId).min(1).max(40).optional().describe('All of the ticket’s, if absent.'),
    }),
    answer: { kind: 'json', shape: Ticket },
    refusals: ['TICKET_UNKNOWN', 'TICKET_STATE', 'TICKET_INVALID'],
    run({ context, caller, params, body }) {
      const matchmaking = need(context, 'matchmaking');
      const ticket = ownTicket(context, caller, params.id);
      const players = caller.player === '' ? (body.players ?? ticket.players) : [caller.player];
      unwrap(matchmaking.accept(params.id, players, body.accept));
      return ownTicket(context, caller, params.id);
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/tickets/:id/explain`,
    name: 'explainTicket',
    tag: 'matchmaking',
    summary: 'Why a ticket waits',
    scope: 'read',
    params: ById,
    answer: { kind: 'json', shape: Explanation },
    refusals: ['TICKET_UNKNOWN'],
    run({ context, params }) {
      const { explanation, ticket } = unwrap(need(context, 'matchmaking').explain(params.id));
      if (!explanation) return { ticket, waiting: null, text: ticket.message || `The ticket is ${ticket.status}.` };
      const { text, waitedMs, level, levels, loosensInMs, playersNeeded, others, looked, playable, apart } = explanation;
      const waiting = { waitedMs, level, levels, loosensInMs, playersNeeded, others, looked, playable, apart };
      return { ticket, waiting, text };
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/queues`,
    name: 'listQueues',
    tag: 'matchmaking',
    summary: 'All queues: who waits, how long, and why',
    scope: 'read',
    answer: { kind: 'json', shape: z.object({ items: z.array(Queue) }) },
    run: ({ context }) => ({ items: need(context, 'matchmaking').queues() }),
  }),
  endpoint({
    method: 'GET',
    path: `${base}/queues/:name`,
    name: 'getQueue',
    tag: 'matchmaking',
    summary: 'One queue',
    scope: 'read',
    play: true,
    params: z.object({ name: z.string().min(1).max(64) }),
    answer: { kind: 'json', shape: Queue },
    refusals: ['QUEUE_UNKNOWN'],
    run({ context, params }) {
      const queue = need(context, 'matchmaking')
        .queues()
        .find(({ name }) => name === params.name);
      if (!queue) throw new Refused('QUEUE_UNKNOWN', `there is no queue ${params.name}`);
      return queue;
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/matches`,
    name: 'listMatches',
    tag: 'matchmaking',
    summary: 'Matches under way, and those that ended in the last minutes; the latest first',
    scope: 'read',
    query: PageQuery.extend({
      queue: z.string().max(64).optional(),
      stage: Match.shape.stage.optional(),
      player: PlayerId.optional(),
    }),
    answer: { kind: 'json', shape: pageOf(Match) },
    run({ context, query }) {
      const { queue, stage, player } = query;
      const all = need(context, 'matchmaking')
        .matches()
        .filter(
          (match) =>
            (queue === undefined || match.queue === queue) &&
            (stage === undefined || match.stage === stage) &&
            (player === undefined || match.teams.some(({ players }) => players.some(({ id }) => id === player))),
        );
      return pageOfList([...all].reverse(), ({ id }) => id, query);
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/matches/:id`,
    name: 'getMatch',
    tag: 'matchmaking',
    summary: 'One match, with its timeline from ticket to result',
    description:
      'A player’s own token reads matches that the player is or was in, and of the ratings that moved the player’s own.',
    scope: 'read',
    play: true,
    params: ById,
    answer: { kind: 'json', shape: Match },
    refusals: ['MATCH_UNKNOWN'],
    run: ({ context, caller, params }) => asSeenBy(caller.player, matchOf(need(context, 'matchmaking'), params.id)),
  }),
  endpoint({
    method: 'POST',
    path: `${base}/matches/:id/result`,
    name: 'endMatch',
    tag: 'matchmaking',
    summary: 'A match is over, with or without a result',
    description:
      'Game servers say it with `session.end(result)`; this is for backends. A result counts once, and moves the ratings of a rated queue.',
    scope: 'operate',
    params: ById,
    body: MatchResult.optional(),
    answer: { kind: 'json', shape: Match },
    refusals: ['MATCH_UNKNOWN', 'MATCH_STATE', 'RESULT_INVALID'],
    async run({ context, params, body }) {
      const matchmaking = need(context, 'matchmaking');
      unwrap(await matchmaking.end(params.id, body));
      return matchOf(matchmaking, params.id);
    },
  }),
  endpoint({
    method: 'POST',
    path: `${base}/matches/:id/left`,
    name: 'leaveMatch',
    tag: 'matchmaking',
    summary: 'Players have left a match that goes on',
    scope: 'operate',
    params: ById,
    body: z.object({ players: z.array(PlayerId).min(1).max(200) }),
    answer: { kind: 'json', shape: Match },
    refusals: ['MATCH_UNKNOWN', 'MATCH_STATE'],
    run({ context, params, body }) {
      const matchmaking = need(context, 'matchmaking');
      unwrap(matchmaking.left(params.id, body.players));
      return matchOf(matchmaking, params.id);
    },
  }),
  endpoint({
    method: 'POST',
    path: `${base}/matches/:id/backfill`,
    name: 'backfillMatch',
    tag: 'matchmaking',
    summary: 'Fill the free places of a match from its queue, or no more',
    description:
      'As long as there are any, and before a new match is opened. Who is filled in hears where to play as everybody else does, and the game server hears who comes (`session.onChanged`, the annotation `atlas.dev/session`). Game servers say it with `session.openPlaces()` and `session.playersLeft()`; this is for backends.',
    scope: 'operate',
    params: ById,
    body: z.object({
      open: z.boolean().default(true),
      left: z.array(PlayerId).max(200).default([]).describe('Who is there no more.'),
    }),
    answer: { kind: 'json', shape: Match },
    refusals: ['MATCH_UNKNOWN', 'MATCH_STATE'],
    run({ context, params, body }) {
      const matchmaking = need(context, 'matchmaking');
      if (body.left.length > 0) unwrap(matchmaking.left(params.id, body.left));
      unwrap(matchmaking.backfill(params.id, body.open));
      return matchOf(matchmaking, params.id);
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/ratings/:pool`,
    name: 'listRatings',
    tag: 'matchmaking',
    summary: 'The best of a pool of ratings',
    scope: 'read',
    play: true,
    params: z.object({ pool: z.string().min(1).max(64) }),
    query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    answer: { kind: 'json', shape: z.object({ items: z.array(Rating), total: z.int() }) },
    refusals: ['NOT_FOUND'],
    async run({ context, params, query }) {
      const matchmaking = need(context, 'matchmaking');
      checkPool(matchmaking, params.pool);
      const { ratings, total } = await matchmaking.ratings(params.pool, query.limit);
      return { items: ratings, total };
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/ratings/:pool/:player`,
    name: 'getRating',
    tag: 'matchmaking',
    summary: 'What is believed of a player’s skill',
    scope: 'read',
    play: true,
    params: z.object({ pool: z.string().min(1).max(64), player: PlayerId }),
    answer: { kind: 'json', shape: Rating },
    refusals: ['NOT_FOUND'],
    run({ context, params }) {
      const matchmaking = need(context, 'matchmaking');
      checkPool(matchmaking, params.pool);
      return matchmaking.rating(params.pool, params.player);
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/players/:player`,
    name: 'wherePlayerIs',
    tag: 'matchmaking',
    summary: 'The ticket, match and party of a player, for who comes back',
    scope: 'read',
    play: true,
    params: z.object({ player: PlayerId }),
    answer: { kind: 'json', shape: Whereabouts },
    run({ context, caller, params }) {
      if (caller.player !== '' && caller.player !== params.player)
        throw new Refused('SCOPE_MISSING', `this token speaks for ${caller.player} alone`);
      return need(context, 'matchmaking').whereIs(params.player);
    },
  }),
];

/** What the caller may see of seats: theirs, everybody's, or none. */
export function eyesOf(caller: Caller): SeatEyes {
  if (caller.player !== '') return { seats: 'player', player: caller.player };
  return { seats: caller.scopes.includes('operate') ? 'all' : 'none' };
}

/** A ticket that the caller may know of. Somebody else's is unknown to a player. */
export function ownTicket(context: ApiContext, caller: Caller, id: string): Ticket {
  const ticket = need(context, 'matchmaking').ticket(id, eyesOf(caller));
  if (!ticket || (caller.player !== '' && !ticket.players.includes(caller.player)))
    throw new Refused('TICKET_UNKNOWN', `no ticket ${id} waits, or was over lately`);
  return ticket;
}

export function needed(field: string): Refused {
  return new Refused('REQUEST_INVALID', `body ${field}: expected, since this is no player’s own token`, {
    errors: [{ in: 'body', field, expected: 'a value', found: 'none' }],
  });
}

function matchOf(matchmaking: MatchmakingSource, id: string): Match {
  const match = matchmaking.match(id);
  if (!match) throw unknownMatch(id);
  return match;
}

/** `player`: whose own token it is; empty: somebody else's, who sees all of it. */
function asSeenBy(player: string, match: Match): Match {
  if (player === '') return match;
  if (!match.teams.some(({ players }) => players.some(({ id }) => id === player))) throw unknownMatch(match.id);
  // Tickets are their players' own business.
  const hidden = ({ id, ticket, ...rest }: Match['teams'][0]['players'][0]) => ({
    ...rest,
    id,
    ticket: id === player ? ticket : '',
  });
  return {
    ...match,
    teams: match.teams.map(({ name, players }) => ({ name, players: players.map(hidden) })),
    ratings: match.ratings.filter((moved) => moved.player === player),
  };
}

function unknownMatch(id: string): Refused {
  return new Refused('MATCH_UNKNOWN', `there is no match ${id}, or it ended long ago`);
}

function checkPool(matchmaking: MatchmakingSource, pool: string): void {
  found(
    matchmaking.ratingPools.find((each) => each === pool),
    'pool of ratings',
    pool,
  );
}
