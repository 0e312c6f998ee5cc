/**
 * The arena in the browser, as a person plays it: its page beside the first one at /play/arena/, in headless Chromium. Queue, cancel, queue, play with
 * bots by keyboard and mouse, see the result and the new rating; and a match server that is killed under the player.
 */
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { Chromium, withChromium } from './chromium.ts';
import { Installation, kill } from './installation.ts';
import { DEADLINE_MS, until } from './until.ts';

const arena = fileURLToPath(new URL('../examples/arena/', import.meta.url));

let atlas: Installation;
let chromium: Chromium;

const story = (what: string, tell: () => Promise<void>) => withChromium(what, { timeout: 5 * DEADLINE_MS }, tell);
const text = (window: Page, id: string) => window.locator(`#${id}`).innerText();
const stage = (window: Page, name: string) => window.locator(`body[data-stage=${name}]`).waitFor({ timeout: 2 * DEADLINE_MS });

beforeAll(async () => {
  if (!Chromium.isThere) return;
  atlas = await Installation.make({
    world: undefined,
    regionServer: undefined,
    tickHz: undefined,
    fleets: [
      {
        name: 'arena',
        entry: `${arena}match.ts`,
        ports: [{ name: 'game', protocol: 'ws' }],
        scaling: { min: 1, max: 3, warm: 1 },
        afterSession: 'reuse',
        startTimeoutMs: 60_000,
      },
    ],
    matchmaking: { queues: [{ name: 'arena', ruleSet: `${arena}rules/arena.json`, fleet: 'arena', rating: { pool: 'arena' } }] },
    companions: [{ name: 'arena-bots', entry: `${arena}bots.ts`, args: ['10'] }],
    pages: [{ name: 'arena', web: `${arena}web` }],
  });
  await atlas.start();
  chromium = await Chromium.launch();
}, 3 * DEADLINE_MS);
afterEach(async () => {
  await chromium?.closeWindows();
});
afterAll(async () => {
  await chromium?.close();
  await atlas?.destroy();
}, DEADLINE_MS);

async function open(name: string): Promise<Page> {
  const window = await chromium.window(`http://127.0.0.1:${atlas.config.api.port}/play/arena/?name=${encodeURIComponent(name)}`);
  await window.locator('#play:enabled').waitFor({ timeout: DEADLINE_MS });
  return window;
}

describe('The arena’s page', () => {
  story('a match with bots, its result, and the new rating', async () => {
    const window = await open('<b>Ann</b>');
    expect([await text(window, 'name'), await text(window, 'rating'), await text(window, 'games')]).toEqual([
      '<b>Ann</b>',
      '1500',
      '0',
    ]);
    await window.locator('#play').click();
    await stage(window, 'match');
    expect(await text(window, 'hint')).toMatch(/^You are (red|blue), with /);
    await window.mouse.move(600, 300);
    await window.mouse.down();
    await window.keyboard.down('d');
    await stage(window, 'lobby');
    expect(await text(window, 'outcome')).toMatch(/^(Won|Lost|A draw)$/i);
    expect(await text(window, 'final')).toMatch(/^Red \d+ : Blue \d+$/);
    expect((await text(window, 'found')).includes('<b>Ann</b> (you)')).toBe(true);
    await until('the match counts', async () => (await text(window, 'games')) === '1');
    expect(await text(window, 'play')).toBe('Play again');
    expect(chromium.faultsOf(window)).toEqual([]);
  });

  story('who cancels waits no more, and may queue again', async () => {
    const window = await open('Bob');
    // The bots that rest take their time: the click on Cancel is sooner than a match in nearly every run, and both ways are right.
    await window.locator('#play').click();
    await window.locator('#play').click();
    await until('it is over, or played', async () => {
      const shown = await text(window, 'play').catch(() => '');
      return shown === 'Play' || (await window.locator('body').getAttribute('data-stage')) === 'match';
    });
    expect(chromium.faultsOf(window)).toEqual([]);
  });

  story('a match server that is killed: the page says so, the match does not count, and one plays again', async () => {
    const window = await open('Cleo');
    await window.locator('#play').click();
    await stage(window, 'match');
    const answer = await fetch(`http://127.0.0.1:${atlas.config.api.port}/api/v1/matchmaking/matches?stage=active`);
    const { items } = (await answer.json()) as { items: { server: string; teams: { players: { id: string }[] }[] }[] };
    const own = items.find(({ teams }) => teams.some(({ players }) => players.some(({ id }) => id.startsWith('play-'))));
    const [pid = 0] = atlas.processesWith(`ATLAS_SERVER_ID=${own?.server}`);
    expect(kill(pid, 'SIGKILL')).toBe(true);
    await stage(window, 'lobby');
    expect(await text(window, 'outcome')).toBe('The match is lost');
    expect(await text(window, 'games')).toBe('0');
    await window.locator('#play').click();
    await stage(window, 'match');
  });
});
