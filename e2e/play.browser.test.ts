/**
 * Playing Sol in the browser, as a person does: the page that `atlas up` serves, in headless Chromium, by keyboard. Borders are crossed, the game
 * server is killed, two windows meet across a border, and what the browser itself counts (sockets, errors, violations of the policy) is held
 * against it.
 */
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { Chromium, withChromium } from './chromium.ts';
import { Installation, kill } from './installation.ts';
import { DEADLINE_MS, until } from './until.ts';

const sol = fileURLToPath(new URL('../examples/sol/', import.meta.url));
/** Smaller than Sol's own: 300 units to the first border are a flight of three seconds. */
const bounds = (minX: number, maxX: number) => ({ minX, maxX, minY: -1000, maxY: 1000, minZ: -100, maxZ: 100 });

let atlas: Installation;
let chromium: Chromium;

/** With a minute for each story: a ship takes its time from border to border. */
const story = (what: string, tell: () => Promise<void>) => withChromium(what, { timeout: 3 * DEADLINE_MS }, tell);

beforeAll(async () => {
  if (!Chromium.isThere) return;
  atlas = await Installation.make({
    world: {
      regions: [
        { id: 'alpha', name: 'Solar System Alpha', bounds: bounds(-300, 300) },
        { id: 'beta', name: 'Solar System Beta', bounds: bounds(300, 3000) },
        { id: 'hub', name: 'Trading Hub', bounds: bounds(3000, 5000) },
      ],
      spawn: { region: 'alpha' },
    },
    regionServer: { entry: `${sol}region.ts`, spares: 1, startTimeoutMs: 20_000 },
    web: `${sol}web`,
    sleepAfterMs: 600_000,
  });
  await atlas.start();
  chromium = await Chromium.launch();
}, 2 * DEADLINE_MS);
afterEach(async () => {
  await chromium?.closeWindows();
});
afterAll(async () => {
  await chromium?.close();
  await atlas?.destroy();
}, DEADLINE_MS);

const page = () => `http://127.0.0.1:${atlas.config.api.port}/play/`;
const text = (window: Page, id: string) => window.locator(`#${id}`).innerText();
const xOf = async (window: Page) => Number((await text(window, 'at')).split(',')[0]);
const inRegion = (window: Page, name: string) =>
  until(`the page is in ${name}`, async () => (await text(window, 'place')) === name);

/** A window in which somebody plays; where the ship is and who is in sight is asked of Atlas, not of the page. */
async function play(name: string): Promise<Page> {
  const window = await chromium.window(`${page()}?name=${encodeURIComponent(name)}`);
  await inRegion(window, 'Solar System Alpha');
  return window;
}

/** What the page tells from now on. Kept by the page: a spare takes over so soon that whoever only looks now and then misses the pause. */
async function noticesOf(window: Page): Promise<() => Promise<string[]>> {
  const kept = await window.locator('#notice').evaluateHandle((notice) => {
    const texts: string[] = [];
    new MutationObserver(() => texts.push(notice.textContent ?? '')).observe(notice, { childList: true });
    return texts;
  });
  return () => kept.jsonValue();
}

/** Holds the key until the page says that it is in the region. */
async function flyTo(window: Page, key: string, region: string): Promise<void> {
  await window.keyboard.down(key);
  await inRegion(window, region);
  await window.keyboard.up(key);
}

