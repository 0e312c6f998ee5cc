/**
 * The control plane's face to people and tools: status, metrics, health. Reading only; nothing here changes the world.
 * Every refusal is a problem document (RFC 9457) with a code of protocol/errors.ts.
 */
import { AtlasError, type ErrorCode, errors } from '@horizon-atlas/protocol';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type MetricsSource, metricsType, renderMetrics } from './metrics-text.ts';
import { addPlayPages } from './play-pages.ts';
import { addPlayTicket } from './play-ticket.ts';
import type { Sources } from './sources.ts';
import type { Status } from './status.ts';

export interface ControlDeps {
  status(): Status;
  readonly metrics: MetricsSource;
  /** Empty: ready to let players in. Otherwise what is still missing, one phrase each. */
  missing(): readonly string[];
  /** What lies behind the resources; absent ones are not there yet. */
  readonly sources?: Partial<Sources>;
  /** Hears of faults while answering; the caller of the API gets no details. */
  readonly onFault: (fault: { readonly method: string; readonly path: string; readonly error: unknown }) => void;
}

export interface ControlPolicy {
  /** Loopback unless the configuration says otherwise: the API has no authentication yet. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
}

export interface Control {
  /** `http://host:port`, with the port that was picked. Rejects with PORT_IN_USE. */
  listen(): Promise<string>;
  /** Ends the listener and every open connection. */
  close(): Promise<void>;
  /** For tests: answers as over a socket, without one. */
  readonly inject: FastifyInstance['inject'];
}

export const limits = {
  /** Nothing here takes a body; what is larger is answered with REQUEST_INVALID. */
  bodyBytes: 1024,
  /** A client that sends half a request is let go after this. */
  requestMs: 10_000,
} as const;

interface Route {
  readonly path: string;
  readonly tells: string;
  answer(request: FastifyRequest, reply: FastifyReply): unknown;
}

export function makeControl(deps: ControlDeps, policy: ControlPolicy): Control {
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    forceCloseConnections: true,
    // A path is its text: no second spelling of it, and malformed escapes are the caller's fault.
    frameworkErrors: (error, request, reply) => void answerProblem(error, request, reply, deps),
  });
  const routes = routesOf(deps);
  for (const { path, answer } of routes) app.route({ method: 'GET', url: path, handler: async (q, r) => answer(q, r) });

  const play = deps.sources?.play;
  if (play) {
    addPlayTicket(app, play, problem);
    addPlayPages(app, play);
  }
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    return payload;
  });
  app.setErrorHandler((error: Error, request, reply) => answerProblem(error, request, reply, deps));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (!routes.some((route) => route.path === path)) {
      return problem(reply, 404, 'NOT_FOUND', `${path} does not exist; GET / lists what does`, path);
    }
    reply.header('allow', 'GET, HEAD');
    return problem(reply, 405, 'METHOD_NOT_ALLOWED', `${path} answers GET, not ${request.method}`, path);
  });

  return {
    listen: () => listenOn(app, policy),
    close: () => app.close(),
    inject: app.inject.bind(app) as FastifyInstance['inject'],
  };
}

function routesOf(deps: ControlDeps): readonly Route[] {
  const routes: Route[] = [
    { path: '/api/v1/status', tells: 'regions, servers, gateways, players and handoffs', answer: () => deps.status() },
    {
      path: '/metrics',
      tells: 'figures for Prometheus',
      answer: (_request, reply) => reply.type(metricsType).send(renderMetrics(deps.metrics.snapshot())),
    },
    { path: '/healthz', tells: '200 while this process answers', answer: () => ({ ok: true }) },
    {
      path: '/readyz',
      tells: '200 once players can join',
      answer(_request, reply) {
        const missing = deps.missing();
        if (missing.length === 0) return { ok: true };
        return problem(reply, 503, 'NOT_READY', `still missing: ${missing.join(', ')}`, '/readyz');
      },
    },
  ];
  // The dashboard will live at the root; until then it is a signpost.
  const signpost: Route = {
    path: '/',
    tells: 'this list',
    answer: () => ({
      name: 'Horizon Atlas',
      version: deps.status().version,
      paths: Object.fromEntries(all.map(({ path, tells }) => [path, tells])),
    }),
  };
  const all = [signpost, ...routes];
  return all;
}

function answerProblem(error: Error, request: FastifyRequest, reply: FastifyReply, deps: ControlDeps): FastifyReply {
  const path = request.url.split('?', 1)[0] ?? '';
  const status = (error as Error & { statusCode?: number }).statusCode ?? 500;
  if (status >= 400 && status < 500) return problem(reply, status, 'REQUEST_INVALID', error.message, path);
  deps.onFault({ method: request.method, path, error });
  return problem(reply, 500, 'INTERNAL', errors.INTERNAL.text, path);
}

function problem(reply: FastifyReply, status: number, code: ErrorCode, detail: string, instance: string): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify({ type: `urn:horizon-atlas:error:${code}`, title: errors[code].text, status, detail, instance, code }));
}

async function listenOn(app: FastifyInstance, { host, port }: ControlPolicy): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new AtlasError(
        'PORT_IN_USE',
        `port ${port} on ${host} is used by another program; set api.port (or --api-port) to another one`,
      );
    }
    if (code === 'EACCES') {
      throw new AtlasError('PORT_IN_USE', `port ${port} on ${host} needs privileges; set api.port to one above 1023`);
    }
    if (code === 'EADDRNOTAVAIL') throw new AtlasError('CONFIG_INVALID', `api.host: this machine has no address ${host}`);
    throw new AtlasError('INTERNAL', `the API cannot listen on ${host}:${port}: ${message}`);
  }
}
