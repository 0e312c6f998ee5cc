import { decodeScene } from '@horizon-atlas/protocol';
import { describe, expect, it } from 'vitest';
import { type Fixture, fixture, handoff, player } from '../test/fixture.ts';
import { SmallFleets, smallGames, smallVersions } from '../test/small-fleets.ts';
import { smallMatchmaking } from '../test/small-matchmaking.ts';
import { endpoints } from './endpoints.ts';

async function get<T>({ control }: Fixture, url: string): Promise<{ status: number; body: T; type: string; raw: Buffer }> {
  const answer = await control.inject({ method: 'GET', url });
  const type = String(answer.headers['content-type']);
  return {
    status: answer.statusCode,
    body: /json/.test(type) ? answer.json<T>() : (undefined as T),
    type,
    raw: answer.rawPayload,
  };
}

interface PageBody {
  items: { id: string | number }[];
  next: string | null;
  total: number;
}

/** Walks all pages, and does `between` after each. */
async function walk(made: Fixture, url: string, between: () => void = () => {}): Promise<(string | number)[]> {
  const ids: (string | number)[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { body }: { body: PageBody } = await get<PageBody>(made, `${url}${next === '' ? '' : `&cursor=${next}`}`);
    ids.push(...body.items.map(({ id }) => id));
    next = body.next;
    between();
  }
  return ids;
}

async function refused(url: string, code: string, status: number, detail: RegExp): Promise<void> {
  const made = fixture();
  const { body, ...answer } = await get<{ code: string; detail: string }>(made, url);
  expect({ status: answer.status, type: answer.type, code: body.code }).toEqual({
    status,
    type: 'application/problem+json; charset=utf-8',
    code,
  });
  expect(body.detail).toMatch(detail);
  expect(made.faults).toEqual([]);
  await made.control.close();
}

describe('what the API tells of the world', () => {
  it('answers with what its document says, for every list and resource', async () => {
    const made = fixture({
      sources: { fleets: new SmallFleets(), versions: smallVersions, games: smallGames, matchmaking: smallMatchmaking },
    });
    made.world.handoffs.push(handoff('7-4'));
    made.world.happen('region.active', { region: 'alpha' });
    made.world.logLines.push({ atMs: 1, stream: 'stdout', text: 'ready' });
    made.world.sources().audit.append({ kind: 'login', actor: 'token', address: '::1', subject: 'token', code: '', fields: {} });
    const params: Record<string, string> = {
      '/api/v1/regions/': 'alpha',
      '/api/v1/servers/': 'srv-alpha',
      '/api/v1/gateways/': 'gw-0',
      '/api/v1/edges/': 'edge_0_1',
      '/api/v1/players/': 'p1',
      '/api/v1/games/': 'bzflag',
      '/api/v1/gameservers/': 'arena_1',
      '/api/v1/gameservers/:id/console': 'tanks',
      '/api/v1/fleets/': 'arena',
      '/api/v1/allocations/': 'al-1',
      '/api/v1/matchmaking/tickets/': 't1',
      '/api/v1/matchmaking/queues/': 'four',
      '/api/v1/matchmaking/matches/': 'm1',
      '/api/v1/matchmaking/ratings/': 'ranked',
      '/api/v1/matchmaking/players/': 'ann',
      '/api/v1/matchmaking/parties/': 'party1',
    };
    const asked = endpoints.filter(({ method, answer }) => method === 'GET' && answer.kind === 'json');
    expect(asked.length).toBeGreaterThan(40);
    for (const { path, answer } of asked) {
      const [folder = ''] = path.split(':', 1);
      const url = path.replace(/:[a-z]+/, params[path] ?? params[folder] ?? '').replace(':player', 'ann');
      const { status, body } = await get<unknown>(made, url);
      expect(`${path} ${status}`).toBe(`${path} 200`);
      if (answer.kind === 'json') expect(answer.shape.parse(body)).toEqual(body);
    }
    await made.control.close();
  });

  it('gives each item once, though the list moves between two pages', async () => {
    const made = fixture();
    made.world.players = Array.from({ length: 25 }, (_, i) => player(`p${i}`));
    const ids = await walk(made, '/api/v1/players?limit=4', () => made.world.players.shift());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => made.world.players.some((left) => left.id === id))).toEqual(made.world.players.map(({ id }) => id));
    await made.control.close();
  });

  it('goes on where it was when the last item of a page is gone', async () => {
    const made = fixture();
    made.world.players = Array.from({ length: 6 }, (_, i) => player(`p${i}`));
    const first = await get<PageBody>(made, '/api/v1/players?limit=3');
    made.world.players.splice(2, 1);
    const second = await get<PageBody>(made, `/api/v1/players?limit=3&cursor=${first.body.next}`);
    expect(second.body.items.map(({ id }) => id)).toEqual(['p4', 'p5']);
    await made.control.close();
  });

  it('filters players by a part of their name, by region and by state', async () => {
    const made = fixture();
    made.world.players = [player('a', { name: 'Ann <b>' }), player('b', { region: 'beta' }), player('c', { state: 'away' })];
    expect(await walk(made, '/api/v1/players?q=%3CB%3E')).toEqual(['a']);
    expect(await walk(made, '/api/v1/players?region=beta')).toEqual(['b']);
    expect(await walk(made, '/api/v1/players?state=away')).toEqual(['c']);
    await made.control.close();
  });

  it('lists handoffs with the latest first, by player, region and outcome', async () => {
    const made = fixture();
    made.world.handoffs.push(
      handoff('7-4', { outcome: 'done' }),
      handoff('8-5', { player: 'p2' }),
      handoff('7-6', { source: 'gamma' }),
    );
    expect(await walk(made, '/api/v1/handoffs?limit=1')).toEqual(['7-6', '8-5', '7-4']);
    expect(await walk(made, '/api/v1/handoffs?player=p2')).toEqual(['8-5']);
    expect(await walk(made, '/api/v1/handoffs?region=gamma')).toEqual(['7-6']);
    expect(await walk(made, '/api/v1/handoffs?outcome=done')).toEqual(['7-4']);
    await made.control.close();
  });

  it('lists events after an id, by the beginning of their type, oldest or latest first', async () => {
    const made = fixture();
    for (const type of ['region.active', 'player.joined', 'player.left']) made.world.happen(type);
    expect(await walk(made, '/api/v1/events?after=1')).toEqual([2, 3]);
    expect(await walk(made, '/api/v1/events?type=player.&order=latest&limit=1')).toEqual([3, 2]);
    await made.control.close();
  });

  it('gives recorded scenes each with its length before it', async () => {
    const made = fixture();
    const { raw, type } = await get(made, '/api/v1/scenes?fromMs=0&toMs=1&max=2');
    expect(type).toBe('application/octet-stream');
    const length = raw.readUInt32LE(0);
    expect(decodeScene(raw.subarray(4, 4 + length))?.x[0]).toBe(1);
    expect(decodeScene(raw.subarray(8 + length))?.x[0]).toBe(2);
    expect(decodeScene((await get(made, '/api/v1/scene')).raw)?.full).toBe(true);
    await made.control.close();
  });

  it('answers HEAD as GET without a body, and opens no stream for it', async () => {
    const made = fixture();
    for (const [url, type] of [
      ['/api/v1/regions', 'application/json'],
      ['/api/v1/watch', 'text/event-stream'],
    ] as const) {
      const answer = await made.control.inject({ method: 'HEAD', url });
      expect([answer.statusCode, answer.body]).toEqual([200, '']);
      expect(answer.headers['content-type']).toMatch(type);
    }
    await made.control.close();
  });
});

