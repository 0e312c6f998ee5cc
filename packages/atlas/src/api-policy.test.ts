import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiPolicy, hasOwnToken, isLoopback } from './api-policy.ts';
import { type AtlasConfig, checkConfig } from './config.ts';

let dir = '';
let tokenFile = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'atlas-api-policy-'));
  tokenFile = join(dir, 'admin-token');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const world = { regions: [{ id: 'alpha', bounds: { minX: 0, maxX: 10, minY: 0, maxY: 10 } }] };
const oidc = {
  issuer: 'https://login.example.com',
  clientId: 'atlas',
  allow: [{ claim: 'groups', value: 'ops', scopes: ['operate'] }],
};
const check = (api: object) => checkConfig({ world, regionServer: { command: ['true'] }, api }, join(dir, 'atlas.config.ts'));

function configOf(api: object): AtlasConfig {
  const checked = check(api);
  if (!checked.ok) throw new Error(JSON.stringify(checked.complaints));
  return checked.config;
}

describe('the admin token', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('is neither asked for nor made at %s', (host) => {
    expect(apiPolicy(configOf({ host }), { tokenFile }).token).toBeUndefined();
    expect(statSync(tokenFile, { throwIfNoEntry: false })).toBeUndefined();
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', '10.0.0.1', '127.0.0.1.example.com', 'atlas.example.com'])('is made at %s', (host) => {
    const config = configOf({ host });
    const { token } = apiPolicy(config, { tokenFile });
    expect(token).toMatch(/^atlas_admin_[\w-]{43}$/);
    expect([isLoopback(host), hasOwnToken(config)]).toEqual([false, true]);
    expect(readFileSync(tokenFile, 'utf8')).toBe(`${token}\n`);
    // Others on the machine may not read it.
    expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
  });

  it('stays over restarts; without its file there is a new one', () => {
    const config = configOf({ host: '0.0.0.0' });
    const first = apiPolicy(config, { tokenFile }).token;
    expect(apiPolicy(config, { tokenFile }).token).toBe(first);
    rmSync(tokenFile);
    expect(apiPolicy(config, { tokenFile }).token).not.toBe(first);
  });

  it.each(['', '\n', 'short\n', 'with a space in it and long enough\n'])('is made anew where the file says %j', (text) => {
    writeFileSync(tokenFile, text, { mode: 0o644 });
    const { token } = apiPolicy(configOf({ host: '0.0.0.0' }), { tokenFile });
    expect(readFileSync(tokenFile, 'utf8')).toBe(`${token}\n`);
    expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
  });

  it('is the configured one, and then no file is made', () => {
    const token = 'a-token-that-an-operator-has-made-up';
    const config = configOf({ host: '0.0.0.0', auth: { token } });
    expect([apiPolicy(config, { tokenFile }).token, hasOwnToken(config)]).toEqual([token, false]);
    expect(statSync(tokenFile, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('is asked for on loopback, too, where authentication is configured', () => {
    expect(apiPolicy(configOf({ auth: {} }), { tokenFile }).token).toMatch(/^atlas_admin_/);
    const policy = apiPolicy(configOf({ auth: { oidc } }), { tokenFile });
    expect(policy.token).toMatch(/^atlas_admin_/);
    expect(policy.oidc).toMatchObject({ ...oidc, scopes: ['openid', 'profile', 'email'] });
  });
});

describe('an identity provider', () => {
  it.each([
    ['issuer', { issuer: 'http://login.example.com' }],
    ['issuer', { issuer: 'login' }],
    ['allow', { allow: [] }],
    ['scopes', { scopes: ['profile'] }],
    ['redirectUrl', { redirectUrl: 'https://atlas.example.com/elsewhere' }],
    ['allow[0].scopes[0]', { allow: [{ claim: 'a', value: 'b', scopes: ['root'] }] }],
  ])('with a wrong %s is refused with what to write: %j', (path, wrong) => {
    const checked = check({ auth: { oidc: { ...oidc, ...wrong } } });
    expect(checked).toMatchObject({ ok: false, complaints: [{ path: `api.auth.oidc.${path}` }] });
    if (!checked.ok) expect(checked.complaints[0]?.expected).not.toMatch(/^a configuration made by|^who may use/);
  });

  it('may be reached without TLS on this machine only', () => {
    expect(check({ auth: { oidc: { ...oidc, issuer: 'http://127.0.0.1:9000' } } }).ok).toBe(true);
  });

  it('has its secret repeated nowhere', () => {
    const checked = check({ auth: { oidc: { ...oidc, clientSecret: '' } } });
    expect(checked).toMatchObject({ ok: false, complaints: [{ found: 'a text of 0 characters' }] });
  });
});
