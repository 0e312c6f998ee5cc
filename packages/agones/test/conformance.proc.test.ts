/** The published SDK of Agones for Node.js, unchanged, in a process of its own, through everything that it can say. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { noProbe } from '@horizon-atlas/runtime';
import { afterEach, expect, it } from 'vitest';
import { type Agones, agonesEnv, makeAgones } from '../src/index.ts';
import { memoryGameServers } from './game-servers.ts';

let agones: Agones | undefined;
afterEach(() => agones?.stop());

it('a game server on the stock SDK says and asks everything it can, and is told apart from another by its door', async () => {
  const servers = memoryGameServers();
  agones = makeAgones({ servers, probe: noProbe }, { portFirst: 0, portCount: 10 });
  servers.put('gs_1');
  servers.put('gs_2');
  const [port] = await Promise.all([agones.open('gs_1'), agones.open('gs_2')]);

  const told = await run(agonesEnv(port));

  expect(told.get('failed')).toBeUndefined();
  expect(told.get('gameserver')).toMatchObject({
    objectMeta: { name: 'gs_1', namespace: 'default', creationTimestamp: 1_700_000_000 },
    spec: { health: { disabled: false, periodSeconds: 5, failureThreshold: 3 } },
    status: { state: 'Ready', address: '127.0.0.1', portsList: [{ name: 'default', port: 7777 }] },
  });
  const meta = told.get('gameserver') as { objectMeta: { labelsMap: string[][]; annotationsMap: string[][] } };
  expect(meta.objectMeta.labelsMap).toContainEqual(['agones.dev/sdk-map', 'harbour']);
  expect(meta.objectMeta.annotationsMap).toContainEqual(['agones.dev/sdk-session', '{"mode":"duel","rounds":3}']);
  expect(told.get('counter')).toBe(1);
  expect(told.get('counter after')).toBe(2);
  expect(told.get('counter reset')).toEqual([0, 20]);
  expect(told.get('counter refused')).toBe(11);
  expect(told.get('counter unknown')).toBe(5);
  expect(told.get('list')).toEqual([['bob'], 1, 7, true]);
  expect(told.get('list refused')).toBe(6);
  expect(told.get('players')).toEqual([true, false, 1, 2, true, ['cat'], true]);
  expect(told.get('allocated')).toBe('Allocated');
  expect(told.get('label refused')).toBe(3);
  expect(told.get('watched')).toEqual(['Scheduled', 'Ready', 'Reserved', 'Allocated']);
  expect(told.has('shut down')).toBe(true);

  expect(servers.get('gs_1')?.state).toBe('Shutdown');
  expect(servers.words.filter(({ word }) => word.say === 'health').length).toBeGreaterThan(0);
  expect(servers.words.filter(({ id }) => id === 'gs_2')).toEqual([]);
  expect(servers.get('gs_2')).toMatchObject({ state: 'Starting', labels: {} });
}, 60_000);

it('after a restart of Atlas the same process goes on by the same door', async () => {
  const servers = memoryGameServers();
  servers.put('gs_1');
  agones = makeAgones({ servers, probe: noProbe }, { portFirst: 0, portCount: 10 });
  const port = await agones.open('gs_1');
  await agones.stop();
  agones = makeAgones({ servers, probe: noProbe }, { portFirst: 0, portCount: 10 });
  expect(await agones.open('gs_1', port)).toBe(port);
  expect((await run(agonesEnv(port))).has('shut down')).toBe(true);
}, 60_000);

/** What it said, by step. */
async function run(env: Readonly<Record<string, string>>): Promise<Map<string, unknown>> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'stock-server.mjs')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told = new Map<string, unknown>();
  for await (const line of createInterface({ input: child.stdout })) {
    const { step, value } = JSON.parse(line) as { step: string; value: unknown };
    told.set(step, value);
  }
  return told;
}
