import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dashboardFolder } from '../src/index.ts';
import { hasChromium, launch } from './chromium.ts';
import { hostileNames } from './fixture/movers.ts';
import { Fixture } from './fixture/serve.ts';

const desktop = { width: 1200, height: 750 };
const phone = { width: 360, height: 740 };

/** Of every view: where it is, and what is there once it has its data. */
const views: readonly (readonly [hash: string | ((fixture: Fixture) => string), ready: string])[] = [
  ['#/map', '.crossing-cell'],
  ['#/players', '.players .lead'],
  ['#/players/p-0012', '.facts'],
  ['#/servers', '.table tbody tr'],
  ['#/servers/alpha-1', '.log'],
  ['#/gateways', '.table tbody tr'],
  ['#/gateways/gateway-1', '.log'],
  ['#/fleets', '.states'],
  ['#/fleets/arena', '.decisions li'],
  ['#/fleets/tanks', '.size-now'],
  ['#/games', '.table tbody tr'],
  ['#/games/bzflag', '.conditions'],
  ['#/edges', '.table tbody tr'],
  [(fixture) => `#/edges/${fixture.play?.edge.edges()[0]?.id}`, '.edge .table tbody tr'],
  ['#/gameservers', '.gameservers .lead'],
  [(fixture) => `#/gameservers/${gameServer(fixture, 'Active')}`, '.log'],
  [(fixture) => `#/gameservers/${tankServer(fixture)}`, '.console-typing'],
  ['#/queues', '.card-why'],
  ['#/queues/ranked-5v5', '.uplot'],
  [(fixture) => `#/tickets/${waitingTicket(fixture)}`, '.reasons'],
  ['#/matches', '.matches .lead'],
  [(fixture) => `#/matches/${matchOf(fixture, 'ended')}`, '.move'],
  [(fixture) => `#/matches/${matchOf(fixture, 'active')}`, '.under-way'],
  ['#/events', '.event-text'],
  ['#/history', '.uplot'],
  ['#/audit', '.audit-actor'],
  ['#/keys', '.table tbody tr'],
  ['#/more', '.more'],
];

/** Among many that wait, so that others are kept apart from it. */
function waitingTicket({ play }: Fixture): string {
  const waiting = play?.matchmaking.tickets('battle-royale').filter(({ status }) => status === 'SEARCHING') ?? [];
  return waiting[0]?.id ?? '';
}

function gameServer({ play }: Fixture, state: string): string {
  return play?.fleets.servers().find((server) => server.state === state)?.id ?? '';
}

/** One with a console that reads what is typed. */
function tankServer({ play }: Fixture): string {
  return play?.fleets.servers().find(({ fleet, state }) => fleet === 'tanks' && state !== 'Sleeping')?.id ?? '';
}

/** A rated one. */
function matchOf({ play }: Fixture, stage: 'active' | 'ended'): string {
  const all = play?.matchmaking.matches() ?? [];
  return all.find((match) => match.stage === stage && (stage === 'active' || match.ratings.length > 0))?.id ?? '';
}

/** Runs in the page: filters that are narrower than their longest words ask for. */
function cutShort(): (string | null)[] {
  return [...document.querySelectorAll<HTMLElement>('.filters select')].flatMap((select) => {
    const free = select.cloneNode(true) as HTMLElement;
    Object.assign(free.style, { position: 'absolute', maxWidth: 'none' });
    select.after(free);
    const isCut = select.offsetWidth < free.offsetWidth;
    free.remove();
    return isCut ? [select.ariaLabel] : [];
  });
}

/** Files of the page, compressed as they travel. */
const kBMost = 120;

