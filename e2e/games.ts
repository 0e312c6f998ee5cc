/**
 * `npm run e2e:games`: the four real game servers with their real clients, and a table of what was seen of each. It is a test (games.e2e.test.ts), which CI runs as such; here it is
 * run for people, who want to see it.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', '--reporter=verbose', 'e2e/games.e2e.test.ts'], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
