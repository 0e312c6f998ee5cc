import { expect, test } from 'vitest';
import { Heap } from './heap.ts';
import { Prng } from './prng.ts';
import { Ring } from './ring.ts';
import { histogram, percentile } from './stats.ts';

test('a seed gives the same sequence for ever', () => {
  const prng = new Prng(42);
  const first = [prng.u32(), prng.u32(), prng.u32()];
  const again = new Prng(42);
  expect([again.u32(), again.u32(), again.u32()]).toEqual(first);
  expect(new Prng(43).u32()).not.toBe(first[0]);
});

test('draws are spread evenly and stay in their bounds', () => {
  const prng = new Prng(1);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const n = prng.below(10);
    counts[n] = (counts[n] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test('a heap gives the smallest first, and equals in the order they came', () => {
  const heap = new Heap<number>();
  const prng = new Prng(7);
  const keys = Array.from({ length: 500 }, () => prng.below(20));
  for (const [i, key] of keys.entries()) heap.push(key, i);
  const expected = keys.map((key, i) => ({ key, i })).sort((a, b) => a.key - b.key || a.i - b.i);
  for (const { key, i } of expected) {
    expect(heap.minKey).toBe(key);
    expect(heap.pop()).toBe(i);
  }
  expect(heap.pop()).toBeUndefined();
});

test('a ring is first in, first out, and says when it is full', () => {
  const ring = new Ring<number>(20);
  for (let i = 0; i < 15; i++) ring.push(i);
  for (let i = 0; i < 10; i++) expect(ring.shift()).toBe(i);
  for (let i = 15; i < 30; i++) expect(ring.push(i)).toBe(true);
  expect(ring.full).toBe(true);
  expect(ring.push(30)).toBe(false);
  expect(Array.from({ length: 20 }, () => ring.shift())).toEqual(Array.from({ length: 20 }, (_, i) => 10 + i));
});

test('percentiles are nearest-rank, and a window forgets the oldest', () => {
  expect(percentile([5, 1, 3, 2, 4], 0.5)).toBe(3);
  expect(percentile([1], 0.99)).toBe(1);
  expect(percentile([], 0.5)).toBeNaN();
  const window = histogram(3);
  for (const n of [100, 1, 2, 3]) window.add(n);
  expect([window.percentile(1), window.max, window.count]).toEqual([3, 100, 4]);
});
