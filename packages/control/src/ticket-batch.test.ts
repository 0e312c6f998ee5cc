/** Many tickets in one request. */
import { describe, expect, it } from 'vitest';
import { fixture } from '../test/fixture.ts';
import { smallMatchmaking, ticket } from '../test/small-matchmaking.ts';
import type { Ticket, TicketOutcome } from './resources/matchmaking.ts';

const url = '/api/v1/matchmaking/tickets/batch';

/** A queue `four` in which each player waits once. */
function waitingRoom() {
  const waiting = new Set<string>();
  const made = fixture({
    sources: {
      matchmaking: {
        ...smallMatchmaking,
        async create({ queue, players }) {
          const [{ id } = { id: '' }] = players;
          if (queue !== 'four') return { ok: false, code: 'QUEUE_UNKNOWN', message: `there is no queue ${queue}` };
          if (waiting.has(id)) return { ok: false, code: 'PLAYER_WAITING', message: `player ${id} waits already` };
          waiting.add(id);
          return { ok: true, ticket: { ...ticket, id: `t-${id}`, players: [id] } satisfies Ticket };
        },
      },
    },
  });
  const ask = async (payload: object, headers: Record<string, string> = {}) => {
    const answer = await made.control.inject({ method: 'POST', url, payload, headers });
    return { status: answer.statusCode, body: answer.json<{ items: TicketOutcome[]; code?: string; detail?: string }>() };
  };
  return { ask, waiting, close: () => made.control.close() };
}

const of = (...ids: string[]) => ids.map((id) => ({ queue: 'four', players: [{ id }] }));

describe('a batch of tickets', () => {
  it('takes or refuses each by itself, in its order', async () => {
    const { ask, close } = waitingRoom();
    const { status, body } = await ask({ tickets: [...of('ann', 'ann', 'bob'), { queue: 'none', players: [{ id: 'cid' }] }] });
    expect({ status, body }).toMatchObject({ status: 200, body: { taken: 2, refused: 2 } });
    expect(body.items.map((item) => item.ticket?.id ?? item.code)).toEqual(['t-ann', 'PLAYER_WAITING', 't-bob', 'QUEUE_UNKNOWN']);
    await close();
  });

  it('queues nobody where one of them has not the shape, and says which', async () => {
    const { ask, waiting, close } = waitingRoom();
    const { status, body } = await ask({ tickets: [...of('ann'), { queue: 'four', players: [] }] });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'REQUEST_INVALID' });
    expect(JSON.stringify(body)).toContain('tickets.1.players');
    expect(await ask({ tickets: [{ queue: 'four', player: [{ id: 'ann' }] }] })).toMatchObject({ status: 400 });
    expect(waiting.size).toBe(0);
    await close();
  });

  it('has 1 to 1,000 tickets and at most 1 MiB', async () => {
    const { ask, waiting, close } = waitingRoom();
    const thousand = Array.from({ length: 1000 }, (_, i) => `player-${i}`);
    expect(await ask({ tickets: of(...thousand) })).toMatchObject({ status: 200, body: { taken: 1000 } });
    expect(waiting.size).toBe(1000);
    for (const tickets of [[], of(...thousand, 'one more')])
      expect(await ask({ tickets })).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    const long = { queue: 'four', players: [{ id: 'x', attributes: { text: 'x'.repeat(1024 * 1024) } }] };
    expect(await ask({ tickets: [long] })).toMatchObject({ status: 413, body: { code: 'REQUEST_INVALID' } });
    await close();
  });

  it('queues nobody twice with one Idempotency-Key', async () => {
    const { ask, close } = waitingRoom();
    const first = await ask({ tickets: of('ann', 'bob') }, { 'idempotency-key': 'batch-1' });
    expect(await ask({ tickets: of('ann', 'bob') }, { 'idempotency-key': 'batch-1' })).toEqual(first);
    const other = await ask({ tickets: of('ann') }, { 'idempotency-key': 'batch-1' });
    expect(other).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_CONFLICT' } });
    await close();
  });
});
