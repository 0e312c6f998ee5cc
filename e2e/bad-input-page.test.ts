/** docs/reference/bad-input.md names tests that exist and codes that there are. */
import { existsSync, readFileSync } from 'node:fs';
import { errors } from '@horizon-atlas/protocol';
import { describe, expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const page = readFileSync(new URL('docs/reference/bad-input.md', root), 'utf8');
const rows = [...page.matchAll(/^\| (.+?) \| (?:`(\w+)`)? ?\| `([^`]+\.test\.ts)` \| (.+?) \|$/gm)].map(
  ([, input = '', code, file = '', words = '']) => ({ input, code, file, words }),
);

test('every line of its tables is read here', () => {
  const lines = page.split('\n').filter((line) => /^\| (?!Input)/.test(line));
  expect(rows).toHaveLength(lines.length);
  expect(rows.length).toBeGreaterThan(40);
});

describe.each(rows)('$input', ({ code, file, words }) => {
  if (code !== undefined)
    test(`answers ${code}, which is in the table of codes`, () => expect(Object.keys(errors)).toContain(code));
  test(`is tried in ${file}`, () => {
    const path = new URL(file, root);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(words);
  });
});
