/** `POST /api/v1/play`: what a page needs to join as a player. Only a page of this very API may ask: another's would play in its reader's name. */
import type { ErrorCode } from '@horizon-atlas/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PlayWishes } from './resources/access.ts';
import type { PlaySource } from './sources.ts';

const path = '/api/v1/play';
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = { NOT_READY: 503, PLAY_UNAVAILABLE: 409 };

type Problem = (reply: FastifyReply, status: number, code: ErrorCode, detail: string, instance: string) => FastifyReply;

export function addPlayTicket(app: FastifyInstance, play: PlaySource, problem: Problem): void {
  app.post(path, async (request, reply) => {
    if (!isOwnPage(request)) return problem(reply, 403, 'ORIGIN_REFUSED', 'only pages of this API may ask for a player', path);
    const wishes = PlayWishes.safeParse(request.body ?? {});
    if (!wishes.success) {
      const [issue] = wishes.error.issues;
      return problem(reply, 400, 'REQUEST_INVALID', `${issue?.path.join('.') || 'body'}: ${issue?.message}`, path);
    }
    const outcome = await play.ticket(wishes.data);
    if (outcome.ok) return outcome.ticket;
    return problem(reply, statuses[outcome.code] ?? 400, outcome.code, outcome.message, path);
  });
}

/** By the names of loopback alone, so that no name of somebody else's can be made to point here. */
function isOwnPage({ headers: { host = '', origin } }: FastifyRequest): boolean {
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)) return false;
  return origin === undefined || origin === `http://${host}`;
}
