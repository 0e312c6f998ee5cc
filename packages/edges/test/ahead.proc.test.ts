/** An edge's process is ahead of others where the system lets it, and goes on where it does not. */
import { execFile } from 'node:child_process';
import { getPriority } from 'node:os';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const source = new URL('../src/ahead-of-others.ts', import.meta.url).pathname;
const script = `import { getPriority } from 'node:os';
import { runAheadOfOthers } from ${JSON.stringify(source)};
process.stdout.write(JSON.stringify({ may: runAheadOfOthers(), priority: getPriority() }));`;

it('has a higher priority than who started it, or the same and says so', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  const { may, priority } = JSON.parse(stdout) as { may: boolean; priority: number };
  expect(priority).toBe(may ? Math.max(-20, getPriority() - 5) : getPriority());
});
