/** Matchmaking through its API: the routes, who may do what, and what is said to wrong input. */
import { memoryStore } from '@horizon-atlas/adapter-memory';
import { makeControl, type Sources } from '@horizon-atlas/control';
import { issueDevToken } from '@horizon-atlas/gateway';
import { SmallFleet } from '@horizon-atlas/matchmaker/small-fleet';
import { memoryProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { matchmake } from '@horizon-atlas/sdk-client/matchmaking';
import { afterEach, describe, expect, it } from 'vitest';
import { checkConfig } from '../packages/atlas/src/config.ts';
import { openMatchmaking } from '../packages/atlas/src/matchmaking.ts';
import { playerVerifier } from '../packages/atlas/src/player-verifier.ts';

const secret = 's'.repeat(32);
const admin = 'a'.repeat(24);
const rules = (players: number) => ({
  ruleLanguageVersion: '1.0',
  playerAttributes: [{ name: 'skill', type: 'number', default: 1500 }],
  teams: ['red', 'blue'].map((name) => ({ name, minPlayers: players, maxPlayers: players })),
});
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function api(players = 1, queue: object = {}) {
  const clock = systemClock();
  const probe = memoryProbe();
  const checked = checkConfig(
    {
      world: { regions: [{ id: 'a', bounds: { minX: 0, maxX: 1, minY: 0, maxY: 1 } }] },
      regionServer: { command: ['true'] },
      fleets: ['arena', 'hub'].map((name) => ({ name, command: ['true'] })),
      matchmaking: {
        queues: [{ name: 'duel', ruleSet: rules(players), fleet: 'arena', rating: { pool: 'ranked' }, ...queue }],
        lobbies: [{ name: 'hub', fleet: 'hub', queues: ['duel'] }],
      },
    },
    import.meta.filename,
  );
  if (!checked.ok) throw new Error(JSON.stringify(checked.complaints));
  const fleet = new SmallFleet();
  const store = memoryStore();
  const opened = openMatchmaking(checked.config, {
    clock,
    entropy: systemEntropy(),
    probe,
    store,
    servers: fleet,
    sessions: fleet,
    tokens: { sign: ({ sub, srv, mat, team }) => `${sub}|${srv}|${mat}|${team}`, keys: () => [] },
    address: () => undefined,
    recordings: '/nowhere',
  });
  if (!opened) throw new Error('there are queues');
  await opened.start();
  const sources: Partial<Sources> = { matchmaking: opened.matchmaker };
  const control = makeControl(
    {
      status: () => ({}) as never,
      metrics: { snapshot: () => [] },
      missing: () => [],
      sources,
      onFault: ({ error }) => {
        throw error;
      },
      clock,
      store,
      players: playerVerifier({ hs256Secret: secret }),
    },
    { host: '127.0.0.1', port: 0, token: admin, playOrigins: ['https://play.example'], world: {} as never },
  );
  const url = await control.listen();
  closing.push(
    () => control.close(),
    () => opened.stop(),
  );
  const ask = async (method: string, path: string, body?: object, token = admin) => {
    const headers = { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) };
    const answer = await fetch(`${url}/api/v1/matchmaking/${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    const json = text === '' ? {} : JSON.parse(text);
    return { status: answer.status, code: json.code as string | undefined, json };
  };
  return { ask, fleet, url };
}

const player = (id: string) => issueDevToken({ secret, player: id });

/** Opens a stream, and answers how to read its events until it ends. */
async function pushed(url: string, ticket: string, token: string): Promise<() => Promise<any[]>> {
  const answer = await fetch(`${url}/api/v1/matchmaking/tickets/${ticket}/watch`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return async () =>
    [...(await answer.text()).matchAll(/^event: ticket\ndata: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? ''));
}

describe('a player with a token of their own', () => {
  it('queues, is pushed a match, and is shown their own seat alone', async () => {
    const { ask, url } = await api();
    const [ann, bob] = [await player('ann'), await player('bob')];
    const made = await ask('POST', 'tickets', { queue: 'duel' }, ann);
    expect(made).toMatchObject({ status: 201, json: { status: 'SEARCHING', players: ['ann'] } });
    const push = await pushed(url, made.json.id, ann);
    await ask('POST', 'tickets', { queue: 'duel', players: [{ id: 'bob' }] }, bob);
    const events = await push();
    const last = events.at(-1);
    expect(events[0].status).toBe('SEARCHING');
    expect(last).toMatchObject({
      status: 'COMPLETED',
      placement: { server: 'gs-1', seats: [{ player: 'ann', address: '127.0.0.1:7000' }] },
    });
    expect(last.placement.seats[0].token).toBe(`ann|gs-1|${last.match}|${last.placement.seats[0].team}`);
    expect((await ask('GET', `players/ann`, undefined, ann)).json).toEqual({ ticket: '', match: last.match, party: '' });
    const read = await ask('GET', `matches/${last.match}`);
    expect(read.json).toMatchObject({ stage: 'active', server: 'gs-1', teams: [{ name: 'red' }, { name: 'blue' }] });
    expect(read.json.timeline.map(({ what }: { what: string }) => what)).toEqual(['waiting', 'formed', 'placed']);
  });
  it('does nothing for others, and sees nothing of theirs', async () => {
    const { ask } = await api();
    const [ann, eve] = [await player('ann'), await player('eve')];
    const { json } = await ask('POST', 'tickets', { queue: 'duel' }, ann);
    expect(await ask('GET', `tickets/${json.id}`, undefined, eve)).toMatchObject({ status: 404, code: 'TICKET_UNKNOWN' });
    expect(await ask('DELETE', `tickets/${json.id}`, undefined, eve)).toMatchObject({ status: 404, code: 'TICKET_UNKNOWN' });
    expect(await ask('POST', 'tickets', { queue: 'duel', players: [{ id: 'ann' }] }, eve)).toMatchObject({
      code: 'SCOPE_MISSING',
    });
    expect(await ask('GET', 'tickets', undefined, eve)).toMatchObject({ code: 'SCOPE_MISSING' });
    expect(await ask('POST', 'parties', { leader: 'ann' }, eve)).toMatchObject({ code: 'SCOPE_MISSING' });
    expect(await ask('GET', 'players/ann', undefined, eve)).toMatchObject({ code: 'SCOPE_MISSING' });
    expect(await ask('DELETE', `tickets/${json.id}`, undefined, ann)).toMatchObject({ status: 204 });
  });
  it('reads the match that they play, and no other', async () => {
    const { ask, url } = await api();
    const [ann, bob, eve] = [await player('ann'), await player('bob'), await player('eve')];
    const made = await ask('POST', 'tickets', { queue: 'duel' }, ann);
    const push = await pushed(url, made.json.id, ann);
    await ask('POST', 'tickets', { queue: 'duel' }, bob);
    const id = (await push()).at(-1).match as string;
    const seen = await ask('GET', `matches/${id}`, undefined, ann);
    expect(seen).toMatchObject({ status: 200, json: { id, stage: 'active', players: 2 } });
    const tickets = Object.fromEntries(
      seen.json.teams.flatMap(({ players }: any) => players.map((each: any) => [each.id, each.ticket])),
    );
    expect(tickets).toEqual({ ann: made.json.id, bob: '' });
    expect(await ask('GET', `matches/${id}`, undefined, eve)).toMatchObject({ status: 404, code: 'MATCH_UNKNOWN' });
    expect(await ask('GET', 'matches', undefined, ann)).toMatchObject({ status: 403, code: 'SCOPE_MISSING' });
    await ask('POST', `matches/${id}/result`, {
      teams: seen.json.teams.map(({ name }: any, i: number) => ({ name, rank: i + 1 })),
    });
    const over = await ask('GET', `matches/${id}`, undefined, bob);
    expect(over.json).toMatchObject({ stage: 'ended', ratings: [{ player: 'bob' }] });
    expect(over.json.ratings).toHaveLength(1);
  });

  it('is who the gateways believe, nobody else', async () => {
    const { ask } = await api();
    const forged = await issueDevToken({ secret: 'x'.repeat(32), player: 'ann' });
    const old = await issueDevToken({ secret, player: 'ann', validS: -60 });
    for (const token of [forged, old, 'a.b.c', 'rubbish'])
      expect(await ask('POST', 'tickets', { queue: 'duel' }, token)).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
  });
  it('may come from a page of the game’s own site', async () => {
    const { url } = await api();
    const ann = await player('ann');
    const comeFrom = async (origin: string, method = 'POST') =>
      fetch(`${url}/api/v1/matchmaking/tickets`, {
        method,
        headers: {
          origin,
          'sec-fetch-site': 'cross-site',
          ...(method === 'OPTIONS'
            ? { 'access-control-request-method': 'POST' }
            : { authorization: `Bearer ${ann}`, 'content-type': 'application/json' }),
        },
        ...(method === 'OPTIONS' ? {} : { body: '{"queue":"duel"}' }),
      });
    const asked = await comeFrom('https://play.example', 'OPTIONS');
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, 'https://play.example']);
    const made = await comeFrom('https://play.example');
    expect([made.status, made.headers.get('access-control-allow-origin')]).toEqual([201, 'https://play.example']);
    expect((await comeFrom('https://evil.example')).status).toBe(403);
  });
});

describe('the client SDK', () => {
  it('queues, answers for its player, and says where to play', async () => {
    const { url } = await api(1, { acceptMs: 60_000 });
    const statuses: string[] = [];
    const places = await Promise.all(
      ['ann', 'bob'].map(async (id) =>
        matchmake({
          api: url,
          token: await player(id),
          queue: 'duel',
          onTicket: ({ status }) => statuses.push(`${id} ${status}`),
        }),
      ),
    );
    expect(places.map((place) => place.player)).toEqual(['ann', 'bob']);
    expect(places[0]).toMatchObject({ server: 'gs-1', address: '127.0.0.1:7000', match: places[1]?.match });
    expect(statuses).toContain('ann REQUIRES_ACCEPTANCE');
  });
  it('cancels when it is aborted, and passes on why it was refused', async () => {
    const { url, ask } = await api();
    const abort = new AbortController();
    const token = await player('ann');
    const waiting = matchmake({ api: url, token, queue: 'duel', signal: abort.signal, onTicket: () => abort.abort() });
    await expect(waiting).rejects.toMatchObject({ code: 'TICKET_STATE' });
    expect((await ask('GET', 'players/ann')).json.ticket).toBe('');
    await expect(matchmake({ api: url, token, queue: 'nowhere' })).rejects.toMatchObject({ code: 'QUEUE_UNKNOWN' });
  });
});

describe('a backend', () => {
  it('queues parties, cancels, explains and looks at queues', async () => {
    const { ask } = await api(2);
    const made = await ask('POST', 'tickets', { queue: 'duel', players: [{ id: 'ann' }, { id: 'bob' }], priority: 5 });
    expect(made).toMatchObject({ status: 201, json: { players: ['ann', 'bob'], priority: 5 } });
    expect(await ask('POST', 'tickets', { queue: 'duel', players: [{ id: 'bob' }] })).toMatchObject({
      status: 409,
      code: 'PLAYER_WAITING',
    });
    expect((await ask('GET', `tickets/${made.json.id}/explain`)).json.text).toContain(
      'Nobody else waits in this queue; 2 more players are needed.',
    );
    expect((await ask('GET', 'queues')).json.items).toMatchObject([{ name: 'duel', tickets: 1, players: 2 }]);
    expect((await ask('GET', 'tickets?player=ann')).json).toMatchObject({ total: 1 });
    expect((await ask('DELETE', `tickets/${made.json.id}`)).status).toBe(204);
    expect((await ask('GET', `tickets/${made.json.id}`)).json.status).toBe('CANCELLED');
  });
  it('takes results, once, and reads ratings', async () => {
    const { ask, url } = await api();
    const { json } = await ask('POST', 'tickets', { queue: 'duel', players: [{ id: 'ann' }] });
    const push = await pushed(url, json.id, admin);
    await ask('POST', 'tickets', { queue: 'duel', players: [{ id: 'bob' }] });
    const { match } = (await push()).at(-1);
    const result = (teams: object[]) => ask('POST', `matches/${match}/result`, { teams });
    expect(await result([{ name: 'green', rank: 1 }])).toMatchObject({ status: 400, code: 'RESULT_INVALID' });
    expect(await result([{ name: 'red' }, { name: 'blue' }])).toMatchObject({ code: 'RESULT_INVALID' });
    expect(
      await result([
        { name: 'red', score: 3 },
        { name: 'blue', score: 1 },
      ]),
    ).toMatchObject({ json: { outcome: 'finished' } });
    expect(
      await result([
        { name: 'red', score: 3 },
        { name: 'blue', score: 1 },
      ]),
    ).toMatchObject({ code: 'MATCH_STATE' });
    const best = (await ask('GET', 'ratings/ranked')).json;
    expect(best).toMatchObject({
      total: 2,
      items: [
        { games: 1, wins: 1 },
        { games: 1, wins: 0 },
      ],
    });
    expect((await ask('GET', `ratings/ranked/${best.items[0].player}`)).json.rating).toBeGreaterThan(1500);
    expect(await ask('GET', 'ratings/nothing')).toMatchObject({ status: 404 });
  });
  it('asks for acceptance', async () => {
    const { ask } = await api(1, { acceptMs: 60_000 });
    const made: string[] = [];
    for (const id of ['ann', 'bob']) made.push((await ask('POST', 'tickets', { queue: 'duel', players: [{ id }] })).json.id);
    const status = async () => (await ask('GET', `tickets/${made[0]}`)).json;
    await expect.poll(async () => (await status()).status).toBe('REQUIRES_ACCEPTANCE');
    await ask('POST', `tickets/${made[0]}/accept`, { accept: true });
    expect((await status()).acceptance.accepted).toEqual(['ann']);
    await ask('POST', `tickets/${made[1]}/accept`, {});
    await expect.poll(async () => (await status()).status).toBe('COMPLETED');
  });
  it('hears everything on one stream', async () => {
    const { ask, url } = await api();
    const stream = await fetch(`${url}/api/v1/matchmaking/watch?queue=duel`, { headers: { authorization: `Bearer ${admin}` } });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (const id of ['ann', 'bob']) await ask('POST', 'tickets', { queue: 'duel', players: [{ id }] });
    let text = '';
    while (!text.includes('"MatchmakingSucceeded"')) text += (await reader?.read())?.value ?? '';
    await reader?.cancel();
    const names = [...text.matchAll(/"name":"(\w*Match\w*)"/g)].map((match) => match[1]);
    expect(names).toEqual(['MatchmakingSearching', 'MatchmakingSearching', 'PotentialMatchCreated', 'MatchmakingSucceeded']);
    expect(text).toContain('"token":"ann|gs-1|');
  });
  it('forms parties, and sends them to lobbies and on', async () => {
    const { ask } = await api(2);
    const [ann, bob] = [await player('ann'), await player('bob')];
    const party = (await ask('POST', 'parties', {}, ann)).json.id;
    expect(await ask('POST', `parties/${party}/join`, {}, bob)).toMatchObject({ code: 'PARTY_REFUSED' });
    await ask('POST', `parties/${party}/invite`, { player: 'bob' }, ann);
    expect((await ask('POST', `parties/${party}/join`, {}, bob)).json.party.members).toHaveLength(2);
    expect((await ask('POST', 'lobbies/hub/join', {}, bob)).json).toMatchObject({ server: 'gs-1', seats: [{ player: 'bob' }] });
    const play = await ask('POST', 'lobbies/hub/play', { queue: 'duel' }, ann);
    expect(play).toMatchObject({ status: 201, json: { players: ['ann', 'bob'], party } });
    expect((await ask('GET', `parties/${party}`)).json.ticket).toBe(play.json.id);
    expect((await ask('POST', `parties/${party}/dequeue`, {}, bob)).json.party.ticket).toBe('');
    expect((await ask('GET', 'lobbies')).json.items).toMatchObject([{ name: 'hub', players: 2 }]);
  });
});

describe('wrong input', () => {
  it('is told what is wrong with it', async () => {
    const { ask } = await api();
    const cases: [object, number, string][] = [
      [{ queue: 'nowhere', players: [{ id: 'a' }] }, 404, 'QUEUE_UNKNOWN'],
      [{ queue: 'duel' }, 400, 'REQUEST_INVALID'],
      [{ queue: 'duel', players: [] }, 400, 'REQUEST_INVALID'],
      [{ queue: 'duel', players: [{ id: 'a', attributes: { power: 1 } }] }, 400, 'TICKET_INVALID'],
      [{ queue: 'duel', players: [{ id: 'a', attributes: { mode: null } }] }, 400, 'REQUEST_INVALID'],
      [{ queue: 'duel', players: [{ id: 'a' }, { id: 'b' }] }, 400, 'TICKET_INVALID'],
      [{ queue: 'duel', players: [{ id: 'a', latencyMs: { eu: -1 } }] }, 400, 'REQUEST_INVALID'],
      [{ queue: 'duel', players: [{ id: 'a' }], prioritty: 1 }, 400, 'REQUEST_INVALID'],
    ];
    for (const [body, status, code] of cases) expect(await ask('POST', 'tickets', body)).toMatchObject({ status, code });
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`a${i}`, i]));
    const flooded = await ask('POST', 'tickets', { queue: 'duel', players: [{ id: 'a', attributes: many }] });
    expect(flooded).toMatchObject({ code: 'REQUEST_INVALID' });
    expect(await ask('DELETE', 'tickets/nothing')).toMatchObject({ status: 404, code: 'TICKET_UNKNOWN' });
    expect(await ask('POST', 'tickets/nothing/accept', {})).toMatchObject({ code: 'TICKET_UNKNOWN' });
    expect(await ask('GET', 'matches/nothing')).toMatchObject({ code: 'MATCH_UNKNOWN' });
    expect(await ask('GET', 'queues/nothing')).toMatchObject({ code: 'QUEUE_UNKNOWN' });
    expect(await ask('POST', 'lobbies/nothing/join', { player: 'a' })).toMatchObject({ code: 'LOBBY_UNKNOWN' });
    expect((await ask('GET', 'queues')).json.items[0].tickets).toBe(0);
  });
});
