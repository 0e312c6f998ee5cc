/** `atlas audit verify` on a log that Atlas's own writer wrote, and on one that was changed afterwards. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAudit } from '@horizon-atlas/audit';
import { systemClock } from '@horizon-atlas/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';

const launcher = fileURLToPath(new URL('../bin/atlas.mjs', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'atlas-audit-'));
const dir = join(home, '.atlas', 'audit');
afterAll(() => rmSync(home, { recursive: true }));

beforeAll(() => {
  const faults: unknown[] = [];
  const audit = openAudit({ dir, clock: systemClock(), onFault: (fault: unknown) => void faults.push(fault) });
  for (const subject of ['ann', 'bob']) {
    audit.append({ kind: 'action.kick', actor: 'local', address: '::1', subject, code: '', fields: {} });
  }
  audit.close();
  expect(faults).toEqual([]);
});

function check(expected: { code: number; out: RegExp; err: RegExp }): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, 'audit', 'verify'], { cwd: home, encoding: 'utf8' });
  expect({ status, stderr }).toMatchObject({ status: expected.code, stderr: expect.stringMatching(expected.err) as string });
  expect(stdout).toMatch(expected.out);
}

it('whole, in the world of this folder', () =>
  check({ code: 0, out: /^2 entries in one file, 1 to 2\nlast hash [0-9a-f]{64}\n$/, err: /^$/ }));

it('changed', () => {
  const [name = ''] = readdirSync(dir);
  const file = join(dir, name);
  writeFileSync(file, readFileSync(file, 'utf8').replace('ann', 'eve'));
  check({ code: 9, out: new RegExp(`^${name}:\\d+ `, 'm'), err: /AUDIT_BROKEN/ });
});
