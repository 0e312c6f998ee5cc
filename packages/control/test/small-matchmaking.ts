/** A queue with one ticket, one match and one party behind the API. Nothing of it changes. */
import type { Lobby, Match, Party, Queue, Rating, Ticket } from '../src/resources/matchmaking.ts';
import type { MatchmakingSource, Outcome } from '../src/sources.ts';

export const ticket: Ticket = {
  id: 't1',
  queue: 'four',
  status: 'COMPLETED',
  players: ['ann'],
  party: '',
  priority: 0,
  createdAtMs: 1,
  sinceMs: 2,
  estimatedWaitMs: null,
  match: 'm1',
  code: '',
  message: '',
  acceptance: { untilMs: 9, accepted: ['ann'] },
  placement: {
    server: 'arena_1',
    fleet: 'arena',
    ports: [{ name: 'game', protocol: 'ws', host: '127.0.0.1', port: 7000 }],
    seats: [{ player: 'ann', team: 'red', address: 'ws://127.0.0.1:7000', token: 'secret' }],
  },
};

export const match: Match = {
  id: 'm1',
  queue: 'four',
  stage: 'ended',
  outcome: 'finished',
  place: 'eu',
  level: 0,
  server: 'arena_1',
  fleet: 'arena',
  players: 1,
  teams: [{ name: 'red', players: [{ id: 'ann', ticket: 't1', party: '', left: false }] }],
  backfill: false,
  createdAtMs: 1,
  placedAtMs: 2,
  endedAtMs: 3,
  result: { teams: [{ name: 'red', rank: 1, score: 3 }], data: { rounds: 5 } },
  ratings: [{ player: 'ann', before: 1500, after: 1520 }],
  timeline: [{ what: 'ended', atMs: 3, text: 'red has won' }],
};

export const queue: Queue = {
  name: 'four',
  fleet: 'arena',
  tickets: 1,
  players: 1,
  expanding: 0,
  oldestMs: 5,
  estimatedWaitMs: 3000,
  matches: { accepting: 0, placing: 0, active: 0, open: 0 },
  matchesFormed: 1,
  ticketsMatched: 1,
  why: '',
};

export const party: Party = {
  id: 'party1',
  leader: 'ann',
  members: [{ player: 'ann', ready: true, attributes: { skill: 1500 }, latencyMs: { eu: 20 } }],
  invited: ['bob'],
  open: false,
  ticket: '',
  queue: '',
  match: '',
  createdMs: 1,
};

const lobby: Lobby = {
  name: 'hall',
  fleet: 'hall',
  capacity: 50,
  queues: ['four'],
  servers: [{ id: 'hall_1', state: 'Active', players: 2 }],
  players: 2,
};

const ratingOf = (pool: string, player: string): Rating => ({
  pool,
  player,
  rating: 1500,
  uncertainty: 200,
  mu: 25,
  sigma: 8.3,
  games: 1,
  wins: 1,
  updatedAtMs: 3,
});

const unknown = async (): Promise<Outcome<never>> => ({ ok: false, code: 'TICKET_UNKNOWN', message: 'there is no such ticket' });
const notThere = (): Outcome<never> => ({ ok: false, code: 'MATCH_UNKNOWN', message: 'there is no such match' });
const of =
  <T extends { readonly id: string }>(one: T) =>
  (id: string) =>
    id === one.id ? one : undefined;

export const smallMatchmaking: MatchmakingSource = {
  create: async () => ({ ok: true, ticket }),
  ticket: of(ticket),
  tickets: () => [ticket],
  cancel: unknown,
  accept: notThere,
  explain: (id) =>
    id === ticket.id
      ? {
          ok: true,
          ticket,
          explanation: {
            waitedMs: 1,
            level: 0,
            levels: 2,
            loosensInMs: 14_000,
            playersNeeded: 7,
            others: 3,
            looked: 3,
            playable: { tickets: 1, players: 1 },
            apart: [{ reason: 'closeSkill', tickets: 2 }],
            text: 'It waits for seven more.',
          },
        }
      : { ok: false, code: 'TICKET_UNKNOWN', message: 'there is no such ticket' },
  watchTicket: () => () => {},
  watch: () => () => {},
  matches: () => [match],
  match: of(match),
  watchMatches: () => () => {},
  end: unknown,
  left: notThere,
  backfill: notThere,
  queues: () => [queue],
  ratingPools: ['ranked'],
  rating: async (pool, player) => ratingOf(pool, player),
  ratings: async (pool) => ({ ratings: [ratingOf(pool, 'ann')], total: 1 }),
  whereIs: () => ({ ticket: 't1', match: 'm1', party: 'party1' }),
  parties: () => [party],
  party: of(party),
  createParty: async () => ({ ok: true, party }),
  actOnParty: unknown,
  queueParty: unknown,
  dequeueParty: unknown,
  lobbies: () => [lobby],
  joinLobby: unknown,
  play: unknown,
};
