/**
 * Makes the bundles that are not there, or whose sources have changed since.
 *
 *   node make-main.ts [--behind]
 *
 * With `--behind` it gives way to all that runs, and says nothing. Where nothing can be made Atlas runs its sources: that is no failure.
 */
import { constants, setPriority } from 'node:os';
import { makeBundles, staleBundles } from './make.ts';

const isBehind = process.argv.includes('--behind');
if (isBehind) setPriority(constants.priority.PRIORITY_LOW);
const stale = staleBundles();
if (stale.length > 0) {
  const startedMs = performance.now();
  if (!isBehind) process.stdout.write(`Horizon Atlas: bundling ${stale.length} packages, for faster starts … `);
  const outcome = await makeBundles(stale).then(
    (made) => (made.length === stale.length ? 'done' : `${stale.length - made.length} run as they are`),
    (error: unknown) => `left out: ${error instanceof Error ? error.message : String(error)}`,
  );
  if (!isBehind) console.log(`${outcome}, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}
