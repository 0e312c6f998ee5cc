import { memoryStore } from '@horizon-atlas/adapter-memory';
import { describe, expect, it } from 'vitest';
import { type Fixture, type FixtureOptions, fixture } from '../test/fixture.ts';
import { networkOf } from './access/address-limits.ts';
import { Logins } from './access/logins.ts';

const token = 'a-long-admin-token-of-many-characters';
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const guarded = (options: FixtureOptions = {}): Fixture => fixture({ ...options, policy: { ...options.policy, token } });

interface Asked {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly payload?: object;
  readonly remoteAddress?: string;
}

async function ask({ control }: Fixture, asked: Asked) {
  const answer = await control.inject({ method: 'GET', ...asked });
  const json = /json/.test(String(answer.headers['content-type'])) ? answer.json<Record<string, unknown>>() : {};
  return { status: answer.statusCode, code: json.code, json, headers: answer.headers };
}

async function newKey(made: Fixture, name: string, scopes: string[]): Promise<string> {
  const { status, json } = await ask(made, {
    method: 'POST',
    url: '/api/v1/keys',
    headers: bearer(token),
    payload: { name, scopes },
  });
  expect(status).toBe(201);
  return String(json.secret);
}

async function login(made: Fixture, secret = token) {
  const { headers, json } = await ask(made, { method: 'POST', url: '/api/v1/session', payload: { token: secret } });
  return {
    cookie: String(headers['set-cookie']).split(';')[0] ?? '',
    csrf: String(json.csrf),
    attributes: String(headers['set-cookie']),
  };
}

describe('on loopback, without a token', () => {
  it('everybody on the machine may do everything', async () => {
    const made = fixture();
    expect((await ask(made, { url: '/api/v1/session' })).json).toMatchObject({
      actor: 'local',
      scopes: ['read', 'operate', 'admin'],
      login: 'none',
      csrf: '',
    });
    expect((await ask(made, { url: '/api/v1/audit' })).status).toBe(200);
    await made.control.close();
  });

  it('a name that was made to point here is refused, whatever is asked', async () => {
    const made = fixture({ policy: { names: ['atlas.lan'] } });
    for (const url of ['/', '/api/v1/status', '/metrics', '/docs', '/readyz']) {
      expect(await ask(made, { url, headers: { host: 'evil.example:7700' } })).toMatchObject({
        status: 421,
        code: 'HOST_REFUSED',
      });
    }
    for (const host of ['localhost', 'localhost:1', '127.0.0.1:7700', '[::1]:7700', 'atlas.lan:7700', 'ATLAS.lan']) {
      expect(await ask(made, { url: '/api/v1/status', headers: { host } })).toMatchObject({ status: 200 });
    }
    await made.control.close();
  });

  it("another site's page may neither change nor read anything", async () => {
    const made = fixture();
    const kill = { method: 'POST', url: '/api/v1/servers/srv-alpha/kill' } as const;
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:9999', host: 'localhost:7700' },
    ];
    for (const headers of foreign) {
      expect(await ask(made, { ...kill, headers })).toMatchObject({
        status: 403,
        code: 'ORIGIN_REFUSED',
      });
    }
    expect(await ask(made, { url: '/api/v1/watch', headers: { 'sec-fetch-site': 'cross-site' } })).toMatchObject({
      code: 'ORIGIN_REFUSED',
    });
    expect(made.world.acts).toEqual([]);
    const own: Record<string, string>[] = [
      { 'sec-fetch-site': 'same-origin' },
      { origin: 'http://localhost:7700', host: 'localhost:7700' },
      {},
    ];
    for (const headers of own) expect(await ask(made, { ...kill, headers })).toMatchObject({ status: 200 });
    await made.control.close();
  });
});

