/** `npm run -w packages/dashboard screens [-- words]`: pictures of every page in both themes and on a phone, of the made-up world, into docs/screens/. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { dashboardFolder } from '../src/index.ts';
import { launch } from './chromium.ts';
import { Fixture } from './fixture/serve.ts';
import { smallPng } from './small-png.ts';

interface Shot {
  readonly name: string;
  readonly hash: string | ((fixture: Fixture) => string);
  readonly ready: string;
  readonly prepare?: (page: Page) => Promise<void>;
  readonly phone?: boolean;
  readonly token?: boolean;
}

const out = join(import.meta.dirname, '../../../docs/screens');
const kBMost = 100;

const shots: readonly Shot[] = [
  { name: 'map', hash: '#/map', ready: '.crossing-cell', phone: true },
  {
    name: 'map-follow',
    hash: '#/map?follow=p-0012',
    ready: '.card-float',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Legend' }).click();
      await page.getByRole('tab', { name: /Regions/ }).click();
      await page.waitForTimeout(1500);
    },
  },
  {
    name: 'map-replay',
    hash: '#/map',
    ready: '.crossing-cell',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Watch it again' }).nth(6).click();
      await page.waitForTimeout(2500);
    },
  },
  { name: 'players', hash: '#/players', ready: '.players .lead', phone: true },
  { name: 'player', hash: '#/players/p-0012', ready: '.path polyline' },
  { name: 'servers', hash: '#/servers', ready: '.table', phone: true },
  { name: 'server', hash: '#/servers/alpha-1', ready: '.log', prepare: (page) => page.waitForTimeout(4000) },
  {
    name: 'kill',
    hash: '#/servers/hub-1',
    ready: '.log',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Kill' }).click();
      await page.getByText('nobody is disconnected').waitFor();
    },
  },
  { name: 'gateways', hash: '#/gateways', ready: '.table' },
  { name: 'gateway', hash: '#/gateways/gateway-1', ready: '.log', prepare: (page) => page.waitForTimeout(4000) },
  { name: 'fleets', hash: '#/fleets', ready: '.states', phone: true },
  { name: 'fleet', hash: '#/fleets/arena', ready: '.decisions li', prepare: (page) => toSight(page, '.rollout') },
  { name: 'gameservers', hash: '#/gameservers', ready: '.gameservers .lead' },
  {
    name: 'gameserver',
    hash: ({ play }) =>
      `#/gameservers/${play?.fleets.servers().findLast(({ fleet, state }) => fleet === 'arena' && state === 'Active')?.id}`,
    ready: '.log',
    prepare: (page) => page.waitForTimeout(5000),
  },
  { name: 'queues', hash: '#/queues', ready: '.card-why', phone: true },
  {
    name: 'ticket',
    hash: ({ play }) => `#/tickets/${play?.matchmaking.tickets('battle-royale')[0]?.id}`,
    ready: '.reasons',
  },
  { name: 'matches', hash: '#/matches', ready: '.matches .lead' },
  {
    name: 'match',
    hash: ({ play }) => `#/matches/${play?.matchmaking.matches().find(({ ratings }) => ratings.length > 0)?.id}`,
    ready: '.move',
    phone: true,
  },
  { name: 'edges', hash: '#/edges', ready: '.drops li' },
  { name: 'edge', hash: ({ play }) => `#/edges/${play?.edge.edges()[0]?.id}`, ready: '.edge .drops li', phone: true },
  { name: 'games', hash: '#/games', ready: '.table tbody tr' },
  { name: 'game', hash: '#/games/bzflag', ready: '.conditions' },
  { name: 'events', hash: '#/events', ready: '.event-text', phone: true },
  { name: 'history', hash: '#/history', ready: '.uplot', phone: true },
  { name: 'audit', hash: '#/audit', ready: '.audit-actor' },
  { name: 'keys', hash: '#/keys', ready: '.table' },
  { name: 'login', hash: '', ready: '.login-card', token: true },
];

/** What is below the first screen is what the picture is for. */
async function toSight(page: Page, selector: string): Promise<void> {
  await page
    .locator(selector)
    .first()
    .evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await page.waitForTimeout(400);
}

mkdirSync(out, { recursive: true });
const wanted = process.argv.slice(2);
const folder = await dashboardFolder();
const open = new Fixture({ folder });
const closed = new Fixture({ folder, token: 'secret' });
const [openUrl, closedUrl] = [await open.listen(), await closed.listen()];
const browser = await launch();
let tooLarge = 0;
for (const shot of shots) {
  if (wanted.length > 0 && !wanted.some((word) => shot.name.includes(word))) continue;
  for (const look of ['dark', 'light', ...(shot.phone ? ['phone'] : [])]) {
    const viewport = look === 'phone' ? { width: 360, height: 740 } : { width: 1200, height: 750 };
    const context = await browser.newContext({ viewport, colorScheme: look === 'light' ? 'light' : 'dark' });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(`${shot.name}: ${error.message}`));
    page.on('console', (message) => message.type() === 'error' && console.error(`${shot.name}: ${message.text()}`));
    const hash = typeof shot.hash === 'string' ? shot.hash : shot.hash(open);
    await page.goto(`${shot.token ? closedUrl : openUrl}/${hash}`);
    await page.locator(shot.ready).first().waitFor();
    // Scenes, fonts and the first second of figures.
    await page.waitForTimeout(1800);
    if (look !== 'phone') await shot.prepare?.(page);
    const file = join(out, `${shot.name}-${look}.png`);
    writeFileSync(file, smallPng(await page.screenshot()));
    const kB = statSync(file).size / 1000;
    if (kB > kBMost) tooLarge++;
    console.log(`${file.slice(out.length + 1)} ${kB.toFixed(0)} kB${kB > kBMost ? ': too large' : ''}`);
    await context.close();
  }
}
await browser.close();
await Promise.all([open.close(), closed.close()]);
process.exitCode = tooLarge > 0 ? 1 : 0;
