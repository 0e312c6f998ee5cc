/** The front with servers and a client that nobody here wrote: flying-squid and mineflayer. The player is moved between two worlds, there and back, and the client never notices a new connection. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@horizon-atlas/port-contracts';
import { afterEach, expect, it } from 'vitest';
import { type MinecraftFront, openMinecraftFront } from '../src/index.ts';

const squid = join(import.meta.dirname, '../../../e2e/minecraft');
const missing = !existsSync(join(squid, 'node_modules/flying-squid'));
if (missing && !process.env.CI)
  console.warn('SKIPPED: npm ci --prefix e2e/minecraft --ignore-scripts brings flying-squid and mineflayer');

const START_MS = 60_000;
const children: ChildProcess[] = [];
const folders: string[] = [];
let front: MinecraftFront | undefined;
afterEach(async () => {
  await front?.close();
  front = undefined;
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

it.skipIf(missing && !process.env.CI)(
  'moves a mineflayer player between two flying-squids on one connection',
  { timeout: 4 * START_MS },
  async () => {
    const [a, b] = await Promise.all([server('a'), server('b')]);
    front = await openMinecraftFront({
      host: '127.0.0.1',
      port: 0,
      version: '1.16.5',
      onlineMode: false,
      forwarding: { kind: 'none' },
      first: () => a.target,
      joinMs: START_MS,
    });
    const { players, move } = { players: () => front?.players.get('pilot'), move: front.move };
    const bot = run([join(squid, 'bot.mjs'), '127.0.0.1', String(front.port), 'pilot'], squid);
    await until(() => bot.said().includes('spawned'), 'the player is in the world', START_MS);
    await until(() => a.said().includes('pilot'), 'A has seen the player', START_MS);
    for (const [next, name] of [
      [b, 'b'],
      [a, 'a'],
      [b, 'b'],
    ] as const) {
      await move('pilot', next.target);
      expect(players()).toBe(name);
    }
    await until(() => b.said().includes('pilot'), 'B has seen the player', START_MS);
    // Had its connection ended it would have said so, and gone.
    expect(bot.said()).not.toMatch(/^(end|kicked|error)/m);
    bot.child.kill('SIGTERM');
    await until(() => /^end/m.test(bot.said()), 'the player leaves', START_MS);
    await until(() => players() === undefined, 'and is gone', START_MS);
  },
);

async function server(name: string) {
  const port = await freePort();
  const module = createRequire(join(squid, 'package.json')).resolve('flying-squid');
  const script = `
    const squid = require('node:module').createRequire(${JSON.stringify(module)});
    squid(${JSON.stringify(module)}).createMCServer({
      ...squid('./config/default-settings.json'),
      'online-mode': false, version: '1.16.5', host: '127.0.0.1', port: ${port}, motd: '${name}',
      generation: { name: 'superflat', options: { worldHeight: 80 } },
    })`;
  const folder = mkdtempSync(join(tmpdir(), 'atlas-squid-'));
  folders.push(folder);
  const { said } = run(['-e', script], folder);
  await until(() => /Server listening on port/.test(said()), `${name} listens`, START_MS);
  return { said, target: { name, host: '127.0.0.1', port } };
}

function run(args: readonly string[], cwd: string): { readonly child: ChildProcess; said(): string } {
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
    });
  return { child, said: () => text };
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return port;
}
