/** What happened: handoffs, events, the last hour, recorded scenes, logs, the audit log. */
import { Readable } from 'node:stream';
import { z } from 'zod';
import { need, unwrap } from '../context.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { type PageOf, pageOfList } from '../paging.ts';
import { Refused } from '../problems.ts';
import { AuditEntry, Event, Handoff, History, LogLine } from '../resources/happenings.ts';
import { Id, PageQuery, pageOf } from '../resources/shapes.ts';

export const limits = {
  /** Of one answer of recorded scenes. */
  scenes: 1200,
  scenesDefault: 300,
  logLines: 5000,
  logLinesDefault: 200,
} as const;

const After = z.coerce.number().int().min(0).default(0);
const Order = z.enum(['oldest', 'latest']).default('oldest').describe('What comes first.');

const HandoffsQuery = PageQuery.extend({
  player: z.string().max(256).optional(),
  region: Id.optional().describe('As source or target.'),
  outcome: Handoff.shape.outcome.optional(),
});

const EventsQuery = PageQuery.extend({
  after: After.describe('Only events with a higher id.'),
  type: z.string().max(64).optional().describe('The beginning of the type, such as `region.`'),
  tone: Event.shape.tone.optional(),
  region: Id.optional(),
  player: z.string().max(256).optional(),
  order: Order,
});

const ScenesQuery = z.object({
  fromMs: z.coerce.number().min(0).describe('Unix milliseconds.'),
  toMs: z.coerce.number().min(0).describe('Unix milliseconds.'),
  max: z.coerce.number().int().min(1).max(limits.scenes).default(limits.scenesDefault),
});

const LogsQuery = z.object({
  lines: z.coerce.number().int().min(1).max(limits.logLines).default(limits.logLinesDefault),
});

const ProcessPath = z.object({ id: Id.describe('A server’s or a gateway’s id.') });

export const happeningEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/v1/handoffs',
    name: 'listHandoffs',
    tag: 'happenings',
    summary: 'Crossings under way and ended, the latest first',
    scope: 'read',
    query: HandoffsQuery,
    answer: { kind: 'json', shape: pageOf(Handoff) },
    run({ context, query }) {
      const { player, region, outcome } = query;
      const matching = need(context, 'world')
        .handoffs()
        .filter(
          (handoff) =>
            (player === undefined || handoff.player === player) &&
            (region === undefined || handoff.source === region || handoff.target === region) &&
            (outcome === undefined || handoff.outcome === outcome),
        );
      return pageOfList(matching.toReversed(), ({ id }) => id, query);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/events',
    name: 'listEvents',
    tag: 'happenings',
    summary: 'The event log',
    description: 'Bounded: the oldest events are forgotten. `GET /api/v1/watch?topics=events` goes on where a list ended.',
    scope: 'read',
    query: EventsQuery,
    answer: { kind: 'json', shape: pageOf(Event) },
    run({ context, query }) {
      const { after, type, tone, region, player, order } = query;
      const matching = need(context, 'events')
        .since(after)
        .events.filter(
          (event) =>
            (type === undefined || event.type.startsWith(type)) &&
            (tone === undefined || event.tone === tone) &&
            (region === undefined || event.region === region) &&
            (player === undefined || event.player === player),
        );
      return pageOfList(order === 'latest' ? matching.toReversed() : matching, ({ id }) => id, query);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/history',
    name: 'getHistory',
    tag: 'happenings',
    summary: 'The last hour in figures',
    scope: 'read',
    answer: { kind: 'json', shape: History },
    run: ({ context }) => need(context, 'world').history(),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/scene',
    name: 'getScene',
    tag: 'happenings',
    summary: 'Where everybody is now',
    scope: 'read',
    answer: { kind: 'bytes', what: 'one encoded full scene (packages/protocol/src/scene.ts)' },
    run: ({ context }) => need(context, 'scenes').now(),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/scenes',
    name: 'listScenes',
    tag: 'happenings',
    summary: 'Where everybody was: recorded scenes between two moments, evenly thinned',
    scope: 'read',
    query: ScenesQuery,
    answer: { kind: 'bytes', what: 'full scenes, each with its length (u32, little endian) before it' },
    run({ context, query: { fromMs, toMs, max } }) {
      const scenes = need(context, 'scenes').recorded(fromMs, toMs, max);
      // As a stream: a slow reader takes it at its pace, and nothing is joined in memory.
      return Readable.from(lengthPrefixed(scenes), { objectMode: false });
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/servers/:id/logs',
    name: 'getLogs',
    tag: 'happenings',
    summary: 'The last lines that a server or gateway printed',
    scope: 'read',
    params: ProcessPath,
    query: LogsQuery,
    answer: { kind: 'json', shape: z.object({ lines: z.array(LogLine) }) },
    refusals: ['NOT_FOUND'],
    async run({ context, params, query }) {
      const { lines } = unwrap(await need(context, 'logs').tail(params.id, query.lines));
      return { lines };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/audit',
    name: 'listAudit',
    tag: 'happenings',
    summary: 'The audit log: connections, refusals, logins, keys and administrative actions',
    description: 'Append-only and hash-chained; `atlas audit verify` holds the files against their hashes.',
    scope: 'admin',
    query: PageQuery.extend({ after: After.describe('Only entries with a higher seq.'), order: Order }),
    answer: { kind: 'json', shape: pageOf(AuditEntry) },
    async run({ context, query: { after, limit, cursor, order } }): Promise<PageOf<AuditEntry>> {
      const latest = order === 'latest';
      const from = cursor === undefined ? undefined : seqOf(cursor);
      const { entries, next, total } = await need(context, 'audit').page({ after, limit, latest, from });
      return { items: entries, next: next === null ? null : String(next), total };
    },
  }),
];

function* lengthPrefixed(scenes: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const scene of scenes) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, scene.length, true);
    yield length;
    yield scene;
  }
}

/** The cursor of the audit log is the `seq` that comes next. */
function seqOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new Refused('REQUEST_INVALID', 'cursor is not one that a page gave as next: start again without it', {
    errors: [{ in: 'query', field: 'cursor', expected: 'what the page before gave as next', found: cursor.slice(0, 80) }],
  });
}
