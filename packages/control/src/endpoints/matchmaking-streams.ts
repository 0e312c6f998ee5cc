/** Pushes of matchmaking (SSE): one ticket for its player, everything for a game's backend. */
import { z } from 'zod';
import { need } from '../context.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { Match, Ticket, TicketEvent } from '../resources/matchmaking.ts';
import { Id } from '../resources/shapes.ts';
import { backendWaitingBytes, encodeEvent, eventText } from '../watch/streams.ts';
import { eyesOf, ownTicket } from './matchmaking.ts';

const base = '/api/v1/matchmaking';
const over = new Set<string>(['COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT']);

export const matchmakingStreams: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: `${base}/tickets/:id/watch`,
    name: 'watchTicket',
    tag: 'matchmaking',
    summary: 'A ticket as it changes, until it is over',
    description:
      'The first event is the ticket as it is. The stream ends after COMPLETED, FAILED, CANCELLED or TIMED_OUT; the last one has the place to play.',
    scope: 'read',
    play: true,
    params: z.object({ id: Id }),
    answer: { kind: 'stream', events: { ticket: Ticket } },
    refusals: ['TICKET_UNKNOWN', 'WATCHERS_FULL'],
    run({ context, caller, params, reply }) {
      const matchmaking = need(context, 'matchmaking');
      const first = ownTicket(context, caller, params.id);
      const stream = context.tickets.open(reply, caller);
      const tell = (ticket: Ticket): void => {
        // Each is a ticket's latest: one that is not read is followed by a better one.
        stream.send(encodeEvent('ticket', JSON.stringify(ticket)));
        if (!over.has(ticket.status)) return;
        stop();
        stream.end();
      };
      const stop = over.has(first.status) ? () => {} : matchmaking.watchTicket(params.id, eyesOf(caller), tell);
      stream.onClose(stop);
      tell(first);
      if (stream.closed) stop();
    },
  }),
  endpoint({
    method: 'GET',
    path: `${base}/watch`,
    name: 'watchMatchmaking',
    tag: 'matchmaking',
    summary: 'Everything that happens to tickets and matches, for a game’s backend',
    description: [
      '`event`: what FlexMatch would have published, by its names, with the tickets that it is about and, for callers who may operate, their join tokens.',
      '`match`: a match whenever it changes. A reader that is slow misses events and is told how many: `lost`.',
    ].join(' '),
    scope: 'read',
    query: z.object({ queue: z.string().max(64).optional() }),
    answer: { kind: 'stream', events: { event: TicketEvent, match: Match, lost: z.object({ events: z.int() }) } },
    refusals: ['WATCHERS_FULL'],
    run({ context, caller, query, reply }) {
      const matchmaking = need(context, 'matchmaking');
      const seats = eyesOf(caller).seats === 'all';
      const stream = context.tickets.open(reply, caller);
      stream.send(encodeEvent('hello', '{}'));
      let missed = 0;
      // What happens in one turn is one write.
      let waiting = '';
      const flush = (): void => {
        const text = waiting;
        waiting = '';
        stream.send(Buffer.from(text));
      };
      const send = (event: string, data: unknown): void => {
        if (!stream.waitsBelow(backendWaitingBytes)) {
          missed++;
          return;
        }
        if (waiting === '') setImmediate(flush);
        if (missed > 0) waiting += eventText('lost', JSON.stringify({ events: missed }));
        missed = 0;
        waiting += eventText(event, JSON.stringify(data));
      };
      const stopEvents = matchmaking.watch((news, { name, atMs, queue, match, code, message }) => {
        if (query.queue !== undefined && query.queue !== queue) return;
        const tickets = news.map(({ ticket }) =>
          seats || !ticket.placement ? ticket : { ...ticket, placement: { ...ticket.placement, seats: [] } },
        );
        send('event', { name, atMs, queue, match, code, message, tickets });
      });
      const stopMatches = matchmaking.watchMatches((match) => {
        if (query.queue === undefined || query.queue === match.queue) send('match', match);
      });
      const stop = (): void => {
        stopEvents();
        stopMatches();
      };
      stream.onClose(stop);
      if (stream.closed) stop();
    },
  }),
];
