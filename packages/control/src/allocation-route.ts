/**
 * `POST /gameserverallocation`: a plain route beside the API's, because it is asked thousands of times a second. A refusal is Agones' own (`code`, `message`) and a
 * problem document in one, with `reason` and `etaMs`.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerOf, grpcCodes, parseAllocation } from './agones-allocation.ts';
import type { ApiContext } from './context.ts';
import { Refused, statusOf } from './problems.ts';
import type { AllocationAnswered } from './sources.ts';

export const allocationPath = '/gameserverallocation';

export function addAllocationRoute(app: FastifyInstance, context: ApiContext): void {
  const { guard, deps } = context;
  app.post(
    allocationPath,
    {
      async onRequest(request) {
        guard.allow(request, await guard.admit(request), { scope: 'operate' });
      },
    },
    async (request, reply) => {
      const { fleets } = deps.sources;
      if (!fleets) throw new Refused('NOT_READY', 'this Atlas looks after no game servers yet');
      const parsed = parseAllocation(request.body, () => fleets.newRequestId());
      if (!parsed.ok) throw new Refused('REQUEST_INVALID', parsed.message);
      // Who has gone away does not wait any longer, and keeps nothing from those who do.
      if (parsed.ask.waitMs > 0) {
        request.raw.once('close', () => {
          if (!reply.raw.writableEnded) fleets.cancel(parsed.ask.requestId);
        });
      }
      const answer = await fleets.allocate(parsed.ask);
      return answer.ok ? reply.send(answerOf(answer.given, parsed.resource)) : refuse(reply, answer);
    },
  );
}

function refuse(reply: FastifyReply, { code, message, etaMs }: Extract<AllocationAnswered, { ok: false }>): FastifyReply {
  const none = code === 'ALLOCATION_NONE_READY' || code === 'ALLOCATION_QUEUE_FULL';
  const status = none ? 429 : statusOf(code);
  const grpc = none ? grpcCodes.exhausted : status < 500 ? grpcCodes.invalid : grpcCodes.unavailable;
  return reply.code(status).send({ code: grpc, message, details: [], reason: code, etaMs: etaMs ?? null });
}
