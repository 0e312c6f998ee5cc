import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkConfig, formatComplaints } from './config.ts';
import { type FormerField, isNewer } from './config-history.ts';
import { version } from './version.ts';

const home = mkdtempSync(join(tmpdir(), 'atlas-config-'));
const file = join(home, 'atlas.config.ts');
writeFileSync(join(home, 'region.ts'), '');
afterAll(() => rmSync(home, { recursive: true }));

const good = {
  world: { regions: [{ id: 'alpha', bounds: { minX: 0, maxX: 1, minY: 0, maxY: 1 } }] },
  regionServer: { entry: './region.ts' },
};
/** As they would stand in a later release. */
const former: Record<string, FormerField> = {
  'gateway.host': { until: '0.0.9', instead: 'gateway.listen', example: "listen: '127.0.0.1'" },
};

/** The complaint, as it is shown. */
function complaint(config: unknown): string {
  const checked = checkConfig(config, file, [], former);
  return checked.ok ? '' : formatComplaints(file, checked.complaints);
}

test('a field that is gone says what to write now', () => {
  expect(complaint({ ...good, gateway: { host: '127.0.0.1' } })).toBe(`one thing is wrong in ${file}

  gateway.host
    expected  gateway.listen; host was read until release 0.0.9
    found     "127.0.0.1"
    example   listen: '127.0.0.1'`);
});

test('a field of a newer release is told as that, and not as a misspelt word', () => {
  expect(complaint({ ...good, release: '99.0.0', worlds: {} })).toBe(`one thing is wrong in ${file}

  worlds
    expected  a field that release ${version} knows, and the configuration was written for 99.0.0
    found     {}
    example   npm install horizon-atlas@99.0.0`);
  expect(complaint({ ...good, release: version, worlds: {} })).toContain('world; there is no worlds');
});

test('a newer or older configuration in which everything is known is taken', () => {
  expect(complaint({ ...good, release: '99.0.0' })).toBe('');
  expect(complaint({ ...good, release: '0.0.1' })).toBe('');
  expect(complaint({ ...good, release: 'latest' })).toContain('three numbers');
});

test.each([
  ['0.2.0', '0.1.9', true],
  ['0.1.10', '0.1.9', true],
  ['1.0.0', '1.0.0', false],
  ['0.9.9', '1.0.0', false],
])('%s is newer than %s: %s', (a, b, is) => expect(isNewer(a, b)).toBe(is));
