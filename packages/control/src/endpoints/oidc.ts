/** Login at an identity provider: there and back. Browsers come here by links and redirects, so a refusal is a page for them. */
import { z } from 'zod';
import { AddressLimits } from '../access/address-limits.ts';
import { cookieIn } from '../access/logins.ts';
import type { OidcLogin, Person } from '../access/oidc-login.ts';
import { limits as pendingLimits } from '../access/pending-logins.ts';
import type { ApiContext } from '../context.ts';
import { type Call, type Endpoint, endpoint } from '../endpoint.ts';
import { loginPage } from '../login-page.ts';
import { securityHeaders } from '../pages.ts';
import { Refused, statusOf } from '../problems.ts';
import { isSecure, note } from './access.ts';

export const limits = {
  /** Logins that are begun and come back, from one address. */
  logins: { burst: 60, perS: 1 },
} as const;

const callbackPath = '/api/v1/auth/callback';
const browserCookie = 'atlas-oidc';

const ReturnPath = z
  .string()
  .max(2048)
  .refine(isLocalPath)
  .default('/')
  .describe('The page to come back to: a path of this Atlas, such as `/players`; not of its API.');

export const oidcEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/v1/auth/login',
    name: 'beginOidcLogin',
    tag: 'access',
    summary: 'Log in at the identity provider',
    description: 'For browsers, as a link: they are sent to the provider of `api.auth.oidc`, and come back to the callback.',
    scope: null,
    query: z.object({ return: ReturnPath }),
    answer: { kind: 'redirect', what: 'To the identity provider.' },
    refusals: ['LOGIN_FAILED', 'NOT_FOUND'],
    run: (call) =>
      orPage(call, async (oidc) => {
        const { request, reply, query } = call;
        const own = `${isSecure(request) ? 'https' : 'http'}://${request.headers.host ?? ''}${callbackPath}`;
        const { url, browser } = await oidc.begin(query.return, own);
        reply.header('set-cookie', browserCookieText(browser, pendingLimits.pendingMs / 1000, isSecure(request)));
        return url;
      }),
  }),
  endpoint({
    method: 'GET',
    path: callbackPath,
    name: 'finishOidcLogin',
    tag: 'access',
    summary: 'Come back from the identity provider',
    description:
      'Where the provider sends the browser. The session is the same cookie as after a login with a token, with the scopes of `api.auth.oidc.allow`.',
    scope: null,
    query: z.object({
      state: z
        .string()
        .max(200)
        .optional()
        .describe('What the login began with. It is good once, in the same browser, for ten minutes.'),
      code: z.string().max(4096).optional().describe('The authorization code.'),
      error: z.string().max(200).optional().describe('Why the provider refused.'),
    }),
    moreQuery: true,
    answer: { kind: 'redirect', what: 'To the page that the login began at.' },
    refusals: ['LOGIN_FAILED', 'SCOPE_MISSING', 'NOT_FOUND', 'STORE_FULL'],
    run: (call) =>
      orPage(call, async (oidc) => {
        const { context, request, reply } = call;
        const search = new URL(request.url, 'http://localhost').searchParams;
        const person = await oidc.finish(search, cookieIn(request.headers.cookie, browserCookie));
        const { actor, scopes } = person;
        if (scopes.length === 0) throw notAllowed(call, person);
        const { cookie } = await context.logins.begin(actor, scopes, isSecure(request));
        reply.header('set-cookie', [cookie, browserCookieText('', 0, isSecure(request))]);
        note({ context, caller: { ...call.caller, actor } }, 'login', actor, { scopes, name: person.name });
        return person.returnPath;
      }),
  }),
];

/** A path that stays here, whatever a browser makes of slashes and backslashes. */
export function isLocalPath(path: string): boolean {
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(path) || path.includes('\\')) return false;
  const here = 'http://atlas.invalid';
  try {
    const url = new URL(path, here);
    return url.origin === here && !url.pathname.startsWith('//') && !/^\/api(\/|$)/.test(url.pathname);
  } catch {
    return false;
  }
}

/** Answers where to go on; a refusal is a page for those who can read one. */
async function orPage(call: Call<object, object, unknown>, run: (oidc: OidcLogin) => Promise<string>): Promise<unknown> {
  const { context, request, reply } = call;
  try {
    checkRate(context, request.ip);
    if (!context.oidc)
      throw new Refused(
        'NOT_FOUND',
        'no identity provider is configured (api.auth.oidc): log in with the admin token or an API key',
      );
    return await run(context.oidc);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { code, message, details } = error;
    if (code === 'LOGIN_FAILED') context.deps.sources.audit?.refuse('login.refused', code, request.ip);
    if (details.status === 503) context.deps.onFault({ method: 'GET', path: '/api/v1/auth/login', error });
    if (!String(request.headers.accept ?? '').includes('text/html')) throw error;
    return reply
      .code(details.status ?? statusOf(code))
      .headers({ ...securityHeaders([]), ...details.headers })
      .type('text/html; charset=utf-8')
      .send(loginPage(code, message));
  }
}

const addressLimits = new WeakMap<ApiContext, AddressLimits>();

function checkRate(context: ApiContext, address: string): void {
  const known = addressLimits.get(context) ?? new AddressLimits(limits.logins);
  addressLimits.set(context, known);
  const waitMs = known.take(address, context.deps.clock.now());
  if (waitMs === 0) return;
  const seconds = String(Math.ceil(waitMs / 1000));
  throw new Refused('RATE_LIMITED', `too many logins from this address: wait ${seconds} s`, {
    headers: { 'retry-after': seconds },
  });
}

/** Who is refused has to be able to tell the operator what to write. */
function notAllowed({ context, caller }: Pick<Call, 'context' | 'caller'>, { actor, name }: Person): Refused {
  const { address } = caller;
  const subject = actor.slice('oidc:'.length);
  const fields = { name };
  context.deps.sources.audit?.append({ kind: 'login.refused', actor, address, subject: actor, code: 'SCOPE_MISSING', fields });
  const who = name === '' ? subject : `${name} (${subject})`;
  const detail = `the identity provider knows you as ${who}, but no rule of this Atlas lets you in. Ask who runs it for a rule in api.auth.oidc.allow, such as { claim: 'sub', value: ${JSON.stringify(subject)}, scopes: ['read'] }`;
  return new Refused('SCOPE_MISSING', detail);
}

/** Lax, because the provider's site sends the browser back. */
function browserCookieText(value: string, maxAgeS: number, secure: boolean): string {
  return `${browserCookie}=${value}; Path=/api/v1/auth; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
