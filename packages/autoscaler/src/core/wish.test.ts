import { describe, expect, it } from 'vitest';
import type { ScalingPolicy } from './policy.ts';
import type { Capacity, Sight, WebhookAnswer } from './sight.ts';
import { wishOf } from './wish.ts';

const seen: Sight = {
  replicas: 10,
  there: 10,
  ready: 2,
  coming: 0,
  busy: 8,
  waiting: 0,
  min: 0,
  max: 1000,
  startMs: undefined,
  capacities: new Map(),
};
const rooms = (capacity: Partial<Capacity>): Partial<Sight> => ({
  capacities: new Map([['Counter rooms', { count: 0, capacity: 0, occupied: 0, freeOnOccupied: 0, perServer: 10, ...capacity }]]),
});
const number = (n: number) => ({ of: 'number', number: n }) as const;
const share = (s: number) => ({ of: 'share', share: s }) as const;
const buffer = (fields: object): ScalingPolicy => ({
  type: 'Buffer',
  buffer: { bufferSize: number(5), bufferSizeMin: 0, minReplicas: 0, maxReplicas: 100, ...fields },
});
const use = (fields: object = {}): ScalingPolicy => ({
  type: 'Utilization',
  utilization: { up: 0.8, down: 0.3, minReplicas: 1, maxReplicas: 100, ...fields },
});
const counter = (fields: object = {}): ScalingPolicy => ({
  type: 'Counter',
  key: 'rooms',
  bufferSize: number(5),
  minCapacity: 0,
  maxCapacity: 1000,
  ...fields,
});
const webhook: ScalingPolicy = { type: 'Webhook', webhook: { url: 'http://w', timeoutMs: 100, intervalMs: 1000 } };
const always = {
  startMs: Number.NEGATIVE_INFINITY,
  endMs: Number.POSITIVE_INFINITY,
  startCron: '',
  timezone: 'UTC',
  durationMs: 0,
};

function check(
  policy: ScalingPolicy,
  sight: Partial<Sight>,
  replicas: number | undefined,
  why: RegExp,
  { holds = true, answer }: { holds?: boolean; answer?: WebhookAnswer } = {},
): void {
  const wish = wishOf(policy, { ...seen, ...sight }, 0, { holds: () => holds, answer: () => answer });
  expect(wish.replicas).toBe(replicas);
  expect(wish.why).toMatch(why);
}

describe('Buffer', () => {
  it('is in use and so many more', () => check(buffer({}), {}, 13, /8 in use and 5 ready/));
  it('is a share of the whole, as with Agones: 20 % of 10 are 2', () =>
    check(buffer({ bufferSize: share(0.2) }), {}, 10, /8 in use and 2 ready \(bufferSize 20 %\)/));
  it('rounds shares up', () => check(buffer({ bufferSize: share(0.2) }), { busy: 9 }, 12, /9 in use and 3 ready/));
  it('keeps an absolute least beside a share', () =>
    check(buffer({ bufferSize: share(0.2), bufferSizeMin: 3 }), { busy: 0 }, 3, /0 in use and 3 ready/));
  it('is held at its minimum', () => check(buffer({ minReplicas: 20 }), {}, 20, /held at minReplicas 20/));
  it('is held at its maximum', () => check(buffer({ maxReplicas: 9 }), {}, 9, /held at maxReplicas 9/));
});

describe('Utilization', () => {
  it('goes up above 80 %, to where 80 % are in use', () => check(use(), { busy: 9 }, 12, /90 %\), above 80 %/));
  it('stays at exactly 80 %', () => check(use(), { busy: 8 }, 10, /80 %\), between/));
  it('goes down below 30 %, to the middle', () => check(use(), { busy: 2 }, 4, /20 %\), below 30 %/));
  it('counts who waits', () => check(use(), { busy: 8, waiting: 4 }, 15, /12 of 10/));
  it('begins at its minimum', () => check(use(), { busy: 0, replicas: 0 }, 1, /0 of 0/));
});

describe('Counter', () => {
  it('fills what is missing with empty servers', () =>
    check(counter(), rooms({ count: 18, capacity: 20, occupied: 2, freeOnOccupied: 2 }), 3, /18 used, 5 to be free/));
  it('needs none while those in use have room', () =>
    check(counter(), rooms({ count: 14, capacity: 20, occupied: 2, freeOnOccupied: 6 }), 2, /6 are on the 2/));
  it('takes shares of the whole', () =>
    check(
      counter({ bufferSize: share(0.5) }),
      rooms({ count: 10, capacity: 10, occupied: 1 }),
      2,
      /10 to be free \(bufferSize 50 %\)/,
    ));
  it('is never above its maximum', () =>
    check(counter({ maxCapacity: 25 }), rooms({ count: 20, capacity: 20, occupied: 2 }), 2, /held at maxCapacity 25/));
  it('is never below its minimum', () => check(counter({ minCapacity: 40 }), rooms({}), 4, /held at minCapacity 40/));
  it('starts one server to learn what it brings', () => check(counter(), { replicas: 0 }, 1, /no server has told/));
});

describe('Webhook', () => {
  const answer = { replicas: 7, answeredAtMs: 1, trouble: '' };
  it('is what it said', () => check(webhook, {}, 7, /http:\/\/w: 7$/, { answer }));
  it('may leave the size', () => check(webhook, {}, 10, /may stay/, { answer: { ...answer, replicas: undefined } }));
  it('holds to its last good answer', () =>
    check(webhook, {}, 7, /last good answer holds \(WEBHOOK_TIMEOUT: slow\)/, {
      answer: { ...answer, trouble: 'WEBHOOK_TIMEOUT: slow' },
    }));
  it('says nothing before its first', () => check(webhook, {}, undefined, /no good answer yet/));
});

describe('Schedule and Chain', () => {
  const schedule: ScalingPolicy = { type: 'Schedule', period: always, policy: buffer({}) as never };
  it('holds in its time', () => check(schedule, {}, 13, /its time\. Buffer/));
  it('says nothing outside of it', () => check(schedule, {}, undefined, /not its time/, { holds: false }));
  const chain = (...policies: ScalingPolicy[]): ScalingPolicy => ({
    type: 'Chain',
    chain: policies.map((policy, i) => ({ id: `p${i}`, policy: policy as never })),
  });
  it('takes the first that says something', () =>
    check(chain(schedule, webhook, use()), { busy: 9 }, 12, /^Chain p2: Utilization/, { holds: false }));
  it('says nothing where nobody does', () => check(chain(webhook), {}, undefined, /p0: Webhook/));
});
