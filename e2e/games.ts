/**
 * `npm run e2e:games`: the four real game servers with their real clients, a table of what was seen of each, and a Minecraft player who is moved between servers on one connection.
 * They are tests (games.e2e.test.ts, minecraft-switch.e2e.test.ts), which CI runs as such; here they are run for people, who want to see them.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--reporter=verbose', 'e2e/games.e2e.test.ts', 'e2e/minecraft-switch.e2e.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
