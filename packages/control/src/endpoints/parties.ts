/** Parties and lobbies: who plays together, and where they are between matches. With a player's own token a client acts for that player. */
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import { need, unwrap } from '../context.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { pageOfList } from '../paging.ts';
import { Refused } from '../problems.ts';
import { Attributes, Latencies, Lobby, Party, PlayerId, Seat, Ticket } from '../resources/matchmaking.ts';
import { Id, PageQuery, pageOf } from '../resources/shapes.ts';
import type { PartyAct } from '../sources.ts';
import { needed, ownTicket } from './matchmaking.ts';

const base = '/api/v1/matchmaking';
const ById = z.object({ id: Id });
const By = z.object({ by: PlayerId.optional().describe('Who does it; with a player’s token that player.') });
const Changed = z.object({ party: Party.nullable().describe('Null: its last player has left.') });
const partyRefusals = ['PARTY_UNKNOWN', 'PARTY_REFUSED', 'PARTY_STATE'] as const;

/** Acts of a leader on another player, and what they are called. */
const onOthers = [
  ['invite', 'Invite a player'],
  ['uninvite', 'Take an invitation back'],
  ['kick', 'Send a player away'],
  ['leader', 'Make another player the leader'],
] as const;

function onOther([name, summary]: (typeof onOthers)[number]): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${base}/parties/:id/${name}`,
    name: name === 'leader' ? 'leadParty' : `${name}Party`,
    tag: 'matchmaking',
    summary,
    scope: 'operate',
    play: true,
    params: ById,
    body: By.extend({ player: PlayerId }),
    answer: { kind: 'json', shape: Changed },
    refusals: [...partyRefusals, 'PARTY_FULL'],
    async run({ context, caller, params, body }) {
      const kind = name === 'leader' ? 'lead' : name;
      const act: PartyAct = { kind, by: actor(caller, body.by, 'by'), player: body.player };
      return { party: unwrap(await need(context, 'matchmaking').actOnParty(params.id, act)).party };
    },
  });
}

function onSelf(kind: 'join' | 'leave', summary: string): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${base}/parties/:id/${kind}`,
    name: `${kind}Party`,
    tag: 'matchmaking',
    summary,
    scope: 'operate',
    play: true,
    params: ById,
    body: z.object({ player: PlayerId.optional() }).optional(),
    answer: { kind: 'json', shape: Changed },
    refusals: [...partyRefusals, 'PARTY_FULL', 'PLAYER_IN_PARTY'],
    async run({ context, caller, params, body }) {
      const player = actor(caller, body?.player, 'player');
      return { party: unwrap(await need(context, 'matchmaking').actOnParty(params.id, { kind, player })).party };
    },
  });
}

