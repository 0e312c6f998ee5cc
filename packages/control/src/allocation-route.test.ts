import type { ErrorCode } from '@horizon-atlas/protocol';
import { expect, it } from 'vitest';
import { fixture } from '../test/fixture.ts';
import { SmallFleets } from '../test/small-fleets.ts';
import { AllocatedServer, AllocationRefusal, AllocationRequest } from './resources/agones-allocation.ts';
import type { AllocationAsk } from './sources.ts';

interface Told {
  readonly status: number;
  readonly body: unknown;
  /** What the fleets were asked; nothing: it was refused before. */
  readonly ask: AllocationAsk | undefined;
}

/** `refusal`: of the fleets. */
async function allocate(body: object, refusal?: ErrorCode): Promise<Told> {
  const fleets = new SmallFleets();
  if (refusal) fleets.refusal = { ok: false, code: refusal, message: 'no', etaMs: 40 };
  const { control, faults } = fixture({ sources: { fleets } });
  const answer = await control.inject({ method: 'POST', url: '/gameserverallocation', payload: body });
  await control.close();
  expect(faults).toEqual([]);
  return { status: answer.statusCode, body: answer.json(), ask: fleets.asked[0] };
}

async function refusedAs(body: object, status: number, refusal: object, code?: ErrorCode): Promise<void> {
  const told = await allocate(body, code);
  expect(told.status).toBe(status);
  expect(AllocationRefusal.parse(told.body)).toEqual(told.body);
  expect(told.body).toMatchObject(refusal);
}

it('what is asked and answered is as the document says', async () => {
  const asked = {
    gameServerSelectors: [
      {
        matchLabels: { 'agones.dev/fleet': 'arena' },
        matchExpressions: [{ key: 'map', operator: 'In', values: ['dust'] }],
        gameServerState: 'ALLOCATED',
        counters: { sessions: { minAvailable: '1' } },
        lists: { players: { containsValue: 'ann', maxAvailable: 3 } },
      },
    ],
    priorities: [{ type: 'Counter', key: 'sessions', order: 'Descending' }],
    scheduling: 'Distributed',
    metadata: { labels: { mode: 'duel' }, annotations: { by: 'me' } },
    counters: { sessions: { action: 'Increment', amount: '1' } },
    lists: { players: { addValues: ['bob'], deleteValues: ['ann'] } },
    requestId: 'mine',
    waitMs: 10,
    leaseSeconds: 5,
    priority: 2,
    players: ['bob'],
    session: { map: 'dust' },
  };
  expect(AllocationRequest.parse(asked)).toEqual(asked);
  const { status, body, ask } = await allocate(asked);
  expect(status).toBe(200);
  expect(AllocatedServer.parse(body)).toEqual(body);
  expect(body).toMatchObject({
    gameServerName: 'arena_1',
    counters: { sessions: { count: '1', capacity: '4' } },
    lists: { players: { values: ['ann'], capacity: '2' } },
    requestId: 'mine',
  });
  expect(ask).toEqual({
    requestId: 'mine',
    selectors: [
      {
        matchLabels: { 'agones.dev/fleet': 'arena' },
        matchExpressions: [{ key: 'map', operator: 'In', values: ['dust'] }],
        state: 'Allocated',
        counters: { sessions: { count: {}, available: { min: 1 } } },
        lists: { players: { contains: 'ann', available: { max: 3 } } },
      },
    ],
    priorities: [{ type: 'Counter', key: 'sessions', order: 'Descending' }],
    scheduling: 'Distributed',
    labels: { mode: 'duel' },
    annotations: { by: 'me' },
    counters: { sessions: { by: 1, capacity: undefined } },
    lists: { players: { add: ['bob'], remove: ['ann'], capacity: undefined } },
    waitMs: 10,
    leaseMs: 5000,
    priority: 2,
    players: ['bob'],
    session: '{"map":"dust"}',
  });
});

it('a refusal is Agones’ own, with gRPC’s code and Atlas’ reason', async () => {
  await refusedAs({}, 429, { code: 8, reason: 'ALLOCATION_NONE_READY', etaMs: 40 }, 'ALLOCATION_NONE_READY');
  await refusedAs({}, 429, { code: 8, reason: 'ALLOCATION_QUEUE_FULL' }, 'ALLOCATION_QUEUE_FULL');
  await refusedAs({}, 404, { code: 5, reason: 'FLEET_UNKNOWN', message: 'no', details: [] }, 'FLEET_UNKNOWN');
  await refusedAs({}, 409, { code: 9, reason: 'ALLOCATION_ENDED' }, 'ALLOCATION_ENDED');
  await refusedAs({}, 503, { code: 14, reason: 'STORE_UNAVAILABLE' }, 'STORE_UNAVAILABLE');
});

