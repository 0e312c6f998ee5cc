/**
 * Garbage at 50,000 datagrams a second, from a process of its own, against an edge in a process of its own, while players play through it: each of them hears an answer to all that it
 * has said. Nothing here is timed: what is counted is the players' datagrams.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until, within } from '@horizon-atlas/port-contracts';
import { afterEach, expect, test } from 'vitest';
import { joinFrame } from '../src/index.ts';
import { bunHere, Rig, tokens, UdpEnd } from './rig.ts';
import { listenerOf, targetOf } from './udp-desk.ts';

const PLAYERS = 8;
const ROUNDS = 150;
/** A player says it again while no answer comes, as games do: the kernel drops datagrams of a full queue, whoever they are from. */
const AGAIN_MS = 200;

let rig: Rig;
const children: ChildProcess[] = [];
const ends: UdpEnd[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const end of ends.splice(0)) end.close();
  await rig.stop();
});

test.each(['token', 'server'] as const)('players by %s play on in a flood', { timeout: 120_000 }, async (route) => {
  const echo = noted(await UdpEnd.echo('A'));
  const listener = listenerOf({ route, source: 'loopback', ...(route === 'server' ? { accept: [new Uint8Array([0x50])] } : {}) });
  rig = new Rig();
  await rig.openControl();
  rig.listeners([listener]);
  rig.targets([targetOf('srv_1', echo.port)]);
  const port = await edgePort();
  const players = await Promise.all(Array.from({ length: PLAYERS }, async () => noted(await UdpEnd.open())));
  if (route === 'token') {
    for (const [i, player] of players.entries()) {
      const hello = joinFrame(tokens.seal({ server: 'srv_1', player: `p${i}`, validS: 60 }));
      await heard(
        () => player.send(hello, port),
        () => player.heard.length > 0,
        `p${i} is in`,
      );
    }
  }
  const vandal = fork(new URL('./udp-flood.ts', import.meta.url).pathname, [String(port), '50000'], {
    execPath: bunHere() ?? process.execPath,
  });
  children.push(vandal);
  await within(once(vandal, 'message'), 'the flood begins');
  let again = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(
      players.map((player, i) => {
        const said = `P${i} in round ${round}`.padEnd(48, '.');
        const say = () => player.send(said, port);
        return heard(say, () => player.texts.includes(`A:P${i} in round ${round}`), `p${i}, round ${round}`).then((times) => {
          again += times;
        });
      }),
    );
  }
  const told = within(once(vandal, 'message'), 'the flood ends') as Promise<[{ sent: number; seconds: number }]>;
  vandal.send('stop');
  const [{ sent, seconds }] = await told;
  console.log(
    `${route}: ${Math.round(sent / seconds)} datagrams of garbage a second for ${seconds.toFixed(1)} s; ${PLAYERS * ROUNDS} of players answered, ${again} of them said again`,
  );
  expect(sent).toBeGreaterThan(1_000);
  for (const [i, player] of players.entries())
    for (let round = 0; round < ROUNDS; round++) expect(player.texts).toContain(`A:P${i} in round ${round}`);
  // None of it has come through.
  const strangers = echo.texts.filter((text) => !text.startsWith('P'));
  expect(strangers).toEqual([]);
});

/** Says it until the answer is there. Answers how often it was said again. */
async function heard(say: () => void, there: () => boolean, what: string): Promise<number> {
  let times = -1;
  let dueMs = 0;
  const look = () => {
    if (there()) return true;
    if (performance.now() < dueMs) return false;
    say();
    times++;
    dueMs = performance.now() + AGAIN_MS;
    return false;
  };
  await until(look, what, 60_000);
  return times;
}

/** In the program that `atlas up` runs edges in. */
async function edgePort(): Promise<number> {
  const config = { edge: 'edge_0', folder: join(rig.folder, 'state'), control: rig.control };
  const entry = new URL('./edge-process.ts', import.meta.url).pathname;
  const child = spawn(bunHere() ?? process.execPath, [entry, JSON.stringify(config)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  const told = () => rig.heard.flatMap((each) => (each.kind === 'listening' ? each.listeners : []));
  return until(() => told().find(({ port }) => port > 0)?.port, 'the edge listens', 30_000);
}

function noted(end: UdpEnd): UdpEnd {
  ends.push(end);
  return end;
}
