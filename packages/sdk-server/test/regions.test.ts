import { must } from '@horizon-atlas/base';
import { decodeMovers, defineGame, u32 } from '@horizon-atlas/protocol';
import { describe, expect, it } from 'vitest';
import { defineRegion } from '../src/index.ts';
import { PLACES, playerAtBorder, prepareAndFreeze, Story } from './story.ts';

describe('checkpoints', () => {
  it('cover what was applied at their tick, once they are durable', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.add(1, 1);
    story.run(1100);
    const first = a.last('checkpoint');
    expect(first.groups).toMatchObject([{ group: 1000, epoch: 10, claimed: true, player: 'ann', session: 'ann-session' }]);
    gateway.add(1, 2);
    story.run(50);
    expect(gateway.acks(1)).toEqual({ handle: 1, applied: 2, covered: 0 });
    a.tell({ kind: 'covered', region: 'a', epoch: 1, tick: first.tick });
    story.run(50);
    expect(gateway.acks(1)).toEqual({ handle: 1, applied: 2, covered: 1 });
    const { fenced } = a.engine;
    a.tell({ kind: 'covered', region: 'a', epoch: 0, tick: first.tick + 1000 });
    expect(a.engine.fenced).toBe(fenced + 1);
  });

  it('bring the region back elsewhere, rolled back to them and no further', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    for (const seq of [1, 2]) gateway.add(1, seq);
    story.run(1100);
    const saved = a.last('checkpoint');
    a.cover();
    gateway.add(1, 3);
    story.run(50);
    const received = gateway.messages(1).at(-1)?.seq ?? 0;
    // The server dies. Another one gets the region, with what was durable.
    const c = story.node('s-c');
    c.assign('a', 50, saved.groups, saved.tick);
    expect(c.last('regionUp')).toMatchObject({ region: 'a', epoch: 50 });
    // It has something to say before anybody listens, and before it knows how far the dead one got.
    c.engine.regions.get('a')?.world?.broadcast('did/said', { text: 'risen' });
    const other = story.gateway(c);
    other.attach(4, 'ann', 1000, 50, { reason: 'switch', generation: 1, received });
    expect(other.attached(4)).toMatchObject({ applied: 2, covered: 2 });
    other.add(4, 3);
    story.run(50);
    expect(c.mind(1000).log).toEqual([1, 2, 3]);
    // The client has seen more than the checkpoint knows of: numbers go on behind that.
    expect(other.messages(4)[0]?.seq).toBe(received + 1);
    expect(other.texts(4)).toEqual(['risen']);
    // The ids of new entities cannot be those of the dead server's.
    const npc = c.engine.regions.get('a')?.world?.spawn({ position: { x: -1, y: 0, z: 0 }, entity: { name: 'npc', sum: 0 } });
    expect(npc?.id).toBe(50 * 2 ** 20 + 1);
  });

  it('contain frozen groups as they were frozen', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    const frozen = prepareAndFreeze(story, a);
    story.run(1100);
    expect(a.last('checkpoint').groups[0]?.state).toEqual(frozen.state);
  });

  it('stop with the control plane, and begin again with it', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    a.engine.controlDown(story.nowMs);
    a.clear();
    story.run(5000);
    expect(a.all('checkpoint')).toEqual([]);
    a.engine.controlUp(story.nowMs);
    story.run(50);
    expect(a.all('checkpoint')).toHaveLength(1);
  });

  it('remember what the region itself has to', () => {
    const story = new Story();
    const count = defineRegion({
      schema: defineGame({ client: {}, server: {}, entity: { n: u32 } }),
      spawn: () => ({ position: { x: 0, y: 0, z: 0 }, entity: { n: 0 } }),
      onStart(world, saved?: { starts: number }) {
        starts.push(saved?.starts ?? 0);
        world.spawn({ position: { x: 1, y: 1, z: 1 }, entity: { n: 1 } });
      },
      saveWorld: () => ({ starts: starts.length }),
    });
    const starts: number[] = [];
    const node = story.node('s-a', {}, count).assign('a', 1);
    story.run(50);
    const { world, tick, groups } = node.last('checkpoint');
    const next = story.node('s-b', {}, count);
    next.tell({ kind: 'assign', region: 'a', epoch: 2, world, groups, tick });
    expect(starts).toEqual([0, 1]);
    expect(next.engine.regions.get('a')?.entities.size).toBe(2);
    expect(next.engine.regions.get('a')?.tick).toBe(tick);
  });
});

