/**
 * Agones' allocation as clients of Kubernetes ask for it: a `GameServerAllocation` is created, and what comes back has a `status`. Beside it the few lists by which such
 * clients find out that it can be. Refusals are Kubernetes' own (`Status`), with Atlas' code as a cause. There are no namespaces: the one that is named means nothing.
 */
import type { ErrorCode } from '@horizon-atlas/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerOf, unallocated } from './agones-allocation.ts';
import { allocated, operators } from './allocation-route.ts';
import type { ApiContext } from './context.ts';
import { Refused, statusOf } from './problems.ts';

const group = 'allocation.agones.dev';
const version = `${group}/v1`;
const groupVersion = { groupVersion: version, version: 'v1' };
const groupItem = { name: group, versions: [groupVersion], preferredVersion: groupVersion };
const resource = {
  ...{ name: 'gameserverallocations', singularName: 'gameserverallocation', kind: 'GameServerAllocation' },
  ...{ namespaced: true, verbs: ['create'], shortNames: ['gsa'] },
};

/** What there is, as Kubernetes says it. */
const lists: Readonly<Record<string, object>> = {
  '/api': { kind: 'APIVersions', versions: [] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [groupItem] },
  [`/apis/${group}`]: { kind: 'APIGroup', apiVersion: 'v1', ...groupItem },
  [`/apis/${version}`]: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: version, resources: [resource] },
};

export function addKubernetesRoutes(app: FastifyInstance, context: ApiContext): void {
  const { guard, deps } = context;
  const errorHandler = (error: Error, _request: unknown, reply: FastifyReply): FastifyReply => {
    if (error instanceof Refused) return refuse(reply, error.code, error.message, error.details.status);
    const { statusCode = 500, message } = error as Error & { statusCode?: number };
    if (statusCode < 500) return refuse(reply, 'REQUEST_INVALID', message, statusCode);
    throw error;
  };
  for (const [path, list] of Object.entries(lists))
    app.get(path, { errorHandler }, async (request) => {
      guard.allow(request, await guard.admit(request), { scope: 'read' });
      return list;
    });
  app.post<{ Params: { namespace: string } }>(
    `/apis/${version}/namespaces/:namespace/gameserverallocations`,
    { errorHandler, onRequest: operators(context) },
    async ({ body, params: { namespace } }, reply) => {
      const told = await allocated(context, withSpec(body), reply);
      if (!told.ok && told.code !== 'ALLOCATION_NONE_READY') return refuse(reply, told.code, told.message);
      const named = told.ok ? { name: told.given.server } : {};
      const metadata = { ...named, namespace, creationTimestamp: new Date(deps.clock.wall()).toISOString() };
      return reply.code(201).send({ ...withSpec(body), ...(told.ok ? answerOf(told.given, true) : unallocated()), metadata });
    },
  );
}

/** A resource that asks for nothing has no `spec`. What is no object at all is refused where it is read. */
function withSpec(body: unknown): object {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { spec: {}, ...body } : [];
}

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  413: 'RequestEntityTooLarge',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
};

function refuse(reply: FastifyReply, code: ErrorCode, message: string, status = statusOf(code)): FastifyReply {
  return reply.code(status).send({
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: status },
    ...{ message, reason: reasons[status] ?? 'InternalError', details: { causes: [{ reason: code, message }] } },
  });
}
