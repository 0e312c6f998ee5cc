import { describe, expect, it } from 'vitest';
import { reportOf } from './report.ts';
import type { LoadtestSettings } from './settings.ts';
import { Tally } from './tally.ts';
import { type Threshold, verdicts } from './thresholds.ts';

const settings: LoadtestSettings = {
  script: '/x/loadtest.ts',
  urls: ['wss://127.0.0.1:1'],
  access: { dataDir: '/x/.atlas' },
  players: 2,
  ratePerS: 1,
  durationS: 1,
  rampS: 0,
  joinTimeoutS: 1,
  prefix: 'load',
  seed: 1,
};

/** Of two players, as two processes would tell it. */
function check(change: (tally: Tally) => void, thresholds: Threshold[], expected: [found: number | null, ok: boolean][]): void {
  const all = new Tally();
  for (let i = 0; i < 2; i++) {
    const one = new Tally();
    one.counts.joined = 1;
    change(one);
    all.add(JSON.parse(JSON.stringify(one.parts)));
  }
  expect(verdicts(reportOf(settings, all, 1), thresholds).map(({ found, ok }) => [found, ok])).toEqual(expected);
}

describe('a threshold', () => {
  it('holds at its figure', () =>
    check((t) => t.figures.crossingGapMs.add(250), [{ name: 'gap-p99', most: 250 }], [[250, true]]));
  it('is missed above it', () => check((t) => t.counts.lost++, [{ name: 'lost', most: 1 }], [[2, false]]));
  it('of what was not seen is missed', () => check(() => {}, [{ name: 'gap-p99', most: 250 }], [[null, false]]));
  it('of a count that is 0 holds', () => check(() => {}, [{ name: 'doubled', most: 0 }], [[0, true]]));
});

describe('a report', () => {
  const tally = new Tally();
  tally.counts.joined = 1;
  tally.figures.joinMs.add(5);
  tally.refused.set('REGION_FULL', 1);

  it('has no figures unless everybody joined', () => {
    const report = reportOf(settings, tally, 0);
    expect(report).toMatchObject({ complete: false, figures: null, players: { joined: 1, refused: { REGION_FULL: 1 } } });
    expect(verdicts(report, [{ name: 'join-p99', most: 1000 }])[0]).toMatchObject({ found: null, ok: false });
  });
});