describe('owning a region', () => {
  it('is answered again when asked again, and refused at an older epoch', () => {
    const story = new Story();
    const node = story.node('s-a').assign('a', 5).assign('a', 5).assign('a', 4);
    expect(node.all('regionUp')).toHaveLength(2);
    expect(node.last('regionRefused')).toMatchObject({ epoch: 4, code: 'EPOCH_STALE' });
  });

  it('ends when the map names somebody else at a higher epoch', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    const regions = PLACES.map((each) => (each.region === 'a' ? { ...each, server: 's-new', epoch: 9 } : each));
    a.tell({ kind: 'map', version: 2, regions });
    expect(a.engine.regions.size).toBe(0);
    expect(gateway.controls('attachRefused')).toMatchObject([{ code: 'NOT_OWNER' }]);
    a.assign('a', 1);
    expect(a.last('regionRefused')).toMatchObject({ code: 'EPOCH_STALE' });
  });

  it('ends in sleep with a last checkpoint, and not before that is durable', () => {
    const story = new Story();
    const { a } = story.pair();
    a.clear().tell({ kind: 'sleep', region: 'a', epoch: 1 });
    const { tick } = a.last('checkpoint');
    story.run(1200);
    expect(a.all('slept')).toEqual([]);
    expect(a.all('checkpoint').length).toBeGreaterThan(1);
    expect(a.last('checkpoint').tick).toBe(tick);
    a.cover();
    expect(a.last('slept')).toMatchObject({ region: 'a', epoch: 1 });
    a.clear().tell({ kind: 'sleep', region: 'a', epoch: 1 });
    expect(a.all('slept')).toHaveLength(1);
  });

  it('drains: nothing happens after the last checkpoint, which is waited for until the deadline', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    a.tell({ kind: 'stop', deadlineMs: 3000 });
    gateway.add(1, 1);
    story.run(1000);
    expect(a.drained).toBe(false);
    expect(a.mind(1000).log).toEqual([]);
    a.cover();
    expect(a.drained).toBe(true);
    expect(gateway.controls('attachRefused')).toMatchObject([{ code: 'NOT_OWNER' }]);

    const b = story.nodes.get('s-b');
    b?.tell({ kind: 'stop', deadlineMs: 3000 });
    story.run(3200);
    expect(b?.drained).toBe(true);
  });

  it('ends itself when nobody has spoken for long', () => {
    const story = new Story();
    const { a } = story.pair({ orphanMs: 60_000 });
    a.engine.controlDown(story.nowMs);
    story.run(59_000);
    expect(a.orphaned).toBe(false);
    story.run(2000);
    expect(a.orphaned).toBe(true);
  });

  it('tells how it is, four times a second', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    a.clear();
    story.run(1000);
    expect(a.all('heartbeat').length).toBeGreaterThanOrEqual(3);
    expect(a.last('heartbeat')).toMatchObject({ players: 1, entities: 1, tickHz: 30 });
    expect(a.all('positions')).toEqual([]);
  });

  it('tells where everybody is when asked, shadows of the neighbours included', () => {
    const story = new Story();
    const { a, b } = playerAtBorder(story);
    story.run(500);
    const told = (node: typeof a, survey: number) => {
      node.clear();
      node.tell({ kind: 'survey', survey });
      const { movers, ...rest } = node.last('positions');
      const { entity, x, kind } = must(decodeMovers(movers), 'movers');
      return { ...rest, movers: [...entity].map((id, i) => ({ id, x: x[i], kind: kind[i] })) };
    };
    expect(told(a, 7)).toMatchObject({ region: 'a', survey: 7, movers: [{ id: 1000, x: -5, kind: 0 }] });
    expect(told(b, 8)).toMatchObject({ region: 'b', survey: 8, movers: [{ id: 1000, x: -5, kind: 2 }] });
  });

  it('puts a group where an operator wants it, unless it is not its to say', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    const epoch = a.engine.regions.get('a')?.groups.get(1000)?.epoch ?? 0;
    const place = (changes: object) => {
      a.tell({ kind: 'place', request: 3, group: 1000, epoch, x: -60, y: 10, z: 0, ...changes });
      return a.last('placed');
    };
    expect(place({ group: 4711 })).toMatchObject({ request: 3, ok: false, code: 'NOT_OWNER' });
    expect(place({ epoch: epoch - 1 })).toMatchObject({ ok: false, code: 'EPOCH_STALE' });
    expect(place({ x: 1e9 })).toMatchObject({ ok: false, code: 'POSITION_INVALID' });
    expect(place({ x: Number.NaN })).toMatchObject({ ok: false, code: 'POSITION_INVALID' });
    expect(a.engine.regions.get('a')?.groups.get(1000)?.anchor.position.x).toBe(-5);
    expect(place({})).toMatchObject({ ok: true, code: '' });
    expect(a.engine.regions.get('a')?.groups.get(1000)?.anchor.position).toMatchObject({ x: -60, y: 10 });
  });

  it('skips a long pause instead of racing through it', () => {
    const story = new Story();
    const { a } = story.pair();
    const before = a.engine.regions.get('a')?.tick ?? 0;
    story.nowMs += 60_000;
    story.run(1000);
    expect((a.engine.regions.get('a')?.tick ?? 0) - before).toBeLessThan(40);
  });
});

