import { percentile } from '@horizon-atlas/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Distribution } from './distribution.ts';

function of(samples: readonly number[]): Distribution {
  const all = new Distribution();
  for (const each of samples) all.add(each);
  return all;
}

it('of nothing says nothing', () =>
  expect(new Distribution().summary).toEqual({ count: 0, mean: null, p50: null, p90: null, p99: null, max: null }));

it('takes no nonsense', () => expect(of([Number.NaN, -1, Number.POSITIVE_INFINITY, 5]).summary.count).toBe(1));

it('is at most 2 % above the exact percentile, and never below it', () =>
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 300 }), (samples) => {
      const all = of(samples);
      for (const p of [0.5, 0.9, 0.99, 1]) {
        const exact = percentile(samples, p);
        const found = all.percentile(p) ?? Number.NaN;
        expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
        expect(found).toBeLessThanOrEqual(exact * 1.021);
      }
    }),
  ));

it('parts add up to the whole', () => {
  const samples = Array.from({ length: 500 }, (_, i) => (i * 7919) % 1000);
  const merged = of(samples.slice(0, 123));
  merged.merge(JSON.parse(JSON.stringify(of(samples.slice(123)).counted)));
  expect(merged.summary).toEqual(of(samples).summary);
});
