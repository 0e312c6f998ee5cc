import { events } from '@horizon-atlas/protocol';
import { describe, expect, it } from 'vitest';
import { activate, groupOf, playerAtBorder, prepareAndFreeze, release, Story } from './story.ts';

describe('a crossing that goes well', () => {
  it('announces the group, copies it, freezes, and goes on at the target where the source stopped', () => {
    const story = new Story();
    const { a, b, gateway } = playerAtBorder(story);
    gateway.add(1, 1, 5);
    gateway.move(1, 2, 30);
    story.run(100);
    expect(a.last('approach')).toMatchObject({ group: 1000, epoch: 10, region: 'a', target: 'b' });

    b.tell({ kind: 'reserve', group: 1000, epoch: 10, region: 'b', source: 'a', ttlMs: 2000 });
    expect(b.last('reserved')).toMatchObject({ group: 1000, ok: true });
    a.tell({ kind: 'prepare', group: 1000, epoch: 10, region: 'a', target: 'b', server: 's-b', address: 'sim:b' });
    story.run(200);
    expect(a.last('synced')).toMatchObject({ group: 1000, epoch: 10 });
    expect(a.all('crossed')).toEqual([]);
    story.run(1500);
    expect(a.last('crossed')).toMatchObject({ group: 1000, epoch: 10, region: 'a', target: 'b', teleport: false });

    gateway.add(1, 3, 7);
    story.run(34);
    gateway.add(1, 4, 9);
    a.tell({ kind: 'freeze', group: 1000, epoch: 10, target: 'b' });
    const frozen = a.last('frozen');
    // The fourth came, but was not applied: it is not the source's any more.
    expect(frozen.sessions).toEqual([{ session: 'ann-session', applied: 3 }]);
    const stoppedAt = a.engine.regions.get('a')?.entities.get(1000)?.position.x;
    story.run(50);
    expect(a.engine.regions.get('a')?.entities.get(1000)?.position.x).toBe(stoppedAt);
    expect(a.mind(1000).sum).toBe(12);

    activate(b, frozen, 20);
    expect(b.last('activated')).toMatchObject({ group: 1000, epoch: 20, warm: true });
    expect(b.mind(1000)).toEqual({ sum: 12, log: [5, 7] });
    const other = story.gateway(b);
    other.attach(2, 'ann', 1000, 20, { reason: 'switch', generation: 1, received: 2 });
    expect(other.attached(2)).toMatchObject({ applied: 3, covered: 3, resumed: true, generation: 1 });
    other.add(2, 4, 9);
    story.run(50);
    expect(b.mind(1000)).toEqual({ sum: 21, log: [5, 7, 9] });
    release(a, 1000, 10, 20);
    expect(a.last('released')).toMatchObject({ group: 1000, epoch: 10 });
    expect(a.has(1000)).toBe('no');
    expect(b.has(1000)).toBe('owned');
  });

  it('numbers messages on where the source stopped, and sends again what the client has not got', () => {
    const story = new Story();
    const { a, b, gateway } = playerAtBorder(story);
    gateway.add(1, 1, 1);
    gateway.add(1, 2, 1);
    story.run(50);
    const told = gateway.messages(1);
    expect(told[0]?.event).toBe(events.entity);
    const received = told[0]?.seq ?? 0;
    const frozen = prepareAndFreeze(story, a);
    activate(b, frozen, 20);
    const other = story.gateway(b);
    other.attach(2, 'ann', 1000, 20, { reason: 'switch', received });
    other.add(2, 3, 1);
    story.run(50);
    const seqs = other.messages(2).map((each) => each.seq);
    expect(seqs).toEqual(seqs.map((_, i) => received + 1 + i));
    // The client had only the first message, which told of its own entity.
    expect(gateway.sums(1)).toEqual([1, 2]);
    expect(other.sums(2)).toEqual([1, 2, 3]);
  });

  it('takes pets along, and timers fire at the target in simulation time', () => {
    const story = new Story();
    const { a, b, gateway } = playerAtBorder(story);
    gateway.say(1, 1, 'pet');
    gateway.say(1, 2, 'timer');
    story.run(50);
    const frozen = prepareAndFreeze(story, a);
    activate(b, frozen, 20);
    expect([...(b.engine.regions.get('b')?.groups.get(1000)?.members ?? [])]).toHaveLength(2);
    const other = story.gateway(b);
    other.attach(2, 'ann', 1000, 20, { reason: 'switch' });
    story.run(200);
    expect(other.texts(2)).toEqual([]);
    story.run(300);
    expect(other.texts(2)).toEqual(['ring in b true']);
  });

  it('teleports across the border without having been announced', () => {
    const story = new Story();
    const { a, b, gateway } = playerAtBorder(story, -200);
    a.clear();
    gateway.jump(1, 1, 200);
    story.run(50);
    expect(a.last('approach')).toMatchObject({ target: 'b', teleport: true, etaMs: 0 });
    expect(a.last('crossed')).toMatchObject({ target: 'b', teleport: true });
    a.tell({ kind: 'freeze', group: 1000, epoch: 10, target: 'b' });
    activate(b, a.last('frozen'), 20, 'ann', true);
    expect(b.last('activated')).toMatchObject({ warm: false });
    expect(b.engine.regions.get('b')?.entities.get(1000)?.position.x).toBe(200);
  });

  it('goes from one region to another of the same server', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    a.assign('b', 5);
    a.tell({ kind: 'prepare', group: 1000, epoch: 10, region: 'a', target: 'b', server: 's-a', address: 'sim:a' });
    story.run(200);
    a.tell({ kind: 'freeze', group: 1000, epoch: 10, target: 'b' });
    const frozen = a.last('frozen');
    a.tell({ kind: 'activate', region: 'b', version: frozen.version, group: groupOf(1000, 20, 'ann') });
    expect(a.last('activated')).toMatchObject({ warm: true });
    expect(a.engine.regions.get('a')?.groups.size).toBe(0);
    expect(a.engine.regions.get('b')?.groups.size).toBe(1);
    release(a, 1000, 10, 20);
    expect(a.has(1000)).toBe('owned');
    expect(a.last('released')).toMatchObject({ group: 1000 });
  });
});

