import { errors } from '@horizon-atlas/protocol';
import { describe, expect, it } from 'vitest';
import { emptyStatus as empty, fixture } from '../test/fixture.ts';
import type { Status } from './status.ts';

/** Asks once and compares status code, media type and body (a subset of it). */
async function check(
  ask: { method?: 'GET' | 'POST' | 'HEAD' | 'DELETE'; url: string; payload?: string },
  expected: { status: number; type: string; body?: object },
  deps: { missing?: string[]; status?: () => Status } = {},
): Promise<{ faults: unknown[]; headers: Record<string, unknown> }> {
  const { control, faults } = fixture({
    deps: {
      missing: () => deps.missing ?? [],
      ...(deps.status ? { status: deps.status } : {}),
    },
  });
  const answer = await control.inject({
    method: ask.method ?? 'GET',
    url: ask.url,
    ...(ask.payload ? { payload: ask.payload } : {}),
  });
  expect(answer.statusCode).toBe(expected.status);
  expect(answer.headers['content-type']).toMatch(expected.type);
  if (expected.body) expect(answer.json()).toMatchObject(expected.body);
  if (expected.type === 'application/problem+json') {
    const { code, title, type, status } = answer.json<{
      code: keyof typeof errors;
      title: string;
      type: string;
      status: number;
    }>();
    expect({ title, type, status }).toEqual({
      title: errors[code].text,
      type: `urn:horizon-atlas:error:${code}`,
      status: expected.status,
    });
  }
  await control.close();
  return { faults, headers: answer.headers };
}

describe('the API', () => {
  it('tells the status with exactly the agreed members', async () => {
    await check({ url: '/api/v1/status' }, { status: 200, type: 'application/json', body: empty });
    expect(Object.keys(empty)).toEqual([
      'version',
      'uptimeS',
      'regions',
      'servers',
      'gateways',
      'players',
      'handoffs',
      'warnings',
    ]);
  });

  it('lists at the root what is here', () =>
    check(
      { url: '/' },
      { status: 200, type: 'application/json', body: { version: '0.1.0', paths: { '/metrics': 'figures for Prometheus' } } },
    ));

  it('serves metrics as Prometheus text', () => check({ url: '/metrics' }, { status: 200, type: 'text/plain; version=0.0.4' }));

  it('is healthy as soon as it answers', () =>
    check({ url: '/healthz' }, { status: 200, type: 'application/json', body: { ok: true } }));

  it('is ready when nothing is missing', () =>
    check({ url: '/readyz' }, { status: 200, type: 'application/json', body: { ok: true } }));

  it('says what is missing while it is not ready', () =>
    check(
      { url: '/readyz' },
      { status: 503, type: 'application/problem+json', body: { code: 'NOT_READY', detail: 'still missing: a gateway' } },
      { missing: ['a gateway'] },
    ));

  it('answers an unknown path with a problem', () =>
    check({ url: '/api/v1/nope?x=1' }, { status: 404, type: 'application/problem+json', body: { code: 'NOT_FOUND' } }));

  it('answers the wrong method with a problem that says which is right', async () => {
    const { headers } = await check(
      { method: 'POST', url: '/api/v1/status' },
      { status: 405, type: 'application/problem+json', body: { code: 'METHOD_NOT_ALLOWED' } },
    );
    expect(headers.allow).toBe('GET, HEAD');
  });

  it('answers a malformed path with a problem', () =>
    check({ url: '/%zz' }, { status: 400, type: 'application/problem+json', body: { code: 'REQUEST_INVALID' } }));

  it('answers HEAD as GET without a body', () =>
    check({ method: 'HEAD', url: '/healthz' }, { status: 200, type: 'application/json' }));

  it('keeps the details of a fault to itself and reports them inside', async () => {
    const boom = new Error('secret detail');
    const { faults } = await check(
      { url: '/api/v1/status' },
      { status: 500, type: 'application/problem+json', body: { code: 'INTERNAL', detail: errors.INTERNAL.text } },
      {
        status: () => {
          throw boom;
        },
      },
    );
    expect(faults).toEqual([{ method: 'GET', path: '/api/v1/status', error: boom }]);
  });
});
