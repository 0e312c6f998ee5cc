import { expect, it } from 'vitest';
import { limitsCheck } from './limits-check.ts';

const why = 'the controller cpu is not given to the control group that Atlas runs in';

it('says plainly what is not enforced here, and warns where a fleet counts on it', () => {
  expect(limitsCheck([]).level).toBe('ok');
  expect(limitsCheck([{ resource: 'cpus', why, fleets: [] }])).toMatchObject({
    level: 'ok',
    text: `cpus of game definitions are not enforced here: ${why}`,
  });
  const warned = limitsCheck([
    { resource: 'cpus', why, fleets: ['tanks'] },
    { resource: 'memoryBytes', why, fleets: ['tanks', 'blocks'] },
  ]);
  expect(warned).toMatchObject({
    level: 'warn',
    text: `cpus, memoryMb of game definitions are not enforced here: ${why}; tanks, blocks set them`,
  });
  expect(warned.mend).toMatch(/Delegate=yes/);
});
