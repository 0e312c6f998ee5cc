import { expect, it } from 'vitest';
import { gameServer, SmallFleets } from '../../test/small-fleets.ts';
import type { GameServer } from '../resources/fleets.ts';
import { ServerChanges } from './server-changes.ts';

/** Ten servers, whose changes a test tells. */
class Ten extends SmallFleets {
  readonly here = new Map<string, GameServer>();
  tell: (server: GameServer, gone: boolean) => void = () => {};
  stopped = false;

  constructor() {
    super();
    for (let i = 0; i < 10; i++) this.here.set(`arena_${i}`, { ...gameServer, id: `arena_${i}` });
  }

  override servers(): readonly GameServer[] {
    return [...this.here.values()];
  }

  override server(id: string): GameServer | undefined {
    return this.here.get(id);
  }

  override onServer(fn: (server: GameServer, gone: boolean) => void): () => void {
    this.tell = fn;
    return () => {
      this.stopped = true;
    };
  }

  change(id: string, part: Partial<GameServer>, told = true): void {
    const server = { ...(this.here.get(id) ?? { ...gameServer, id }), ...part };
    this.here.set(id, server);
    if (told) this.tell(server, false);
  }
}

it('tells of each server that changed once, in its latest state, and of those that are gone', () => {
  const source = new Ten();
  const changes = new ServerChanges(source);
  expect(changes.whole().upsert).toHaveLength(10);
  expect(changes.look()).toBeUndefined();
  source.change('arena_3', { state: 'Allocated' });
  source.change('arena_3', { state: 'Active' });
  source.change('arena_new', { state: 'Starting' });
  source.tell({ ...gameServer, id: 'arena_4' }, true);
  source.here.delete('arena_4');
  const news = changes.look();
  expect(news?.upsert.map(({ id, state }) => `${id} ${state}`)).toEqual(['arena_3 Active', 'arena_new Starting']);
  expect(news?.gone).toEqual(['arena_4']);
  expect(changes.look()).toBeUndefined();
  changes.close();
  expect(source.stopped).toBe(true);
});

it('brings CPU and memory along for a fifth of the servers each time, and for none whose figures stand still', () => {
  const source = new Ten();
  const changes = new ServerChanges(source);
  for (const id of source.here.keys()) if (id !== 'arena_9') source.change(id, { cpu: 0.5 }, false);
  const told = Array.from({ length: 5 }, () => changes.look()?.upsert.map(({ id }) => id) ?? []);
  expect(Math.max(...told.map(({ length }) => length))).toBe(2);
  expect(told.flat().sort()).toEqual([...source.here.keys()].filter((id) => id !== 'arena_9').sort());
  expect(Array.from({ length: 5 }, () => changes.look())).toEqual(Array(5).fill(undefined));
});
