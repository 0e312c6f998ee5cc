/**
 * `npm run -w packages/dashboard frames [-- --players 10000 --events 1000 --seconds 15]`: how many frames a second the map draws in headless Chromium
 * without a GPU, with everything else that the page does going on, and what a frame costs. The world is made up; its way into the page is the real one.
 */
import { parseArgs } from 'node:util';
import { dashboardFolder } from '../src/index.ts';
import { launch } from './chromium.ts';
import { Fixture } from './fixture/serve.ts';

const { values } = parseArgs({
  options: {
    players: { type: 'string', default: '10000' },
    events: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '15' },
    width: { type: 'string', default: '1440' },
    height: { type: 'string', default: '900' },
  },
});
const wish = { players: Number(values.players), eventsPerS: Number(values.events), columns: 4, rows: 3, pastMs: 20_000 };
const fixture = new Fixture({ folder: await dashboardFolder(), wish });
const url = await fixture.listen();
const browser = await launch();
const page = await browser.newPage({ viewport: { width: Number(values.width), height: Number(values.height) } });
await page.goto(url);
await page.waitForSelector('.crossing-cell');
await page.waitForTimeout(3000);
const cdp = await page.context().newCDPSession(page);
await cdp.send('Performance.enable');
const busy = async () => {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
};
const before = await busy();
const gaps = await page.evaluate(
  (ms) =>
    new Promise<number[]>((resolve) => {
      const found: number[] = [];
      const began = performance.now();
      let last = began;
      const frame = (now: number): void => {
        found.push(now - last);
        last = now;
        if (now - began < ms) requestAnimationFrame(frame);
        else resolve(found.slice(1));
      };
      requestAnimationFrame(frame);
    }),
  Number(values.seconds) * 1000,
);
const after = await busy();
const shown = await page.evaluate(() => document.querySelectorAll('*').length);
await browser.close();
await fixture.close();
const sorted = [...gaps].sort((a, b) => a - b);
const at = (part: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
const total = gaps.reduce((a, b) => a + b, 0);
const taskMs = (((after.TaskDuration ?? 0) - (before.TaskDuration ?? 0)) * 1000) / gaps.length;
console.log(
  `${values.players} players, ${values.events} events/s, ${values.width}x${values.height}: ${((gaps.length * 1000) / total).toFixed(1)} frames/s; ` +
    `frame p50 ${at(0.5)} p95 ${at(0.95)} p99 ${at(0.99)} ms; ${taskMs.toFixed(1)} ms of the page's thread a frame; ${shown} elements`,
);
