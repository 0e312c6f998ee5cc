/**
 * The control plane's face to people and tools: the API, its streams, metrics, health and pages. It decides nothing; what it tells and does it
 * asks of `Sources`. Every refusal is a problem document (RFC 9457) with a code of protocol/errors.ts.
 */
import type { RequestListener } from 'node:http';
import type { Clock, Store } from '@horizon-atlas/ports';
import { errors } from '@horizon-atlas/protocol';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Caller } from './access/caller.ts';
import { Guard } from './access/guard.ts';
import { KeyRing } from './access/key-ring.ts';
import { Logins } from './access/logins.ts';
import { OidcLogin, type OidcPolicy } from './access/oidc-login.ts';
import { addAllocationRoute } from './allocation-route.ts';
import type { ApiContext } from './context.ts';
import { addFront } from './front.ts';
import { GrpcDoor, type OpenGrpc } from './grpc-door.ts';
import { type HeldPort, holdPort } from './held-port.ts';
import { addKubernetesRoutes } from './kubernetes-route.ts';
import { type MetricsSource, metricsType, renderMetrics } from './metrics-text.ts';
import { addPlayOrigins } from './play-origins.ts';
import { addPlayPages } from './play-pages.ts';
import { Refused, sendProblem } from './problems.ts';
import type { Bounds } from './resources/shapes.ts';
import type { Router } from './router.ts';
import type { Sources } from './sources.ts';
import type { Status } from './status.ts';
import { type HubPolicy, WatchHub } from './watch/hub.ts';
import { Streams, ticketStreams } from './watch/streams.ts';

export interface ControlDeps {
  status(): Status;
  readonly metrics: MetricsSource;
  /** Empty: ready to let players in. Otherwise what is still missing, one phrase each. */
  missing(): readonly string[];
  /** What lies behind the resources; absent ones are not there yet. */
  readonly sources: Partial<Sources>;
  /** Hears of faults while answering; the caller of the API gets no details. */
  readonly onFault: (fault: { readonly method: string; readonly path: string; readonly error: unknown }) => void;
  readonly clock: Clock;
  /** For API keys and logins. */
  readonly store: Store;
  /** Whose token it is; undefined: nobody's. Absent: players cannot come with tokens of theirs. Rejects when it cannot be told now. */
  readonly players?: (token: string) => Promise<string | undefined>;
  /** Who speaks gRPC with clients of Agones' allocator; asked for with the first of them. */
  readonly grpc?: OpenGrpc;
}

export interface ControlPolicy {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** What it answers to beside its addresses; see access/page-checks.ts. */
  readonly names?: readonly string[];
  /** Pages from where players may come with their own tokens; undefined: from anywhere. */
  readonly playOrigins?: readonly string[];
  /** The admin token. Without one whoever reaches the API may do everything: for loopback only. */
  readonly token?: string;
  /** People log in there, beside the token. */
  readonly oidc?: OidcPolicy;
  /** What `GET /session` tells of the world. */
  readonly world: { readonly name: string; readonly bounds: Bounds; readonly regions: number };
  /** The folder of the built dashboard, asked for when somebody wants to see it: it may have to be built. Rejects if it cannot be. */
  readonly dashboard?: () => Promise<string>;
  /** For tests: other intervals than the standard ones. */
  readonly watch?: HubPolicy;
}

export interface Control {
  /** `http://host:port`, with the port that was picked, or is held: who waits there is let in. Rejects with PORT_IN_USE. */
  listen(held?: HeldPort): Promise<string>;
  /** Ends the listener and every open connection. */
  close(): Promise<void>;
  /** For tests: answers as over a socket, without one. */
  readonly inject: FastifyInstance['inject'];
}

export const limits = {
  /** What is larger is answered with REQUEST_INVALID. */
  bodyBytes: 16 * 1024,
  /** Of requests that bring many things at once: `batches`. */
  batchBytes: 1024 * 1024,
  /** A client that sends half a request is let go after this. */
  requestMs: 10_000,
} as const;

/** Paths with a body of up to `batchBytes`. Said here, because endpoints are loaded with the first request. */
const batches = ['/api/v1/matchmaking/tickets/batch'] as const;

/** Requests are checked by the router, with zod. Fastify would load two compilers of JSON schemas, a tenth of a second, to use neither. */
const unused = (): never => {
  throw new Error('routes have no JSON schema');
};
const noSchemas = { buildValidator: () => unused, buildSerializer: () => unused };

const callers = new WeakMap<FastifyRequest, Caller>();

