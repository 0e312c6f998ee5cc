import { expect, it } from 'vitest';
import { fixture } from '../test/fixture.ts';
import type { PlayWishes } from './resources/access.ts';
import type { PlaySource } from './sources.ts';

const ticket = { url: 'ws://127.0.0.1:8777', token: 't', validS: 300, player: 'play-12345678', name: 'Ann' };

function control(play: Partial<PlaySource> = {}) {
  const asked: PlayWishes[] = [];
  const source: PlaySource = {
    pages: ['arena'],
    offered: [{ name: '', path: '/play/' }],
    connectSources: ['ws://127.0.0.1:8777'],
    async ticket(wishes) {
      asked.push(wishes);
      return { ok: true, ticket };
    },
    async page(path) {
      if (path !== '' && path !== 'main.ts') return { ok: false, code: 'NOT_FOUND', message: '<there is none>' };
      const body = new TextEncoder().encode(path === '' ? '<!doctype html>' : '1;');
      return { ok: true, file: { type: path === '' ? 'text/html' : 'text/javascript', body, tag: 'v1', trouble: path !== '' } };
    },
    ...play,
  };
  const { control: made } = fixture({ deps: { sources: { play: source }, onFault: ({ error }) => expect.fail(String(error)) } });
  return { made, asked };
}

const json = { 'content-type': 'application/json', host: '127.0.0.1:7700' };

it('a page of this API is given a player', async () => {
  const { made, asked } = control();
  const headers = { ...json, origin: 'http://127.0.0.1:7700' };
  const answer = await made.inject({ method: 'POST', url: '/api/v1/play', headers, payload: { name: 'Ann' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual(ticket);
  // As Chromium sends it from /play/, and as a program does.
  for (const each of [{ ...headers, 'sec-fetch-site': 'same-origin' }, json])
    expect((await made.inject({ method: 'POST', url: '/api/v1/play', headers: each, payload: {} })).statusCode).toBe(200);
  expect(asked).toEqual([{ name: 'Ann' }, {}, {}]);
});

it.each([
  ['a page of somebody else', { ...json, origin: 'https://evil.example' }],
  ['a page of another site, as browsers say it', { ...json, 'sec-fetch-site': 'cross-site' }],
  ['another port', { ...json, origin: 'http://127.0.0.1:7701' }],
  ['a name that was made to point here', { ...json, host: 'evil.example:7700', origin: 'http://evil.example:7700' }],
])('%s is not', async (_who, headers) => {
  const { made, asked } = control();
  const answer = await made.inject({ method: 'POST', url: '/api/v1/play', headers, payload: {} });
  expect(answer.json<{ code: string }>().code).toMatch(/^(ORIGIN|HOST)_REFUSED$/);
  expect(asked).toEqual([]);
});

it.each([{ name: '' }, { name: 'x'.repeat(65) }, { player: 'bot-1' }, { player: 'play-' }, { nmae: 'Ann' }, []])(
  'wishes such as %j are refused',
  async (payload) => {
    const { made, asked } = control();
    const answer = await made.inject({ method: 'POST', url: '/api/v1/play', headers: json, payload });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'REQUEST_INVALID']);
    expect(asked).toEqual([]);
  },
);

it('outside of development it says what to change, to people and to programs', async () => {
  const refusal = { ok: false, code: 'PLAY_UNAVAILABLE', message: 'Play needs <gateway.auth>' } as const;
  const { made } = control({ ticket: async () => refusal, page: async () => refusal });
  const ask = await made.inject({ method: 'POST', url: '/api/v1/play', headers: json, payload: {} });
  expect([ask.statusCode, ask.json<{ detail: string }>().detail]).toEqual([409, 'Play needs <gateway.auth>']);
  const page = await made.inject({ url: '/play/' });
  expect(page.statusCode).toBe(409);
  expect(page.body).toContain('Play needs &lt;gateway.auth&gt;');
});

it('the web client comes under a policy that runs nothing else, and is asked for anew each time', async () => {
  const { made } = control();
  expect((await made.inject({ url: '/play' })).headers.location).toBe('/play/');
  expect((await made.inject({ url: '/play/arena' })).headers.location).toBe('/play/arena/');
  expect((await made.inject({ url: '/play/arena/' })).body).toContain('there is none');
  const page = await made.inject({ url: '/play/?name=Ann' });
  expect(page.headers).toMatchObject({
    'content-type': 'text/html',
    'cache-control': 'no-cache',
    etag: '"v1"',
    'x-content-type-options': 'nosniff',
  });
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toMatch(
    /default-src 'none'; script-src 'self'; style-src 'self'; .*connect-src 'self' ws:\/\/127\.0\.0\.1:8777;/,
  );
  expect(policy).not.toContain('unsafe');
  const again = await made.inject({ url: '/play/', headers: { 'if-none-match': '"v1"' } });
  expect([again.statusCode, again.body]).toEqual([304, '']);
});

it('what only tells of trouble is marked and never kept; what is missing is text', async () => {
  const { made } = control();
  const script = await made.inject({ url: '/play/main.ts', headers: { 'if-none-match': '"v1"' } });
  expect([script.statusCode, script.headers['x-atlas-trouble']]).toEqual([200, 'true']);
  const missing = await made.inject({ url: '/play/x.png' });
  expect([missing.statusCode, missing.headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8']);
});
