import { describe, expect, it } from 'vitest';
import { type Fixture, fixture } from '../test/fixture.ts';

interface Ask {
  readonly method?: 'POST' | 'DELETE';
  readonly url: string;
  readonly payload?: object | string;
  readonly headers?: Record<string, string>;
}

async function ask({ control }: Fixture, { method = 'POST', url, payload, headers }: Ask) {
  const answer = await control.inject({ method, url, ...(payload ? { payload } : {}), ...(headers ? { headers } : {}) });
  const body = answer.body === '' ? undefined : answer.json<Record<string, unknown>>();
  return { status: answer.statusCode, body, replayed: answer.headers['idempotency-replayed'] };
}

const kill = '/api/v1/servers/srv-alpha/kill';

describe('an action', () => {
  it('is done, told, and written into the audit log', async () => {
    const made = fixture();
    expect(await ask(made, { url: kill })).toMatchObject({
      status: 200,
      body: { action: 'kill', done: true, effects: ['1 player waits'] },
    });
    expect(made.world.audit).toMatchObject([{ kind: 'action.kill', actor: 'local', subject: 'srv-alpha', code: '' }]);
    await made.control.close();
  });

  it('is only told with dryRun', async () => {
    const made = fixture();
    expect(await ask(made, { url: `${kill}?dryRun=true` })).toMatchObject({ body: { done: false } });
    expect([made.world.acts, made.world.audit]).toEqual([['kill srv-alpha dry'], []]);
    await made.control.close();
  });

  it('at a console is a line, kept without secrets', async () => {
    const made = fixture();
    const url = '/api/v1/gameservers/tanks/console';
    expect(await ask(made, { url, payload: { line: '/password hunter2' } })).toMatchObject({ status: 204 });
    expect(made.world.acts).toEqual(['type /password hunter2']);
    expect(made.world.audit).toMatchObject([{ kind: 'action.console', subject: 'tanks', fields: { line: '/password •••' } }]);
    for (const line of ['', 'two\nlines', 'x'.repeat(1001)])
      expect(await ask(made, { url, payload: { line } })).toMatchObject({ status: 400 });
    expect(await ask(made, { url: '/api/v1/gameservers/none/console', payload: { line: 'x' } })).toMatchObject({
      body: { code: 'PROCESS_UNKNOWN' },
    });
    expect(await ask(made, { url: '/api/v1/gameservers/tanks/backup' })).toMatchObject({ body: { folder: '/backups/1' } });
    await made.control.close();
  });

  it('that cannot be is refused with the code of its source, and written down, too', async () => {
    const made = fixture();
    expect(await ask(made, { url: '/api/v1/gateways/gw-9/drain' })).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(made.world.audit).toMatchObject([{ kind: 'action.drain', code: 'NOT_FOUND' }]);
    await made.control.close();
  });

  it('on players takes a body, or none where it may be left out', async () => {
    const made = fixture();
    expect(await ask(made, { url: '/api/v1/players/p1/move', payload: { x: 1, y: 2 } })).toMatchObject({ status: 200 });
    expect(await ask(made, { url: '/api/v1/players/p1/kick' })).toMatchObject({ status: 200 });
    expect(await ask(made, { url: '/api/v1/players/p1/kick', payload: { message: 'bye' } })).toMatchObject({ status: 200 });
    expect(made.world.acts).toEqual(['move p1', 'kick p1', 'kick p1']);
    await made.control.close();
  });

  it('refuses bodies that are wrong, saying where', async () => {
    const made = fixture();
    const move = '/api/v1/players/p1/move';
    const wrong = async (payload: object | string, field: string, headers: Record<string, string> = {}) => {
      const { status, body } = await ask(made, { url: move, payload, headers });
      expect([status, body?.code]).toEqual([400, 'REQUEST_INVALID']);
      expect(JSON.stringify(body?.errors ?? body?.detail)).toMatch(field);
    };
    await wrong({ x: 1 }, '"field":"y"');
    await wrong({ x: 'a', y: 1 }, '"field":"x","expected":"a number"');
    await wrong({ x: 1, y: 1, w: 1 }, 'one of x, y, z');
    await wrong({ x: 1e12, y: 1 }, 'at most 1000000000');
    await wrong('{"x":', 'JSON', { 'content-type': 'application/json' });
    expect(await ask(made, { url: kill, payload: { now: true } })).toMatchObject({ status: 400 });
    expect(await ask(made, { url: move, payload: 'x=1', headers: { 'content-type': 'text/plain' } })).toMatchObject({
      status: 415,
    });
    expect(await ask(made, { url: move, payload: { x: 1, y: 1, pad: 'x'.repeat(20_000) } })).toMatchObject({ status: 413 });
    expect(made.world.acts).toEqual([]);
    await made.control.close();
  });
});

describe('an Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'k1' };

  it('makes repeats one act with one answer, also at the same time', async () => {
    const made = fixture();
    const answers = await Promise.all([1, 2, 3].map(() => ask(made, { url: kill, headers })));
    expect(made.world.acts).toEqual(['kill srv-alpha']);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.map(({ replayed }) => replayed)).toEqual([undefined, 'true', 'true']);
    await made.control.close();
  });

  it('is of one request only', async () => {
    const made = fixture();
    await ask(made, { url: kill, headers });
    expect(await ask(made, { url: '/api/v1/servers/srv-beta/kill', headers })).toMatchObject({
      status: 409,
      body: { code: 'IDEMPOTENCY_CONFLICT' },
    });
    await made.control.close();
  });

  it('keeps a refusal as it keeps an answer, but not one that may pass', async () => {
    const made = fixture();
    let busy = true;
    const { actions } = made.world.sources();
    const drain: typeof actions.drain = async (id, dry) =>
      busy ? { ok: false, code: 'STORE_UNAVAILABLE', message: 'not now' } : actions.drain(id, dry);
    const other = fixture({ deps: { sources: { ...made.world.sources(), actions: { ...actions, drain } } } });
    const url = '/api/v1/servers/srv-alpha/drain';
    expect(await ask(other, { url, headers })).toMatchObject({ status: 503 });
    busy = false;
    expect(await ask(other, { url, headers })).toMatchObject({ status: 200, replayed: undefined });
    const unknown = { url: '/api/v1/servers/omega/kill', headers: { 'idempotency-key': 'k2' } };
    expect([await ask(other, unknown), await ask(other, unknown)]).toMatchObject([
      { status: 404 },
      { status: 404, replayed: 'true' },
    ]);
    await made.control.close();
    await other.control.close();
  });

  it('is forgotten after a day', async () => {
    const made = fixture();
    await ask(made, { url: kill, headers });
    made.clock.advance(24 * 3600_000 + 1);
    expect(await ask(made, { url: kill, headers })).toMatchObject({ replayed: undefined });
    expect(made.world.acts).toHaveLength(2);
    await made.control.close();
  });

  it('has visible characters', async () => {
    const made = fixture();
    expect(await ask(made, { url: kill, headers: { 'idempotency-key': 'a b' } })).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID' },
    });
    await made.control.close();
  });
});
