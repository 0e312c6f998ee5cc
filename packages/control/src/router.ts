/**
 * From a request to its endpoint and back: path and method, who asks, the shapes of what came, idempotency, the answer. Loaded with the first
 * request of the API, because the shapes cost memory that an Atlas with nobody looking at it need not have.
 */
import type { ErrorCode } from '@horizon-atlas/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ZodObject, type z } from 'zod';
import type { Caller } from './access/caller.ts';
import type { ApiContext } from './context.ts';
import type { Call, Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { Idempotency, type KeptAnswer, keyIn } from './idempotency.ts';
import { problemBody, problemType, Refused, statusOf } from './problems.ts';
import { invalid, parseWith } from './shape-errors.ts';

interface Route {
  readonly segments: readonly string[];
  readonly byMethod: Map<string, Endpoint>;
}

/** Shapes as they are held against requests; made once, because making one costs a hundred times what using it does. */
interface Shapes {
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
}

export class Router {
  readonly #context: ApiContext;
  /** Paths without parameters by their text; those with some by their number of segments. */
  readonly #plain: ReadonlyMap<string, Route>;
  readonly #bySegments = new Map<number, Route[]>();
  readonly #shapes: ReadonlyMap<Endpoint, Shapes>;
  readonly #idempotency = new Idempotency();

  constructor(context: ApiContext) {
    this.#context = context;
    const routes = routesOf(endpoints);
    const isPlain = ({ segments }: Route) => !segments.some((each) => each.startsWith(':'));
    this.#plain = new Map(routes.filter(isPlain).map((route) => [`/${route.segments.join('/')}`, route]));
    for (const route of routes) {
      if (isPlain(route)) continue;
      const alike = this.#bySegments.get(route.segments.length) ?? [];
      this.#bySegments.set(route.segments.length, alike);
      alike.push(route);
    }
    this.#shapes = new Map(endpoints.map((each) => [each, shapesOf(each)]));
  }

  async answer(request: FastifyRequest, reply: FastifyReply, caller: Caller): Promise<unknown> {
    const path = pathOf(request);
    const plain = this.#plain.get(path);
    const segments = plain ? plain.segments : path.split('/').slice(1);
    const route = plain ?? this.#bySegments.get(segments.length)?.find((each) => matches(each.segments, segments));
    if (!route) throw new Refused('NOT_FOUND', `${path} does not exist; GET /api/v1/openapi.json lists what does`);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const endpoint = route.byMethod.get(method);
    if (!endpoint) throw wrongMethod(route, path, request.method);
    this.#context.guard.allow(request, caller, endpoint);
    const shapes = this.#shapes.get(endpoint) as Shapes;
    const call: Call = { ...parsed(endpoint, shapes, route, segments, request), caller, context: this.#context, request, reply };
    if (endpoint.answer.kind !== 'json' && endpoint.answer.kind !== 'none') return this.#direct(endpoint, call);
    const { status, type, body, headers } = await this.#kept(endpoint, call, path);
    reply.code(status).headers(headers ?? {});
    if (type !== '') reply.type(type);
    return reply.send(body);
  }

  /** Bytes, texts and streams: these are asked for, and change nothing. */
  async #direct({ answer, run }: Endpoint, call: Call): Promise<unknown> {
    const { reply, request } = call;
    if (answer.kind === 'stream') {
      if (request.method === 'HEAD') return reply.type('text/event-stream').send();
      await run(call);
      return reply;
    }
    const result = await run(call);
    if (reply.sent) return reply;
    if (answer.kind === 'redirect') return reply.redirect(String(result), 303);
    return reply.type(answer.kind === 'text' ? answer.type : 'application/octet-stream').send(result);
  }

  async #kept(endpoint: Endpoint, call: Call, path: string): Promise<KeptAnswer> {
    const { request, reply, caller } = call;
    const run = () => outcomeOf(endpoint, call, path);
    const key = endpoint.method === 'GET' ? undefined : keyIn(request.headers['idempotency-key']);
    if (key === undefined || endpoint.unkept) return run();
    const asked = `${request.method} ${request.url} ${JSON.stringify(request.body ?? null)}`;
    const nowMs = this.#context.deps.clock.now();
    const { answer, repeated } = await this.#idempotency.answer(caller.actor, key, asked, nowMs, run);
    if (repeated) reply.header('idempotency-replayed', 'true');
    return answer;
  }
}