describe('with a token', () => {
  it('nobody without one sees more than that Atlas runs, and how to log in', async () => {
    const made = guarded();
    for (const url of ['/api/v1/status', '/api/v1/players', '/api/v1/watch', '/metrics', '/api/v1/keys']) {
      const { status, code, headers } = await ask(made, { url });
      expect([url, status, code, headers['www-authenticate']]).toEqual([
        url,
        401,
        'TOKEN_INVALID',
        'Bearer realm="Horizon Atlas"',
      ]);
    }
    for (const url of ['/healthz', '/readyz', '/', '/docs', '/api/v1/openapi.json'])
      expect((await ask(made, { url })).status).toBe(200);
    expect((await ask(made, { url: '/api/v1/session' })).json).toMatchObject({ actor: '', scopes: [], login: 'token' });
    await made.control.close();
  });

  it('who shows it may do everything', async () => {
    const made = guarded();
    expect((await ask(made, { url: '/api/v1/keys', headers: bearer(token) })).status).toBe(200);
    expect((await ask(made, { url: '/metrics', headers: bearer(token) })).status).toBe(200);
    await made.control.close();
  });

  it('who guesses is slowed down, and does not lock out others or those who are in', async () => {
    const made = guarded();
    const { cookie } = await login(made);
    const guess = (i: number, remoteAddress = '10.0.0.9') =>
      ask(made, { url: '/api/v1/status', headers: bearer(`guess-${i}`), remoteAddress });
    for (let i = 0; i < 10; i++) expect(await guess(i)).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
    expect(await guess(11)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number((await guess(12)).headers['retry-after'])).toBeGreaterThan(0);
    expect(await guess(13, '10.0.0.8')).toMatchObject({ status: 401 });
    expect(await ask(made, { url: '/api/v1/status', headers: { cookie }, remoteAddress: '10.0.0.9' })).toMatchObject({
      status: 200,
    });
    made.clock.advance(6000);
    expect(await ask(made, { url: '/api/v1/status', headers: bearer(token), remoteAddress: '10.0.0.9' })).toMatchObject({
      status: 200,
    });
    expect(made.world.refusals).toContain('api.refused TOKEN_INVALID 10.0.0.9');
    await made.control.close();
  });

  it('an address that asks without end is slowed down', async () => {
    const made = guarded();
    let last = 200;
    for (let i = 0; i < 4100 && last !== 429; i++) last = (await ask(made, { url: '/api/v1/session' })).status;
    expect(last).toBe(429);
    expect((await ask(made, { url: '/api/v1/session', remoteAddress: '10.0.0.8' })).status).toBe(200);
    await made.control.close();
  });
});

