/**
 * An endpoint of the API as a value: what it takes, what it answers, who may call it, and what it does. Routing, checks, the OpenAPI document
 * and the reference page are all made of these.
 */
import type { ErrorCode } from '@horizon-atlas/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Caller } from './access/caller.ts';
import type { ApiContext } from './context.ts';
import type { Scope } from './resources/access.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
type Shape = z.ZodObject;

export interface Endpoint<P extends Shape = Shape, Q extends Shape = Shape, B extends z.ZodType = z.ZodType> {
  readonly method: Method;
  /** `/api/v1/servers/:id/kill`. */
  readonly path: string;
  /** For clients' generators: `killServer`. */
  readonly name: string;
  readonly tag: 'world' | 'edges' | 'happenings' | 'streams' | 'actions' | 'access' | 'play' | 'matchmaking' | 'fleets' | 'about';
  readonly summary: string;
  readonly description?: string;
  /** null: anybody, even without a token. */
  readonly scope: Scope | null;
  /** Game clients may call it, too, with their player's own token: see Caller.player. */
  readonly play?: true;
  readonly params?: P;
  readonly query?: Q;
  /** Parameters that are not named are let through: somebody else's protocol has them. */
  readonly moreQuery?: true;
  /** Absent: the endpoint takes none. */
  readonly body?: B;
  readonly answer: Answer;
  /** Codes beside those that every endpoint may answer with. */
  readonly refusals?: readonly ErrorCode[];
  /** Somebody else's protocol: beside problems it refuses with bodies of this shape. */
  readonly refusalShape?: z.ZodType;
  /** Answers to it are not kept for an Idempotency-Key, because they are one caller's alone. */
  readonly unkept?: true;
  /** For a login, which replaces whatever session the page had. */
  readonly withoutCsrf?: true;
  run(call: Call<z.output<P>, z.output<Q>, z.output<B>>): unknown;
}

/** `json`: what `run` returns, with status 200, or 201 for `created`. `none`: 204. `bytes` and `text`: as returned. `stream`: `run` writes by itself. */
export type Answer =
  | { readonly kind: 'json'; readonly shape: z.ZodType; readonly created?: true }
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly what: string }
  | { readonly kind: 'text'; readonly type: string; readonly what: string }
  | { readonly kind: 'redirect'; readonly what: string }
  | { readonly kind: 'stream'; readonly events: Readonly<Record<string, z.ZodType | string>> };

export interface Call<P = Record<string, string>, Q = Record<string, unknown>, B = unknown> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  readonly context: ApiContext;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Infers the types of `run` from the shapes. */
export function endpoint<P extends Shape, Q extends Shape, B extends z.ZodType>(made: Endpoint<P, Q, B>): Endpoint {
  return made as unknown as Endpoint;
}