describe.skipIf(!hasChromium())('the console', { timeout: 300_000 }, () => {
  let browser: Browser;
  let folder: string;
  let fixture: Fixture;
  let url: string;
  let context: BrowserContext | undefined;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await dashboardFolder();
    fixture = new Fixture({ folder, wish: { pastMs: 120_000, hostile: true } });
    url = await fixture.listen();
    browser = await launch();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await fixture?.close();
  }, 60_000);

  afterEach(async () => {
    await context?.close();
    context = undefined;
    expect(complaints.splice(0)).toEqual([]);
  });

  /** A page in which an error on the console, and a request to anywhere else, is a complaint. */
  async function open(
    hash: string,
    options: { size?: typeof desktop; theme?: 'light' | 'dark'; at?: string; lossy?: boolean } = {},
  ): Promise<Page> {
    context = await browser.newContext({
      viewport: options.size ?? desktop,
      colorScheme: options.theme ?? 'dark',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !(options.lossy && /Failed to load resource/.test(message.text())))
        complaints.push(message.text());
    });
    const home = options.at ?? url;
    page.on('request', (request) => {
      if (!request.url().startsWith(home)) complaints.push(`a request to ${request.url()}`);
    });
    await page.goto(`${home}/${hash}`);
    return page;
  }

  async function faults(page: Page): Promise<string[]> {
    // Through the debugger and not as a script element, which the page's policy forbids.
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
    const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as axe.AxeResults;
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  }

  it(`is at most ${kBMost} kB, and has nothing inline`, () => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && !entry.name.startsWith('.'),
    );
    const sizes = files.map((entry) => gzipSync(readFileSync(join(entry.parentPath, entry.name)), { level: 9 }).length);
    expect(sizes.reduce((a, b) => a + b, 0) / 1000).toBeLessThanOrEqual(kBMost);
    const html = readFileSync(join(folder, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<style|style=|<script>|\son\w+=/);
  });

  for (const [look, size] of [
    ['dark', desktop],
    ['light', desktop],
    ['dark', phone],
  ] as const) {
    it(`shows every view in ${look} at ${size.width} px, without a fault that axe calls serious`, async () => {
      const page = await open('#/map', { theme: look, size });
      for (const [where, ready] of views) {
        const hash = typeof where === 'string' ? where : where(fixture);
        await page.evaluate((to) => {
          location.hash = to;
        }, hash);
        await page.locator(ready).first().waitFor();
        expect(await faults(page), hash).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide, `${hash} is wider than the screen`).toBeLessThanOrEqual(0);
        expect(await page.evaluate(cutShort), `choices of ${hash} that are too narrow for their words`).toEqual([]);
      }
    });
  }

  it('says on every page what is wrong with the machine, until it is mended', async () => {
    fixture.warnings = [{ code: 'DISK_LOW', message: 'only 900 MB are free where the world is kept (/srv): make room' }];
    const page = await open('#/events');
    const banner = page.getByRole('alert');
    await banner.getByText('Only 900 MB are free where the world is kept (/srv): make room. DISK_LOW').waitFor();
    expect(await faults(page)).toEqual([]);
    fixture.warnings = [];
    await banner.waitFor({ state: 'detached' });
  });

  it('draws the world, and other pixels once it has moved', async () => {
    const page = await open('#/map');
    await page.locator('.crossing-cell').first().waitFor();
    const picture = () => page.locator('.map-canvas').screenshot();
    const before = await picture();
    await expect.poll(async () => (await picture()).equals(before), { timeout: 30_000 }).toBe(false);
  });

  it('asks before a kill what it would do, does it, and shows the recovery', async () => {
    const page = await open('#/servers');
    await page.getByRole('button', { name: 'Kill hub-1' }).click();
    const dialog = page.getByRole('dialog', { name: 'Kill hub-1?' });
    await dialog.getByText('nobody is disconnected').waitFor();
    expect(fixture.asked.filter((path) => path.startsWith('POST') && path.includes('hub-1'))).toEqual([
      'POST /api/v1/servers/hub-1/kill?dryRun=true',
    ]);
    await dialog.getByRole('button', { name: 'Kill now' }).click();
    await page.getByText('hub-1 was killed').first().waitFor();
    await page.getByRole('link', { name: 'hub-2' }).waitFor();
    await page.goto(`${url}/#/events`);
    await page.getByText('Trading Hub is back on hub-2').waitFor();
  });

  it('changes nothing when one thinks better of it, and gives the focus back', async () => {
    const page = await open('#/servers');
    const button = page.getByRole('button', { name: 'Drain alpha-1' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('nobody is disconnected').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
    await button.click();
    await page.getByRole('dialog').waitFor();
    await page.evaluate(() => {
      location.hash = '#/gateways';
    });
    await page.getByRole('heading', { name: 'Gateways' }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(fixture.asked).not.toContain('POST /api/v1/servers/alpha-1/drain');
  });

  it('says what Atlas refused, with its code', async () => {
    const page = await open('#/players/p-0012', { lossy: true });
    await page.getByLabel('x', { exact: true }).fill('99999');
    await page.getByLabel('y', { exact: true }).fill('0');
    await page.getByRole('button', { name: 'Move there' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('PLACE_OUTSIDE').waitFor();
    expect(await dialog.getByRole('button', { name: 'Move player' }).isDisabled()).toBe(true);
  });

  it('is used by keys alone: search, follow, pan, pause, back to live', async () => {
    const page = await open('#/map');
    await page.locator('.crossing-cell').first().waitFor();
    await page.getByRole('application').focus();
    await page.keyboard.press('/');
    await page.keyboard.type('p-0012');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Followed player' }).waitFor();
    await page.getByRole('application').focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('region', { name: 'Followed player' }).waitFor({ state: 'detached' });
    await page.keyboard.press('l');
    await expect.poll(() => page.getByRole('button', { name: 'Live' }).getAttribute('aria-pressed')).toBe('true');
    await page.goto(`${url}/#/players`);
    await page.getByRole('grid', { name: 'Players' }).focus();
    for (const key of ['End', 'Home', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    await expect.poll(() => page.url()).toContain('#/players/p-0001');
  });

  it('goes back in time along the line, and shows where that is', async () => {
    const page = await open('#/map');
    await page.locator('.crossing-cell').first().waitFor();
    const line = page.getByRole('slider', { name: 'Moment shown' });
    await line.focus();
    await page.keyboard.press('PageDown');
    await expect.poll(() => line.getAttribute('aria-valuetext')).toMatch(/ago$/);
    await expect.poll(() => fixture.asked.some((path) => path.startsWith('GET /api/v1/scenes'))).toBe(true);
    await page.getByRole('button', { name: 'Live' }).click();
    await expect.poll(() => line.getAttribute('aria-valuetext')).toBe('now');
  });

  it('shows names that would do harm as the text that they are', async () => {
    const page = await open('#/players');
    await page.locator('.players .lead').first().waitFor();
    const shown = await page.locator('.players .name').allTextContents();
    expect(shown.some((name) => name.startsWith('<img src=x'))).toBe(true);
    expect(shown).not.toContain(hostileNames[1]);
    expect(shown.join('')).not.toMatch(/[\u202a-\u202e]/);
    expect(await page.locator('.players img').count()).toBe(0);
    expect(await page.title()).not.toContain('pwned');
    for (const width of await page.locator('.players .lead').evaluateAll((cells) => cells.map((cell) => cell.scrollWidth)))
      expect(width).toBeLessThan(600);
  });

  it('shows events of a type that it does not know, and says that none is there', async () => {
    const page = await open('#/events?type=player.joined');
    await page.locator('.event-text').first().waitFor();
    expect(await page.getByLabel('Type').inputValue()).toBe('player.joined');
    await page.evaluate(() => {
      location.hash = '#/events?type=nonsense';
    });
    await page.getByText('No event matches').waitFor();
    expect(await page.getByLabel('Type').inputValue()).toBe('nonsense');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.locator('.event-text').first().waitFor();
    expect(await page.getByLabel('Type').inputValue()).toBe('');
  });

  it('says that the stream was lost, and goes on without a gap in the events', async () => {
    const page = await open('#/events', { lossy: true });
    await page.locator('.event-text').first().waitFor();
    fixture.down = true;
    fixture.dropStreams();
    await page.getByRole('alert').getByText('is lost').waitFor();
    fixture.world.kick(20, 'while nobody watched');
    const missed = `${fixture.world.movers.names[20]} was removed`;
    fixture.down = false;
    await page.getByText(missed).first().waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.getByText('live', { exact: true }).waitFor();
  });

  it('wants a token where Atlas does, says when it is wrong, and lets in with the right one', async () => {
    const closed = new Fixture({ folder, token: 'open sesame', wish: { pastMs: 20_000 } });
    try {
      const page = await open('', { at: await closed.listen(), lossy: true });
      const field = page.getByLabel('Admin token or key');
      await field.fill('nonsense');
      await page.keyboard.press('Enter');
      await page.getByText('UNAUTHENTICATED').waitFor();
      expect(await faults(page)).toEqual([]);
      await field.fill('open sesame');
      await page.keyboard.press('Enter');
      await page.locator('.map-canvas').waitFor();
      await page.getByRole('button', { name: 'Log out' }).click();
      await field.waitFor();
    } finally {
      await closed.close();
    }
  });

  it('makes a key whose secret is shown once, and takes it back', async () => {
    const page = await open('#/keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('ci');
    await page.getByRole('radio', { name: /operate/ }).check();
    await page.getByRole('button', { name: 'Make key' }).click();
    await page.getByText('atlas_7Q2m').waitFor();
    await page.getByRole('button', { name: 'I have it' }).click();
    const row = page.getByRole('row', { name: /ci/ });
    await row.getByText('read, operate').waitFor();
    expect(await page.getByText('atlas_7Q2m').count()).toBe(0);
    await row.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete key' }).click();
    await row.waitFor({ state: 'detached' });
  });

  it('says why a ticket waits, and cancels it after asking', async () => {
    const id = waitingTicket(fixture);
    const page = await open(`#/queues/battle-royale`);
    await page.getByRole('link', { name: id }).click();
    await page.getByText('could play with it').first().waitFor();
    await page.getByText('another map').first().waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    const dialog = page.getByRole('dialog', { name: `Cancel ticket ${id}?` });
    await dialog.getByText('must queue again').waitFor();
    expect(fixture.asked).not.toContain(`DELETE /api/v1/matchmaking/tickets/${id}`);
    await dialog.getByRole('button', { name: 'Cancel ticket' }).click();
    await page.getByText(`Ticket ${id} is cancelled`).waitFor();
    await page.getByText('cancelled', { exact: true }).waitFor();
  });

  it('tells a match from its first ticket on, and ends one without a result', async () => {
    const id = matchOf(fixture, 'active');
    const page = await open(`#/matches/${id}`);
    const steps = page.getByRole('region', { name: 'Timeline' }).getByRole('listitem');
    await steps.filter({ hasText: 'Server given' }).waitFor();
    expect((await steps.first().textContent())?.startsWith('First ticket')).toBe(true);
    await page.getByRole('button', { name: 'End' }).click();
    await page.getByRole('button', { name: 'End match' }).click();
    await steps.filter({ hasText: 'without a result' }).waitFor();
    await page.locator('.head-aside').getByText('over').waitFor();
  });

  it('scales a fleet within its limits', async () => {
    const page = await open('#/fleets/royale');
    await page.getByRole('button', { name: 'Scale' }).click();
    const dialog = page.getByRole('dialog', { name: 'Scale royale' });
    await dialog.getByLabel('Servers in all').fill('90');
    await dialog.getByText('it will have 8').waitFor();
    await dialog.getByRole('button', { name: 'Scale' }).click();
    await page.getByText('royale is to have 8 servers').waitFor();
  });

  it('pauses a rollout, lets it go on, and goes back, each after saying what players notice', async () => {
    const page = await open('#/fleets/arena');
    const versions = page.getByRole('region', { name: 'Versions' });
    await versions.getByRole('button', { name: 'New version' }).click();
    const made = page.getByRole('dialog', { name: 'A new version of arena' });
    await made.getByLabel('Version', { exact: true }).fill('1.5.0');
    await made.getByLabel(/Environment/).fill('MAP');
    await made.getByText('Each line is NAME=value.').waitFor();
    expect(await made.getByRole('button', { name: 'Roll out' }).isDisabled()).toBe(true);
    await made.getByLabel(/Environment/).fill('MAP=harbour');
    await made.getByText('nobody is disconnected').waitFor();
    await made.getByRole('button', { name: 'Roll out' }).click();
    await versions.getByText(/rolling out/).waitFor();
    await versions.getByRole('button', { name: 'Pause' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('No player notices').waitFor();
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await versions.getByText(/the rollout is paused/).waitFor();
    await versions.getByRole('button', { name: 'Resume' }).click();
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await versions.getByRole('button', { name: 'Abort' }).click();
    await dialog.getByText('takes its place again').waitFor();
    await dialog.getByRole('button', { name: 'Abort' }).click();
    await page.getByText(/arena goes back to 1\.4/).waitFor();
    for (const path of [
      'PATCH /api/v1/fleets/arena',
      'POST /api/v1/fleets/arena/rollout/pause',
      'POST /api/v1/fleets/arena/rollback',
    ])
      expect(fixture.asked).toContain(path);
  });

  it('says what an edge drops and why, and ends a session after asking', async () => {
    const page = await open('#/edges');
    await page.getByRole('table', { name: 'Edges' }).getByRole('link').first().click();
    await page.getByRole('region', { name: 'Dropped since its start' }).getByText('too many newcomers at once').waitFor();
    const row = page.getByRole('table', { name: 'Sessions' }).locator('tbody tr').first();
    await row.getByRole('button', { name: /End the session of/ }).click();
    await page.getByRole('dialog').getByText('may come again').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'End session' }).click();
    await page.getByText(/The session of .* is ended/).waitFor();
  });

  it('moves a player to a server that an edge leads to, and to nowhere unsaid', async () => {
    const page = await open(`#/edges/${fixture.play?.edge.edges()[0]?.id}`);
    await page
      .getByRole('button', { name: /^Move .* to another server$/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog');
    const to = (await dialog.locator('datalist option').first().getAttribute('value')) ?? '';
    const asked = () => fixture.asked.flatMap((each) => /^POST .*\/edge-sessions\/(\d+)\/move$/.exec(each)?.[1] ?? []);
    await dialog.getByRole('button', { name: 'Move player' }).click();
    expect(await dialog.locator('input:invalid').count()).toBe(1);
    expect(asked()).toEqual([]);
    await dialog.getByLabel('To which game server').fill(to);
    await dialog.getByRole('button', { name: 'Move player' }).click();
    await page.getByText(/ is there$/).waitFor();
    const [way, ...more] = asked();
    expect(more).toEqual([]);
    expect(fixture.play?.edge.ways().find(({ id }) => id === way)?.server).toBe(to);
  });

  it('types at the console of a server that reads, and takes one out', async () => {
    const id = tankServer(fixture);
    const page = await open(`#/gameservers/${id}`);
    const input = page.getByLabel(`A line for the console of ${id}`);
    await input.fill('/countdown 10');
    await page.keyboard.press('Enter');
    await page.getByText('[console] /countdown 10: done').waitFor();
    await expect.poll(() => input.inputValue()).toBe('');
    await page.keyboard.press('ArrowUp');
    expect(await input.inputValue()).toBe('/countdown 10');
    await page.getByRole('button', { name: 'Maintain' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Maintain' }).click();
    await page.getByRole('button', { name: 'Give back' }).waitFor();
  });

  it('offers what an Atlas has and nothing else', async () => {
    const offered = async (has: 'world' | 'play'): Promise<string[]> => {
      const one = new Fixture({ folder, has, wish: { pastMs: 10_000 } });
      try {
        const page = await open('', { at: await one.listen() });
        await page
          .locator(has === 'world' ? '.map-canvas' : '.card')
          .first()
          .waitFor();
        const names = await page.getByRole('navigation').locator('li:not(.nav-more) a').allTextContents();
        await context?.close();
        return names;
      } finally {
        await one.close();
      }
    };
    expect(await offered('world')).toEqual(['Map', 'Players', 'Servers', 'Gateways', 'Events', 'History', 'Audit', 'Keys']);
    expect(await offered('play')).toEqual([
      'Fleets',
      'Game servers',
      'Queues',
      'Matches',
      'Edges',
      'Games',
      'Events',
      'History',
      'Audit',
      'Keys',
    ]);
  });

  it('remembers the theme that one chose', async () => {
    const page = await open('#/map', { theme: 'dark' });
    await page.getByRole('button', { name: 'Light theme' }).click();
    await page.reload();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
  });
});
