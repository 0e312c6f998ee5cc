import { expect, it } from 'vitest';
import { memoryProbe, noProbe } from './index.ts';

it('keeps counters, gauges and distributions apart by name and labels', () => {
  const probe = memoryProbe();
  probe.count('atlas_handoffs_total');
  probe.count('atlas_handoffs_total', 2);
  probe.count('atlas_refusals_total', 1, { code: 'RATE_LIMITED', gateway: 'g1' });
  probe.count('atlas_refusals_total', 1, { gateway: 'g1', code: 'RATE_LIMITED' });
  probe.count('atlas_refusals_total', 1, { gateway: 'g2', code: 'RATE_LIMITED' });
  probe.gauge('atlas_players', 5);
  probe.gauge('atlas_players', 4);
  for (let ms = 1; ms <= 100; ms++) probe.observe('atlas_gap_ms', ms);
  expect(probe.snapshot()).toEqual([
    { kind: 'counter', name: 'atlas_handoffs_total', labels: {}, value: 3 },
    { kind: 'counter', name: 'atlas_refusals_total', labels: { code: 'RATE_LIMITED', gateway: 'g1' }, value: 2 },
    { kind: 'counter', name: 'atlas_refusals_total', labels: { code: 'RATE_LIMITED', gateway: 'g2' }, value: 1 },
    { kind: 'gauge', name: 'atlas_players', labels: {}, value: 4 },
    {
      kind: 'summary',
      name: 'atlas_gap_ms',
      labels: {},
      count: 100,
      sum: 5050,
      quantiles: [
        [0.5, 50],
        [0.9, 90],
        [0.99, 99],
        [1, 100],
      ],
    },
  ]);
});

it('takes quantiles of the latest samples, and count and sum of all', () => {
  const probe = memoryProbe({ limits: { samples: 10 } });
  for (let i = 0; i < 100; i++) probe.observe('x_ms', i < 90 ? 1000 : 1);
  expect(probe.snapshot()).toMatchObject([
    {
      count: 100,
      sum: 90_010,
      quantiles: [
        [0.5, 1],
        [0.9, 1],
        [0.99, 1],
        [1, 1],
      ],
    },
  ]);
});

it('keeps as many series as it may, and says how much it dropped', () => {
  const probe = memoryProbe({ limits: { series: 2 } });
  for (let i = 0; i < 5; i++) probe.count('x_total', 1, { session: String(i) });
  probe.count('x_total', 1, { session: '0' });
  expect(probe.snapshot().map((s) => [s.name, s.labels, s.kind !== 'summary' && s.value])).toEqual([
    ['x_total', { session: '0' }, 2],
    ['x_total', { session: '1' }, 1],
    ['atlas_probe_dropped_total', {}, 3],
  ]);
});

it('keeps the latest events, and passes each on', () => {
  const heard: string[] = [];
  const probe = memoryProbe({ limits: { events: 2 }, onEvent: (event) => heard.push(event.name) });
  for (const name of ['a', 'b', 'c']) probe.event(name, { n: 1 });
  probe.event('d');
  expect(heard).toEqual(['a', 'b', 'c', 'd']);
  expect(probe.events()).toEqual([
    { name: 'c', fields: { n: 1 } },
    { name: 'd', fields: {} },
  ]);
});

it('can be nothing at all', () => {
  noProbe.count('x');
  noProbe.gauge('x', 1);
  noProbe.observe('x', 1);
  noProbe.event('x');
});
