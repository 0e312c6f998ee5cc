/** The edge's process is killed, in each program and with each kind of sockets that it may have: the game goes on by the same ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until, within } from '@horizon-atlas/port-contracts';
import { afterEach, expect, test } from 'vitest';
import { bunHere, Rig, UdpEnd } from './rig.ts';
import { listenerOf, targetOf } from './udp-desk.ts';

let rig: Rig;
const children: ChildProcess[] = [];
const ends: UdpEnd[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const end of ends.splice(0)) end.close();
  await rig.stop();
});

const bun = bunHere();
if (!bun && !process.env.CI) console.warn('SKIPPED: the edge in Bun; the npm package @oven/bun-linux-x64 is not installed');

test('in Node.js', () => survives(process.execPath, ''));
test.skipIf(!bun && !process.env.CI)('in Bun, by its sockets', () => survives(bun ?? '', 'plain'));
test.skipIf(!bun && !process.env.CI)('in Bun, by system calls', () => survives(bun ?? '', ''));

async function survives(program: string, sockets: string): Promise<void> {
  rig = new Rig();
  const echo = noted(await UdpEnd.echo('A'));
  await rig.openControl();
  rig.listeners([listenerOf({ source: 'loopback' })]);
  rig.targets([targetOf('srv_1', echo.port)]);
  const first = await start(program, sockets);
  const ann = noted(await UdpEnd.open());
  for (let i = 0; i < 20; i++) {
    ann.send(`before ${i}`.padEnd(64, '.'), first.port);
    await until(() => ann.texts.includes(`A:before ${i}`), `answer ${i}`);
  }
  // Not even the control plane is there to help.
  await rig.closeControl();
  first.child.kill('SIGKILL');
  await new Promise((resolve) => first.child.once('exit', resolve));
  const second = await start(program, sockets);
  expect(second.port).toBe(first.port);
  const { from = '', port = 0 } = echo.heard[0] ?? {};
  echo.socket.send('by itself', port, from);
  await until(() => ann.texts.includes('by itself'), 'what the server says by itself');
  ann.send('after'.padEnd(64, '.'), first.port);
  await until(() => ann.texts.includes('A:after'), 'an answer');
  expect(new Set(echo.heard.map((each) => `${each.from}:${each.port}`)).size).toBe(1);
}

async function start(program: string, sockets: string): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const config = { edge: 'edge_0', folder: join(rig.folder, 'state'), control: rig.control };
  const entry = new URL('./edge-process.ts', import.meta.url).pathname;
  const child = spawn(program, [entry, JSON.stringify(config), sockets], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(child);
  const [{ port }] = (await within(once(child, 'message'), 'the edge has started', 15_000)) as [{ readonly port: number }];
  return { child, port: port > 0 ? port : await listening() };
}

/** The port, once the control plane has told the first process which listeners there are. */
function listening(): Promise<number> {
  const told = () => rig.heard.flatMap((each) => (each.kind === 'listening' ? each.listeners : []));
  return until(() => told().find(({ port }) => port > 0)?.port, 'the edge listens', 15_000);
}

function noted(end: UdpEnd): UdpEnd {
  ends.push(end);
  return end;
}