it('a request that is wrong is refused as Agones does, and nobody is asked', async () => {
  await refusedAs({ scheduling: 'Anywhere' }, 400, { code: 3, reason: 'REQUEST_INVALID', etaMs: null });
  expect((await allocate({ scheduling: 'Anywhere' })).ask).toBeUndefined();
});

it('is told where it is wrong, down to the label', async () => {
  const wrong = async (body: object, message: string) => refusedAs(body, 400, { message: expect.stringContaining(message) });
  await wrong(
    { gameServerSelectors: [{}, { matchLabels: { map: 3 } }] },
    'gameServerSelectors[1].matchLabels.map: expected a text',
  );
  await wrong({ metadata: { annotations: { by: 'x'.repeat(4097) } } }, 'metadata.annotations.by: expected a text');
  await wrong({ players: ['ann', null] }, 'players[1]: expected a text');
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, 'v']));
  await wrong({ metadata: { labels: many } }, 'metadata.labels: at most 64, found 65');
});

it('where nothing is ready, the Kubernetes resource is answered with a state', async () => {
  const { status, body } = await allocate({ spec: { selectors: [] } }, 'ALLOCATION_NONE_READY');
  expect([status, body]).toEqual([
    200,
    {
      apiVersion: 'allocation.agones.dev/v1',
      kind: 'GameServerAllocation',
      status: { state: 'UnAllocated', gameServerName: '', source: 'local' },
    },
  ]);
  await refusedAs({ spec: {} }, 404, { code: 5, reason: 'FLEET_UNKNOWN' }, 'FLEET_UNKNOWN');
});

it('the numbers of the Kubernetes resource are numbers', async () => {
  const { body } = await allocate({ spec: { selectors: [] } });
  expect(body).toMatchObject({
    status: {
      state: 'Allocated',
      gameServerName: 'arena_1',
      counters: { sessions: { count: 1, capacity: 4 } },
      lists: { players: { values: ['ann'], capacity: 2 } },
    },
  });
});

it('an action of a counter and its amount go together', async () => {
  const sessions = async (action: object) => (await allocate({ counters: { sessions: action } })).ask?.counters.sessions;
  expect(await sessions({ action: 'Decrement', amount: 2 })).toEqual({ by: -2, capacity: undefined });
  expect(await sessions({ capacity: 8 })).toEqual({ by: 0, capacity: 8 });
  await refusedAs({ counters: { sessions: { action: 'Increment' } } }, 400, { code: 3, reason: 'REQUEST_INVALID' });
  await refusedAs({ counters: { sessions: { amount: 1 } } }, 400, {
    message: expect.stringMatching(/action and amount go together/),
  });
});

it('by the former words what is preferred comes first, and then what is required', async () => {
  const labels = async (body: object) => (await allocate(body)).ask?.selectors.map(({ matchLabels }) => matchLabels);
  const preferredGameServerSelectors = [{ matchLabels: { map: 'dust' } }, { matchLabels: { map: 'mill' } }];
  const requiredGameServerSelector = { matchLabels: { mode: 'duel' } };
  expect(await labels({ preferredGameServerSelectors, requiredGameServerSelector })).toEqual([
    { map: 'dust' },
    { map: 'mill' },
    { mode: 'duel' },
  ]);
  expect(await labels({ preferredGameServerSelectors })).toEqual([{ map: 'dust' }, { map: 'mill' }, {}]);
  expect(await labels({ gameServerSelectors: [{ matchLabels: { a: 'b' } }], preferredGameServerSelectors })).toEqual([
    { a: 'b' },
  ]);
  expect(await labels({})).toEqual([{}]);
});

it('a span whose least is above its most is refused', async () => {
  const gameServerSelectors = [{ counters: { sessions: { minCount: 3, maxCount: 2 } } }];
  await refusedAs({ gameServerSelectors }, 400, { code: 3, message: expect.stringMatching(/least, 3, is above its most, 2/) });
});
