import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryBus } from '@horizon-atlas/adapter-memory';
import { manualClock, memoryProbe } from '@horizon-atlas/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bindListeners, type ClientEvent, loadListeners, publishClientEvent } from './listeners.ts';

const told = (event: string, data: unknown) =>
  ({ kind: 'clientEvent', session: 's', player: 'ann', namespace: 'movement', event, data: JSON.stringify(data) }) as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atlas-listeners-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function moduleOf(text: string): string {
  const file = join(folder, 'listeners.mjs');
  writeFileSync(file, text);
  return file;
}

test('a listener hears the events of its name and no others, and one that throws silences nobody', () => {
  const turns: (() => void)[] = [];
  const bus = memoryBus({ clock: manualClock(), later: (fn) => void turns.push(fn) });
  const heard: ClientEvent[] = [];
  const probe = memoryProbe();
  const cancel = bindListeners(
    bus,
    {
      'movement/position_update': (event) => heard.push(event),
      'movement/jump': () => {
        throw new Error('a fault of the game');
      },
    },
    probe,
  );
  publishClientEvent(bus, told('jump', 1));
  publishClientEvent(bus, told('dance', 1));
  publishClientEvent(bus, told('position_update', { x: 1 }));
  for (const turn of turns.splice(0)) turn();
  expect(heard).toEqual([{ session: 's', player: 'ann', namespace: 'movement', event: 'position_update', data: { x: 1 } }]);
  expect(probe.events().map(({ name }) => name)).toContain('listener_failed');
  cancel();
  publishClientEvent(bus, told('position_update', { x: 2 }));
  for (const turn of turns.splice(0)) turn();
  expect(heard).toHaveLength(1);
});

test('what is no module of listeners is told with an example', async () => {
  await expect(loadListeners(moduleOf("export default { 'movement/position_update': () => {} }"))).resolves.toHaveProperty([
    'movement/position_update',
  ]);
  rmSync(join(folder, 'listeners.mjs'));
  await expect(loadListeners(join(folder, 'none.mjs'))).rejects.toThrow();
  writeFileSync(join(folder, 'b.mjs'), 'export default { position_update: () => {} }');
  await expect(loadListeners(join(folder, 'b.mjs'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  writeFileSync(join(folder, 'c.mjs'), 'export const listeners = {}');
  await expect(loadListeners(join(folder, 'c.mjs'))).rejects.toThrow(/found none[\s\S]*export default/);
});
