import { describe, expect, it } from 'vitest';
import { Rates } from './rates.ts';

describe('the rate of a counter', () => {
  it('is not known before two samples', () => {
    const rates = new Rates();
    expect(rates.perS('a', 'n')).toBeNull();
    rates.sample('a', { n: 5 }, 1000);
    expect(rates.perS('a', 'n')).toBeNull();
  });

  it('looks back over the last five seconds and no further', () => {
    const rates = new Rates();
    for (let s = 0; s <= 20; s++) rates.sample('a', { n: s < 10 ? 0 : (s - 10) * 7 }, s * 1000);
    expect(rates.perS('a', 'n')).toBe(7);
  });

  it('begins anew when the counter has fallen, and is not known where the host does not tell', () => {
    const rates = new Rates();
    rates.sample('a', { n: 100, cpuS: Number.NaN }, 0);
    rates.sample('a', { n: 3, cpuS: Number.NaN }, 1000);
    expect(rates.perS('a', 'n')).toBeNull();
    rates.sample('a', { n: 4, cpuS: Number.NaN }, 2000);
    expect(rates.perS('a', 'n')).toBe(1);
    expect(rates.perS('a', 'cpuS')).toBeNull();
  });

  it('is forgotten with the thing', () => {
    const rates = new Rates();
    rates.sample('a', { n: 1 }, 0);
    rates.sample('a', { n: 2 }, 1000);
    rates.keep(new Set(['b']));
    expect(rates.perS('a', 'n')).toBeNull();
  });
});