describe('the source', () => {
  it('repeats frozen until it is told what became of it, and never thaws by itself', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    prepareAndFreeze(story, a);
    a.clear();
    a.engine.controlDown(story.nowMs);
    story.run(60_000);
    expect(a.has(1000)).toBe('frozen');
    a.engine.controlUp(story.nowMs);
    expect(a.last('hello').regions[0]?.groups).toContainEqual({ group: 1000, epoch: 10, phase: 'frozen' });
    a.clear();
    story.run(1000);
    expect(a.all('frozen').length).toBeGreaterThan(5);
    expect(a.all('approach')).toEqual([]);
  });

  it('thaws at the new epoch with nothing lost, and late words of the old one are fenced', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.add(1, 1, 1);
    story.run(50);
    prepareAndFreeze(story, a);
    gateway.add(1, 2, 2);
    a.tell({ kind: 'thaw', group: 1000, epoch: 10, newEpoch: 30 });
    expect(a.last('thawed')).toMatchObject({ group: 1000, epoch: 30 });
    // The old handle is over; the gateway attaches again and says again what was not applied.
    expect(gateway.controls('attachRefused')).toEqual([
      { kind: 'attachRefused', handle: 1, session: 'ann-session', code: 'NOT_OWNER' },
    ]);
    gateway.attach(2, 'ann', 1000, 30, { reason: 'switch', generation: 1, received: gateway.messages(1).length });
    expect(gateway.attached(2)).toMatchObject({ applied: 1 });
    gateway.add(2, 2, 2);
    story.run(50);
    expect(a.mind(1000).log).toEqual([1, 2]);
    const { fenced } = a.engine;
    a.tell({ kind: 'freeze', group: 1000, epoch: 10, target: 'b' });
    a.tell({ kind: 'thaw', group: 1000, epoch: 10, newEpoch: 25 });
    expect(a.has(1000)).toBe('owned');
    expect(a.engine.fenced).toBe(fenced + 2);
    // The thaw whose answer was lost.
    a.clear().tell({ kind: 'thaw', group: 1000, epoch: 10, newEpoch: 30 });
    expect(a.last('thawed')).toMatchObject({ epoch: 30 });
  });

  it('ignores a cancel once frozen, since the commit may be on its way', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    prepareAndFreeze(story, a);
    a.tell({ kind: 'cancel', group: 1000, epoch: 10, target: 'b' });
    expect(a.has(1000)).toBe('frozen');
  });

  it('stops copying when the crossing is cancelled', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    let copies = 0;
    story.onMesh = (message) => {
      if (message.kind === 'snapshot' || message.kind === 'delta') copies++;
      return 1;
    };
    a.tell({ kind: 'prepare', group: 1000, epoch: 10, region: 'a', target: 'b', server: 's-b', address: 'sim:b' });
    story.run(100);
    expect(copies).toBeGreaterThan(0);
    a.tell({ kind: 'cancel', group: 1000, epoch: 10, target: 'b' });
    copies = 0;
    story.run(3000);
    expect(copies).toBe(0);
  });

  it('defers once under a lock, for no longer than the lock, and then freezes', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.say(1, 1, 'lock');
    story.run(50);
    a.tell({ kind: 'freeze', group: 1000, epoch: 10, target: 'b' });
    const { ms, reason } = a.last('defer');
    expect(reason).toBe('combat');
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(1000);
    expect(a.has(1000)).toBe('owned');
    story.run(ms / 2);
    // The same question, because the answer was lost, gets what is left of the same answer.
    a.tell({ kind: 'freeze', group: 1000, epoch: 10, target: 'b' });
    expect(a.last('defer').ms).toBeLessThan(ms);
    gateway.say(1, 2, 'lock');
    story.run(ms);
    a.tell({ kind: 'freeze', group: 1000, epoch: 10, target: 'b' });
    expect(a.has(1000)).toBe('frozen');
  });

  it('puts a crossing off whose state is too big, and says so', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.say(1, 1, 'big');
    story.run(50);
    a.tell({ kind: 'freeze', group: 1000, epoch: 10, target: 'b' });
    expect(a.last('defer')).toMatchObject({ reason: 'GROUP_TOO_BIG' });
    expect(a.has(1000)).toBe('owned');
    expect(a.happened.some((each) => each.fields.code === 'GROUP_TOO_BIG')).toBe(true);
  });

  it('drops what the record gave away even if it was never asked to freeze', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    release(a, 1000, 10, 20);
    expect(a.has(1000)).toBe('no');
    // And takes nothing of the past back, long after the stub is gone.
    story.run(20_000);
    a.admit('a', 1000, 15, 'ann');
    expect(a.last('admitted')).toMatchObject({ ok: false, code: 'EPOCH_STALE' });
    a.tell({ kind: 'thaw', group: 1000, epoch: 10, newEpoch: 15 });
    expect(a.all('needState')).toEqual([]);
    expect(a.has(1000)).toBe('no');
  });

  it('asks for the state of a group that the record gives it back and that it has lost', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    a.tell({ kind: 'thaw', group: 77, epoch: 10, newEpoch: 15 });
    expect(a.last('needState')).toMatchObject({ group: 77, epoch: 15 });
  });
});

