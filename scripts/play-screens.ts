/**
 * The pictures of Play in docs/screens, of a Sol that runs:  node scripts/play-screens.ts [http://127.0.0.1:7700]
 * Flies to the first border as a person would, on a desktop and on a phone.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { withPalette } from './palette-png.ts';

const api = process.argv[2] ?? 'http://127.0.0.1:7700';
const folder = join(import.meta.dirname, '../docs/screens');
const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Near the border, with both sides in view. */
const BORDER_X = 900;
const FLIGHT_MS = 60_000;

const screens: readonly [name: string, player: string, options: BrowserContextOptions][] = [
  ['play-desktop', 'Ann', { viewport: { width: 1200, height: 750 } }],
  ['play-phone', 'Eve', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
];

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: program, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
try {
  // One after the other: without a graphics card each of them takes a core.
  for (const [name, player, options] of screens) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await page.goto(`${api}/play/?name=${player}`);
    await farther(page, -1e9);
    // By keyboard on the phone, too: a finger would have to tap for the whole flight.
    await page.keyboard.down('d');
    await farther(page, BORDER_X);
    await page.keyboard.up('d');
    const file = withPalette(await page.screenshot());
    writeFileSync(join(folder, `${name}.png`), file);
    console.log(`docs/screens/${name}.png ${Math.round(file.length / 1000)} kB`);
    await context.close();
  }
} finally {
  await browser.close();
}

/** Once the ship is known to be there; no key is heard before there is one. */
async function farther(page: Page, x: number): Promise<void> {
  const passed = (min: number) => {
    const at = document.getElementById('at')?.textContent ?? '';
    return at.includes(',') && Number(at.split(',')[0]) > min;
  };
  await page.waitForFunction(passed, x, { timeout: FLIGHT_MS, polling: 100 });
}
