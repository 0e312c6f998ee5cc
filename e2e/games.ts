/**
 * `npm run e2e:games`: the four real game servers with their real clients, and what was seen of each. The stories are tests (packages/games/test), which CI runs as such;
 * here they are run for people, who want to see it.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const stories = ['bzflag', 'real-games', 'life'].map((name) => `packages/games/test/${name}.proc.test.ts`);
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', '--reporter=verbose', '--no-file-parallelism', ...stories], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ATLAS_GAMES_TELL: '1' },
});
process.exit(status ?? 1);
