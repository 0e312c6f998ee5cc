import { spawn } from 'node:child_process';
import { accessSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { loadGame } from '../src/index.ts';
import { Stage } from './stage.ts';

const programs = ['/usr/games/bzfs', '/usr/games/bzadmin'];
const missing = programs.filter((path) => !exists(path));
if (missing.length > 0 && !process.env.CI)
  console.warn(`SKIPPED: ${missing.join(' and ')} missing; on Debian: apt-get install bzflag-server bzflag-client`);

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

describe.skipIf(missing.length > 0 && !process.env.CI)('BZFlag', () => {
  it('is started, counted, found hung, and ended', async () => {
    stage = new Stage([{ game: await loadGame('bzflag', '.') }]);
    const { fleet } = stage;
    const { game } = await stage.start();
    const ready = await fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    await fleet.until('gs_1', ({ players }) => players?.count === 0, 'nobody plays');

    const admin = spawn('/usr/games/bzadmin', ['-ui', 'stdboth', `pilot@127.0.0.1:${game}`], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const one = await fleet.until('gs_1', ({ players }) => players?.count === 1, 'one plays');
    expect(one.players).toEqual({ count: 1, capacity: 16, names: ['pilot'] });
    admin.stdin.write('/quit\n');
    await fleet.until('gs_1', ({ players }) => players?.count === 0, 'nobody plays any more');

    process.kill(ready.pid, 'SIGSTOP');
    const hung = await fleet.until('gs_1', ({ state }) => state === 'Unhealthy', 'it is found to hang');
    expect(hung.why).toMatch(/3 queries in a row were not answered/);
  });
});

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
