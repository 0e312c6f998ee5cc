/** At the door: is it a page of somebody else, does it come too often, who is it, and may it do what it asks? */
import type { Clock } from '@horizon-atlas/ports';
import type { FastifyRequest } from 'fastify';
import { isPlayPath, playOriginAllowed } from '../play-origins.ts';
import { Refused } from '../problems.ts';
import type { Scope } from '../resources/access.ts';
import { AddressLimits } from './address-limits.ts';
import { allScopes, type Caller, withContained } from './caller.ts';
import type { KeyRing } from './key-ring.ts';
import type { Logins } from './logins.ts';
import { checkHost, checkOrigin } from './page-checks.ts';
import { hashOf, KnownHashes, sameHash, sameSecret } from './secrets.ts';

export interface GuardPolicy {
  /** Undefined: on loopback everybody who is on this machine is `local` and may do everything. */
  readonly token?: string | undefined;
  /** Names of this API beside those of loopback. With a token and none given any name will do. */
  readonly names: readonly string[];
  /** Pages from where players may come with their own tokens; undefined: from anywhere. */
  readonly playOrigins: readonly string[] | undefined;
}

export interface GuardNeeds {
  readonly clock: Clock;
  readonly keyRing: KeyRing;
  readonly logins: Logins;
  readonly onRefused: (code: string, address: string) => void;
  /** Whose own token it is. */
  readonly players: ((token: string) => Promise<string | undefined>) | undefined;
}

export const limits = {
  /** A dashboard opens with some twenty requests and then listens; a hundred of them may do so at once. */
  requests: { burst: 4000, perS: 400 },
  /** Of an address that shows the admin token or a key: a game's backend asks for all of its players. */
  trusted: { burst: 50_000, perS: 20_000 },
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
  readonly #trusted = new AddressLimits(limits.trusted);
  readonly #needs: GuardNeeds;
  readonly #tokenHash: Uint8Array | undefined;
  readonly #hashes = new KnownHashes();

  constructor(policy: GuardPolicy, needs: GuardNeeds) {
    this.#policy = policy;
    this.#needs = needs;
    this.#tokenHash = policy.token === undefined ? undefined : hashOf(policy.token);
    this.#clock = needs.clock;
    this.#keyRing = needs.keyRing;
    this.#logins = needs.logins;
  }

  get open(): boolean {
    return this.#policy.token === undefined;
  }

  /** For everything that is asked, pages and health included. Throws Refused. */
  checkName(request: FastifyRequest): void {
    if (this.open || this.#policy.names.length > 0)
      this.#watched(request, () => checkHost(request.headers.host, this.#policy.names));
  }

  /** For what the API is asked. Throws Refused, or rejects with it; a promise only where somebody else must be asked. */
  admit(request: FastifyRequest): Caller | Promise<Caller> {
    const caller = this.#watched(request, () => this.#admitted(request));
    if (!(caller instanceof Promise)) return caller;
    return caller.catch((error: unknown) => this.#watched(request, () => raise(error)));
  }

  #admitted(request: FastifyRequest): Caller | Promise<Caller> {
    const { headers, ip, url } = request;
    const nowMs = this.#clock.now();
    const known = this.#trustedCaller(headers.authorization, ip);
    if (known) this.#checkRate(this.#trusted.take(ip, nowMs), 'too many requests');
    else this.#checkRate(this.#requests.take(ip, nowMs), 'too many requests');
    const token = known ? undefined : playerToken(headers.authorization);
    // A page of another site has no token of a player unless it was given one, and browsers never add it by themselves.
    const elsewhere = token !== undefined && isPlayPath(url) && playOriginAllowed(headers.origin, this.#policy.playOrigins);
    if (!elsewhere && !isLoginPath(url)) checkOrigin(headers);
    if (known) return known;
    return token !== undefined && this.#needs.players ? this.#playerOf(token, request) : this.#callerOf(request);
  }

  /** Who shows the admin token or a key. A wrong one is counted elsewhere. */
  #trustedCaller(authorization: string | undefined, address: string): Caller | undefined {
    const secret = authorization === undefined ? undefined : bearer.exec(authorization)?.[1];
    if (secret === undefined || this.#failures.look(address, this.#clock.now()) > 0) return undefined;
    const found = this.#holderOf(secret);
    return found && { ...nobodyAt(address), ...found };
  }

  async #playerOf(token: string, request: FastifyRequest): Promise<Caller> {
    this.#checkRate(this.#failures.look(request.ip, this.#clock.now()), 'too many wrong tokens');
    let player: string | undefined;
    try {
      player = await this.#needs.players?.(token);
    } catch {
      throw new Refused('GATEWAY_BUSY', 'whether the token is good cannot be told now: its keys cannot be fetched');
    }
    if (player !== undefined) return { ...nobodyAt(request.ip), actor: `player:${player}`, player };
    this.#failures.take(request.ip, this.#clock.now());
    throw unauthorized('the token is none of a player: it is malformed, has expired, or was signed by an unknown key');
  }

  /** Throws TOKEN_INVALID (log in first), SCOPE_MISSING or CSRF_INVALID. */
  allow(
    request: FastifyRequest,
    caller: Caller,
    { scope, play, withoutCsrf }: { readonly scope: Scope | null; readonly play?: true; readonly withoutCsrf?: true },
  ): void {
    this.#watched(request, () => {
      if (play && caller.player !== '') return;
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
    const found = this.#holderOf(secret);
    if (found) return found;
    this.#failures.take(request.ip, this.#clock.now());
    throw unauthorized('the token or key is not one of this Atlas');
  }

  #holderOf(secret: string): { readonly actor: string; readonly scopes: readonly Scope[] } | undefined {
    const hash = this.#hashes.of(secret);
    const isToken = this.#tokenHash !== undefined && sameHash(hash, this.#tokenHash);
    const key = isToken ? undefined : this.#keyRing.use(hash);
    if (!isToken && !key) return undefined;
    this.#hashes.keep(secret, hash);
    return key ? { actor: `key:${key.name}`, scopes: withContained(key.scopes) } : { actor: 'token', scopes: allScopes };
  }

  #callerOf(request: FastifyRequest): Caller {
    const nobody = nobodyAt(request.ip);
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined) {
      const secret = bearer.exec(authorization)?.[1];
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
      if (error instanceof Refused) this.#needs.onRefused(error.code, request.ip);
      throw error;
    }
  }
}

function raise(error: unknown): never {
  throw error;
}

const bearer = /^Bearer ([\x21-\x7e]{1,512})$/i;

/** A JWT, by its looks: keys and the admin token have no dots. */
function playerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization.slice(0, 4200))?.[1];
}

function nobodyAt(address: string): Caller {
  return { actor: '', scopes: [], address, csrf: '', login: '', player: '' };
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
