/** On a file system that is really full. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryProbe, systemClock } from '@horizon-atlas/runtime';
import { expect, it } from 'vitest';
import { DiskWatch } from '../src/disk-watch.ts';

const small = mkdtempSync(join(tmpdir(), 'small-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small]).status === 0;
if (!mounted) console.warn('SKIPPED: this user may mount no file system');

it.skipIf(!mounted)('sees it fill up, and room again', async () => {
  const policy = { lowBytes: 3e6, fullBytes: 1e6, overAt: 1.1, lookMs: 10 };
  const levels: unknown[] = [];
  const seen = Promise.withResolvers<void>();
  const probe = {
    ...memoryProbe(),
    event: (_name: string, fields: { readonly level?: unknown } = {}) => {
      levels.push(fields.level);
      if (fields.level === 'full') rmSync(join(small, 'world'));
      if (fields.level === 'ok') seen.resolve();
    },
  };
  const watch = new DiskWatch({ clock: systemClock(), probe: () => probe, folder: small, policy });
  try {
    await watch.start();
    expect(watch.warnings).toEqual([]);
    expect(() => writeFileSync(join(small, 'world'), Buffer.alloc(8e6))).toThrow('ENOSPC');
    await seen.promise;
    expect(levels).toEqual(['full', 'ok']);
  } finally {
    watch.stop();
    execFileSync('umount', [small]);
    rmSync(small, { recursive: true });
  }
});
