import { describe, expect, it } from 'vitest';
import { Session } from '../src/core/session.ts';
import { SessionReports } from '../src/core/session-reports.ts';

const session = (id: string, begunMs = 0): Session => {
  const identity = { id, player: `p-${id}`, name: `n-${id}`, format: 'atlas' as const, schema: 0 };
  return new Session(identity, undefined as never, 'join', begunMs);
};

describe('what a gateway tells of its sessions', () => {
  it('is only what has changed', () => {
    const reports = new SessionReports();
    const ada = session('a', 1000);
    expect(reports.take(0)).toBeUndefined();
    reports.changed(ada);
    reports.changed(ada);
    expect(reports.take(3500.5)).toEqual({
      kind: 'sessions',
      listing: false,
      changed: [{ session: 'a', player: 'p-a', name: 'n-a', address: '', format: 'atlas', state: 'joining', ageMs: 2500 }],
      forgotten: [],
      pings: [],
    });
    expect(reports.take(4000)).toBeUndefined();
    ada.welcome = 'done';
    reports.measured(ada, 20);
    reports.measured(ada, 12.5);
    expect(reports.take(5000)?.pings).toEqual([{ session: 'a', ms: 12.5 }]);
    reports.changed(ada);
    reports.measured(ada, 3);
    reports.forgotten(ada);
    expect(reports.take(6000)).toMatchObject({ changed: [], forgotten: ['a'], pings: [] });
  });

  it('is everything after a hello, told as what was there before, in pieces', () => {
    const reports = new SessionReports();
    const all = Array.from({ length: 3000 }, (_, i) => session(String(i)));
    reports.changed(all[0] as Session);
    reports.list(all);
    const first = reports.take(0);
    reports.changed(all[0] as Session);
    const second = reports.take(1000);
    const third = reports.take(2000);
    expect([first?.listing, second?.listing, third?.listing]).toEqual([true, true, false]);
    expect([first?.changed.length, second?.changed.length, third?.changed.length]).toEqual([2048, 952, 1]);
    expect(reports.take(3000)).toBeUndefined();
  });
});
