/** Debian's Chromium without a screen, for the tests and pictures of the page. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const program = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** False, with a word about it, where there is no Chromium; in CI that is an error. */
export function hasChromium(): boolean {
  if (existsSync(program)) return true;
  if (process.env.CI) throw new Error(`${program} is missing: apt-get install chromium`);
  console.warn(`SKIPPED: ${program} is missing; on Debian: apt-get install chromium`);
  return false;
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
