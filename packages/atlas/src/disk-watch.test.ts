import { manualClock, memoryProbe } from '@horizon-atlas/runtime';
import { expect, it } from 'vitest';
import { DiskWatch, diskPolicy } from './disk-watch.ts';

it('tells of scarce room once, of almost none, and when there is enough again', async () => {
  const [clock, told] = [manualClock(), [] as unknown[]];
  const probe = { ...memoryProbe(), event: (_name: string, fields?: object) => void told.push(fields) };
  let free: number | undefined = 2e9;
  const freeBytesOf = async () => free ?? Promise.reject(new Error('it is gone'));
  const watch = new DiskWatch({ clock, probe: () => probe, folder: '/srv/world', freeBytesOf });
  const look = async (freeBytes: number | undefined): Promise<unknown> => {
    free = freeBytes;
    clock.advance(diskPolicy.lookMs);
    await new Promise((resolve) => setImmediate(resolve));
    return told.splice(0)[0];
  };
  await watch.start();
  expect([told, watch.warnings]).toEqual([[], []]);
  expect(await look(900e6)).toMatchObject({ level: 'low', code: 'DISK_LOW', freeBytes: 900e6, folder: '/srv/world' });
  expect(watch.warnings).toEqual([
    { code: 'DISK_LOW', message: 'only 900 MB are free where the world is kept (/srv/world): make room' },
  ]);
  // To and fro at the bound is one trouble.
  for (const bytes of [1.01e9, 990e6, 1.09e9]) expect(await look(bytes)).toBeUndefined();
  expect(await look(99e6)).toMatchObject({ level: 'full', code: 'DISK_FULL' });
  expect(watch.warnings[0]?.message).toMatch(/^99 MB are free .*nothing new can be kept$/);
  expect(await look(105e6)).toBeUndefined();
  // What cannot be told changes nothing.
  expect(await look(undefined)).toBeUndefined();
  expect(watch.warnings[0]?.code).toBe('DISK_FULL');
  expect(await look(500e6)).toMatchObject({ level: 'low', code: 'DISK_LOW' });
  expect(await look(1.2e9)).toMatchObject({ level: 'ok', code: '' });
  expect(watch.warnings).toEqual([]);
  watch.stop();
  expect(await look(1)).toBeUndefined();
});
