/** The API's document (OpenAPI 3.1), made of the endpoints. Loaded when somebody asks for it. */
import { type ErrorCode, errors } from '@horizon-atlas/protocol';
import { z } from 'zod';
import type { Answer, Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { statusOf } from './problems.ts';
import { Key, NewKey, PlayTicket, Scope, Session } from './resources/access.ts';
import { AllocatedServer, AllocationRefusal, AllocationRequest } from './resources/agones-allocation.ts';
import { GameBackup, GameConsole } from './resources/consoles.ts';
import { Edge, EdgeWay, PublicWay } from './resources/edges.ts';
import { Allocation, Fleet, GameServer, ModeDeployment } from './resources/fleets.ts';
import { Game } from './resources/games.ts';
import { ActionResult, AuditEntry, Event, Handoff, History, LogLine } from './resources/happenings.ts';
import { Lobby, Match, Party, Queue, Rating, Seat, Ticket, TicketEvent } from './resources/matchmaking.ts';
import { Bounds, Point } from './resources/shapes.ts';
import { Status } from './resources/status.ts';
import { Gateway, Player, Region, Server } from './resources/world.ts';

export type JsonSchema = { [name: string]: unknown };

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly parameters: readonly { name: string; in: string; required: boolean; description?: string; schema: JsonSchema }[];
  readonly requestBody?: { required: boolean; content: Record<string, { schema: JsonSchema }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: JsonSchema }> }>;
}

export interface ApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly [more: string]: unknown };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, JsonSchema>; readonly securitySchemes: Record<string, object> };
  readonly [more: string]: unknown;
}

const named = {
  GameConsole,
  Game,
  GameBackup,
  Edge,
  EdgeWay,
  PublicWay,
  Status,
  Region,
  Server,
  Gateway,
  Player,
  Handoff,
  Event,
  History,
  LogLine,
  AuditEntry,
  ActionResult,
  Session,
  Scope,
  Key,
  NewKey,
  PlayTicket,
  Fleet,
  GameServer,
  Allocation,
  AllocationRequest,
  AllocatedServer,
  AllocationRefusal,
  ModeDeployment,
  Ticket,
  Seat,
  TicketEvent,
  Match,
  Queue,
  Party,
  Lobby,
  Rating,
  Bounds,
  Point,
};

const tags: Record<Endpoint['tag'], string> = {
  about: 'Atlas about itself.',
  world: 'Regions, servers, gateways and players as they are now.',
  edges: 'Public ports of game servers that are given away whole, and players’ ways through them.',
  happenings: 'What happened: crossings, events, the last hour, recorded scenes, logs, the audit log.',
  streams: 'What happens, as it happens: server-sent events.',
  fleets: 'Fleets of game servers that are given away as a whole, and who has which.',
  matchmaking: 'From players who want to play to matches on game servers: tickets, parties, lobbies, ratings.',
  actions: 'What operators do. `?dryRun=true` tells what it would do to players, and does nothing.',
  access: 'Who am I, logins and API keys.',
  play: 'Joining as a player from the page, in development.',
};

const about =
  `Everything that Horizon Atlas shows and does, over HTTP. Times are Unix milliseconds (\`atMs\`) or durations (\`…Ms\`, \`…S\`); a figure that is not known is null.
Lists come in pages: give \`next\` of one as \`cursor\` for the next. A refusal is a problem (RFC 9457) with a \`code\`. A POST or DELETE with an \`Idempotency-Key\` takes effect once,
however often it is sent. On loopback without configured authentication everybody on the machine may do everything; elsewhere send \`Authorization: Bearer\` with the admin token
or an API key.`.replaceAll('\n', ' ');

let made: ApiDocument | undefined;

export function apiDocument(version: string): ApiDocument {
  made ??= make(version);
  return made;
}

function make(version: string): ApiDocument {
  for (const [id, shape] of Object.entries(named)) {
    if (!z.globalRegistry.has(shape) || z.globalRegistry.get(shape)?.id === undefined) {
      z.globalRegistry.add(shape, { ...z.globalRegistry.get(shape), id });
    }
  }
  const schemas: Record<string, JsonSchema> = { Problem: problemSchema };
  const paths: ApiDocument['paths'] = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    (paths[path] as Record<string, Operation>)[endpoint.method.toLowerCase()] = operationOf(endpoint, schemas);
  }
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    openapi: '3.1.0',
    info: { title: 'Horizon Atlas', version, description: about, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { login: [] }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: sorted,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The admin token or an API key.' },
        login: {
          type: 'apiKey',
          in: 'cookie',
          name: 'atlas-login',
          description: 'A page’s login; changes also send `X-CSRF-Token`.',
        },
      },
    },
  };
}

function operationOf(endpoint: Endpoint, schemas: Record<string, JsonSchema>): Operation {
  const { name, summary, description, tag, scope, play, params, query, body } = endpoint;
  const own = play ? ', or a player’s own token' : '';
  const needs = scope === null ? 'Open to everybody.' : `Needs the scope \`${scope}\`${own}.`;
  const parameters = [...parametersOf('path', params, schemas), ...parametersOf('query', query, schemas), ...headersOf(endpoint)];
  return {
    operationId: name,
    summary,
    description: [description, needs].filter(Boolean).join(' '),
    tags: [tag],
    ...(scope === null ? { security: [] } : {}),
    parameters,
    ...(body
      ? { requestBody: { required: !body.safeParse(undefined).success, content: json(schemaOf(body, 'input', schemas)) } }
      : {}),
    responses: { ...goodAnswer(endpoint.answer, schemas), ...refusals(endpoint, schemas) },
  };
}

