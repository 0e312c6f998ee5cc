/**
 * `POST /gameserverallocation`: a plain route beside the API's, because it is asked thousands of times a second. A refusal is Agones' own (gRPC's `code`,
 * `message`, `details`), with Atlas' code as `reason` and `etaMs`; who may not ask, and what is no JSON, gets a problem as everywhere.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Caller } from './access/caller.ts';
import { answerOf, grpcCodeOf, parseAllocation, unallocated } from './agones-allocation.ts';
import type { ApiContext } from './context.ts';
import { Refused, statusOf } from './problems.ts';
import type { AllocationAnswered } from './sources.ts';

export const allocationPath = '/gameserverallocation';

export function addAllocationRoute(app: FastifyInstance, context: ApiContext): void {
  const { guard, deps } = context;
  app.post(
    allocationPath,
    {
      onRequest(request, _reply, done) {
        const caller = guard.admit(request);
        const admitted = (who: Caller): void => {
          guard.allow(request, who, { scope: 'operate' });
          done();
        };
        if (caller instanceof Promise) caller.then(admitted).catch(done);
        else admitted(caller);
      },
    },
    async (request, reply) => {
      const { fleets } = deps.sources;
      if (!fleets) throw new Refused('NOT_READY', 'this Atlas looks after no game servers yet');
      const parsed = parseAllocation(request.body, () => fleets.newRequestId());
      if (!parsed.ok) return refuse(reply, { code: 'REQUEST_INVALID', message: parsed.message, etaMs: undefined });
      // Who has gone away does not wait any longer, and keeps nothing from those who do.
      if (parsed.ask.waitMs > 0) {
        // Of the answer: a request is closed as soon as it has been read.
        reply.raw.once('close', () => {
          if (!reply.raw.writableEnded) fleets.cancel(parsed.ask.requestId);
        });
      }
      const answer = await fleets.allocate(parsed.ask);
      if (answer.ok) return reply.send(answerOf(answer.given, parsed.resource));
      return parsed.resource && answer.code === 'ALLOCATION_NONE_READY' ? reply.send(unallocated()) : refuse(reply, answer);
    },
  );
}

type Refusal = Omit<Extract<AllocationAnswered, { ok: false }>, 'ok'>;

function refuse(reply: FastifyReply, { code, message, etaMs }: Refusal): FastifyReply {
  const status = statusOf(code);
  return reply.code(status).send({ code: grpcCodeOf(status), message, details: [], reason: code, etaMs: etaMs ?? null });
}
