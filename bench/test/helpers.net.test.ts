/** Real processes: whatever a bench has started is gone when it ends. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { Helpers } from '../src/helper-processes.ts';
import { cpuOf, cpuOfTree } from '../src/proc.ts';

let helpers = new Helpers();
afterEach(async () => {
  await helpers.stopAll();
  helpers = new Helpers();
});

const node = (script: string) => helpers.spawn([process.execPath, '-e', script]);

describe('helpers', () => {
  it('are heard by line, and what they said is told when they fail', async () => {
    const helper = node('console.log("port 42"); console.error("it went wrong"); process.exitCode = 3');
    expect((await helper.line(/port (\d+)/))[1]).toBe('42');
    await expect(helper.line(/never/)).rejects.toThrow(/ended: exit code 3/);
    await expect(node('console.error("it went wrong"); process.exit(3)').line(/never/)).rejects.toThrow('it went wrong');
    await expect(helpers.spawn(['no-such-program']).line(/x/)).rejects.toThrow('ENOENT');
  });

  it('that do not want to end are made to, and so is what they started', async () => {
    const helper = node(`
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      process.on('SIGTERM', () => process.exit());
      child.on('spawn', () => console.log('child ' + child.pid));
      setInterval(() => {}, 1000);
    `);
    const child = Number((await helper.line(/child (\d+)/))[1]);
    expect(isAlive(child)).toBe(true);
    await helpers.stopAll();
    expect(isAlive(helper.pid)).toBe(false);
    await expect.poll(() => isAlive(child)).toBe(false);
  });

  it('that are forked talk by messages and end with their parent', async () => {
    const helper = helpers.fork(new URL('./echo-helper.ts', import.meta.url), ['hello']);
    expect(await helper.message()).toEqual({ argument: 'hello' });
    helper.send({ ping: 1 });
    expect(await helper.message()).toEqual({ ping: 1 });
    helper.disconnect();
    expect(await helper.exited).toBe('exit code 1');
  });

  it('are weighed by CPU seconds, with or without their children', async () => {
    const helper = node(
      'const end = Date.now() + 300; while (Date.now() < end); console.log("done"); setInterval(() => {}, 1000)',
    );
    await helper.line(/done/);
    expect(cpuOf(helper.pid)).toBeGreaterThan(0);
    expect(cpuOfTree(helper.pid)).toBeGreaterThanOrEqual(cpuOf(helper.pid));
    expect(cpuOfTree(process.pid)).toBeGreaterThan(cpuOf(helper.pid));
    await helpers.stopAll();
    expect(cpuOf(helper.pid)).toBeNaN();
  });
});

/** Zombies do not count: they wait for their parent and do nothing. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
