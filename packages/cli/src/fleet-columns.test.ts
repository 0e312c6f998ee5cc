import type { Fleet } from '@horizon-atlas/sdk-admin';
import { expect, it } from 'vitest';
import { fleetColumns } from './fleet-columns.ts';

it('a fleet’s size says by what it is as large as it is', () => {
  const size = (by: Pick<Fleet, 'held' | 'warm' | 'policy'>) =>
    fleetColumns.find(({ title }) => title === 'SIZE')?.cell({ min: 1, max: 6, ...by } as Fleet);
  expect(size({ held: 3, warm: null, policy: 'Buffer' })).toBe('1-6, held');
  expect(size({ held: null, warm: 2, policy: 'Buffer' })).toBe('1-6, 2 warm');
  expect(size({ held: null, warm: null, policy: 'Utilization' })).toBe('1-6, Utilization');
  expect(size({ held: null, warm: null, policy: null })).toBe('1-6');
});