describe('an API key', () => {
  it('may do what its scope says, and what that contains', async () => {
    const made = guarded();
    const keys = {
      read: await newKey(made, 'r', ['read']),
      operate: await newKey(made, 'o', ['operate']),
      admin: await newKey(made, 'a', ['admin']),
    };
    const kill = { method: 'POST', url: '/api/v1/servers/srv-alpha/kill' } as const;
    const table = [
      [{ url: '/api/v1/players' }, [200, 200, 200]],
      [kill, [403, 200, 200]],
      [{ url: '/api/v1/audit' }, [403, 403, 200]],
      [{ url: '/api/v1/keys' }, [403, 403, 200]],
    ] as const;
    for (const [asked, expected] of table) {
      const got = [];
      for (const key of Object.values(keys)) got.push((await ask(made, { ...asked, headers: bearer(key) })).status);
      expect([asked.url, got]).toEqual([asked.url, [...expected]]);
    }
    expect(await ask(made, { ...kill, headers: bearer(keys.read) })).toMatchObject({ code: 'SCOPE_MISSING' });
    expect(made.world.audit.filter(({ kind }) => kind === 'action.kill').map(({ actor }) => actor)).toEqual(['key:o', 'key:a']);
    await made.control.close();
  });

  it('is listed without its secret, survives a restart, and is dead at once when deleted', async () => {
    const store = memoryStore();
    const first = guarded({ store });
    const secret = await newKey(first, 'ci', ['read']);
    expect(
      await ask(first, {
        method: 'POST',
        url: '/api/v1/keys',
        headers: bearer(token),
        payload: { name: 'ci', scopes: ['read'] },
      }),
    ).toMatchObject({ status: 409, code: 'KEY_EXISTS' });
    const { records } = await store.list('api-key/');
    expect(records.some(({ value }) => Buffer.from(value).includes(secret.slice(6)))).toBe(false);
    await first.control.close();
    const made = guarded({ store });
    const listed = await ask(made, { url: '/api/v1/keys', headers: bearer(token) });
    expect(listed.json).toMatchObject({
      items: [{ name: 'ci', scopes: ['read'], createdBy: 'token', lastUsedAtMs: null }],
      total: 1,
    });
    expect(JSON.stringify(listed.json)).not.toContain(secret);
    expect((await ask(made, { url: '/api/v1/status', headers: bearer(secret) })).status).toBe(200);
    const { cookie } = await login(made, secret);
    expect((await ask(made, { url: '/api/v1/status', headers: { cookie } })).status).toBe(200);
    expect((await ask(made, { method: 'DELETE', url: '/api/v1/keys/ci', headers: bearer(token) })).status).toBe(204);
    for (const headers of [bearer(secret), { cookie }])
      expect((await ask(made, { url: '/api/v1/status', headers })).status).toBe(401);
    expect((await ask(made, { method: 'DELETE', url: '/api/v1/keys/ci', headers: bearer(token) })).status).toBe(404);
    expect(made.world.audit.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual(['login key:ci', 'key.deleted ci']);
    await made.control.close();
  });

  it.each([{ name: '../x', scopes: ['read'] }, { name: 'x', scopes: [] }, { name: 'x', scopes: ['root'] }, { name: 'x' }])(
    'is not made of %j',
    async (payload) => {
      const made = guarded();
      expect(await ask(made, { method: 'POST', url: '/api/v1/keys', headers: bearer(token), payload })).toMatchObject({
        status: 400,
        code: 'REQUEST_INVALID',
      });
      await made.control.close();
    },
  );
});

describe('a login', () => {
  it('is a cookie that scripts and other sites do not get, and outlives a restart', async () => {
    const store = memoryStore();
    const first = guarded({ store });
    const { cookie, attributes } = await login(first);
    expect(attributes).toMatch(/HttpOnly; SameSite=Strict$/);
    await first.control.close();
    const made = guarded({ store });
    expect((await ask(made, { url: '/api/v1/session', headers: { cookie } })).json).toMatchObject({
      actor: 'token',
      scopes: ['read', 'operate', 'admin'],
    });
    await made.control.close();
  });

  it('is secure behind a proxy that speaks TLS', async () => {
    const made = guarded();
    const { headers } = await ask(made, {
      method: 'POST',
      url: '/api/v1/session',
      payload: { token },
      headers: { 'x-forwarded-proto': 'https' },
    });
    expect(String(headers['set-cookie'])).toMatch(/; Secure$/);
    await made.control.close();
  });

  it('changes nothing without its CSRF token', async () => {
    const made = guarded();
    const { cookie, csrf } = await login(made);
    const kill = { method: 'POST', url: '/api/v1/servers/srv-alpha/kill' } as const;
    for (const shown of [{}, { 'x-csrf-token': 'x' }, { 'x-csrf-token': '' }]) {
      expect(await ask(made, { ...kill, headers: { cookie, ...shown } as Record<string, string> })).toMatchObject({
        status: 403,
        code: 'CSRF_INVALID',
      });
    }
    expect(await ask(made, { ...kill, headers: { cookie, 'x-csrf-token': csrf } })).toMatchObject({ status: 200 });
    await made.control.close();
  });

  it('ends by logging out, and by itself after twelve hours', async () => {
    const made = guarded();
    const { cookie, csrf } = await login(made);
    const headers = { cookie, 'x-csrf-token': csrf };
    expect((await ask(made, { method: 'DELETE', url: '/api/v1/session', headers })).status).toBe(204);
    expect((await ask(made, { url: '/api/v1/status', headers: { cookie } })).status).toBe(401);
    const later = await login(made);
    made.clock.advance(12 * 3600_000);
    expect((await ask(made, { url: '/api/v1/status', headers: { cookie: later.cookie } })).status).toBe(401);
    await made.control.close();
  });

  it('at an identity provider outlives a restart, but not the provider in the configuration', async () => {
    const store = memoryStore();
    const oidc = { issuer: 'https://login.example.com', clientId: 'atlas', scopes: ['openid'], allow: [] };
    const before = guarded({ store });
    const made = await new Logins(store, before.clock).begin('oidc:bob', ['read'], false);
    await before.control.close();
    const cookie = made.cookie.split(';')[0] ?? '';
    for (const [policy, status] of [
      [{ oidc }, 200],
      [{}, 401],
      [{ oidc }, 401],
    ] as const) {
      const each = guarded({ store, policy });
      expect((await ask(each, { url: '/api/v1/status', headers: { cookie } })).status).toBe(status);
      await each.control.close();
    }
  });

  it('with a wrong token is none', async () => {
    const made = guarded();
    const { status, code, headers } = await ask(made, { method: 'POST', url: '/api/v1/session', payload: { token: 'wrong' } });
    expect([status, code, headers['set-cookie']]).toEqual([401, 'TOKEN_INVALID', undefined]);
    await made.control.close();
  });
});

it('an IPv6 customer counts once, whatever the address', () => {
  expect(networkOf('2001:db8::1')).toBe(networkOf('2001:db8:0:0:ffff::9'));
  expect(networkOf('2001:db8:0:1::1')).not.toBe(networkOf('2001:db8::1'));
  expect(networkOf('::ffff:10.0.0.1')).toBe('10.0.0.1');
});
