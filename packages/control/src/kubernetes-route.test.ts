import { expect, it } from 'vitest';
import { type FixtureOptions, fixture } from '../test/fixture.ts';
import { SmallFleets } from '../test/small-fleets.ts';

const url = '/apis/allocation.agones.dev/v1/namespaces/games/gameserverallocations';

async function ask(
  fleets: SmallFleets,
  payload: unknown,
  { policy = {}, headers = {} }: { policy?: NonNullable<FixtureOptions['policy']>; headers?: Record<string, string> } = {},
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { control, faults } = fixture({ sources: { fleets }, policy });
  const answer = await control.inject({
    ...{ method: 'POST', url: `${url}?fieldManager=kubectl-create`, payload: JSON.stringify(payload) },
    headers: { 'content-type': 'application/json', ...headers },
  });
  await control.close();
  expect(faults).toEqual([]);
  return { status: answer.statusCode, body: answer.json() };
}

it('a GameServerAllocation that is created has a server, under its name', async () => {
  const fleets = new SmallFleets();
  const spec = { selectors: [{ matchLabels: { 'agones.dev/fleet': 'arena' } }], metadata: { labels: { mode: 'duel' } } };
  const { status, body } = await ask(fleets, { kind: 'GameServerAllocation', metadata: { generateName: 'one-' }, spec });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    ...{ apiVersion: 'allocation.agones.dev/v1', kind: 'GameServerAllocation', spec },
    metadata: { name: 'arena_1', namespace: 'games', creationTimestamp: expect.stringMatching(/^\d{4}-.*Z$/) },
    status: {
      ...{ state: 'Allocated', gameServerName: 'arena_1', address: '127.0.0.1', ports: [{ name: 'game', port: 7000 }] },
      counters: { sessions: { count: 1, capacity: 4 } },
    },
  });
  expect(fleets.asked[0]).toMatchObject({
    labels: { mode: 'duel' },
    selectors: [{ matchLabels: { 'agones.dev/fleet': 'arena' } }],
  });
});

it('where none is ready it is created, too, and has none', async () => {
  const fleets = new SmallFleets();
  fleets.refusal = { ok: false, code: 'ALLOCATION_NONE_READY', message: 'no', etaMs: 40 };
  const { status, body } = await ask(fleets, {});
  expect([status, body]).toMatchObject([201, { status: { state: 'UnAllocated', gameServerName: '' } }]);
});

it('is refused in Kubernetes’ words', async () => {
  const fleets = new SmallFleets();
  const refused = (status: number, reason: string, cause: string) => ({
    status,
    body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, reason, details: { causes: [{ reason: cause }] } },
  });
  for (const wrong of [[], 'none', { spec: [] }, { spec: { scheduling: 'Anyhow' } }])
    expect(await ask(fleets, wrong)).toMatchObject(refused(400, 'BadRequest', 'REQUEST_INVALID'));
  expect(await ask(fleets, { spec: 'x'.repeat(20_000) })).toMatchObject(refused(413, 'RequestEntityTooLarge', 'REQUEST_INVALID'));
  const guarded = { policy: { token: 'secret' } };
  expect(await ask(fleets, {}, guarded)).toMatchObject(refused(401, 'Unauthorized', 'TOKEN_INVALID'));
  expect(fleets.asked).toEqual([]);
  expect(await ask(fleets, {}, { ...guarded, headers: { authorization: 'Bearer secret' } })).toMatchObject({ status: 201 });
  fleets.refusal = { ok: false, code: 'FLEET_UNKNOWN', message: 'there is no fleet', etaMs: undefined };
  expect(await ask(fleets, {})).toMatchObject(refused(404, 'NotFound', 'FLEET_UNKNOWN'));
});
