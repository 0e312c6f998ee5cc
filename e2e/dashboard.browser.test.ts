/**
 * The console on a real Atlas, as an operator uses it: Sol with bots that cross its borders, watched on the map; a region server is killed through
 * the page's own confirmation, and the page shows who took over. How the page looks and what else it does is tested in packages/dashboard.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { Chromium, withChromium } from './chromium.ts';
import { Installation, kill } from './installation.ts';
import { DEADLINE_MS, until } from './until.ts';

const sol = fileURLToPath(new URL('../examples/sol/', import.meta.url));
const bounds = (minX: number) => ({ minX, maxX: minX + 2000, minY: -1000, maxY: 1000, minZ: -100, maxZ: 100 });

let atlas: Installation;
let chromium: Chromium;

beforeAll(async () => {
  if (!Chromium.isThere) return;
  atlas = await Installation.make({
    name: 'Sol',
    world: {
      regions: [
        { id: 'alpha', name: 'Solar System Alpha', bounds: bounds(-1000) },
        { id: 'beta', name: 'Solar System Beta', bounds: bounds(1000) },
        { id: 'hub', name: 'Trading Hub', bounds: bounds(3000) },
      ],
      spawn: { region: 'alpha' },
    },
    regionServer: { entry: `${sol}region.ts`, spares: 1, startTimeoutMs: 20_000 },
    companions: [{ name: 'bots', entry: `${sol}bots.ts`, args: ['12'] }],
    sleepAfterMs: 600_000,
  });
  await atlas.start();
  chromium = await Chromium.launch();
}, 2 * DEADLINE_MS);
afterAll(async () => {
  await chromium?.close();
  await atlas?.destroy();
}, DEADLINE_MS);

describe('the console', () => {
  withChromium(
    'players cross on the map; a server is killed from the page, and it recovers there',
    { timeout: 4 * DEADLINE_MS },
    async () => {
      const page = await chromium.window(`http://127.0.0.1:${atlas.config.api.port}/`);
      page.setDefaultTimeout(DEADLINE_MS);
      const crossings = page.getByRole('grid', { name: 'Crossings' });
      await crossings
        .getByText(/Solar System Alpha → *to *Solar System Beta|Solar System Beta → *to *Solar System Alpha/)
        .first()
        .waitFor();
      await crossings
        .getByText(/^\d+(\.\d+)? ms$/)
        .first()
        .waitFor();

      // A bot is found by its name, and its card says where it is.
      const [bot] = (
        (await (await page.request.get(`http://127.0.0.1:${atlas.config.api.port}/api/v1/players?limit=1`)).json()) as {
          items: { id: string; name: string }[];
        }
      ).items;
      await page.getByRole('combobox', { name: 'Follow a player' }).fill(bot?.id ?? '');
      await page.getByRole('option').first().click();
      const card = page.getByRole('region', { name: 'Followed player' });
      await card.getByText(/epoch \d+/).waitFor();
      const place = () => card.locator('dl > div', { hasText: 'place' }).innerText();
      const before = await place();
      await until('the card follows', async () => (await place()) !== before);

      const { id, pid } = await atlas.serverOf('beta');
      await page.goto(`http://127.0.0.1:${atlas.config.api.port}/#/servers`);
      await page.getByRole('button', { name: `Kill ${id}` }).click();
      const dialog = page.getByRole('dialog', { name: `Kill ${id}?` });
      await dialog.getByText('nobody is disconnected').waitFor();
      // Asking was free.
      expect((await atlas.serverOf('beta')).pid).toBe(pid);
      await dialog.getByRole('button', { name: 'Kill now' }).click();
      await dialog.waitFor({ state: 'detached' });
      const heir = await until('another process plays beta', async () => {
        const now = await atlas.serverOf('beta');
        return now.pid !== pid && now;
      });
      const row = page.getByRole('row').filter({ has: page.getByTitle(heir.id, { exact: true }) });
      await row.filter({ hasText: 'Solar System Beta' }).getByText('ready').waitFor();
      await page.goto(`http://127.0.0.1:${atlas.config.api.port}/#/events?type=region`);
      await page.locator('.event-text', { hasText: 'Solar System Beta' }).first().waitFor();
      await page.getByText('region.recovered').first().waitFor();
      expect(chromium.faultsOf(page)).toEqual([]);
    },
  );

  withChromium('one that slept is told what happened meanwhile, when it wakes', { timeout: 4 * DEADLINE_MS }, async () => {
    const page = await chromium.window(`http://127.0.0.1:${atlas.config.api.port}/#/events`);
    page.setDefaultTimeout(DEADLINE_MS);
    await page.locator('.event-text').first().waitFor();
    const devTools = await page.context().newCDPSession(page);
    await devTools.send('Page.setWebLifecycleState', { state: 'frozen' });
    const { pid } = await atlas.serverOf('hub');
    kill(pid, 'SIGKILL');
    await until('another process plays the hub', async () => (await atlas.serverOf('hub')).pid !== pid);
    const { uptimeS } = await atlas.status();
    await until('it slept for a while', async () => (await atlas.status()).uptimeS > uptimeS + 10);
    await devTools.send('Page.setWebLifecycleState', { state: 'active' });
    // Nobody touches it: what it missed is there, and it is live again.
    await page
      .locator('.event-text', { hasText: /Trading Hub is back after/ })
      .first()
      .waitFor();
    await page.goto(`http://127.0.0.1:${atlas.config.api.port}/#/servers`);
    const heir = await atlas.serverOf('hub');
    await page
      .getByRole('row')
      .filter({ has: page.getByTitle(heir.id, { exact: true }) })
      .getByText('ready')
      .waitFor();
    expect(chromium.faultsOf(page)).toEqual([]);
  });
});
