/** What the setup step sees in a checkout, and what it says to a person. The install itself is tried by CI from a fresh clone. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript, so that Node 18 can run it
import { explain, lookAt, npmTrouble } from './setup.mjs';

const root = mkdtempSync(join(tmpdir(), 'atlas-setup-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

function checkout(parts: { lock?: string; installedAt?: number; stamp?: string; node?: string }): string {
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  mkdirSync(join(root, 'node_modules/node'), { recursive: true });
  if (parts.lock !== undefined) {
    writeFileSync(join(root, 'package-lock.json'), parts.lock);
    utimesSync(join(root, 'package-lock.json'), 1000, 1000);
  }
  if (parts.installedAt !== undefined) {
    writeFileSync(join(root, 'node_modules/.package-lock.json'), '{}');
    utimesSync(join(root, 'node_modules/.package-lock.json'), parts.installedAt, parts.installedAt);
  }
  if (parts.node !== undefined) {
    writeFileSync(join(root, 'node_modules/.bin/node'), '');
    writeFileSync(join(root, 'node_modules/node/package.json'), JSON.stringify({ version: parts.node }));
  }
  if (parts.stamp !== undefined) writeFileSync(join(root, 'node_modules/.atlas-setup'), parts.stamp);
  return lookAt(root) as string;
}

describe('the setup step', () => {
  it.each([
    ['a fresh clone', { lock: '{}' }, 'install'],
    ['an installation that lacks node', { lock: '{}', installedAt: 2000 }, 'install'],
    ['one older than the lock file', { lock: '{}', installedAt: 500, node: '24.1.0' }, 'install'],
    [
      'one whose lock file has changed since',
      { lock: '{"new":1}', installedAt: 2000, node: '24.1.0', stamp: 'of another' },
      'install',
    ],
    ['one with an old node', { lock: '{}', installedAt: 2000, node: '22.1.0' }, 'install'],
    ['a good one, installed by hand', { lock: '{}', installedAt: 2000, node: '24.1.0' }, 'nothing'],
  ])('sees %s', (_name, parts, expected) => expect(checkout(parts)).toBe(expected));

  it('remembers what it installed, whatever the times of the files say', () => {
    expect(checkout({ lock: '{}', installedAt: 2000, node: '24.1.0' })).toBe('nothing');
    expect(checkout({ lock: '{}', installedAt: 500, node: '24.1.0' })).toBe('nothing');
  });

  it('says when the checkout is not whole', () => expect(checkout({})).toMatch('no package-lock.json'));

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