function parametersOf(
  place: 'path' | 'query',
  shape: z.ZodObject | undefined,
  schemas: Record<string, JsonSchema>,
): Operation['parameters'] {
  if (!shape) return [];
  const { properties = {}, required = [] } = schemaOf(shape, 'input', schemas) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(typeof description === 'string' ? { description } : {}),
    schema,
  }));
}

function headersOf({ method, name, unkept }: Endpoint): Operation['parameters'] {
  if (name === 'watch') {
    const description = 'The last event that was seen: those after it come first.';
    return [{ name: 'Last-Event-ID', in: 'header', required: false, description, schema: { type: 'string' } }];
  }
  if (method === 'GET' || unkept) return [];
  const description = 'Repeats with the same key are one act, and get its answer.';
  return [
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description,
      schema: { type: 'string', minLength: 1, maxLength: 200 },
    },
  ];
}

function goodAnswer(answer: Answer, schemas: Record<string, JsonSchema>): Operation['responses'] {
  switch (answer.kind) {
    case 'json':
      return answer.created
        ? { 201: { description: 'Made.', content: json(schemaOf(answer.shape, 'output', schemas)) } }
        : { 200: { description: 'What was asked for.', content: json(schemaOf(answer.shape, 'output', schemas)) } };
    case 'none':
      return { 204: { description: 'Done.' } };
    case 'bytes':
      return { 200: { description: answer.what, content: { 'application/octet-stream': { schema: {} } } } };
    case 'text':
      return { 200: { description: answer.what, content: { [answer.type]: { schema: { type: 'string' } } } } };
    case 'redirect':
      return { 303: { description: answer.what } };
    case 'stream': {
      const events = Object.entries(answer.events).map(([event, shape]) =>
        typeof shape === 'string'
          ? { properties: { event: { const: event }, data: { description: shape } } }
          : { properties: { event: { const: event }, data: schemaOf(shape, 'output', schemas) } },
      );
      return {
        200: {
          description: 'Events, each with its data as JSON.',
          content: { 'text/event-stream': { schema: { anyOf: events } } },
        },
      };
    }
  }
}

function refusals(endpoint: Endpoint, schemas: Record<string, JsonSchema>): Operation['responses'] {
  const { method, scope, refusals: own = [], refusalShape, unkept } = endpoint;
  const codes = new Set<ErrorCode>(['REQUEST_INVALID', 'RATE_LIMITED', ...own]);
  if (scope !== null) for (const code of ['TOKEN_INVALID', 'SCOPE_MISSING', 'NOT_READY'] as const) codes.add(code);
  if (method !== 'GET') {
    codes.add('ORIGIN_REFUSED');
    codes.add('CSRF_INVALID');
    if (!unkept) codes.add('IDEMPOTENCY_CONFLICT');
  }
  const byStatus = Map.groupBy(codes, statusOf);
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, some]) => [
        status,
        {
          description: some.map((code) => `\`${code}\`: ${errors[code].text}`).join('; '),
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
            ...(refusalShape ? json(schemaOf(refusalShape, 'output', schemas)) : {}),
          },
        },
      ]),
  );
}

const json = (schema: JsonSchema): Record<string, { schema: JsonSchema }> => ({ 'application/json': { schema } });

/** As JSON Schema; the named shapes in it are put into `schemas`, and referred to. */
function schemaOf(shape: z.ZodType, io: 'input' | 'output', schemas: Record<string, JsonSchema>): JsonSchema {
  const whole = z.toJSONSchema(shape, { io, unrepresentable: 'any' }) as JsonSchema;
  const { $schema: _, $defs, ...schema } = tidied(whole) as JsonSchema & { $defs?: Record<string, JsonSchema> };
  for (const [id, defined] of Object.entries($defs ?? {})) schemas[id] ??= defined;
  return schema;
}

/** References point to the components. Limits of every JSON number say nothing, and a newer Atlas may tell more than is written here. */
function tidied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidied);
  if (typeof value !== 'object' || value === null) return value;
  const out: JsonSchema = {};
  for (const [name, member] of Object.entries(value)) {
    if (name === '$ref') out[name] = String(member).replace('#/$defs/', '#/components/schemas/');
    else if (name === 'id' && typeof member === 'string') continue;
    else if (Math.abs(Number(member)) === Number.MAX_SAFE_INTEGER && (name === 'minimum' || name === 'maximum')) continue;
    else if ((name === 'additionalProperties' && member === false) || name === 'propertyNames') continue;
    else out[name] = tidied(member);
  }
  return out;
}

const text = (description: string): JsonSchema => ({ type: 'string', description });
const problemSchema: JsonSchema = {
  type: 'object',
  description: 'RFC 9457.',
  properties: {
    type: text('`urn:horizon-atlas:error:` and the code.'),
    title: text('What the code means.'),
    status: { type: 'integer' },
    detail: text('What is wrong here, and what to do.'),
    instance: text('The path.'),
    code: text('Of docs/reference/errors.md.'),
    errors: {
      type: 'array',
      description: 'Each thing that is wrong with a request.',
      items: {
        type: 'object',
        properties: {
          in: { type: 'string', enum: ['path', 'query', 'body', 'header'] },
          field: { type: 'string' },
          expected: { type: 'string' },
          found: { type: 'string' },
        },
        required: ['in', 'field', 'expected', 'found'],
      },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
};
