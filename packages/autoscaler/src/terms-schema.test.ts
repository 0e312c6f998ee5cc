/** What may be written under `policy`: Agones' examples as they are, and what is wrong with others. */
import { expect, it } from 'vitest';
import { policySchema } from './terms-schema.ts';

const read = (value: unknown) => policySchema.safeParse(value);

it.each([
  ['a buffer', { type: 'Buffer', buffer: { bufferSize: 5, minReplicas: 10, maxReplicas: 20 } }],
  ['a share as buffer', { type: 'Buffer', buffer: { bufferSize: '20%', minReplicas: 1 } }],
  ['a counter', { type: 'Counter', counter: { key: 'players', bufferSize: 5, minCapacity: 10, maxCapacity: 100 } }],
  ['a list', { type: 'List', list: { key: 'rooms', bufferSize: '10%', maxCapacity: 100 } }],
  ['a webhook', { type: 'Webhook', webhook: { url: 'http://127.0.0.1:8000/scale' } }],
  [
    'a schedule',
    {
      type: 'Schedule',
      schedule: {
        between: { start: '2024-02-20T16:04:04Z', end: '2034-02-24T16:04:04Z' },
        activePeriod: { timezone: 'America/New_York', startCron: '0 0 1 * *', duration: '7h30m' },
        policy: { type: 'Buffer', buffer: { bufferSize: 5, minReplicas: 10, maxReplicas: 20 } },
      },
    },
  ],
  [
    'a chain',
    {
      type: 'Chain',
      chain: [
        {
          id: 'weekend',
          type: 'Schedule',
          schedule: {
            activePeriod: { startCron: '0 18 * * FRI', duration: '54h' },
            policy: { type: 'Counter', counter: { key: 'rooms', bufferSize: 10, maxCapacity: 100 } },
          },
        },
        { type: 'Buffer', buffer: { bufferSize: 2 } },
      ],
    },
  ],
])('takes %s as Agones has it', (_, value) => {
  const parsed = read(value);
  expect(parsed.error?.issues ?? []).toEqual([]);
});

it('reads shares, durations and ids', () => {
  expect(read({ type: 'Buffer', buffer: { bufferSize: '20%' } }).data).toMatchObject({
    buffer: { bufferSize: { of: 'share', share: 0.2 }, minReplicas: 0 },
  });
  const period = { startCron: '0 0 1 * *', duration: '7h30m' };
  const policy = { type: 'Webhook', webhook: { url: 'https://x.example/' } };
  const chain = [{ type: 'Schedule', schedule: { activePeriod: period, policy } }, policy];
  expect(read({ type: 'Chain', chain }).data).toMatchObject({
    chain: [
      { id: '1', policy: { period: { durationMs: 27_000_000, timezone: 'UTC' } } },
      { id: '2', policy: { type: 'Webhook' } },
    ],
  });
});

const schedule = (activePeriod: object, policy: object = { type: 'Buffer', buffer: { bufferSize: 1 } }) => ({
  type: 'Schedule',
  schedule: { activePeriod, policy },
});
it.each([
  ['an unknown policy', { type: 'Predictive' }, ['type']],
  ['no policy', {}, ['type']],
  ['the fields of another policy', { type: 'Buffer', webhook: { url: 'http://x' } }, ['buffer']],
  ['a share of nothing', { type: 'Buffer', buffer: { bufferSize: '0%' } }, ['buffer', 'bufferSize']],
  ['a share of all', { type: 'Buffer', buffer: { bufferSize: '100%' } }, ['buffer', 'bufferSize']],
  ['less than none', { type: 'Buffer', buffer: { bufferSize: -1 } }, ['buffer', 'bufferSize']],
  ['limits in the wrong order', { type: 'Buffer', buffer: { bufferSize: 1, minReplicas: 5, maxReplicas: 2 } }, ['buffer']],
  ['thresholds in the wrong order', { type: 'Utilization', utilization: { up: 0.3, down: 0.8 } }, ['utilization']],
  ['a URL of another kind', { type: 'Webhook', webhook: { url: 'file:///etc/passwd' } }, ['webhook', 'url']],
  ['a broken cron', schedule({ startCron: 'on fridays', duration: '1h' }), ['schedule', 'activePeriod']],
  ['a place that is no time zone', schedule({ startCron: '0 0 * * *', timezone: 'Mars/Olympus' }), ['schedule', 'activePeriod']],
  ['a day that never comes', schedule({ startCron: '0 0 30 2 *', duration: '1h' }), ['schedule', 'activePeriod']],
  ['a duration without a start', schedule({ duration: '1h' }), ['schedule', 'activePeriod']],
  ['a schedule in a schedule', schedule({}, schedule({})), ['schedule', 'policy', 'type']],
  ['a chain in a chain', { type: 'Chain', chain: [{ type: 'Chain', chain: [] }] }, ['chain', 0, 'type']],
  ['a chain of nothing', { type: 'Chain', chain: [] }, ['chain']],
])('refuses %s, and says where', (_, value, path) => {
  const parsed = read(value);
  expect(parsed.success).toBe(false);
  expect(parsed.error?.issues[0]?.path).toEqual(path);
});
