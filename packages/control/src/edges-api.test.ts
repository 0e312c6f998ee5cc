import { expect, it } from 'vitest';
import { fixture } from '../test/fixture.ts';

it('tells of edges and of players’ ways, by server and player', async () => {
  const { control } = fixture();
  const edges = await control.inject({ method: 'GET', url: '/api/v1/edges' });
  expect(edges.json()).toMatchObject({ total: 1, items: [{ id: 'edge_0_1', dropped: { NO_TOKEN: 3 } }] });
  const ways = await control.inject({ method: 'GET', url: '/api/v1/edge-sessions?server=arena_2' });
  expect(ways.json()).toMatchObject({ total: 1, items: [{ id: '12', seenAs: '127.70.1.2:40000' }] });
  expect((await control.inject({ method: 'GET', url: '/api/v1/edges/none' })).json()).toMatchObject({ code: 'NOT_FOUND' });
  await control.close();
});

it('takes a request without a body for one, whatever kind of body it is said to have', async () => {
  const { control } = fixture();
  const headers = { 'content-type': 'application/json' };
  expect((await control.inject({ method: 'DELETE', url: '/api/v1/edge-sessions/11', headers })).statusCode).toBe(204);
  const broken = await control.inject({ method: 'POST', url: '/api/v1/gameservers/arena_1/ways', headers, payload: '{' });
  expect(broken.json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  await control.close();
});

it('moves a player to a server or to a fleet, and says why not', async () => {
  const { control, world } = fixture();
  const move = (id: string, payload: object) =>
    control.inject({ method: 'POST', url: `/api/v1/edge-sessions/${id}/move`, payload });
  expect((await move('11', { server: 'arena_2' })).json()).toEqual({ server: 'arena_2' });
  expect((await move('11', { fleet: 'arena' })).json()).toEqual({ server: 'arena_3' });
  expect(world.edgeWays.find(({ id }) => id === '11')?.server).toBe('arena_3');
  const refusals = [
    [await move('12', { server: 'arena_1' }), 409, 'MOVE_IMPOSSIBLE'],
    [await move('13', { server: 'arena_1' }), 404, 'NOT_FOUND'],
    [await move('11', { fleet: 'nobody' }), 404, 'FLEET_UNKNOWN'],
    [await move('11', {}), 400, 'REQUEST_INVALID'],
    [await move('11', { server: 'arena_1', fleet: 'arena' }), 400, 'REQUEST_INVALID'],
  ] as const;
  for (const [answer, status, code] of refusals) {
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  }
  const kind = 'action.edge-session.move';
  const ann = { player: world.edgeWays[0]?.player, server: 'arena_1' };
  expect(world.audit).toMatchObject([
    { kind, actor: 'local', subject: '11', fields: { ...ann, to: 'arena_2' }, code: '' },
    { kind, subject: '11', fields: { server: 'arena_2', fleet: 'arena' }, code: '' },
    { kind, subject: '12', fields: { to: 'arena_1' }, code: 'MOVE_IMPOSSIBLE' },
    { kind, subject: '13', fields: { to: 'arena_1' }, code: 'NOT_FOUND' },
    { kind, subject: '11', fields: { fleet: 'nobody' }, code: 'FLEET_UNKNOWN' },
  ]);
  await control.close();
});

it('ends a way once, and gives ways to a server with a token for its player', async () => {
  const { control, world } = fixture();
  expect((await control.inject({ method: 'DELETE', url: '/api/v1/edge-sessions/11' })).statusCode).toBe(204);
  expect(world.edgeWays.map(({ id }) => id)).toEqual(['12']);
  expect(world.audit).toMatchObject([
    { kind: 'action.edge-session.end', subject: '11', fields: { server: 'arena_1' }, code: '' },
  ]);
  expect((await control.inject({ method: 'DELETE', url: '/api/v1/edge-sessions/11' })).statusCode).toBe(404);
  expect((await control.inject({ method: 'DELETE', url: '/api/v1/edge-sessions/nonsense' })).statusCode).toBe(400);
  const url = '/api/v1/gameservers/arena_1/ways';
  const opened = await control.inject({ method: 'POST', url, payload: { player: 'ann' } });
  expect(opened.json()).toMatchObject({ ways: [{ port: 27960, token: 'for-ann' }] });
  expect((await control.inject({ method: 'POST', url: url.replace('arena_1', 'nobody'), payload: {} })).statusCode).toBe(404);
  await control.close();
});
