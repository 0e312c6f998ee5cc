/**
 * `POST /gameserverallocation`: a plain route beside the API's, because it is asked thousands of times a second. A refusal is Agones' own (gRPC's `code`,
 * `message`, `details`), with Atlas' code as `reason` and `etaMs`; who may not ask, and what is no JSON, gets a problem as everywhere.
 */
import type { FastifyInstance, FastifyReply, onRequestHookHandler } from 'fastify';
import type { Caller } from './access/caller.ts';
import { answerOf, grpcCodeOf, parseAllocation, unallocated } from './agones-allocation.ts';
import type { ApiContext } from './context.ts';
import { Refused, statusOf } from './problems.ts';
import type { AllocationAnswered } from './sources.ts';

export const allocationPath = '/gameserverallocation';

export function addAllocationRoute(app: FastifyInstance, context: ApiContext): void {
  app.post(allocationPath, { onRequest: operators(context) }, async (request, reply) => {
    const told = await allocated(context, request.body, reply);
    if (told.ok) return reply.send(answerOf(told.given, told.resource));
    return told.resource && told.code === 'ALLOCATION_NONE_READY' ? reply.send(unallocated()) : refuse(reply, told);
  });
}

/** Lets in who may take game servers. */
export function operators({ guard }: ApiContext): onRequestHookHandler {
  return (request, _reply, done) => {
    const caller = guard.admit(request);
    const admitted = (who: Caller): void => {
      guard.allow(request, who, { scope: 'operate' });
      done();
    };
    if (caller instanceof Promise) caller.then(admitted).catch(done);
    else admitted(caller);
  };
}

/** What was asked for in this body; `resource`: it was Kubernetes' one. */
export async function allocated(
  { deps }: ApiContext,
  body: unknown,
  reply: FastifyReply,
): Promise<AllocationAnswered & { readonly resource: boolean }> {
  const { fleets } = deps.sources;
  if (!fleets) throw new Refused('NOT_READY', 'this Atlas looks after no game servers yet');
  const parsed = parseAllocation(body, () => fleets.newRequestId());
  if (!parsed.ok) return { ...parsed, code: 'REQUEST_INVALID', etaMs: undefined, resource: false };
  const { ask, resource } = parsed;
  // Who has gone away does not wait any longer, and keeps nothing from those who do.
  if (ask.waitMs > 0) {
    // Of the answer: a request is closed as soon as it has been read.
    reply.raw.once('close', () => {
      if (!reply.raw.writableEnded) fleets.cancel(ask.requestId);
    });
  }
  return { ...(await fleets.allocate(ask)), resource };
}

type Refusal = Omit<Extract<AllocationAnswered, { ok: false }>, 'ok'>;

function refuse(reply: FastifyReply, { code, message, etaMs }: Refusal): FastifyReply {
  const status = statusOf(code);
  return reply.code(status).send({ code: grpcCodeOf(status), message, details: [], reason: code, etaMs: etaMs ?? null });
}
