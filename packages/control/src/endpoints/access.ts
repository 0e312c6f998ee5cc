/** Who am I, login and logout, API keys, and the ticket to play from the page. */
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import { withContained } from '../access/caller.ts';
import { type ApiContext, found, need, unwrap } from '../context.ts';
import { type Call, type Endpoint, endpoint } from '../endpoint.ts';
import { pageOfList } from '../paging.ts';
import { Key, KeyName, NewKey, PlayTicket, PlayWishes, Scope, Session } from '../resources/access.ts';
import { PageQuery, pageOf } from '../resources/shapes.ts';

const KeyPath = z.object({ name: KeyName });

export function sessionOf(context: ApiContext, { actor, scopes, csrf }: Pick<Caller, 'actor' | 'scopes' | 'csrf'>): Session {
  const { policy, guard, deps } = context;
  return {
    actor,
    scopes: [...scopes],
    csrf,
    login: guard.open ? 'none' : policy.oidc ? 'oidc' : 'token',
    version: deps.status().version,
    name: policy.world.name,
    world: { bounds: policy.world.bounds, regions: policy.world.regions },
    play: [...(deps.sources.play?.offered ?? [])],
  };
}

/** Writes down who did what in the audit log; `code`: why it was refused. */
export function note(
  { caller, context }: Pick<Call, 'caller' | 'context'>,
  kind: string,
  subject: string,
  fields: object,
  code = '',
): void {
  const { actor, address } = caller;
  context.deps.sources.audit?.append({ kind, actor, address, subject, code, fields: { ...fields } });
}

export const isSecure = (request: Call['request']): boolean =>
  request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https';

export const accessEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/v1/session',
    name: 'getSession',
    tag: 'access',
    summary: 'Who am I, and what may I do?',
    scope: null,
    answer: { kind: 'json', shape: Session },
    run: ({ context, caller }) => sessionOf(context, caller),
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/session',
    name: 'login',
    tag: 'access',
    summary: 'Log in with the admin token or an API key',
    description:
      'For pages: the session is a cookie that scripts cannot read, and every change has to show `csrf` in the header `X-CSRF-Token`.',
    scope: null,
    body: z.object({ token: z.string().min(1).max(512) }),
    answer: { kind: 'json', shape: Session },
    refusals: ['TOKEN_INVALID'],
    unkept: true,
    withoutCsrf: true,
    async run({ context, caller, body, request, reply }) {
      if (context.guard.open && caller.actor === 'local') return sessionOf(context, caller);
      const { actor, scopes } = context.guard.check(body.token, request);
      const { login, cookie } = await context.logins.begin(actor, scopes, isSecure(request));
      reply.header('set-cookie', cookie);
      note({ context, caller: { ...caller, actor } }, 'login', actor, { scopes });
      return sessionOf(context, { actor, scopes: withContained(login.scopes), csrf: login.csrf });
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/v1/session',
    name: 'logout',
    tag: 'access',
    summary: 'Log out',
    scope: null,
    answer: { kind: 'none' },
    unkept: true,
    async run({ context, caller, reply }) {
      reply.header('set-cookie', context.logins.endCookie);
      if (caller.login === '') return;
      await context.logins.end((hash) => hash === caller.login);
      context.streams.closeOf(({ login }) => login === caller.login);
      note({ context, caller }, 'logout', caller.actor, {});
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/keys',
    name: 'listKeys',
    tag: 'access',
    summary: 'API keys, without their secrets',
    scope: 'admin',
    query: PageQuery,
    answer: { kind: 'json', shape: pageOf(Key) },
    run: ({ context, query }) => pageOfList(context.keyRing.list(), ({ name }) => name, query),
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/keys',
    name: 'createKey',
    tag: 'access',
    summary: 'Make an API key',
    description: 'The secret is in this answer and nowhere else, ever: Atlas keeps its hash.',
    scope: 'admin',
    body: z.object({ name: KeyName, scopes: z.array(Scope).min(1).max(3) }),
    answer: { kind: 'json', shape: NewKey, created: true },
    refusals: ['KEY_EXISTS', 'KEYS_FULL', 'STORE_FULL'],
    async run({ context, caller, body: { name, scopes } }) {
      const key = await context.keyRing.create(name, scopes, caller.actor);
      note({ context, caller }, 'key.created', name, { scopes });
      return key;
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/v1/keys/:name',
    name: 'deleteKey',
    tag: 'access',
    summary: 'Delete an API key',
    description: 'At once: logins that were made with it end, and so do its streams.',
    scope: 'admin',
    params: KeyPath,
    answer: { kind: 'none' },
    refusals: ['NOT_FOUND'],
    async run({ context, caller, params: { name } }) {
      found((await context.keyRing.delete(name)) || undefined, 'key', name);
      await context.logins.end((_hash, { actor }) => actor === `key:${name}`);
      context.streams.closeOf(({ actor }) => actor === `key:${name}`);
      note({ context, caller }, 'key.deleted', name, {});
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/play',
    name: 'play',
    tag: 'play',
    summary: 'What a page needs to join as a player; in development only',
    scope: 'operate',
    body: PlayWishes.optional(),
    answer: { kind: 'json', shape: PlayTicket },
    refusals: ['PLAY_UNAVAILABLE'],
    async run({ context, body }) {
      return unwrap(await need(context, 'play').ticket(body ?? {})).ticket;
    },
  }),
];
