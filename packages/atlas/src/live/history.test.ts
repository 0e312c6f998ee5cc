import { describe, expect, it } from 'vitest';
import { HistoryLog } from './history.ts';

describe('the last hour', () => {
  it('has a point for each step, and null where there is no figure', () => {
    const log = new HistoryLog();
    log.add(1000, { players: 1, cpu: Number.NaN });
    log.add(6000, { players: 2, cpu: 0.5, 'load:a': 0.1 });
    log.add(11_000, { players: null });
    expect(log.read()).toEqual({
      stepMs: 5000,
      atMs: [1000, 6000, 11_000],
      series: { players: [1, 2, null], cpu: [null, 0.5, null], 'load:a': [null, 0.1, null] },
    });
  });

  it('forgets what is older, and series that have had no figure since', () => {
    const log = new HistoryLog(3);
    log.add(1, { gone: 1, here: 1 });
    for (let i = 2; i <= 4; i++) log.add(i, { here: i });
    expect(log.read()).toMatchObject({ atMs: [2, 3, 4], series: { here: [2, 3, 4] } });
    expect(log.read().series.gone).toBeUndefined();
  });
});
