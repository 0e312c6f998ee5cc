/**
 * The generated pages of docs/reference.
 *
 *   npm run docs              writes them
 *   npm run docs -- --check   only says which are out of date; so does docs.test.ts
 *
 * A new page: a file in scripts/docs/ that exports a GeneratedPage, and a line in `pages`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { apiPage, clientTypesPage } from './docs/api-page.ts';
import { cliPage } from './docs/cli-page.ts';
import { configPage } from './docs/config-page.ts';
import { errorsPage } from './docs/errors-page.ts';
import { gameDefinitionsPage } from './docs/game-definitions-page.ts';
import type { GeneratedPage } from './docs/generated-page.ts';
import { metricsPage } from './docs/metrics-page.ts';

const root = join(import.meta.dirname, '..');

export const pages: readonly GeneratedPage[] = [
  apiPage,
  cliPage,
  clientTypesPage,
  configPage,
  errorsPage,
  gameDefinitionsPage,
  metricsPage,
];

/** What stands in the file now; empty if there is none. */
export function written({ file }: GeneratedPage): string {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

if (import.meta.main) {
  const checkOnly = process.argv.includes('--check');
  let stale = 0;
  for (const page of pages) {
    const text = await page.text();
    if (text === written(page)) continue;
    stale++;
    if (!checkOnly) {
      mkdirSync(dirname(join(root, page.file)), { recursive: true });
      writeFileSync(join(root, page.file), text);
    }
    console.log(`${page.file} ${checkOnly ? `is not what ${page.source} says: run npm run docs` : 'written'}`);
  }
  if (stale === 0) console.log(`docs: ${pages.length} generated pages are current`);
  process.exit(checkOnly && stale > 0 ? 1 : 0);
}
