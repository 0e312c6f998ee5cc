import { describe, expect, it } from 'vitest';
import { HitRates, Transitions } from './markov.ts';

function travelled(...trips: readonly [from: string, to: string, times: number, stayMs?: number][]): Transitions {
  const table = new Transitions();
  for (const [from, to, times, stayMs = 1000] of trips) for (let i = 0; i < times; i++) table.observe(from, to, stayMs);
  return table;
}

describe('transitions', () => {
  it('say where most went next', () => {
    const table = travelled(['hub', 'moon', 30], ['hub', 'mars', 10]);
    expect(table.predict('hub')).toEqual({ target: 'moon', probability: 0.75, samples: 40 });
  });

  it('say nothing where too little was seen or nothing stands out, so that kinematics decides', () => {
    expect(travelled(['hub', 'moon', 19]).predict('hub')).toBeUndefined();
    expect(travelled(['hub', 'moon', 20]).predict('hub')?.target).toBe('moon');
    expect(travelled(['hub', 'a', 20], ['hub', 'b', 20], ['hub', 'c', 20]).predict('hub')).toBeUndefined();
    expect(travelled().predict('hub')).toBeUndefined();
  });

  it('forget old habits for new ones, and regions that are gone', () => {
    const table = travelled(['hub', 'moon', 900], ['hub', 'mars', 900]);
    expect(table.predict('hub')?.target).toBe('mars');
    table.forget('mars');
    expect(table.predict('hub')?.target).toBe('moon');
    table.forget('hub');
    expect(table.predict('hub')).toBeUndefined();
  });

  it('keep a bounded number of targets', () => {
    const table = travelled(['hub', 'moon', 40]);
    for (let i = 0; i < 39; i++) table.observe('hub', `odd${i}`, 1000);
    expect(table.predict('hub')?.target).toBe('moon');
  });

  it('ignore nonsense: a stay that is no time, a way from a region to itself', () => {
    const table = travelled(['hub', 'hub', 50], ['hub', 'moon', 50, Number.NaN], ['hub', 'moon', 50, -1]);
    expect(table.predict('hub')).toBeUndefined();
  });

  it('tell how likely one leaves soon who has stayed so long', () => {
    const table = travelled(['hub', 'moon', 50, 900], ['hub', 'moon', 50, 100_000]);
    expect(table.leavesWithin('hub', 0, 1000)).toBeCloseTo(0.5);
    expect(table.leavesWithin('hub', 2000, 10_000)).toBe(0);
    expect(table.leavesWithin('hub', 64_000, 64_000)).toBe(1);
    expect(table.leavesWithin('hub', 1_000_000, 1000)).toBeUndefined();
    expect(table.leavesWithin('moon', 0, 1000)).toBeUndefined();
  });
});

describe('hit rates', () => {
  it('count who was right among those who said something', () => {
    const rates = new HitRates(['kinematic', 'markov']);
    expect(rates.of('markov').rate).toBeNaN();
    rates.note('kinematic', 'mars', 'moon');
    rates.note('kinematic', 'moon', 'moon');
    rates.note('markov', undefined, 'moon');
    rates.note('markov', 'moon', 'moon');
    expect(rates.of('kinematic')).toEqual({ made: 2, right: 1, rate: 0.5 });
    expect(rates.of('markov')).toEqual({ made: 1, right: 1, rate: 1 });
  });
});