describe('the target', () => {
  it('waits for a final delta that is on its way', () => {
    const story = new Story();
    const { a, b, gateway } = playerAtBorder(story);
    const late: (() => void)[] = [];
    story.onMesh = (message, from) => {
      if (message.kind !== 'final') return 1;
      late.push(() => story.mesh(from, 's-b', message));
      return 0;
    };
    gateway.add(1, 1, 4);
    story.run(50);
    const frozen = prepareAndFreeze(story, a);
    activate(b, frozen, 20);
    expect(b.has(1000)).toBe('no');
    expect(b.all('needState')).toEqual([]);
    story.onMesh = () => 1;
    for (const deliver of late) deliver();
    story.settle();
    expect(b.last('activated')).toMatchObject({ epoch: 20, warm: true });
    expect(b.mind(1000).sum).toBe(4);
  });

  it('asks for the state when the final delta is lost, again and again, and takes it from the record', () => {
    const story = new Story();
    const { a, b } = playerAtBorder(story);
    story.onMesh = (message) => (message.kind === 'final' || message.kind === 'snapshot' ? 0 : 1);
    const frozen = prepareAndFreeze(story, a);
    activate(b, frozen, 20);
    story.run(500);
    expect(b.all('needState').length).toBeGreaterThan(2);
    expect(b.last('needState')).toMatchObject({ group: 1000, epoch: 20 });
    activate(b, frozen, 20, 'ann', true);
    expect(b.last('activated')).toMatchObject({ warm: false });
    expect(b.has(1000)).toBe('owned');
  });

  it('gets the whole state again after a lost delta, and is in step again', () => {
    const story = new Story();
    const { a, b, gateway } = playerAtBorder(story, -100);
    gateway.move(1, 1, 1);
    let lose = 0;
    story.onMesh = (message) => (message.kind === 'delta' && lose-- > 0 ? 0 : 1);
    a.tell({ kind: 'prepare', group: 1000, epoch: 10, region: 'a', target: 'b', server: 's-b', address: 'sim:b' });
    story.run(200);
    lose = 3;
    story.run(400);
    a.clear();
    story.run(600);
    expect(a.all('synced').length).toBeGreaterThan(0);
    a.tell({ kind: 'freeze', group: 1000, epoch: 10, target: 'b' });
    activate(b, a.last('frozen'), 20);
    expect(b.last('activated')).toMatchObject({ warm: true });
  });

  it('answers a repeated activation, and fences one of an older epoch', () => {
    const story = new Story();
    const { a, b } = playerAtBorder(story);
    const frozen = prepareAndFreeze(story, a);
    activate(b, frozen, 20);
    activate(b, frozen, 20);
    expect(b.all('activated')).toHaveLength(2);
    const { fenced } = b.engine;
    activate(b, frozen, 15);
    expect(b.all('activated')).toHaveLength(2);
    expect(b.engine.fenced).toBe(fenced + 1);
  });

  it('lives through doubled mesh messages and copies of a source that is none any more', () => {
    const story = new Story();
    const { a, b, gateway } = playerAtBorder(story);
    story.onMesh = () => 2;
    gateway.add(1, 1, 3);
    story.run(50);
    const frozen = prepareAndFreeze(story, a);
    activate(b, frozen, 20);
    expect(b.last('activated')).toMatchObject({ warm: true });
    expect(b.mind(1000).sum).toBe(3);
    const { fenced } = b.engine;
    b.engine.fromPeer('s-a', { kind: 'snapshot', group: 1000, epoch: 10, version: 99, state: frozen.state }, story.nowMs);
    expect(b.engine.fenced).toBe(fenced + 1);
    expect(b.has(1000)).toBe('owned');
  });

  it('drops a group that was given back to the source before it was heard to be active', () => {
    const story = new Story();
    const { a, b, gateway } = playerAtBorder(story);
    gateway.add(1, 1, 3);
    story.run(50);
    const frozen = prepareAndFreeze(story, a);
    activate(b, frozen, 20);
    // Its players do something there, and are told so.
    const other = story.gateway(b);
    const had = gateway.messages(1).length;
    other.attach(2, 'ann', 1000, 20, { reason: 'switch', generation: 1, received: had });
    other.add(2, 2, 4);
    story.run(50);
    const received = other.messages(2).at(-1)?.seq ?? 0;
    expect(received).toBeGreaterThan(had);
    // `activated` was lost: the record goes back to a, and b is told to let go.
    a.tell({ kind: 'thaw', group: 1000, epoch: 10, newEpoch: 40 });
    b.tell({ kind: 'release', group: 1000, epoch: 20, newEpoch: 40, target: 'a', server: 's-a', address: 'sim:a' });
    expect(b.has(1000)).toBe('no');
    gateway.clear();
    gateway.attach(3, 'ann', 1000, 40, { reason: 'switch', generation: 1, received });
    expect(gateway.attached(3)).toMatchObject({ applied: 1, resumed: false });
    gateway.add(3, 2, 4);
    story.run(50);
    expect(a.mind(1000).log).toEqual([3, 4]);
    // Numbers go on behind what the client has, or it would take new messages for old ones.
    expect(gateway.messages(3).map((each) => each.seq)).toEqual(gateway.messages(3).map((_, i) => received + 1 + i));
  });

  it('refuses a reservation that it has no room for', () => {
    const story = new Story();
    const { b } = story.pair({ entitiesMax: 1 });
    b.admit('b', 2000, 11, 'bob', 100);
    b.tell({ kind: 'reserve', group: 1000, epoch: 10, region: 'b', source: 'a', ttlMs: 2000 });
    expect(b.last('reserved')).toMatchObject({ ok: false, code: 'REGION_FULL' });
    b.tell({ kind: 'reserve', group: 1000, epoch: 10, region: 'x', source: 'a', ttlMs: 2000 });
    expect(b.last('reserved')).toMatchObject({ ok: false, code: 'NO_REGION' });
    b.admit('b', 3000, 12, 'cid', 100);
    expect(b.last('admitted')).toMatchObject({ ok: false, code: 'REGION_FULL' });
  });
});

