/**
 * Login at an identity provider (OpenID Connect): authorization code with PKCE, state and nonce. The provider is asked when somebody logs in and not
 * before, so that Atlas starts and works while it is down.
 */
import type { Clock } from '@horizon-atlas/ports';
import type { Configuration } from 'openid-client';
import { Refused } from '../problems.ts';
import type { Scope } from '../resources/access.ts';
import { type AllowRule, areDecided, type Claims, scopesFor } from './oidc-rules.ts';
import { PendingLogins } from './pending-logins.ts';

export interface OidcPolicy {
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  readonly clientSecret?: string | undefined;
  /** What is asked of the provider. */
  readonly scopes: readonly string[];
  readonly allow: readonly AllowRule[];
  /** As registered at the provider. Absent: the callback under the name that the browser uses. */
  readonly redirectUrl?: string | undefined;
}

export interface Person {
  /** `oidc:<subject>`. */
  readonly actor: string;
  /** What people know them by, if the provider tells. */
  readonly name: string;
  /** Empty: no rule is about them. */
  readonly scopes: readonly Scope[];
  readonly returnPath: string;
}

export const limits = {
  /** The provider has to answer each request by then. */
  answerS: 8,
  /** What a record of a login has room for; OpenID Connect allows 255 for the subject. */
  actorBytes: 256,
} as const;

type Client = typeof import('openid-client');

export class OidcLogin {
  readonly #policy: OidcPolicy;
  readonly #pending: PendingLogins;
  #provider: Promise<{ readonly client: Client; readonly configuration: Configuration }> | undefined;

  constructor(policy: OidcPolicy, clock: Clock) {
    this.#policy = policy;
    this.#pending = new PendingLogins(clock);
  }

  /** Where to send the browser, and what its cookie has to say when it comes back. Rejects with LOGIN_FAILED. */
  async begin(returnPath: string, ownUrl: string): Promise<{ readonly url: string; readonly browser: string }> {
    const { client, configuration } = await this.#reach();
    const codeVerifier = client.randomPKCECodeVerifier();
    const nonce = client.randomNonce();
    const redirectUrl = this.#policy.redirectUrl ?? ownUrl;
    const { state, browser } = this.#pending.begin({ codeVerifier, nonce, redirectUrl, returnPath });
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUrl,
      scope: this.#policy.scopes.join(' '),
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { url: url.href, browser };
  }

  /** `search`: what the provider sent the browser back with. Rejects with LOGIN_FAILED. */
  async finish(search: URLSearchParams, browser: string | undefined): Promise<Person> {
    const state = search.get('state') ?? '';
    const { codeVerifier, nonce, redirectUrl, returnPath } = this.#pending.take(state, browser);
    const refused = search.get('error');
    if (refused !== null) throw refusedBy(refused, search.get('error_description') ?? '');
    const { client, configuration } = await this.#reach();
    const back = new URL(redirectUrl);
    back.search = search.toString();
    const checks = { pkceCodeVerifier: codeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    const claims = await this.#told(async () => {
      const tokens = await client.authorizationCodeGrant(configuration, back, checks);
      const own: Claims = tokens.claims() ?? {};
      const { userinfo_endpoint: more } = configuration.serverMetadata();
      if (more === undefined || areDecided(own, this.#policy.allow)) return own;
      return { ...(await client.fetchUserInfo(configuration, tokens.access_token, String(own.sub))), ...own };
    });
    return { ...this.#personOf(claims), returnPath };
  }

  #personOf(claims: Claims): Omit<Person, 'returnPath'> {
    const actor = `oidc:${String(claims.sub)}`;
    if (Buffer.byteLength(actor) > limits.actorBytes)
      throw new Refused(
        'LOGIN_FAILED',
        `the identity provider's name for you (sub) is longer than ${limits.actorBytes - 5} bytes`,
      );
    const { email, preferred_username: username, name } = claims;
    const known = [email, username, name].find((each) => typeof each === 'string' && each !== '');
    return { actor, name: String(known ?? ''), scopes: scopesFor(claims, this.#policy.allow) };
  }

  /** Once found the provider is not looked for again; its keys are, when they change. */
  #reach(): Promise<{ readonly client: Client; readonly configuration: Configuration }> {
    this.#provider ??= this.#told(() => this.#discover()).catch((error: unknown) => {
      this.#provider = undefined;
      throw error;
    });
    return this.#provider;
  }

  async #discover(): Promise<{ client: Client; configuration: Configuration }> {
    const client = await import('openid-client');
    const { issuer, clientId, clientSecret } = this.#policy;
    const isPlain = new URL(issuer).protocol === 'http:';
    const found = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
      timeout: limits.answerS,
      ...(isPlain ? { execute: [client.allowInsecureRequests] } : {}),
    });
    const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = found.serverMetadata();
    // Basic is what every provider has to take; some take nothing else.
    const shown = methods.includes('client_secret_basic') ? client.ClientSecretBasic : client.ClientSecretPost;
    const auth = clientSecret === undefined ? client.None() : shown(clientSecret);
    const configuration = new client.Configuration(found.serverMetadata(), clientId, undefined, auth);
    configuration.timeout = limits.answerS;
    if (isPlain) client.allowInsecureRequests(configuration);
    client.enableNonRepudiationChecks(configuration);
    return { client, configuration };
  }

  /** Whatever goes wrong with the provider is a login that failed, with its reason. */
  async #told<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      const { error: code, error_description: description } = error as { error?: unknown; error_description?: unknown };
      if (typeof code === 'string') throw refusedBy(code, typeof description === 'string' ? description : '');
      const { issuer } = this.#policy;
      if ((error as { code?: unknown }).code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE') throw clientRefused(issuer);
      const why = reasonOf(error);
      if (isSilence(error)) {
        const detail = `the identity provider at ${issuer} does not answer (${why}): try again later, or log in with the admin token or an API key`;
        throw new Refused('LOGIN_FAILED', detail, { status: 503 });
      }
      throw new Refused('LOGIN_FAILED', `the identity provider at ${issuer} answered what cannot be believed (${why})`);
    }
  }
}

function refusedBy(code: string, description: string): Refused {
  const said = [code, description]
    .filter(Boolean)
    .join(': ')
    .replace(/[^\x20-\x7e]/g, ' ')
    .slice(0, 300);
  return new Refused('LOGIN_FAILED', `the identity provider refused (${said}): log in again`);
}

function clientRefused(issuer: string): Refused {
  const detail = `the identity provider at ${issuer} does not know this Atlas: api.auth.oidc.clientId or clientSecret is not what it has`;
  return new Refused('LOGIN_FAILED', detail);
}

function isSilence(error: unknown): boolean {
  return causesOf(error).some((each) => {
    const { name, code } = each as { name?: string; code?: string };
    return name === 'TimeoutError' || /^(E[A-Z]+|UND_ERR_\w+|CERT_\w+|\w*_CERT\w*)$/.test(code ?? '') || code === 'OAUTH_TIMEOUT';
  });
}

function reasonOf(error: unknown): string {
  const causes = causesOf(error);
  const last = causes.at(-1) as { code?: string; message?: string };
  return [last.code, last.message].filter(Boolean).join(': ').slice(0, 300);
}

function causesOf(error: unknown): unknown[] {
  const causes = [error];
  for (let at = error; at instanceof Error && at.cause instanceof Error && causes.length < 5; at = at.cause)
    causes.push(at.cause);
  return causes;
}