export const partyEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'POST',
    path: `${base}/parties`,
    name: 'createParty',
    tag: 'matchmaking',
    summary: 'Form a party',
    scope: 'operate',
    play: true,
    body: z.object({
      leader: PlayerId.optional(),
      open: z.boolean().default(false).describe('Anybody who knows its id may join.'),
    }),
    answer: { kind: 'json', shape: Party, created: true },
    refusals: ['PLAYER_IN_PARTY', 'PARTY_FULL'],
    async run({ context, caller, body }) {
      const leader = actor(caller, body.leader, 'leader');
      return unwrap(await need(context, 'matchmaking').createParty(leader, body.open)).party;
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/parties`,
    name: 'listParties',
    tag: 'matchmaking',
    summary: 'All parties',
    scope: 'read',
    query: PageQuery,
    answer: { kind: 'json', shape: pageOf(Party) },
    run: ({ context, query }) => pageOfList(need(context, 'matchmaking').parties(), ({ id }) => id, query),
  }),
  endpoint({
    method: 'GET',
    path: `${base}/parties/:id`,
    name: 'getParty',
    tag: 'matchmaking',
    summary: 'One party',
    scope: 'read',
    play: true,
    params: ById,
    answer: { kind: 'json', shape: Party },
    refusals: ['PARTY_UNKNOWN'],
    run({ context, caller, params }) {
      const party = need(context, 'matchmaking').party(params.id);
      const known =
        caller.player === '' ||
        party?.open ||
        party?.invited.includes(caller.player) ||
        party?.members.some(({ player }) => player === caller.player);
      if (!party || !known) throw new Refused('PARTY_UNKNOWN', `there is no party ${params.id}`);
      return party;
    },
  }),
  ...onOthers.map(onOther),
  onSelf('join', 'Come in, if invited or if the party is open'),
  onSelf('leave', 'Leave, or decline an invitation'),
  endpoint({
    method: 'POST',
    path: `${base}/parties/:id/ready`,
    name: 'readyParty',
    tag: 'matchmaking',
    summary: 'Say that one is ready, and what one brings into a queue',
    scope: 'operate',
    play: true,
    params: ById,
    body: z.object({
      player: PlayerId.optional(),
      ready: z.boolean().default(true),
      attributes: Attributes.default({}),
      latencyMs: Latencies.default({}),
    }),
    answer: { kind: 'json', shape: Changed },
    refusals: partyRefusals,
    async run({ context, caller, params, body }) {
      const { ready, attributes, latencyMs } = body;
      const player = actor(caller, body.player, 'player');
      const act: PartyAct = { kind: 'ready', player, ready, attributes, latencyMs };
      return { party: unwrap(await need(context, 'matchmaking').actOnParty(params.id, act)).party };
    },
  }),
  endpoint({
    method: 'POST',
    path: `${base}/parties/:id/open`,
    name: 'openParty',
    tag: 'matchmaking',
    summary: 'Let in whoever knows its id, or only who is invited',
    scope: 'operate',
    play: true,
    params: ById,
    body: By.extend({ open: z.boolean().default(true) }),
    answer: { kind: 'json', shape: Changed },
    refusals: partyRefusals,
    async run({ context, caller, params, body }) {
      const act: PartyAct = { kind: 'open', by: actor(caller, body.by, 'by'), open: body.open };
      return { party: unwrap(await need(context, 'matchmaking').actOnParty(params.id, act)).party };
    },
  }),
  endpoint({
    method: 'POST',
    path: `${base}/parties/:id/queue`,
    name: 'queueParty',
    tag: 'matchmaking',
    summary: 'Queue the party as one ticket; everybody must be ready',
    scope: 'operate',
    play: true,
    params: ById,
    body: By.extend({ queue: z.string().min(1).max(64) }),
    answer: { kind: 'json', shape: Changed },
    refusals: [...partyRefusals, 'QUEUE_UNKNOWN', 'QUEUE_FULL', 'TICKET_INVALID', 'PLAYER_WAITING'],
    async run({ context, caller, params, body }) {
      const by = actor(caller, body.by, 'by');
      return { party: unwrap(await need(context, 'matchmaking').queueParty(params.id, by, body.queue)).party };
    },
  }),
  endpoint({
    method: 'POST',
    path: `${base}/parties/:id/dequeue`,
    name: 'dequeueParty',
    tag: 'matchmaking',
    summary: 'Take the party out of its queue',
    scope: 'operate',
    play: true,
    params: ById,
    body: By.optional(),
    answer: { kind: 'json', shape: Changed },
    refusals: [...partyRefusals, 'TICKET_STATE'],
    async run({ context, caller, params, body }) {
      const by = actor(caller, body?.by, 'by');
      return { party: unwrap(await need(context, 'matchmaking').dequeueParty(params.id, by)).party };
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/lobbies`,
    name: 'listLobbies',
    tag: 'matchmaking',
    summary: 'Lobbies and their servers',
    scope: 'read',
    play: true,
    answer: { kind: 'json', shape: z.object({ items: z.array(Lobby) }) },
    run: ({ context }) => ({ items: need(context, 'matchmaking').lobbies() }),
  }),
  endpoint({
    method: 'POST',
    path: `${base}/lobbies/:name/join`,
    name: 'joinLobby',
    tag: 'matchmaking',
    summary: 'A place on a lobby server, for the player and all of their party',
    description:
      'The fullest server that has room for all; a new one is started where none has. With a player’s token only that player’s seat is told.',
    scope: 'operate',
    play: true,
    params: z.object({ name: z.string().min(1).max(64) }),
    body: z.object({ player: PlayerId.optional() }).optional(),
    answer: { kind: 'json', shape: z.object({ server: z.string(), seats: z.array(Seat) }) },
    refusals: ['LOBBY_UNKNOWN', 'LOBBY_FULL'],
    async run({ context, caller, params, body }) {
      const player = actor(caller, body?.player, 'player');
      const { server, seats } = unwrap(await need(context, 'matchmaking').joinLobby(params.name, player));
      return { server, seats: seats.filter((seat) => caller.player === '' || seat.player === caller.player) };
    },
  }),
  endpoint({
    method: 'POST',
    path: `${base}/lobbies/:name/play`,
    name: 'playFromLobby',
    tag: 'matchmaking',
    summary: 'From a lobby into a queue: the player, or the whole party that the player leads',
    scope: 'operate',
    play: true,
    params: z.object({ name: z.string().min(1).max(64) }),
    body: z.object({
      player: PlayerId.optional(),
      queue: z.string().min(1).max(64),
      attributes: Attributes.default({}),
      latencyMs: Latencies.default({}),
    }),
    answer: { kind: 'json', shape: Ticket, created: true },
    refusals: ['LOBBY_UNKNOWN', 'QUEUE_UNKNOWN', 'PARTY_REFUSED', 'PARTY_STATE', 'PLAYER_WAITING', 'TICKET_INVALID'],
    async run({ context, caller, params, body }) {
      const { queue, attributes, latencyMs } = body;
      const player = actor(caller, body.player, 'player');
      const { ticket } = unwrap(await need(context, 'matchmaking').play(params.name, player, queue, { attributes, latencyMs }));
      return ownTicket(context, caller, ticket);
    },
  }),
];

/** Who acts: a player's own token is that player, whatever the body says. */
function actor(caller: Caller, said: string | undefined, field: string): string {
  if (caller.player === '') {
    if (said === undefined) throw needed(field);
    return said;
  }
  if (said !== undefined && said !== caller.player)
    throw new Refused('SCOPE_MISSING', `this token speaks for ${caller.player} alone`);
  return caller.player;
}
