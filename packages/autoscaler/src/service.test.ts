/** The service on a fleet in memory: what happens is followed in the same turn, and webhooks keep nobody waiting. */
import { type ManualClock, manualClock, noProbe, seededEntropy } from '@horizon-atlas/runtime';
import { beforeEach, expect, it } from 'vitest';
import { type OneFleet, oneFleet } from '../test/one-fleet.ts';
import { type Autoscaler, autoscalerLimits, makeAutoscaler } from './service.ts';
import { policySchema } from './terms-schema.ts';
import type { WebhookAsk, WebhookOutcome } from './webhook.ts';

let clock: ManualClock;
let fleet: OneFleet;
let scaler: Autoscaler;
let asked: { ask: WebhookAsk; answer: (outcome: WebhookOutcome) => void }[];

beforeEach(() => open());

function open(given: Parameters<typeof oneFleet>[0] = {}): void {
  clock = manualClock();
  fleet = oneFleet(given);
  asked = [];
  scaler = makeAutoscaler({
    clock,
    entropy: seededEntropy(7, clock),
    probe: noProbe,
    fleets: fleet,
    servers: fleet,
    ask: (_, ask) => new Promise((answer) => asked.push({ ask, answer })),
  });
}

const set = (policy: unknown, downAfterMs = 60_000) =>
  scaler.set('arena', { policy: policySchema.parse(policy), downAfterMs, downKeep: 0.2 });
const buffer = { type: 'Buffer', buffer: { bufferSize: 2 } };

it('follows what happens in the same turn, without a timer', () => {
  set(buffer);
  expect(fleet.scaled).toEqual([2]);
  fleet.use(5);
  expect(fleet.fleet('arena')?.replicas).toBe(7);
  expect(scaler.scaling('arena')).toMatchObject({
    now: { to: 7, seen: { inUse: 5 } },
    decisions: [
      { from: 5, to: 7, why: 'Buffer: 5 in use and 2 ready (bufferSize 2).' },
      { from: 0, to: 2 },
    ],
  });
});

it('goes down by its own timer, and tells who watches', () => {
  const told: string[] = [];
  scaler.watch((name, { from, to }) => told.push(`${name} ${from} ${to}`));
  set(buffer);
  fleet.use(8);
  fleet.use(0);
  clock.advance(59_999);
  expect(fleet.fleet('arena')?.replicas).toBe(10);
  clock.advance(1);
  expect(fleet.fleet('arena')?.replicas).toBe(2);
  expect(told).toEqual(['arena 0 2', 'arena 8 10', 'arena 10 2']);
});

it('sees rushes, and keeps ready what is taken during a start', () => {
  open({ startMs: { p50: 8000, p99: 10_000, max: 10_000, count: 9 } });
  set(buffer);
  for (let taken = 1; taken <= 20; taken++) {
    clock.advance(1000);
    fleet.use(taken);
  }
  // 20 in 20 s and 10 s a start: 10 during a start, and 1.645 deviations.
  expect(scaler.scaling('arena')?.now).toMatchObject({ to: 36, why: expect.stringMatching(/so 16 must be ready/) });
});

it('sees how soon servers are back', () => {
  open({ startMs: { p50: 800, p99: 1_000, max: 1_000, count: 9 } });
  set(buffer);
  for (let n = 0; n < 40; n++) {
    fleet.use(1);
    clock.advance(100);
    fleet.use(0);
    clock.advance(400);
  }
  // 2 a second for 0.1 s, which the buffer has already. As one starts, it would have been 5 and the one in use.
  expect(scaler.scaling('arena')?.now).toMatchObject({ wished: 2, seen: { takenPerS: 2 } });
});

it('follows a counter that changes without its fleet changing', () => {
  fleet.rooms([]);
  set({ type: 'Counter', counter: { key: 'rooms', bufferSize: 5 } });
  expect(fleet.fleet('arena')?.replicas).toBe(1);
  fleet.use(1);
  fleet.rooms([8]);
  expect(fleet.fleet('arena')?.replicas).toBe(2);
  fleet.rooms([8, 9]);
  expect(fleet.fleet('arena')?.replicas).toBe(3);
});

const webhook = { type: 'Webhook', webhook: { url: 'http://127.0.0.1:1/', intervalMs: 5000 } };

