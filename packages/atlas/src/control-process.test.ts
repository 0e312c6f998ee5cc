import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { AtlasConfig } from './config.ts';
import { startControlProcess } from './control-process.ts';

const dir = mkdtempSync(join(tmpdir(), 'atlas-unwritable-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('a control plane', () => {
  it('is not started where nothing can be written, and it is told which setting is wrong', () => {
    const dataDir = join(dir, 'file');
    writeFileSync(dataDir, '');
    expect(() => startControlProcess({ dataDir } as AtlasConfig)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/^dataDir: nothing can be written to .*ENOTDIR/),
      }),
    );
  });
});