describe('what the API refuses', () => {
  it('an unknown path', () => refused('/api/v1/planets', 'NOT_FOUND', 404, /openapi\.json lists/));
  it('an unknown thing', () => refused('/api/v1/regions/omega', 'NOT_FOUND', 404, /no region "omega"/));
  it('a misspelt parameter', () =>
    refused('/api/v1/players?regoin=a', 'REQUEST_INVALID', 400, /regoin: expected one of limit, cursor, q/));
  it('any parameter where there is none', () => refused('/api/v1/status?x=1', 'REQUEST_INVALID', 400, /no query parameters/));
  it('a page of nothing', () =>
    refused('/api/v1/players?limit=0', 'REQUEST_INVALID', 400, /limit: expected at least 1, found 0/));
  it('a limit in words', () => refused('/api/v1/players?limit=many', 'REQUEST_INVALID', 400, /limit: expected a number/));
  it('a parameter twice', () => refused('/api/v1/players?q=a&q=b', 'REQUEST_INVALID', 400, /q: expected a string/));
  it('a cursor of its own making', () => refused('/api/v1/players?cursor=AAAA', 'REQUEST_INVALID', 400, /start again without/));
  it('an unknown state', () =>
    refused('/api/v1/players?state=asleep', 'REQUEST_INVALID', 400, /one of joining, online, away, gone/));
  it('escapes that are no UTF-8', () => refused('/api/v1/regions/%ff', 'REQUEST_INVALID', 400, /not a valid url component/));
  it('an unknown topic', () => refused('/api/v1/watch?topics=weather', 'REQUEST_INVALID', 400, /names out of status/));
  it('a made-up event id', async () => {
    const { control } = fixture();
    const answer = await control.inject({ url: '/api/v1/watch', headers: { 'last-event-id': 'x' } });
    expect(answer.json()).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ in: 'header', field: 'Last-Event-ID' }] });
    await control.close();
  });

  it('a wrong method, and says which are right', async () => {
    const { control } = fixture();
    const answer = await control.inject({ method: 'PUT', url: '/api/v1/keys' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
    await control.close();
  });

  it('what nobody can tell yet', async () => {
    const { control } = fixture({ deps: { sources: {} } });
    const answer = await control.inject('/api/v1/regions');
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([503, 'NOT_READY']);
    await control.close();
  });
});