it('asks a webhook after each change, one ask at a time, and again in its interval', async () => {
  set(webhook);
  expect(asked.map(({ ask }) => ask)).toMatchObject([{ fleet: 'arena', replicas: 0, labels: { mode: 'duel' } }]);
  fleet.use(1);
  fleet.use(2);
  expect(asked).toHaveLength(1);
  asked[0]?.answer({ ok: true, replicas: 4 });
  await clock.advanceSettled(0);
  expect(fleet.fleet('arena')?.replicas).toBe(4);
  // It was asked about a fleet that has changed since.
  await clock.advanceSettled(autoscalerLimits.webhookPauseMs);
  expect(asked[1]?.ask).toMatchObject({ allocated: 2 });
  asked[1]?.answer({ ok: true, replicas: 6 });
  await clock.advanceSettled(0);
  expect(fleet.fleet('arena')?.replicas).toBe(6);
  await clock.advanceSettled(4999);
  expect(asked).toHaveLength(2);
  await clock.advanceSettled(1);
  expect(asked).toHaveLength(3);
});

it('holds to the last good answer of a webhook that hangs, and still serves who waits', async () => {
  set(webhook);
  asked[0]?.answer({ ok: true, replicas: 4 });
  await clock.advanceSettled(5000);
  asked[1]?.answer({ ok: false, code: 'WEBHOOK_TIMEOUT', message: 'no answer within 2000 ms' });
  await clock.advanceSettled(0);
  expect(scaler.scaling('arena')).toMatchObject({
    now: { to: 4, why: expect.stringMatching(/its last good answer holds \(WEBHOOK_TIMEOUT/) },
    webhooks: [{ replicas: 4, trouble: 'WEBHOOK_TIMEOUT: no answer within 2000 ms' }],
  });
  // While the next ask hangs, a request is served in the same turn.
  fleet.change({ waiting: 5, replicas: 4, inUse: 4 });
  expect(fleet.fleet('arena')?.replicas).toBe(9);
});

it('leaves a fleet alone that a webhook never said anything of', async () => {
  open({ replicas: 3, states: { Ready: 3 } });
  set(webhook);
  asked[0]?.answer({ ok: false, code: 'WEBHOOK_FAILED', message: 'ECONNREFUSED' });
  await clock.advanceSettled(0);
  expect(fleet.fleet('arena')?.replicas).toBe(3);
  expect(scaler.scaling('arena')?.now?.why).toMatch(/no good answer yet \(WEBHOOK_FAILED: ECONNREFUSED\)/);
});

it('an operator holds the size: it says what it would do, and goes on from there once it is let go', () => {
  set(buffer);
  fleet.use(3);
  fleet.hold('arena', 12);
  fleet.use(9);
  expect(fleet.fleet('arena')?.replicas).toBe(12);
  expect(scaler.scaling('arena')?.now).toMatchObject({
    from: 12,
    to: 12,
    why: expect.stringMatching(/^An operator holds it at 12\. Otherwise: Buffer: 9/),
  });
  const before = scaler.scaling('arena')?.decisions.length;
  fleet.use(11);
  expect(scaler.scaling('arena')?.decisions.length).toBe(before);
  fleet.hold('arena', undefined);
  expect(fleet.fleet('arena')?.replicas).toBe(13);
});

it('begins anew with other terms, and stops when it is told to', async () => {
  set(webhook);
  set(buffer);
  asked[0]?.answer({ ok: true, replicas: 50 });
  await clock.advanceSettled(0);
  expect(fleet.fleet('arena')?.replicas).toBe(2);
  scaler.set('arena', undefined);
  fleet.use(5);
  expect(fleet.fleet('arena')?.replicas).toBe(5);
  expect(scaler.scaling('arena')).toBeUndefined();
  set(buffer);
  scaler.close();
  fleet.use(9);
  await clock.advanceSettled(600_000);
  expect(fleet.fleet('arena')?.replicas).toBe(9);
});

it('knows fleets that are not there yet', () => {
  scaler.set('later', { policy: policySchema.parse(buffer), downAfterMs: 1000, downKeep: 0.2 });
  expect(scaler.scaling('later')).toMatchObject({ fleet: 'later', now: undefined, decisions: [] });
});
