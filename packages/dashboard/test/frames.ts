/**
 * `npm run -w packages/dashboard frames [-- --players 10000 --events 1000 --seconds 15]`: how many frames a second the map draws in headless Chromium
 * without a GPU, with everything else that the page does going on, and what a frame costs. The world is made up; its way into the page is the real one.
 * `--profile <file>` leaves a CPU profile for the browser's developer tools, and says what took most.
 */
import { writeFileSync } from 'node:fs';
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
    profile: { type: 'string' },
  },
});

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { functionName: string; lineNumber: number; columnNumber: number };
  }[];
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

/** Functions by the time in themselves. */
function dearest({ nodes, samples = [], timeDeltas = [] }: Profile, most: number): string {
  const nameOf = new Map(
    nodes.map(({ id, callFrame: at }) => [id, `${at.functionName || '(anonymous)'} ${at.lineNumber}:${at.columnNumber}`]),
  );
  const msOf = new Map<string, number>();
  samples.forEach((id, i) => {
    const name = nameOf.get(id) ?? '';
    msOf.set(name, (msOf.get(name) ?? 0) + (timeDeltas[i] ?? 0) / 1000);
  });
  const sorted = [...msOf].sort((a, b) => b[1] - a[1]).slice(0, most);
  return sorted.map(([name, ms]) => `${ms.toFixed(0).padStart(8)} ms  ${name}`).join('\n');
}

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
// A view without a map, to know what the stream alone costs.
const quietMs = 4000;
await page.evaluate(() => location.assign('#/more'));
await page.waitForSelector('.more');
const still = await busy();
await page.waitForTimeout(quietMs);
const streamMs = (((await busy()).ThreadTime ?? 0) - (still.ThreadTime ?? 0)) * 1e6;
const streamMsPerS = streamMs / ((((await busy()).Timestamp ?? 0) - (still.Timestamp ?? 0)) * 1000);
await page.evaluate(() => location.assign('#/map'));
await page.waitForSelector('.crossing-cell');
await page.waitForTimeout(1500);
if (values.profile) {
  await cdp.send('Profiler.enable');
  await cdp.send('Profiler.start');
}
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
if (values.profile) {
  const { profile } = await cdp.send('Profiler.stop');
  writeFileSync(values.profile, JSON.stringify(profile));
  console.log(dearest(profile, 30));
}
const shown = await page.evaluate(() => document.querySelectorAll('*').length);
await browser.close();
await fixture.close();
const sorted = [...gaps].sort((a, b) => a - b);
const at = (part: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
const total = gaps.reduce((a, b) => a + b, 0);
const perFrame = (name: string): number => (((after[name] ?? 0) - (before[name] ?? 0)) * 1000) / gaps.length;
// By the processor's clock: on a busy machine the other one counts what others do.
const drawMs = Math.max(0, perFrame('ThreadTime') - (streamMsPerS * total) / 1000 / gaps.length);
console.log(
  `${values.players} players, ${values.events} events/s, ${values.width}x${values.height}: ${((gaps.length * 1000) / total).toFixed(1)} frames/s; ` +
    `frame p50 ${at(0.5)} p95 ${at(0.95)} p99 ${at(0.99)} ms; ${shown} elements\n` +
    `the page's thread, ms of processor: ${streamMsPerS.toFixed(0)} a second for the stream, ${drawMs.toFixed(1)} a frame for the map; ` +
    `at 30 frames/s that is ${(streamMsPerS / 30 + drawMs).toFixed(1)} of 33.3 a frame\n` +
    `by the wall ${perFrame('TaskDuration').toFixed(1)} ms a frame (script ${perFrame('ScriptDuration').toFixed(1)}, ` +
    `layout ${perFrame('LayoutDuration').toFixed(1)}, style ${perFrame('RecalcStyleDuration').toFixed(1)})`,
);
