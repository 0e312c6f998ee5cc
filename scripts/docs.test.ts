/** The generated pages are what their sources say today. */
import { expect, test } from 'vitest';
import { code, table } from './docs/generated-page.ts';
import { pages, written } from './docs.ts';

test.each(pages.map((page) => [page.file, page] as const))('%s is current (else: npm run docs)', async (_, page) => {
  expect(written(page)).toBe(await page.text());
});

test('the same source gives the same page', async () => {
  for (const page of pages) expect(await page.text()).toBe(await page.text());
});

test('nothing in a cell breaks its table', () => {
  expect(table(['a', 'b'], [['x|y', 'two\nlines']])).toBe('| a | b |\n|---|---|\n| x\\|y | two lines |');
  expect(code('a`b')).toBe('`` a`b ``');
});
