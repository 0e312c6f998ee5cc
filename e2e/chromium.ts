/** Debian's Chromium without a screen, and what it noticed by itself about each window: sockets, errors, what its policy forbade, requests to elsewhere. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { test } from 'vitest';

const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

interface Noticed {
  readonly faults: string[];
  readonly sockets: { opened: number; closed: number };
}

export class Chromium {
  readonly #browser: Browser;
  readonly #noticed = new WeakMap<Page, Noticed>();

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static get isThere(): boolean {
    return existsSync(program);
  }

  static async launch(): Promise<Chromium> {
    return new Chromium(await chromium.launch({ executablePath: program, args: flags }));
  }

  /** Each with storage of its own, as windows of two people. */
  window(url: string): Promise<Page> {
    return this.#open(url, { viewport: { width: 1200, height: 760 } });
  }

  phone(url: string): Promise<Page> {
    return this.#open(url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  }

  faultsOf(page: Page): readonly string[] {
    return this.#of(page).faults;
  }

  socketsOf(page: Page): { readonly opened: number; readonly closed: number } {
    return this.#of(page).sockets;
  }

  async closeWindows(): Promise<void> {
    await Promise.all(this.#browser.contexts().map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  #of(page: Page): Noticed {
    const noticed = this.#noticed.get(page);
    if (!noticed) throw new Error('this window was not opened here');
    return noticed;
  }

  async #open(url: string, options: BrowserContextOptions): Promise<Page> {
    const context = await this.#browser.newContext(options);
    const page = await context.newPage();
    const noticed: Noticed = { faults: [], sockets: { opened: 0, closed: 0 } };
    this.#noticed.set(page, noticed);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') noticed.faults.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => noticed.faults.push(`uncaught: ${error.message}`));
    page.on('dialog', (dialog) => {
      noticed.faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(new URL(url).origin) && !request.url().startsWith('data:'))
        noticed.faults.push(`asked ${request.url()}`);
    });
    page.on('websocket', (socket) => {
      noticed.sockets.opened++;
      socket.on('close', () => {
        noticed.sockets.closed++;
      });
    });
    await page.goto(url);
    return page;
  }
}

/** A test that needs it: skipped with a word where there is none, and never in CI. */
export function withChromium(what: string, options: { readonly timeout: number }, story: () => Promise<void>): void {
  const skip = !Chromium.isThere && !process.env.CI;
  if (skip) console.warn(`SKIPPED "${what}": ${program} is missing; on Debian: apt-get install chromium`);
  test.skipIf(skip)(what, options, story);
}
