import { expect, it } from 'vitest';
import { age, bytes, count, dayTime, duration, ms, percent } from './figures.ts';

it.each([
  [0.9, '0 s'],
  [72, '1 min 12 s'],
  [3700, '1 h 1 min'],
  [200_000, '2 d 7 h'],
])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));

it.each([
  [-5, '0s'],
  [59_000, '59s'],
  [3_599_000, '59m'],
  [7_200_000, '2h'],
  [400_000_000, '4d'],
])('%d ms ago is %s', (ago, text) => expect(age(1e12 - ago, 1e12)).toBe(text));

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_500, '1.5 kB'],
  [123_456_789, '123 MB'],
  [2e15, '2000 TB'],
  [null, null],
])('%d bytes are %s', (n, text) => expect(bytes(n)).toBe(text));

it.each([
  [9_999, '9999'],
  [12_345, '12.3k'],
  [123_456, '123k'],
  [1_234_567, '1.2M'],
  [null, null],
])('%d things are %s', (n, text) => expect(count(n)).toBe(text));

it('the rest', () =>
  expect([ms(null), ms(3.14), ms(14.2), percent(null), percent(0.426), dayTime(new Date(2026, 0, 5, 9, 3, 7).getTime())]).toEqual(
    ['–', '3.1', '14', null, '43 %', '2026-01-05 09:03:07'],
  ));
