/** Servers as they should not be: each is dealt with by itself, and costs the one beside it nothing. */

import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@horizon-atlas/port-contracts';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { boundBy } from '../src/bound-ports.ts';
import type { GameInput } from '../src/index.ts';
import { Stage, scripted } from './stage.ts';

const scripts = mkdtempSync(join(tmpdir(), 'atlas-scripts-'));
let stage: Stage | undefined;
let made = 0;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
afterAll(() => rmSync(scripts, { recursive: true }));

/** A game of a script; `port` is in its scope. */
function game(script: string, more: Partial<GameInput> = {}) {
  const dir = mkdtempSync(join(scripts, `${made++}-`));
  return scripted(
    dir,
    `import { createSocket } from 'node:dgram';\nimport { spawn } from 'node:child_process';\nconst port = Number(process.argv[2]);\n${script}`,
    { argv: ['node', join(dir, 'server.mjs'), '{{port.game}}'], ...more },
  );
}

const bind = `createSocket('udp4').bind(port, '127.0.0.1', () => console.log('up'));`;
const stays = 'setInterval(() => {}, 1000);';

describe('a server', () => {
  it('that says nothing is ready when its port is bound, and hears of its end', async () => {
    stage = new Stage([{ game: game(`setTimeout(() => { ${bind.replace("console.log('up')", '{}')} }, 100);`) }]);
    const { game: port } = await stage.start();
    await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    expect(boundBy((stage.fleet.get('gs_1') as { pid: number }).pid)).toContainEqual({ protocol: 'udp', port });
    expect(await stage.fleet.stop('gs_1')).toMatchObject({ kind: 'exited', signal: 'SIGTERM' });
  });

  it('that takes another port in silence is found out, with the port that it took', async () => {
    stage = new Stage([{ game: game(`createSocket('udp4').bind(port + 1, '127.0.0.1');${stays}`) }]);
    const { game: port = 0 } = await stage.start();
    const view = await stage.fleet.until('gs_1', ({ state }) => state === 'Unhealthy', 'it is given up');
    expect(view.why).toBe(`GAME_PORT_MOVED: it listens on udp ${port + 1} instead of ${port}, which is to be its port game`);
  });

  it('that takes another port and says that it is up is not taken for ready', async () => {
    stage = new Stage([
      {
        game: game(`createSocket('udp4').bind(port + 1, '127.0.0.1', () => console.log('up'));${stays}`, {
          ready: { any: [{ log: '^up$' }] },
        }),
      },
    ]);
    await stage.start();
    const view = await stage.fleet.until('gs_1', ({ state }) => state === 'Unhealthy', 'it is given up');
    expect(view.why).toMatch(/^GAME_PORT_MOVED: /);
  });

  it('whose port another program has is not taken for ready', async () => {
    stage = new Stage([
      {
        game: game(`createSocket('udp4').on('error', () => console.log('port in use')).bind(port, '127.0.0.1');${stays}`, {
          ready: { all: [{ bound: 'game' }], withinMs: 1500 },
        }),
      },
    ]);
    const squatter = createSocket('udp4');
    const starting = stage.start.bind(stage);
    // The port is given out, and taken before the server binds it.
    const { launch } = stage.games;
    stage.games.launch = (server, logFile) => {
      squatter.bind(server.ports[0]?.port ?? 0, '127.0.0.1');
      return launch.call(stage?.games, server, logFile);
    };
    await starting();
    const view = await stage.fleet.until('gs_1', ({ state }) => state === 'Unhealthy', 'it is given up');
    expect(view.why).toMatch(/^GAME_NOT_READY: .*that the port game is bound/);
    squatter.close();
  });

  it('that never says the line that it is waited for is given up, and told what is missing', async () => {
    stage = new Stage([
      { game: game(`${bind}`, { ready: { all: [{ bound: 'game' }, { log: '^Server is up$' }], withinMs: 1500 } }) },
    ]);
    await stage.start();
    const view = await stage.fleet.until('gs_1', ({ state }) => state === 'Unhealthy', 'it is given up');
    expect(view.why).toBe('GAME_NOT_READY: it was not ready in time: what is missing is a line that matches ^Server is up$');
  });

  it('that ends at once with exit code 0 has failed', async () => {
    stage = new Stage([{ game: game(`console.log('bye')`) }]);
    await stage.start();
    expect(await stage.fleet.exitOf('gs_1')).toMatchObject({ kind: 'exited', exitCode: 0 });
    expect(stage.fleet.get('gs_1')?.state).toBe('Error');
    expect(stage.fleet.words).toEqual([]);
  });

  it('that forks and leaves takes its child with it', async () => {
    const child = `createSocket('udp4').bind(port, '127.0.0.1')`;
    const script = `const child = spawn(process.execPath, ['-e', \`const { createSocket } = require('node:dgram'); const port = \${port}; ${child}\`], { detached: true, stdio: 'ignore' });
      console.log('child ' + child.pid); child.unref();`;
    stage = new Stage([{ game: game(script) }]);
    await stage.start();
    await stage.fleet.exitOf('gs_1');
    const pid = Number(/child (\d+)/.exec(stage.log())?.[1]);
    expect(pid).toBeGreaterThan(1);
    await until(() => !lives(pid), 'the child is gone');
  });

  it('that ignores SIGTERM is killed after its steps', async () => {
    stage = new Stage([
      { game: game(`process.on('SIGTERM', () => console.log('no'));${bind}`, { stop: [{ signal: 'SIGTERM', waitMs: 300 }] }) },
    ]);
    await stage.start();
    await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    expect(await stage.fleet.stop('gs_1')).toMatchObject({ signal: 'SIGKILL' });
    expect(stage.log()).toMatch(/^no$/m);
  });

  it('that prints noise of all bytes is read like any other', async () => {
    const noise = `const noise = Buffer.alloc(65536); for (let i = 0; i < noise.length; i++) noise[i] = (i * 7919 + (i >> 8)) & 255;
      process.stdout.write(noise); process.stderr.write('\\n\\u001b[31mup\\u001b[0m\\r\\n');`;
    stage = new Stage([
      { game: game(`createSocket('udp4').bind(port, '127.0.0.1');${noise}`, { ready: { all: [{ log: '^up$' }] } }) },
    ]);
    await stage.start();
    await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
  });

  it('that prints a gigabyte costs no memory, no disk, and the one beside it nothing', { timeout: 120_000 }, async () => {
    const flood = `import { writeSync } from 'node:fs';
      const piece = Buffer.from(('x'.repeat(200) + '\\n').repeat(5000));
      const write = (bytes) => { for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at); };
      for (let written = 0; written < 1e9; written += piece.length) write(piece);
      const end = 'up\\n';
      write(Buffer.from(end));`;
    const players = { join: '^(?<player>\\S+) joins$', leave: '^(?<player>\\S+) leaves$' };
    const echo = `process.stdin.on('data', (bytes) => process.stdout.write(bytes));`;
    stage = new Stage([
      {
        game: game(`${flood}createSocket('udp4').bind(port, '127.0.0.1');`, {
          ready: { all: [{ log: '^up$' }], withinMs: 100_000 },
          limits: { logMb: 4 },
        }),
      },
      { name: 'two', game: game(`${bind}${echo}`, { players, console: true }) },
    ]);
    const before = process.memoryUsage().rss;
    await stage.start('gs_2', 'two');
    await stage.fleet.until('gs_2', ({ state }) => state === 'Ready', 'the other one is ready');
    await stage.start('gs_1', 'one');
    stage.games.type('gs_2', 'pilot joins');
    await stage.fleet.until('gs_2', (view) => view.players?.count === 1, 'the other one is still heard', 15_000);
    await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready after its gigabyte', 110_000);
    await until(() => statSync((stage as Stage).logFile()).size <= 4 * 1024 * 1024, 'its log was cut back');
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });

  it('whose program is missing is refused with how to get it', async () => {
    stage = new Stage([{ game: game('', { argv: ['no-such-server'], install: { debian: 'apt-get install no-such' } }) }]);
    await expect(stage.start()).rejects.toMatchObject({
      code: 'GAME_PROGRAM_MISSING',
      message: expect.stringMatching(/debian: apt-get install no-such/),
    });
  });

  it('that links its folder elsewhere cannot have Atlas write there', async () => {
    const files = [{ path: 'etc/server.cfg', text: 'x = 1' }];
    const dir = JSON.stringify(join(scripts, 'elsewhere'));
    const script = `import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
      rmSync('etc', { recursive: true }); mkdirSync(${dir}, { recursive: true }); symlinkSync(${dir}, 'etc');${bind}`;
    stage = new Stage([{ game: game(script, { files }) }]);
    await stage.start();
    await stage.fleet.until('gs_1', ({ state }) => state === 'Ready', 'it is ready');
    await stage.fleet.stop('gs_1');
    // The next server of this place.
    await expect(stage.start('gs_2')).rejects.toMatchObject({ code: 'GAME_FOLDER_UNUSABLE' });
  });
});

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
