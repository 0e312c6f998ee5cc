/**
 * The pictures of Play in docs/screens, of a Sol that runs:  node scripts/play-screens.ts [http://127.0.0.1:7700]
 * Flies to the first border as a person would, on a desktop and on a phone.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const api = process.argv[2] ?? 'http://127.0.0.1:7700';
const folder = join(import.meta.dirname, '../docs/screens');
const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Near the border, with both sides in view. */
const BORDER_X = 960;
const FLIGHT_MS = 120_000;

const screens: readonly [name: string, options: BrowserContextOptions][] = [
  ['play-desktop', { viewport: { width: 1200, height: 750 } }],
  ['play-phone', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
];

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: program, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
try {
  await Promise.all(
    screens.map(async ([name, options]) => {
      const page = await (await browser.newContext(options)).newPage();
      await page.goto(`${api}/play/?name=${name === 'play-phone' ? 'Eve' : 'Ann'}`);
      await flyToBorder(page);
      await page.screenshot({ path: join(folder, `${name}.png`) });
      console.log(`docs/screens/${name}.png`);
    }),
  );
} finally {
  await browser.close();
}

async function flyToBorder(page: Page): Promise<void> {
  await page.keyboard.down('d');
  await page.waitForFunction((x) => Number(document.getElementById('at')?.textContent?.split(',')[0]) > x, BORDER_X, {
    timeout: FLIGHT_MS,
  });
  await page.keyboard.up('d');
}
