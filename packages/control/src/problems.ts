/** Refusals as problem documents (RFC 9457), each with a code of protocol/errors.ts and the HTTP status that goes with it. */
import { type ErrorCode, errors } from '@horizon-atlas/protocol';
import type { FastifyReply } from 'fastify';

export interface ProblemDetails {
  /** Beside the standard members: what exactly is wrong with a request. */
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Where a closer one is known than the code's own. */
  readonly status?: number;
}

export interface FieldError {
  readonly in: 'path' | 'query' | 'body' | 'header';
  /** Such as `limit` or `to.x`; empty for the whole. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** Thrown by what answers a request, where the answer is no. Not a fault. */
export class Refused extends Error {
  readonly code: ErrorCode;
  readonly details: ProblemDetails;
  constructor(code: ErrorCode, detail: string = errors[code].text, details: ProblemDetails = {}) {
    super(detail);
    this.name = 'Refused';
    this.code = code;
    this.details = details;
  }
}

const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  REQUEST_INVALID: 400,
  POSITION_INVALID: 400,
  TOKEN_INVALID: 401,
  LOGIN_FAILED: 401,
  ORIGIN_REFUSED: 403,
  SCOPE_MISSING: 403,
  CSRF_INVALID: 403,
  NOT_FOUND: 404,
  FLEET_UNKNOWN: 404,
  ALLOCATION_ENDED: 409,
  ALLOCATION_NONE_READY: 429,
  ALLOCATION_QUEUE_FULL: 429,
  QUEUE_UNKNOWN: 404,
  TICKET_UNKNOWN: 404,
  MATCH_UNKNOWN: 404,
  PARTY_UNKNOWN: 404,
  LOBBY_UNKNOWN: 404,
  TICKET_INVALID: 400,
  RESULT_INVALID: 400,
  METHOD_NOT_ALLOWED: 405,
  IDEMPOTENCY_CONFLICT: 409,
  KEY_EXISTS: 409,
  KEYS_FULL: 409,
  STORE_CONFLICT: 409,
  MESSAGE_TOO_BIG: 413,
  HOST_REFUSED: 421,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  STORE_FULL: 507,
};

/** A code without a row of its own: worth another try it is 503, otherwise 409, because the world is not such that it could be done. */
export function statusOf(code: ErrorCode): number {
  return statuses[code] ?? (errors[code].retry ? 503 : 409);
}

export const problemType = 'application/problem+json; charset=utf-8';

export function problemBody(code: ErrorCode, detail: string, instance: string, details: ProblemDetails = {}): string {
  return JSON.stringify({
    type: `urn:horizon-atlas:error:${code}`,
    title: errors[code].text,
    status: details.status ?? statusOf(code),
    detail,
    instance,
    code,
    ...(details.errors ? { errors: details.errors } : {}),
  });
}

export function sendProblem(
  reply: FastifyReply,
  code: ErrorCode,
  detail: string,
  instance: string,
  details: ProblemDetails = {},
): FastifyReply {
  return reply
    .code(details.status ?? statusOf(code))
    .headers(details.headers ?? {})
    .type(problemType)
    .send(problemBody(code, detail, instance, details));
}
