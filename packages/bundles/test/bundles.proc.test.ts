/** Bundles are what the sources are, or are not taken. */
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeBundles, packageNames, staleBundles } from '../src/make.ts';
import type { Kept } from '../src/preload.ts';
import { Checkout } from './checkout.ts';

const files = {
  // Types are spaces where a source runs, and nothing where a bundle does.
  'packages/low/src/how.ts': `export function how(fn: Function): string { return / {3}/.test(fn.toString()) ? 'source' : 'bundle'; }\n`,
  'packages/low/src/index.ts': `export { how } from './how.ts';\nexport { count, low, probe } from './low.ts';\n`,
  'packages/low/src/low.ts': `let counted = 0;
export function count(by: number): number { return (counted += by); }
export const low = 'one';
export function probe(_: number): void {}
`,
  'packages/high/src/index.ts': `export { high, fails } from './high.ts';\n`,
  'packages/high/src/high.ts': `import { low } from "@horizon-atlas/low";
export function high(_: number): string { return 'high on ' + low; }
interface Padding { a: number }

export function fails(_: Padding): never { throw new Error('as it should'); }
`,
  'packages/high/src/program.ts': `import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { count, how, low, probe } from "@horizon-atlas/low";
import { high as byName } from "@horizon-atlas/high";
import { high } from './high.ts';
const later = await import('./later.ts');
console.log(low, how(probe), high(1), how(high), byName === high ? 'once' : 'twice');
const beside = readFileSync(new URL('./beside.txt', import.meta.url), 'utf8');
console.log(count(1), later.counted(), beside, basename(import.meta.dirname), basename(import.meta.filename));
`,
  'packages/high/src/later.ts': `import { count } from "@horizon-atlas/low";\nexport function counted(): number { return count(1); }\n`,
  'packages/high/src/beside.txt': 'beside',
  'packages/high/src/starter.ts': `export const program = new URL('./program.ts', import.meta.url);\n`,
  'game/region.ts': `import { how } from "@horizon-atlas/low";
import { fails, high } from "@horizon-atlas/high";
console.log(high(1), how(high));
try { fails({ a: 1 }); } catch (error) { console.log((error as Error).stack); }
`,
};
const program = 'packages/high/src/program.ts';
const region = 'game/region.ts';

describe('a checkout', () => {
  let checkout: Checkout;

  beforeAll(() => {
    checkout = new Checkout(files);
    checkout.addPackage('low', { '.': './src/index.ts' });
    checkout.addPackage('high', { '.': './src/index.ts' });
  });
  afterAll(() => checkout.remove());

  test('runs its sources while there are no bundles', () => {
    expect(checkout.run(program)).toEqual(['one source high on one source once', '1 2 beside src program.ts']);
  });

  test('runs bundles, in which a module is there once and finds what lies beside its source', () => {
    expect(checkout.bundle()).toEqual(['high', 'low']);
    expect(checkout.run(program)).toEqual(['one bundle high on one bundle once', '1 2 beside src program.ts']);
    expect(checkout.bundle(), 'nothing has changed').toEqual([]);
  });

  test('gives bundles to a program of a user, and its stacks name sources', () => {
    const [line, head, first, second] = checkout.run(region);
    expect(line).toBe('high on one bundle');
    expect(head).toBe('Error: as it should');
    expect(first).toMatch(/^ {4}at fails \(file:\/\/.*\/packages\/high\/src\/high\.ts:5:\d+\)$/);
    expect(second).toContain('/game/region.ts:4:');
  });

  test('runs sources where ATLAS_BUNDLES is off', () => {
    expect(checkout.run(region, { ATLAS_BUNDLES: 'off' })[0]).toBe('high on one source');
  });

  test.each(['write', 'rename'] as const)(
    'runs a source that a %s has changed and no time or size tells, beside bundles',
    (by) => {
      checkout.bundle();
      checkout.edit('packages/low/src/low.ts', `'one'`, `'two'`, by);
      expect(checkout.run(program)[0]).toBe('two source high on two bundle once');
      expect(checkout.bundle()).toEqual(['low']);
      expect(checkout.run(program)[0]).toBe('two bundle high on two bundle once');
      checkout.edit('packages/low/src/low.ts', `'two'`, `'one'`, by);
    },
  );

  test('runs a program that has changed, with all of its package', () => {
    checkout.bundle();
    checkout.edit(program, 'basename(import.meta.filename)', `'changed'`);
    expect(checkout.run(program)).toEqual(['one bundle high on one source once', '1 2 beside src changed']);
  });

  test('runs sources where a bundle has been cut off', () => {
    checkout.bundle();
    const cache = join(checkout.root, 'node_modules/.cache/atlas-bundles');
    const { outputs } = JSON.parse(readFileSync(join(cache, 'low.json'), 'utf8')) as Kept;
    for (const [path] of outputs) truncateSync(join(cache, path), 10);
    expect(checkout.run(program)[0]).toBe('one source high on one bundle once');
  });

  test('runs sources where it is a copy', () => {
    checkout.bundle();
    const folder = mkdtempSync(join(tmpdir(), 'atlas-bundles-'));
    try {
      expect(checkout.copyTo(join(folder, 'copy')).run(region)[0]).toBe('high on one source');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('makes no bundle of a file that has changed a moment ago', () => {
    checkout.edit('packages/low/src/low.ts', `'one'`, `'two'`);
    checkout.bundle(1_500);
    const noted = join(checkout.root, 'node_modules/.cache/atlas-bundles/low.json');
    const { inputs } = JSON.parse(readFileSync(noted, 'utf8')) as Kept;
    const changedMs = Math.max(...inputs.map(([, , , ms]) => ms));
    expect(statSync(noted).mtimeMs - changedMs).toBeGreaterThanOrEqual(1_500);
  });
});

test('every package of this checkout has a bundle', async () => {
  await makeBundles();
  expect(staleBundles()).toEqual([]);
  expect(packageNames()).toContain('sdk-server');
}, 60_000);