describe('Play', () => {
  story('three borders by keyboard, on one socket, without an error and without a word from the policy', async () => {
    const window = await play('Ann');
    await flyTo(window, 'ArrowRight', 'Solar System Beta');
    await flyTo(window, 'a', 'Solar System Alpha');
    await flyTo(window, 'd', 'Solar System Beta');
    expect(Number(await text(window, 'handoffs'))).toBe(3);
    expect(await text(window, 'gap')).toMatch(/^\d+ ms$/);
    expect(await text(window, 'ping')).toMatch(/^\d+ ms$/);
    expect(Number(await text(window, 'epoch'))).toBeGreaterThan(0);
    expect(await text(window, 'spoken')).toBe('You are in Solar System Beta.');
    expect(chromium.faultsOf(window)).toEqual([]);
    expect(chromium.socketsOf(window)).toEqual({ opened: 1, closed: 0 });
  });

  story('a region server dies under the player: a notice, and play goes on by itself', async () => {
    const window = await play('Bob');
    const { pid } = await atlas.serverOf('alpha');
    const notices = await noticesOf(window);
    kill(pid, 'SIGKILL');
    await until('it says so, and that it is over', async () => /paused.*plays on/.test((await notices()).join(' ')));
    await until('the notice goes away', async () => !(await window.locator('#notice').isVisible()));
    await flyTo(window, 'ArrowRight', 'Solar System Beta');
    expect(chromium.socketsOf(window)).toEqual({ opened: 1, closed: 0 });
    expect(chromium.faultsOf(window)).toEqual([]);
  });

  story('two windows see one another across a border', async () => {
    const [left, right] = await Promise.all([play('Left'), play('Right')]);
    const sees = (window: Page, other: string) =>
      until(`it sees ${other}`, async () => (await text(window, 'in-sight')).split('\n').includes(other));
    await flyTo(right, 'd', 'Solar System Beta');
    // Left stops short of the border: some 300 units at 120 a second.
    await left.keyboard.down('d');
    await until('it is near the border', async () => (await xOf(left)) > 200);
    await left.keyboard.up('d');
    await sees(left, 'Right');
    await sees(right, 'Left');
    expect([await text(left, 'place'), await text(right, 'place')]).toEqual(['Solar System Alpha', 'Solar System Beta']);
  });

  story('names and words with markup in them are text', async () => {
    const bad = '<img src=x onerror=alert(1)>';
    const window = await play(bad);
    await window.keyboard.press('Enter');
    await window.keyboard.type(`<script>alert(2)</script> & "hello"`);
    await window.keyboard.press('Enter');
    await until('it is said', async () => (await text(window, 'said')).includes('<script>alert(2)</script> & "hello"'));
    expect(await text(window, 'said')).toContain(bad);
    expect(await window.locator('#chat img, #chat script').count()).toBe(0);
    // The keys fly again, without a click.
    expect(await window.evaluate(() => document.activeElement?.id)).toBe('helm');
    expect(chromium.faultsOf(window)).toEqual([]);
  });

  story('a window loaded anew is the same player at the same place', async () => {
    const window = await play('Cyd');
    await flyTo(window, 'd', 'Solar System Beta');
    await window.reload();
    await inRegion(window, 'Solar System Beta');
  });

  story('a page that was frozen, as browsers do with those in the background, plays on when it is woken', async () => {
    const window = await play('Dot');
    const { session: before } = await atlas.player('Dot');
    const devTools = await window.context().newCDPSession(window);
    await devTools.send('Page.setWebLifecycleState', { state: 'frozen' });
    // Longer than the gateway waits for a sign of life.
    const { uptimeS } = await atlas.status();
    await until('it has been silent for too long', async () => (await atlas.status()).uptimeS > uptimeS + 18);
    await devTools.send('Page.setWebLifecycleState', { state: 'active' });
    // Nobody touches it.
    await until('it is back', async () => (await atlas.player('Dot')).state === 'online');
    await flyTo(window, 'd', 'Solar System Beta');
    expect((await atlas.player('Dot')).session).toBe(before);
  });

  story('by touch on a phone: the ship flies where the finger is held', async () => {
    const window = await chromium.phone(`${page()}?name=Eve`);
    await inRegion(window, 'Solar System Alpha');
    await until('it knows where it is', async () => Number.isFinite(await xOf(window)));
    const before = await xOf(window);
    await window.touchscreen.tap(330, 400);
    await until('it has flown', async () => (await xOf(window)) > before + 50);
    const sideways = await window.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(sideways).toBe(false);
    expect(chromium.faultsOf(window)).toEqual([]);
  });
});