export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

async function outcomeOf(endpoint: Endpoint, call: Call, path: string): Promise<KeptAnswer> {
  try {
    const result = await endpoint.run(call);
    if (endpoint.answer.kind === 'none') return { status: 204, type: '', body: '' };
    const created = endpoint.answer.kind === 'json' && endpoint.answer.created;
    return { status: created ? 201 : 200, type: 'application/json; charset=utf-8', body: JSON.stringify(result) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { code, message, details } = error;
    return {
      status: statusOf(code),
      type: problemType,
      body: problemBody(code, message, path, details),
      headers: details.headers,
    };
  }
}

function routesOf(all: readonly Endpoint[]): readonly Route[] {
  const routes = new Map<string, Route>();
  for (const endpoint of all) {
    const route = routes.get(endpoint.path) ?? { segments: endpoint.path.split('/').slice(1), byMethod: new Map() };
    route.byMethod.set(endpoint.method, endpoint);
    routes.set(endpoint.path, route);
  }
  return [...routes.values()];
}

function matches(wanted: readonly string[], got: readonly string[]): boolean {
  return (
    wanted.length === got.length && wanted.every((segment, i) => segment === got[i] || (segment.startsWith(':') && got[i] !== ''))
  );
}

function wrongMethod(route: Route, path: string, method: string): Refused {
  const allowed = [...route.byMethod.keys()].flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each]));
  const code: ErrorCode = 'METHOD_NOT_ALLOWED';
  return new Refused(code, `${path} answers ${allowed.join(', ')}, not ${method}`, { headers: { allow: allowed.join(', ') } });
}

function shapesOf({ query, moreQuery, body }: Endpoint): Shapes {
  return { query: query && !moreQuery ? query.strict() : query, body: body && strict(body) };
}

function parsed(
  endpoint: Endpoint,
  shapes: Shapes,
  route: Route,
  segments: readonly string[],
  request: FastifyRequest,
): Pick<Call, 'params' | 'query' | 'body'> {
  const raw: Record<string, string> = {};
  for (const [i, name] of route.segments.entries())
    if (name.startsWith(':')) raw[name.slice(1)] = decoded(segments[i] ?? '', name.slice(1));
  const params = endpoint.params ? (parseWith(endpoint.params, raw, 'path') as Record<string, string>) : {};
  const query = parseQuery(shapes.query, request.query as Record<string, unknown>);
  if (shapes.body) return { params, query, body: parseWith(shapes.body, request.body ?? undefined, 'body') };
  const { body } = request;
  const empty = body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0);
  if (!empty) throw invalid([{ in: 'body', field: '', expected: 'none', found: 'one' }]);
  return { params, query, body: undefined };
}

function parseQuery(shape: z.ZodType | undefined, query: Record<string, unknown>): Record<string, unknown> {
  if (shape) return parseWith(shape, query, 'query') as Record<string, unknown>;
  const [name] = Object.keys(query);
  if (name === undefined) return {};
  throw invalid([{ in: 'query', field: name, expected: 'no query parameters', found: 'one' }]);
}

/** A misspelt name must not pass as one that was left out. */
function strict(shape: z.ZodType): z.ZodType {
  if (shape instanceof ZodObject) return shape.strict();
  const inner = 'unwrap' in shape ? (shape as unknown as { unwrap(): z.ZodType }).unwrap() : undefined;
  return inner instanceof ZodObject ? inner.strict().optional() : shape;
}

function decoded(segment: string, name: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid([{ in: 'path', field: name, expected: 'a text with % escapes of UTF-8', found: segment.slice(0, 60) }]);
  }
}
