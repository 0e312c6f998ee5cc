/** At the door: is it a page of somebody else, does it come too often, who is it, and may it do what it asks? */
import type { Clock } from '@horizon-atlas/ports';
import type { FastifyRequest } from 'fastify';
import { Refused } from '../problems.ts';
import type { Scope } from '../resources/access.ts';
import { AddressLimits } from './address-limits.ts';
import { allScopes, type Caller, withContained } from './caller.ts';
import type { KeyRing } from './key-ring.ts';
import type { Logins } from './logins.ts';
import { checkHost, checkOrigin } from './page-checks.ts';
import { sameSecret } from './secrets.ts';

export interface GuardPolicy {
  /** Undefined: on loopback everybody who is on this machine is `local` and may do everything. */
  readonly token?: string | undefined;
  /** Names of this API beside those of loopback. With a token and none given any name will do. */
  readonly names: readonly string[];
}

export const limits = {
  /** A dashboard opens with some twenty requests and then listens; a hundred of them may do so at once. */
  requests: { burst: 4000, perS: 400 },
  /** Wrong tokens and keys. Whoever is in by a cookie is not kept out by somebody else's guesses. */
  failures: { burst: 10, perS: 0.2 },
} as const;

export class Guard {
  readonly #policy: GuardPolicy;
  readonly #clock: Clock;
  readonly #keyRing: KeyRing;
  readonly #logins: Logins;
  readonly #requests = new AddressLimits(limits.requests);
  readonly #failures = new AddressLimits(limits.failures);
  readonly #onRefused: (code: string, address: string) => void;

  constructor(
    policy: GuardPolicy,
    clock: Clock,
    keyRing: KeyRing,
    logins: Logins,
    onRefused: (code: string, address: string) => void,
  ) {
    this.#policy = policy;
    this.#clock = clock;
    this.#keyRing = keyRing;
    this.#logins = logins;
    this.#onRefused = onRefused;
  }

  get open(): boolean {
    return this.#policy.token === undefined;
  }

  /** For everything that is asked, pages and health included. Throws Refused. */
  checkName(request: FastifyRequest): void {
    if (this.open || this.#policy.names.length > 0)
      this.#watched(request, () => checkHost(request.headers.host, this.#policy.names));
  }

  /** For what the API is asked. Throws Refused. */
  admit(request: FastifyRequest): Caller {
    return this.#watched(request, () => {
      this.#checkRate(this.#requests.take(request.ip, this.#clock.now()), 'too many requests');
      if (!isLoginPath(request.url)) checkOrigin(request.headers);
      return this.#callerOf(request);
    });
  }

  /** Throws TOKEN_INVALID (log in first), SCOPE_MISSING or CSRF_INVALID. */
  allow(request: FastifyRequest, caller: Caller, scope: Scope | null, withoutCsrf = false): void {
    this.#watched(request, () => {
      if (scope !== null && !caller.scopes.includes(scope)) throw missing(caller, scope);
      if (request.method === 'GET' || request.method === 'HEAD' || caller.csrf === '' || withoutCsrf) return;
      const shown = request.headers['x-csrf-token'];
      if (typeof shown === 'string' && sameSecret(shown, caller.csrf)) return;
      throw new Refused('CSRF_INVALID', 'show the csrf of GET /api/v1/session in the header X-CSRF-Token');
    });
  }

  /** What a token or key may do. Throws TOKEN_INVALID, or RATE_LIMITED after too many wrong ones. */
  check(secret: string, request: FastifyRequest): { readonly actor: string; readonly scopes: readonly Scope[] } {
    this.#checkRate(this.#failures.look(request.ip, this.#clock.now()), 'too many wrong tokens');
    const { token } = this.#policy;
    if (token !== undefined && sameSecret(secret, token)) return { actor: 'token', scopes: allScopes };
    const key = this.#keyRing.use(secret);
    if (key) return { actor: `key:${key.name}`, scopes: withContained(key.scopes) };
    this.#failures.take(request.ip, this.#clock.now());
    throw unauthorized('the token or key is not one of this Atlas');
  }

  #callerOf(request: FastifyRequest): Caller {
    const nobody: Caller = { actor: '', scopes: [], address: request.ip, csrf: '', login: '' };
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined) {
      const secret = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1];
      if (secret === undefined) throw unauthorized('the Authorization header is not Bearer and a token');
      return { ...nobody, ...this.check(secret, request) };
    }
    if (this.open) return { ...nobody, actor: 'local', scopes: allScopes };
    const found = this.#logins.find(cookie);
    if (!found) return nobody;
    const { actor, scopes, csrf } = found.login;
    return { ...nobody, actor, scopes: withContained(scopes), csrf, login: found.hash };
  }

  #checkRate(waitMs: number, what: string): void {
    if (waitMs === 0) return;
    const seconds = Math.ceil(waitMs / 1000);
    throw new Refused('RATE_LIMITED', `${what} from this address: wait ${seconds} s`, {
      headers: { 'retry-after': String(seconds) },
    });
  }

  #watched<T>(request: FastifyRequest, check: () => T): T {
    try {
      return check();
    } catch (error) {
      if (error instanceof Refused) this.#onRefused(error.code, request.ip);
      throw error;
    }
  }
}

/** An identity provider sends the browser back here from its own site. */
function isLoginPath(url: string): boolean {
  return /^\/api\/v1\/auth\/(login|callback)(\?|$)/.test(url);
}

function missing(caller: Caller, scope: Scope): Refused {
  if (caller.actor === '') return unauthorized('log in, or send Authorization: Bearer with the admin token or an API key');
  return new Refused('SCOPE_MISSING', `this needs the scope ${scope}; ${caller.actor} has ${caller.scopes.join(', ') || 'none'}`);
}

function unauthorized(detail: string): Refused {
  return new Refused('TOKEN_INVALID', detail, { headers: { 'www-authenticate': 'Bearer realm="Horizon Atlas"' } });
}
