import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, fixture } from '../test/fixture.ts';

let folder = '';
let made: Fixture;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atlas-pages-'));
  mkdirSync(join(folder, 'dist/assets'), { recursive: true });
  writeFileSync(join(folder, 'dist/index.html'), '<!doctype html><title>dashboard</title>');
  writeFileSync(join(folder, 'dist/assets/main-B1a2C3d4.js'), `console.log(1);${' '.repeat(2000)}`);
  writeFileSync(join(folder, 'dist/.fingerprint'), 'secret');
  writeFileSync(join(folder, 'outside.txt'), 'secret');
  made = fixture({ policy: { dashboard: async () => join(folder, 'dist') } });
});
afterEach(async () => {
  await made.control.close();
  rmSync(folder, { recursive: true, force: true });
});

const page = { accept: 'text/html,*/*' };
const get = (url: string, headers: Record<string, string> = {}) => made.control.inject({ url, headers });

describe('the dashboard', () => {
  it('is at the root for a browser, under a policy that runs nothing but its files', async () => {
    const answer = await get('/', page);
    expect([answer.statusCode, answer.body]).toEqual([200, '<!doctype html><title>dashboard</title>']);
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toMatch("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;");
    expect(policy).toMatch("connect-src 'self';");
    expect(policy).not.toMatch('unsafe');
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });

  it('leaves programs what they had there', async () => {
    expect((await get('/', { accept: 'application/json' })).json()).toMatchObject({ name: 'Horizon Atlas' });
  });

  it('has files with a hash in their name kept for good, compressed for who takes it', async () => {
    const answer = await get('/assets/main-B1a2C3d4.js', { 'accept-encoding': 'gzip' });
    expect(answer.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect((await get('/assets/main-B1a2C3d4.js')).body).toMatch('console.log(1)');
    const again = await get('/assets/main-B1a2C3d4.js', { 'if-none-match': String(answer.headers.etag) });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  it('shows a new build at once', async () => {
    await get('/', page);
    writeFileSync(join(folder, 'dist/index.html'), 'new and longer than before, by a good deal of text');
    expect((await get('/', page)).body).toMatch('new');
  });

  it('gets the paths that it makes up for itself, but no files that are not there', async () => {
    expect((await get('/players/p1', page)).body).toMatch('dashboard');
    for (const path of ['/players/p1', '/assets/gone-12345678.js', '/api/v1/nope'])
      expect((await get(path)).statusCode).toBe(404);
    expect((await get('/assets/gone-12345678.js', page)).statusCode).toBe(404);
  });

  it('leads nowhere else', async () => {
    symlinkSync(join(folder, 'outside.txt'), join(folder, 'dist/link.txt'));
    for (const path of [
      '/../outside.txt',
      '/..%2foutside.txt',
      '/%2e%2e/outside.txt',
      '/assets/../../outside.txt',
      '/.fingerprint',
      '/link.txt',
      '/assets',
    ]) {
      const { statusCode, body } = await get(path);
      expect(`${path} ${statusCode} ${body.includes('secret')}`).toBe(`${path} 404 false`);
    }
  });

  it('that cannot be built leaves a signpost, and tells the log why', async () => {
    const without = fixture({ policy: { dashboard: () => Promise.reject(new Error('no vite')) } });
    const answer = await without.control.inject({ url: '/', headers: page });
    expect(answer.body).toMatch('The dashboard is not here');
    expect(String((without.faults[0] as { error: unknown }).error)).toMatch('no vite');
    await without.control.close();
  });
});