describe('money', () => {
  it('is asked for until it is answered, and the answer comes once', () => {
    const story = new Story();
    const { a } = story.pair();
    const outcomes: unknown[] = [];
    a.engine.regions
      .get('a')
      ?.world?.transfer({ id: 'sale-1', moves: [{ from: 'p/a', to: 'p/b', item: 'gold', amount: 5 }] }, (each) =>
        outcomes.push(each),
      );
    story.run(1200);
    expect(a.all('transfer').length).toBeGreaterThan(2);
    a.tell({ kind: 'transferResult', id: 'sale-1', ok: true, code: '' });
    a.tell({ kind: 'transferResult', id: 'sale-1', ok: true, code: '' });
    expect(outcomes).toEqual([{ id: 'sale-1', ok: true, code: '' }]);
  });
});

describe('groups', () => {
  it('of a claimed anchor that is gone are told to the control plane', () => {
    const story = new Story();
    const { b } = story.pair();
    b.assign('b', 2, [{ group: 77, epoch: 1, claimed: true, player: '', name: '', session: '', state: new Uint8Array(0) }]);
    const entity = b.engine.regions.get('b')?.entities.get(77);
    if (entity) b.engine.regions.get('b')?.world?.remove(entity);
    expect(b.last('ended')).toMatchObject({ session: '', player: '', group: 77 });
    b.tell({ kind: 'endedAck', session: '', group: 77 });
    b.clear();
    story.run(1200);
    expect(b.all('ended')).toEqual([]);
  });

  it('come apart again', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.say(1, 1, 'pet');
    story.run(50);
    const region = a.engine.regions.get('a');
    const pet = region?.groups.get(1000)?.members[1];
    expect(region?.groups.size).toBe(1);
    expect(pet && region?.world?.ungroup(pet)).toBe(true);
    expect(region?.groups.size).toBe(2);
    expect(region?.groups.get(1000)?.members).toHaveLength(1);
  });
});
