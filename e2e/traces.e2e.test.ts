/** Traces of a real world at a real collector: how a player came in, and how it crossed a border, across all processes that took part. */
import { afterEach, expect, test } from 'vitest';
import { Collector, type HeardSpan } from './collector.ts';
import { Installation } from './installation.ts';
import { Player } from './player.ts';
import { DEADLINE_MS, until } from './until.ts';

let atlas: Installation;
let collector: Collector;
let ann: Player | undefined;
afterEach(async () => {
  ann?.leave();
  await atlas?.destroy();
  await collector?.close();
}, DEADLINE_MS);

async function walkOverABorder(sampleRatio: number): Promise<Player> {
  collector = await Collector.open();
  const headers = { 'x-key': 'of the collector' };
  atlas = await Installation.make({ telemetry: { otlpUrl: collector.url, sampleRatio, headers } });
  await atlas.start();
  const player = await Player.join(atlas, 'ann');
  ann = player;
  player.keepCounting();
  await player.walkTo(150);
  // Should its server still be starting, she waits for it beyond the border.
  await until('she has crossed', async () => player.region === 'mid');
  return player;
}

/** The whole trace whose first span has this name and these attributes, once all of these parts have arrived; `meanwhile` is done until then. */
async function traceOf(
  root: string,
  parts: readonly string[],
  attributes: HeardSpan['attributes'] = {},
  meanwhile = () => {},
): Promise<HeardSpan[]> {
  return until(`a trace of ${root} with ${parts.join(', ')}`, () => {
    meanwhile();
    return collector.spans
      .filter(({ name, parentSpanId }) => name === root && parentSpanId === '')
      .filter((span) => Object.entries(attributes).every(([name, value]) => span.attributes[name] === value))
      .map(({ traceId }) => collector.trace(traceId))
      .find((spans) => parts.every((part) => spans.some(({ name }) => name === part)));
  });
}

/** Walks on over the border, forth and back: on a busy machine the first crossing may come before its target is warm. */
function stroller(player: Player): () => void {
  let goal = 150;
  return () => {
    if (Math.abs(player.x - goal) >= 1) return;
    goal = 200 - goal;
    player.client.send('walk/to', { x: goal });
  };
}

/** `child < parent`, in the order of their names; once each, because who is too busy to answer is asked again. */
function shapeOf(spans: readonly HeardSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const shapes = spans.map(({ name, parentSpanId }) => `${name} < ${parentSpanId === '' ? '' : byId.get(parentSpanId)?.name}`);
  return [...new Set(shapes)].sort();
}

function servicesOf(spans: readonly HeardSpan[]): string[] {
  return [...new Set(spans.map(({ service }) => service))].sort();
}

test('a join and a handoff are one trace each, across all who took part', { timeout: 3 * DEADLINE_MS }, async () => {
  const player = await walkOverABorder(1);
  aJoin(await traceOf('session.join', ['join.place', 'join.admit', 'session.attach', 'session.token']));
  const parts = ['handoff.frozen', 'handoff.warm', 'handoff.install', 'handoff.switch', 'session.attach', 'handoff.release'];
  const fromWest = { 'atlas.source': 'west', 'atlas.target': 'mid' };
  aHandoff(
    await traceOf('handoff', parts, fromWest, stroller(player)),
    (await atlas.serverOf('west')).id,
    (await atlas.serverOf('mid')).id,
  );
  expect(collector.requests[0]).toMatchObject({ path: '/v1/traces', 'x-key': 'of the collector' });
});

test('what is not sampled is not sent', { timeout: 3 * DEADLINE_MS }, async () => {
  await walkOverABorder(0);
  // All that is left would be sent before the end.
  expect(await atlas.interrupt()).toBe(0);
  expect(collector.requests).toEqual([]);
});

function aJoin(spans: readonly HeardSpan[]): void {
  expect(servicesOf(spans)).toEqual(['atlas-coordinator', 'atlas-gateway', 'atlas-server']);
  expect(shapeOf(spans)).toEqual([
    'join.admit < join.place',
    'join.place < session.join',
    'session.attach < session.join',
    'session.handshake < session.join',
    'session.join < ',
    'session.token < session.join',
  ]);
}

function aHandoff(spans: readonly HeardSpan[], source: string, target: string): void {
  expect(servicesOf(spans)).toEqual(['atlas-coordinator', 'atlas-gateway', 'atlas-server']);
  expect(shapeOf(spans)).toEqual([
    'handoff < ',
    'handoff.activate < handoff',
    'handoff.commit < handoff',
    'handoff.copy < handoff.sync',
    'handoff.freeze < handoff',
    'handoff.frozen < handoff.freeze',
    'handoff.install < handoff.activate',
    'handoff.predict < handoff',
    'handoff.prepare < handoff',
    'handoff.release < handoff',
    'handoff.switch < handoff.activate',
    'handoff.sync < handoff',
    'handoff.warm < handoff.copy',
    'session.attach < handoff.switch',
  ]);
  const one = (name: string) => spans.find((span) => span.name === name) as HeardSpan;
  expect(['handoff.copy', 'handoff.frozen'].map((name) => one(name).instance)).toEqual([source, source]);
  const atTarget = ['handoff.warm', 'handoff.install', 'session.attach'];
  expect(atTarget.map((name) => one(name).instance)).toEqual([target, target, target]);

  const { attributes } = one('handoff');
  expect(attributes).toMatchObject({
    'atlas.source': 'west',
    'atlas.target': 'mid',
    'atlas.warm': true,
    'atlas.outcome': 'done',
  });
  expect(Number(attributes['atlas.new_epoch'])).toBeGreaterThan(Number(attributes['atlas.epoch']));
  expect(Number(one('handoff.switch').attributes['atlas.gap_ms'])).toBeGreaterThan(0);
  expect(one('handoff.install').attributes).toMatchObject({ 'atlas.installed': true, 'atlas.warm': true });
  expect(spans.filter(({ status }) => status === 2)).toEqual([]);
  for (const span of spans) expect(span.endMs, span.name).toBeGreaterThanOrEqual(span.startMs);
}