describe('actions', () => {
  it('reach an entity next door and are answered within a tick and a hop', () => {
    const story = new Story();
    const { a, b } = playerAtBorder(story);
    story.run(100);
    const world = b.engine.regions.get('b')?.world;
    expect([...(world?.shadows() ?? [])].map((each) => each.id)).toEqual([1000]);
    const answers: unknown[] = [];
    world?.act(1000, 'hit', { by: 9 }, (answer) => answers.push(answer));
    story.run(70);
    expect(answers).toEqual([{ ok: true, code: '', data: { in: 'a' } }]);
    expect(a.engine.regions.get('a')?.entities.get(1000)?.entity).toMatchObject({ sum: 9 });
  });

  it('wait while the group is frozen, and follow it through the stub', () => {
    const story = new Story();
    const { a, b } = playerAtBorder(story);
    const frozen = prepareAndFreeze(story, a);
    const answers: unknown[] = [];
    a.engine.regions.get('a')?.world?.act(1000, 'hit', { by: 3 }, (answer) => answers.push(answer));
    story.run(100);
    expect(answers).toEqual([]);
    activate(b, frozen, 20);
    release(a, 1000, 10, 20);
    story.run(100);
    expect(answers).toEqual([{ ok: true, code: '', data: { in: 'b' } }]);
    // A late one, from somebody who still thinks that it lives at a.
    a.engine.fromPeer(
      's-x',
      { kind: 'act', id: 7, entity: 1000, hops: 1, origin: 's-x', action: 'hit', data: new TextEncoder().encode('{"by":4}') },
      story.nowMs,
    );
    story.run(100);
    expect(b.engine.regions.get('b')?.entities.get(1000)?.entity).toMatchObject({ sum: 4 });
  });

  it('are not sent on for ever, and end with a code when nobody has the entity', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    const answers: unknown[] = [];
    const world = a.engine.regions.get('a')?.world;
    world?.act(4711, 'hit', {}, (answer) => answers.push(answer));
    world?.act(1000, 'dance', {}, (answer) => answers.push(answer));
    story.run(100);
    expect(answers).toEqual([
      { ok: false, code: 'NOT_OWNER', data: undefined },
      { ok: false, code: 'ACTION_UNKNOWN', data: undefined },
    ]);
  });

  it('end with LINK_LOST when no answer comes', () => {
    const story = new Story();
    const { b } = playerAtBorder(story);
    story.run(100);
    story.onMesh = (message) => (message.kind === 'actResult' ? 0 : 1);
    const answers: { code: string }[] = [];
    b.engine.regions.get('b')?.world?.act(1000, 'hit', { by: 1 }, (answer) => answers.push(answer));
    story.run(1200);
    expect(answers.map((each) => each.code)).toEqual(['LINK_LOST']);
  });
});