export function makeControl(deps: ControlDeps, policy: ControlPolicy): Control {
  const context = contextOf(deps, policy);
  const { guard } = context;
  const door: GrpcDoor | undefined = deps.grpc && new GrpcDoor(deps.grpc, () => app);
  let held: HeldPort | undefined;
  const app: FastifyInstance = fastify({
    ...(door ? { serverFactory: (handler: RequestListener, options: object) => door.serve(handler, options) } : {}),
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    forceCloseConnections: true,
    schemaController: { compilersFactory: noSchemas },
    // A path is its text: no second spelling of it, and malformed escapes are the caller's fault.
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply, deps),
  });
  app.removeContentTypeParser(['text/plain', 'application/json']);
  // Clients that call everything JSON say so of nothing, too, such as in a DELETE: that is no body, and not a malformed one.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parseJson(request, body as string, done);
  });
  app.addHook('onReady', async () => {
    await context.keyRing.open();
    await context.logins.open();
    // Who came by a provider that is no longer believed is out.
    if (!policy.oidc) await context.logins.end((_hash, { actor }) => actor.startsWith('oidc:'));
  });
  // Hooks of every request take `done` instead of a promise: each promise is a turn of the microtasks.
  app.addHook('onRequest', (request, _reply, done) => {
    guard.checkName(request);
    done();
  });
  addPlayOrigins(app, policy.playOrigins);
  app.addHook('preClose', async () => {
    context.streams.close();
    context.tickets.close();
    context.hub.close();
    await door?.close();
    await held?.close();
  });
  const { play } = deps.sources;
  if (play) addPlayPages(app, play);
  app.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    done(null, payload);
  });
  app.setErrorHandler((error: Error, request, reply) => answerError(error, request, reply, deps));
  addPlainRoutes(app, context);
  addAllocationRoute(app, context);
  addKubernetesRoutes(app, context);
  addApi(app, context);
  addFront(app, context);
  return {
    async listen(port) {
      held = port ?? (await holdPort(policy.host, policy.port));
      await app.ready();
      await held.giveTo(app.server);
      return held.url;
    },
    close: () => app.close(),
    inject: app.inject.bind(app) as FastifyInstance['inject'],
  };
}

function contextOf(deps: ControlDeps, policy: ControlPolicy): ApiContext {
  const { store, clock, sources } = deps;
  const keyRing = new KeyRing(store, clock);
  const logins = new Logins(store, clock);
  const onRefused = (code: string, address: string): void => sources.audit?.refuse('api.refused', code, address);
  const { players } = deps;
  const access = { token: policy.token, names: policy.names ?? [], playOrigins: policy.playOrigins };
  const guard = new Guard(access, { clock, keyRing, logins, onRefused, players });
  const streams = new Streams(({ login }) => login === '' || logins.has(login));
  const tickets = new Streams(({ login }) => login === '' || logins.has(login), ticketStreams);
  const hubFault = (error: unknown): void => deps.onFault({ method: 'GET', path: '/api/v1/watch', error });
  const hub = new WatchHub(sources, () => deps.status(), hubFault, policy.watch);
  const oidc = policy.oidc && new OidcLogin(policy.oidc, clock);
  return { deps, policy, keyRing, logins, oidc, guard, streams, tickets, hub };
}

/** What programs ask all the time, and what must answer whatever else is wrong: no shapes, nothing to load. */
function addPlainRoutes(app: FastifyInstance, context: ApiContext): void {
  const { deps, guard } = context;
  const admit = async (request: FastifyRequest): Promise<void> =>
    guard.allow(request, await guard.admit(request), { scope: 'read' });
  app.get('/api/v1/status', { onRequest: admit }, async (request) => {
    const [name] = Object.keys(request.query as object);
    if (name !== undefined) throw new Refused('REQUEST_INVALID', `query ${name}: expected no query parameters, found one`);
    return deps.status();
  });
  app.get('/metrics', { onRequest: admit }, async (_request, reply) =>
    reply.type(metricsType).send(renderMetrics(deps.metrics.snapshot())),
  );
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async () => {
    const missing = deps.missing();
    if (missing.length > 0) throw new Refused('NOT_READY', `still missing: ${missing.join(', ')}`);
    return { ok: true };
  });
}

function addApi(app: FastifyInstance, context: ApiContext): void {
  let router: Promise<Router> | undefined;
  const onRequest = (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const caller = context.guard.admit(request);
    const admitted = (who: Caller): void => {
      callers.set(request, who);
      done();
    };
    if (caller instanceof Promise) caller.then(admitted, done);
    else admitted(caller);
  };
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const caller = callers.get(request);
    if (!caller) throw new Error('nobody looked at who asks');
    router ??= import('./router.ts').then((module) => new module.Router(context));
    return (await router).answer(request, reply, caller);
  };
  app.route({ method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], url: '/api/v1/*', onRequest, handler });
  for (const url of batches) app.route({ method: 'POST', url, bodyLimit: limits.batchBytes, onRequest, handler });
}

function answerError(error: Error, request: FastifyRequest, reply: FastifyReply, deps: ControlDeps): FastifyReply {
  const path = pathOf(request);
  if (error instanceof Refused) return sendProblem(reply, error.code, error.message, path, error.details);
  const status = (error as Error & { statusCode?: number }).statusCode ?? 500;
  if (status === 413)
    return sendProblem(
      reply,
      'REQUEST_INVALID',
      `the body is longer than the ${request.routeOptions.bodyLimit ?? limits.bodyBytes} bytes that are read`,
      path,
      { status },
    );
  if (status >= 400 && status < 500) return sendProblem(reply, 'REQUEST_INVALID', error.message, path, { status });
  deps.onFault({ method: request.method, path, error });
  return sendProblem(reply, 'INTERNAL', errors.INTERNAL.text, path);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}
