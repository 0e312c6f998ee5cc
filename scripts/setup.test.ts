/** What the setup step sees in a checkout, and what it says to a person. The install itself is tried by CI from a fresh clone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript, so that Node 18 can run it
import { explain, lookAt, npmTrouble } from './setup.mjs';

const root = mkdtempSync(join(tmpdir(), 'atlas-setup-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

type Packages = Record<string, { version?: string; link?: boolean; optional?: boolean }>;
const node: Packages = { 'node_modules/node': { version: '24.1.0' } };

/** What is seen with this lock file, and these packages noted as installed; undefined: there is no such file. */
function checkout(lock: Packages | undefined, installed: Packages | undefined, hasNode = true): string {
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  const write = (file: string, packages: Packages) => writeFileSync(join(root, file), JSON.stringify({ packages }));
  if (lock) write('package-lock.json', lock);
  if (installed) write('node_modules/.package-lock.json', installed);
  if (hasNode) writeFileSync(join(root, 'node_modules/.bin/node'), '');
  return lookAt(root) as string;
}

describe('the setup step', () => {
  const a = (version: string): Packages => ({ ...node, 'node_modules/a': { version } });
  it.each<[string, Packages, Packages | undefined, string]>([
    ['a fresh clone', node, undefined, 'install'],
    ['an installation as it should be', a('1.0.0'), a('1.0.0'), 'nothing'],
    ['one of an older lock file', a('1.0.1'), a('1.0.0'), 'install'],
    ['one that lacks a package', a('1.0.0'), node, 'install'],
    [
      'one that lacks a package for another platform',
      { ...node, 'node_modules/b': { version: '1.0.0', optional: true } },
      node,
      'nothing',
    ],
    [
      'one that lacks a package of this repository',
      { ...node, 'node_modules/@horizon-atlas/x': { link: true } },
      node,
      'install',
    ],
    ['one with more than is needed', node, a('1.0.0'), 'nothing'],
    ['the packages of this repository themselves', { ...node, 'packages/x': { version: '0.1.0' }, '': {} }, node, 'nothing'],
    [
      'one with an old node',
      { 'node_modules/node': { version: '22.1.0' } },
      { 'node_modules/node': { version: '22.1.0' } },
      'install',
    ],
  ])('sees %s', (_name, lock, installed, expected) => expect(checkout(lock, installed)).toBe(expected));

  it('sees an installation whose node did not arrive', () => expect(checkout(node, node, false)).toBe('install'));

  it('says when the checkout is not whole', () => expect(checkout(undefined, undefined)).toMatch('no package-lock.json'));

  it.each([
    ['npm/10.8.2 node/v20.20.2 linux x64', '', undefined],
    ['npm/9.1.0 node/v18.0.0 linux x64', '', /npm 10 or newer.* this is npm 9/],
    ['', '11.2.0\n', undefined],
    ['', '8.0.0\n', /this is npm 8/],
    ['', '', /not found/],
  ])('judges npm: %s%s', (agent, answer, expected) => {
    const trouble = npmTrouble(agent, () => answer) as string | undefined;
    if (expected) expect(trouble).toMatch(expected);
    else expect(trouble).toBeUndefined();
  });

  it.each([
    ['npm error code ENOTFOUND', /registry cannot be reached/],
    ['npm error code ENOSPC', /disk is full/],
    ['npm error code EACCES', /may not be written/],
    ['npm error something else', /last words/],
  ])('explains %s', (output, expected) => expect(explain(output)).toMatch(expected));
});