describe('border shadows', () => {
  it('show what changes, and what is gone, in both directions', () => {
    const story = new Story();
    const { a, b } = playerAtBorder(story);
    b.admit('b', 2000, 11, 'bob', 50);
    story.run(100);
    const seen = (node: typeof a, region: string) =>
      [...(node.engine.regions.get(region)?.world?.shadows() ?? [])].map((each) => each.id);
    expect(seen(a, 'a')).toEqual([2000]);
    expect(seen(b, 'b')).toEqual([1000]);
    let updates = 0;
    story.onMesh = (message) => {
      if (message.kind === 'shadows') updates += message.updates.length;
      return 1;
    };
    story.run(1000);
    // Nobody moves: next to nothing is said.
    expect(updates).toBeLessThanOrEqual(2);
    const bob = b.engine.regions.get('b')?.entities.get(2000);
    if (bob) bob.position.x = 290;
    story.run(100);
    expect(seen(a, 'a')).toEqual([]);
  });

  it('of an older owner are refused', () => {
    const story = new Story();
    const { b } = playerAtBorder(story);
    story.run(100);
    const { fenced } = b.engine;
    const shadow = { entity: 1000, group: 1000, epoch: 9, x: 99, y: 0, z: 0, vx: 0, vy: 0, vz: 0, state: new Uint8Array(0) };
    b.engine.fromPeer('s-old', { kind: 'shadows', region: 'a', epoch: 1, tick: 1, updates: [shadow], gone: [] }, story.nowMs);
    b.engine.fromPeer('s-old', { kind: 'shadows', region: 'a', epoch: 0, tick: 1, updates: [], gone: [1000] }, story.nowMs);
    expect(b.engine.fenced).toBe(fenced + 2);
    expect([...(b.engine.regions.get('b')?.world?.shadows() ?? [])][0]?.position.x).not.toBe(99);
  });

  it('are forgotten when the neighbour falls silent', () => {
    const story = new Story();
    const { a, b } = playerAtBorder(story);
    story.run(100);
    story.cut(a, b);
    story.onMesh = () => 0;
    story.run(7000);
    expect([...(b.engine.regions.get('b')?.world?.shadows() ?? [])]).toEqual([]);
  });
});
