/** Login at a real identity provider over real sockets: there and back as a browser goes, and everything that is not as it should be. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AllowRule } from '../src/access/oidc-rules.ts';
import type { OidcPolicy } from '../src/index.ts';
import { type Fixture, fixture } from './fixture.ts';

const clientSecret = 'a-secret-that-only-this-test-knows';
const token = 'a-long-admin-token-of-many-characters';
const allow: readonly AllowRule[] = [
  { claim: 'groups', value: 'operators', scopes: ['operate'] },
  { claim: 'sub', value: 'ada', scopes: ['admin'] },
];
const groupsOf: Readonly<Record<string, readonly string[]>> = { ada: [], bob: ['players', 'operators'], eve: ['players'] };

/** Who the provider takes the browser for: its own login page is not what is tested here. */
let person = 'bob';
let issuer = '';
let providerServer: Server;

/** A browser as far as logins go: cookies by host and path, redirects one by one. */
class Browser {
  readonly #cookies = new Map<string, { value: string; path: string; host: string }>();
  readonly visited: string[] = [];

  async get(url: string): Promise<Response> {
    const { host, pathname } = new URL(url);
    this.visited.push(url);
    const cookies = [...this.#cookies].filter(([, each]) => each.host === host && pathname.startsWith(each.path));
    const cookie = cookies.map(([key, { value }]) => `${key.slice(key.indexOf(' ') + 1)}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html', ...(cookie && { cookie }) } });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/';
      const name = pair.slice(0, pair.indexOf('='));
      const gone = attributes.some((each) => /^max-age=0$/i.test(each)) || pair.endsWith('=');
      if (gone) this.#cookies.delete(`${host} ${name}`);
      else this.#cookies.set(`${host} ${name}`, { value: pair.slice(name.length + 1), path, host });
    }
    return answer;
  }

  /** Until there is no redirect, or one to `stopAt`, which is answered instead of followed. */
  async follow(url: string, stopAt = 'nowhere'): Promise<{ answer: Response; url: string }> {
    let at = url;
    for (let i = 0; i < 20; i++) {
      const answer = await this.get(at);
      const next = answer.headers.get('location');
      if (next === null) return { answer, url: at };
      at = new URL(next, at).href;
      if (at.includes(stopAt)) return { answer, url: at };
    }
    throw new Error(`redirects without end: ${this.visited.join(' ')}`);
  }

  has(name: string): boolean {
    return [...this.#cookies.keys()].some((key) => key.endsWith(` ${name}`));
  }
}

beforeAll(async () => {
  providerServer = createServer();
  await new Promise<void>((done) => providerServer.listen(0, '127.0.0.1', done));
  issuer = `http://127.0.0.1:${(providerServer.address() as AddressInfo).port}`;
});

afterAll(() => {
  providerServer.closeAllConnections();
  providerServer.close();
});

/** A provider that knows this client. What it says of people is partly in the ID token, partly behind userinfo, as providers do. */
function provide(redirectUrl: string, at = issuer, server = providerServer): void {
  const provider = new Provider(at, {
    clients: [{ client_id: 'horizon-atlas', client_secret: clientSecret, redirect_uris: [redirectUrl] }],
    claims: { openid: ['sub'], profile: ['name', 'groups'] },
    scopes: ['openid', 'profile', 'email'],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/person/${uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Name of ${id}`, groups: groupsOf[id] ?? [] }),
    }),
    pkce: { required: () => true },
  });
  const handle = provider.callback();
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/person/')) return void handle(request, response);
    void decide(provider, request, response);
  });
}

async function decide(provider: Provider, ...[request, response]: Parameters<Provider['interactionDetails']>): Promise<void> {
  const { prompt, params, grantId } = await provider.interactionDetails(request, response);
  if (person === 'nobody') {
    const refusal = { error: 'access_denied', error_description: 'the person said <b>no</b>' };
    return provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false });
  }
  if (prompt.name === 'login') return provider.interactionFinished(request, response, { login: { accountId: person } });
  const grant =
    (grantId && (await provider.Grant.find(grantId))) ||
    new provider.Grant({ accountId: person, clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  return provider.interactionFinished(
    request,
    response,
    { consent: { grantId: await grant.save() } },
    { mergeWithLastSubmission: true },
  );
}

interface Started extends Fixture {
  readonly url: string;
}

async function started(changes: Partial<OidcPolicy> = {}): Promise<Started> {
  const oidc = { issuer, clientId: 'horizon-atlas', clientSecret, scopes: ['openid', 'profile', 'email'], allow, ...changes };
  const made = fixture({ policy: { token, oidc } });
  const url = await made.control.listen();
  provide(`${url}/api/v1/auth/callback`);
  return { ...made, url };
}

async function using(changes: Partial<OidcPolicy>, story: (made: Started) => Promise<void>): Promise<void> {
  const made = await started(changes);
  try {
    await story(made);
  } finally {
    await made.control.close();
  }
}

const textOf = async (answer: Response): Promise<string> => `${answer.status} ${await answer.text()}`;

describe('login at an identity provider', () => {
  it(
    'leads back to the page it began at, with a session that may what the rules say',
    () =>
      using({}, async ({ url, world }) => {
        person = 'bob';
        const browser = new Browser();
        expect(await (await fetch(`${url}/api/v1/session`)).json()).toMatchObject({ actor: '', login: 'oidc' });
        const came = await browser.follow(`${url}/api/v1/auth/login?return=${encodeURIComponent('/docs?x=1')}`);
        expect(came.url).toBe(`${url}/docs?x=1`);
        expect(browser.visited.some((each) => each.startsWith(issuer) && /code_challenge_method=S256/.test(each))).toBe(true);
        const session = (await (await browser.get(`${url}/api/v1/session`)).json()) as Record<string, unknown>;
        expect(session).toMatchObject({ actor: 'oidc:bob', scopes: ['read', 'operate'] });
        expect(session.csrf).not.toBe('');
        expect((await browser.get(`${url}/api/v1/players`)).status).toBe(200);
        expect((await browser.get(`${url}/api/v1/keys`)).status).toBe(403);
        expect(browser.has('atlas-oidc')).toBe(false);
        expect(world.audit).toMatchObject([
          {
            kind: 'login',
            actor: 'oidc:bob',
            subject: 'oidc:bob',
            address: '127.0.0.1',
            fields: { scopes: ['operate'], name: 'Name of bob' },
          },
        ]);
      }),
    60_000,
  );

  it('is two cookies that scripts cannot read, of which only the one for the way back is sent by links from elsewhere', () =>
    using({}, async ({ url }) => {
      person = 'ada';
      const browser = new Browser();
      const begun = await fetch(`${url}/api/v1/auth/login`, { redirect: 'manual' });
      expect(begun.headers.get('set-cookie')).toMatch(
        /^atlas-oidc=[\w-]{43}; Path=\/api\/v1\/auth; Max-Age=600; HttpOnly; SameSite=Lax$/,
      );
      const { url: back } = await browser.follow(`${url}/api/v1/auth/login`, '/auth/callback');
      const answer = await browser.get(back);
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
      expect(answer.headers.getSetCookie()[0]).toMatch(
        /^atlas-login=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
      );
      expect(await (await browser.get(`${url}/api/v1/session`)).json()).toMatchObject({
        actor: 'oidc:ada',
        scopes: ['read', 'operate', 'admin'],
      });
    }));

  it('is good once: the same way back leads nowhere a second time', () =>
    using({}, async ({ url }) => {
      person = 'bob';
      const browser = new Browser();
      const { url: back } = await browser.follow(`${url}/api/v1/auth/login`, '/auth/callback');
      expect((await browser.get(back)).status).toBe(303);
      expect(await textOf(await browser.get(back))).toMatch(/^401 .*LOGIN_FAILED/s);
      // The provider's code was used, too: a login of one's own does not make it good again.
      const other = await browser.follow(`${url}/api/v1/auth/login`, '/auth/callback');
      const mixed = new URL(other.url);
      mixed.searchParams.set('code', new URL(back).searchParams.get('code') ?? '');
      expect(await textOf(await browser.get(mixed.href))).toMatch(/^401 .*invalid_grant.*LOGIN_FAILED/s);
    }));

  it('is for the browser that began it, and a stranger who tries does not end it', () =>
    using({}, async ({ url, world }) => {
      person = 'bob';
      const browser = new Browser();
      const { url: back } = await browser.follow(`${url}/api/v1/auth/login`, '/auth/callback');
      const stranger = await fetch(back, { redirect: 'manual' });
      expect([stranger.status, stranger.headers.get('set-cookie')]).toEqual([401, null]);
      expect(await stranger.json()).toMatchObject({ code: 'LOGIN_FAILED' });
      const other = new Browser();
      await other.follow(`${url}/api/v1/auth/login`, '/auth/callback');
      expect((await other.get(back)).status).toBe(401);
      expect((await browser.get(back)).status).toBe(303);
      expect(world.refusals).toContain('login.refused LOGIN_FAILED 127.0.0.1');
    }));

  it('is over after ten minutes', () =>
    using({}, async ({ url, clock }) => {
      const browser = new Browser();
      const { url: back } = await browser.follow(`${url}/api/v1/auth/login`, '/auth/callback');
      clock.advance(10 * 60_000);
      expect(await textOf(await browser.get(back))).toMatch(/^401 .*ten minutes.*LOGIN_FAILED/s);
    }));

  it.each(['', '?state=x&code=y', '?code=y', '?state=&code='])('came back with %j, which nobody began', (search) =>
    using({}, async ({ url }) => {
      expect(await textOf(await new Browser().get(`${url}/api/v1/auth/callback${search}`))).toMatch(/^401 .*LOGIN_FAILED/s);
    }),
  );

  it('of somebody whom no rule is about says what the operator has to write', () =>
    using({}, async ({ url, world }) => {
      person = 'eve';
      const browser = new Browser();
      const { answer } = await browser.follow(`${url}/api/v1/auth/login`);
      const text = await textOf(answer);
      expect(text).toMatch(/^403 .*SCOPE_MISSING/s);
      expect(text).toContain('Name of eve (eve)');
      expect(text).toContain('api.auth.oidc.allow');
      expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      expect(browser.has('atlas-login')).toBe(false);
      expect(world.audit).toMatchObject([{ kind: 'login.refused', actor: 'oidc:eve', code: 'SCOPE_MISSING' }]);
    }));

  it('that the person breaks off is told as that, and what the provider says is text', () =>
    using({}, async ({ url }) => {
      person = 'nobody';
      const { answer } = await new Browser().follow(`${url}/api/v1/auth/login`);
      const text = await textOf(answer);
      expect(text).toMatch(/^401 .*access_denied.*LOGIN_FAILED/s);
      expect(text).not.toContain('<b>');
    }));

  it('with a wrong client secret fails, and says whose fault it is', () =>
    using({ clientSecret: 'wrong' }, async ({ url }) => {
      person = 'bob';
      const { answer } = await new Browser().follow(`${url}/api/v1/auth/login`);
      expect(await textOf(answer)).toMatch(/^401 .*clientSecret is not what it has.*LOGIN_FAILED/s);
    }));

  it('leads to no other site, and not into the API', () =>
    using({}, async ({ url }) => {
      const bad = [
        'https://evil.example/',
        '//evil.example',
        '/\\evil.example',
        '/x\\..\\y',
        'docs',
        '',
        '/a b',
        '/api/v1/auth/login',
        '/.//evil.example',
      ];
      for (const each of bad) {
        const answer = await fetch(`${url}/api/v1/auth/login?return=${encodeURIComponent(each)}`, { redirect: 'manual' });
        expect([each, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([each, 400, 'REQUEST_INVALID']);
      }
    }));

  it('is not begun without end from one address', () =>
    using({}, async ({ url }) => {
      let last = 0;
      for (let i = 0; i < 62 && last !== 429; i++) last = (await fetch(`${url}/api/v1/auth/callback?state=${i}`)).status;
      expect(last).toBe(429);
      expect((await fetch(`${url}/api/v1/session`)).status).toBe(200);
    }));

  it('at a provider that is down says so; Atlas goes on, and so does the login once it is back', async () => {
    const gone = createServer();
    await new Promise<void>((done) => gone.listen(0, '127.0.0.1', done));
    const { port } = gone.address() as AddressInfo;
    await new Promise((done) => gone.close(done));
    await using({ issuer: `http://127.0.0.1:${port}` }, async ({ url, faults }) => {
      const answer = await fetch(`${url}/api/v1/auth/login`, { redirect: 'manual' });
      expect([answer.status, await answer.json()]).toMatchObject([
        503,
        { code: 'LOGIN_FAILED', detail: expect.stringMatching(/does not answer.*ECONNREFUSED/) },
      ]);
      expect(await textOf(await new Browser().get(`${url}/api/v1/auth/login`))).toMatch(/^503 .*LOGIN_FAILED/s);
      expect(faults).toHaveLength(2);
      expect((await fetch(`${url}/api/v1/players`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
      const back = createServer((_request, response) => void response.writeHead(404).end());
      await new Promise<void>((done) => back.listen(port, '127.0.0.1', done));
      const wrong = await fetch(`${url}/api/v1/auth/login`, { redirect: 'manual' });
      expect([wrong.status, await wrong.json()]).toMatchObject([401, { code: 'LOGIN_FAILED' }]);
      person = 'bob';
      provide(`${url}/api/v1/auth/callback`, `http://127.0.0.1:${port}`, back);
      const browser = new Browser();
      await browser.follow(`${url}/api/v1/auth/login?return=/docs`);
      expect(browser.has('atlas-login')).toBe(true);
      back.closeAllConnections();
      back.close();
    });
  });

  it('is not there where no provider is configured', async () => {
    const made = fixture({ policy: { token } });
    const answer = await made.control.inject('/api/v1/auth/login');
    expect([answer.statusCode, answer.json()]).toMatchObject([404, { code: 'NOT_FOUND' }]);
    await made.control.close();
  });
});
