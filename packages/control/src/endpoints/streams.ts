/** Streams of events (SSE). */
import { z } from 'zod';
import { need } from '../context.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { Refused } from '../problems.ts';
import { Edge } from '../resources/edges.ts';
import { Fleet, GameServer } from '../resources/fleets.ts';
import { Event, Handoff, LogLine } from '../resources/happenings.ts';
import { Match, Queue } from '../resources/matchmaking.ts';
import { Id } from '../resources/shapes.ts';
import { Gateway, Player, Region, Server } from '../resources/world.ts';
import { comment, encodeEvent, limits } from '../watch/streams.ts';
import { type Topic, topics } from '../watch/watcher.ts';

const WatchQuery = z.object({
  topics: z
    .string()
    .max(256)
    .default(topics.join(','))
    .transform((text) => new Set(text.split(',').map((name) => name.trim())))
    .refine(
      (names) => [...names].every((name) => (topics as readonly string[]).includes(name)),
      `names out of ${topics.join(', ')}`,
    )
    .describe(`Some of ${topics.join(', ')}, with commas between them.`),
  after: z.coerce.number().int().min(0).optional().describe('As the header Last-Event-ID, for those who cannot set it.'),
});

const ServersChange = z.object({ whole: z.boolean(), upsert: z.array(GameServer), gone: z.array(z.string()) });
const PlayersChange = z.object({ whole: z.boolean(), upsert: z.array(Player), gone: z.array(z.string()) });

export const streamEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/v1/watch',
    name: 'watch',
    tag: 'streams',
    summary: 'What changes, as it changes',
    description: [
      '`status`, `regions`, `servers`, `gateways`, `fleets`, `edges`, `queues`, `matches` (the latest 200): whole lists, at most once a second, when something in them has changed. `players`: changes once a second, the first',
      'message has everybody; a position or ping alone is brought along each five seconds. `gameservers`: the same of game servers. `handoffs`: each whenever it changes. `scene`: base64 of an encoded scene, a full one',
      'first. `events` carry an id: the header `Last-Event-ID` resumes after it. `lost`: events are missing, list them again. A comment comes each 15 s. A reader that is slow',
      'gets the latest of everything when it has read; one that takes nothing for a minute is cut.',
    ].join(' '),
    scope: 'read',
    query: WatchQuery,
    answer: {
      kind: 'stream',
      events: {
        hello: z.object({ version: z.string(), heartbeatMs: z.number() }),
        status: 'as GET /api/v1/status',
        regions: z.array(Region),
        servers: z.array(Server),
        gateways: z.array(Gateway),
        players: PlayersChange,
        handoffs: Handoff,
        events: Event,
        lost: z.object({ after: z.int() }),
        scene: 'base64 of an encoded scene',
        fleets: z.array(Fleet),
        gameservers: ServersChange,
        edges: z.array(Edge),
        queues: z.array(Queue),
        matches: z.array(Match),
      },
    },
    refusals: ['WATCHERS_FULL'],
    run({ context, caller, query, request, reply }) {
      const after = lastEventId(request.headers['last-event-id']) ?? query.after;
      const stream = context.streams.open(reply, caller);
      const hello = { version: context.deps.status().version, heartbeatMs: limits.heartbeatMs };
      context.hub.add(stream, query.topics as ReadonlySet<Topic>, after, hello);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/servers/:id/logs/watch',
    name: 'followLogs',
    tag: 'streams',
    summary: 'What a server or gateway prints, as it prints it',
    description: 'A reader that is slow misses lines, and is told how many: `lost`. `ended`: the process is gone.',
    scope: 'read',
    params: z.object({ id: Id }),
    answer: {
      kind: 'stream',
      events: { log: LogLine, lost: z.object({ lines: z.int() }), ended: z.object({}) },
    },
    refusals: ['NOT_FOUND', 'WATCHERS_FULL'],
    async run({ context, caller, params, reply }) {
      const logs = need(context, 'logs');
      // Asked first, because a stream that has begun cannot say that there is nothing to follow.
      const known = await logs.tail(params.id, 1);
      if (!known.ok) throw new Refused(known.code, known.message);
      const stream = context.streams.open(reply, caller);
      let missed = 0;
      const tellMissed = (): void => {
        if (missed > 0) stream.send(encodeEvent('lost', JSON.stringify({ lines: missed })));
        missed = 0;
      };
      stream.send(comment('begins'));
      const stop = logs.follow(
        params.id,
        (line) => {
          if (!stream.ready) missed++;
          else stream.send(encodeEvent('log', JSON.stringify(line)));
        },
        () => {
          tellMissed();
          stream.send(encodeEvent('ended', '{}'));
          stream.end();
        },
      );
      stream.onDrain(tellMissed);
      stream.onClose(stop);
      if (stream.closed) stop();
    },
  }),
];

function lastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw new Refused('REQUEST_INVALID', 'Last-Event-ID is not the id of an event', {
    errors: [{ in: 'header', field: 'Last-Event-ID', expected: 'a whole number', found: String(header).slice(0, 80) }],
  });
}
