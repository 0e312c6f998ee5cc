import type { ServerUsage } from '@horizon-atlas/ports';
import type { GameServerView } from '@horizon-atlas/protocol';
import { manualClock } from '@horizon-atlas/runtime';
import { expect, it } from 'vitest';
import { GameServerUsage, usagePolicy } from './game-server-usage.ts';

it('is told at the first question, and as a share of a core once it has been seen for long enough', () => {
  const { clock, usage, used } = stage(1);
  used.set('gs_0', { cpuS: 1, memoryBytes: 5e6 });
  expect(usage.of('gs_0')).toEqual({ cpuS: 1, cpu: null, memoryBytes: 5e6 });
  usage.start();
  used.set('gs_0', { cpuS: 2, memoryBytes: 4e6 });
  clock.advance(usagePolicy.roundMs * 2);
  expect(usage.of('gs_0')).toMatchObject({ cpuS: 2, memoryBytes: 4e6 });
  expect(usage.of('gs_0').cpu).toBeGreaterThan(0.2);
  expect(usage.of('gs_0').cpu).toBeLessThanOrEqual(0.5);
});

it('of a thousand servers is looked at in turns of an eighth', () => {
  const { clock, usage, looks } = stage(1000);
  usage.start();
  expect(looks()).toBe(125);
  clock.advance(usagePolicy.roundMs / usagePolicy.turns);
  expect(looks()).toBe(250);
  clock.advance((usagePolicy.roundMs / usagePolicy.turns) * 6);
  expect(looks()).toBe(1000);
  usage.close();
  clock.advance(usagePolicy.roundMs);
  expect(looks()).toBe(1000);
});

it('is not known of a server without a process, nor where the host does not tell', () => {
  const { usage, used, views } = stage(2);
  views.set('gs_0', { ...(views.get('gs_0') as GameServerView), pid: 0 });
  used.set('gs_1', { cpuS: Number.NaN, memoryBytes: Number.NaN });
  for (const id of ['gs_0', 'gs_1', 'gs_none']) expect(usage.of(id)).toEqual({ cpuS: null, cpu: null, memoryBytes: null });
});

function stage(count: number) {
  const clock = manualClock();
  const used = new Map<string, ServerUsage>();
  let looked = 0;
  const views = new Map(Array.from({ length: count }, (_, i) => [`gs_${i}`, { id: `gs_${i}`, pid: i + 1 } as GameServerView]));
  const runner = {
    usage: (id: string) => {
      looked++;
      return used.get(id) ?? { cpuS: 0, memoryBytes: 0 };
    },
  };
  const servers = { views: () => views.values(), size: count, get: (id: string) => views.get(id) };
  return { clock, used, views, looks: () => looked, usage: new GameServerUsage({ clock, runner, servers }) };
}
