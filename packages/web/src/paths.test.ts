import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileIn, safePath } from './paths.ts';

let home: string;
let folder: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'atlas-web-'));
  folder = join(home, 'web');
  mkdirSync(join(folder, 'art'), { recursive: true });
  mkdirSync(join(home, 'web-of-others'));
  writeFileSync(join(home, 'secret.txt'), 'secret');
  writeFileSync(join(home, 'web-of-others', 'theirs.txt'), 'theirs');
  writeFileSync(join(folder, 'art', 'ship.svg'), '<svg/>');
  symlinkSync(join(home, 'secret.txt'), join(folder, 'way-out.txt'));
  symlinkSync(join(folder, 'art', 'ship.svg'), join(folder, 'way-in.svg'));
});
afterAll(() => rmSync(home, { recursive: true }));

test('a path is decoded once, and nothing hidden or above is one', () => {
  expect(safePath('art/ship%20one.svg')).toBe('art/ship one.svg');
  const refused = [
    '../secret.txt',
    '%2e%2e/secret.txt',
    'art/../../secret.txt',
    '..%2fsecret.txt',
    'art\\..\\secret.txt',
    '%5c..%5csecret.txt',
    '/etc/passwd',
    'art//ship.svg',
    '.env',
    'art/.git/config',
    'node_modules/x/index.js',
    'a%00.svg',
    '%zz',
    './x',
    'x'.repeat(1025),
  ];
  for (const path of refused) expect(safePath(path), path).toBeUndefined();
  // Decoded once only: this is a file with a percent sign in its name.
  expect(safePath('%252e%252e')).toBe('%2e%2e');
});

test('only files that really lie in the folder are found', () => {
  expect(fileIn(folder, 'art/ship.svg')).toMatchObject({ bytes: 6 });
  expect(fileIn(folder, 'way-in.svg')).toMatchObject({ bytes: 6 });
  for (const path of ['way-out.txt', 'art', 'missing.txt', '../web-of-others/theirs.txt', '../secret.txt']) {
    expect(fileIn(folder, path), path).toBeUndefined();
  }
});

test('no text that is asked for leads out of the folder', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '%2e',
    '%2e%2e',
    '/',
    '%2f',
    '\\',
    'art',
    'secret.txt',
    'way-out.txt',
    '~',
    '%00',
    'ship.svg',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = safePath(pieces.join(''));
      const found = path === undefined ? undefined : fileIn(folder, path);
      expect(found === undefined || found.file.startsWith(folder)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
