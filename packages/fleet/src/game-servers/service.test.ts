import { keys } from '@horizon-atlas/protocol';
import { describe, expect, it } from 'vitest';
import { Arcade, fleetOf } from '../../test/arcade.ts';
import { settled } from '../../test/manual-clock.ts';

const started = async (but: Parameters<typeof fleetOf>[0] = {}) => (await new Arcade([fleetOf(but)]).start()).ready();

describe('a spare in place of one that was given away', () => {
  const policy = { spareWaitMs: 250 };
  it('is started when the players have had a moment to come in, and not put off by the next who comes', async () => {
    const arcade = await started({ policy });
    await arcade.ask('r1');
    await arcade.clock.advance(200);
    await arcade.ask('r2', { waitMs: 0 });
    expect(arcade.states).toBe('Allocated Allocated Starting Starting');
  });
  it('waits as long as another one is free', async () => {
    const arcade = await started({ policy, scaling: { min: 0, max: 10, warm: 3 } });
    await arcade.ask('r1');
    await arcade.clock.advance(200);
    await arcade.ask('r2');
    expect(arcade.states).toBe('Allocated Allocated Ready');
    await arcade.clock.advance(60);
    expect(arcade.states).toBe('Allocated Allocated Ready Starting Starting');
  });
  it('is none where the match was over by then', async () => {
    const arcade = await started({ policy: { ...policy, afterSession: 'reuse' } });
    await arcade.ask('r1');
    await arcade.clock.advance(100);
    arcade.service.release('r1');
    await arcade.clock.advance(1_000);
    expect(arcade.states).toBe('Ready Ready');
    expect(arcade.runner.started).toHaveLength(2);
  });
  it('does not keep one waiting that has died', async () => {
    const arcade = await started({ policy });
    await arcade.runner.exit(arcade.ids()[0] ?? '');
    await settled();
    expect(arcade.states).toBe('Ready Starting');
  });
  it('starts in the background until it is ready, or is needed', async () => {
    const { arcade, hurried } = await withSpares();
    await arcade.ask('r1');
    await arcade.clock.advance(300);
    const [spare = ''] = background(arcade).slice(2);
    expect(hurried()).toEqual([]);
    await arcade.say(spare, { say: 'ready' });
    expect(hurried()).toEqual([spare]);
    await arcade.ask('r2');
    await arcade.clock.advance(300);
    const [, next = ''] = background(arcade).slice(2);
    await arcade.ask('r3');
    await arcade.ask('r4');
    expect(hurried()).toEqual([spare, next]);
  });
  it('is hurried alone when the last free one was given away, and others as somebody waits for them', async () => {
    const { arcade, hurried } = await withSpares();
    await arcade.ask('r1');
    await arcade.ask('r2');
    await arcade.clock.advance(300);
    await arcade.ask('r3');
    expect(arcade.states).toBe('Allocated Allocated Allocated Starting Starting Starting');
    const spares = arcade.ids('Starting');
    expect(background(arcade).slice(2)).toEqual(spares);
    expect(hurried()).toEqual(spares.slice(0, 1));
    void arcade.ask('r4', { waitMs: 5_000 });
    void arcade.ask('r5', { waitMs: 5_000 });
    await settled();
    expect(hurried()).toEqual(spares.slice(0, 2));
  });
  it('is in the background for three seconds at most', async () => {
    const { arcade, hurried } = await withSpares();
    await arcade.ask('r1');
    await arcade.clock.advance(300);
    const [spare = ''] = background(arcade).slice(2);
    await arcade.clock.advance(2_900);
    expect(hurried()).toEqual([]);
    await arcade.clock.advance(200);
    expect(hurried()).toEqual([spare]);
  });

  const background = (arcade: Arcade) =>
    [...arcade.runner.processes.values()].filter(({ spec }) => spec.background).map(({ spec }) => spec.id);

  /** Three that are ready: the first was started before the other two. */
  async function withSpares() {
    const arcade = await started({ policy, scaling: { min: 0, max: 10, warm: 3 } });
    expect(background(arcade)).toEqual(arcade.ids().slice(1));
    expect(arcade.runner.hurried).toEqual(arcade.ids().slice(1));
    return { arcade, hurried: () => arcade.runner.hurried.slice(2) };
  }
});

describe('how many run', () => {
  it('as many as are in use and two warm ones, within the limits', async () => {
    const arcade = await started({ scaling: { min: 0, max: 3, warm: 2 } });
    expect(arcade.states).toBe('Ready Ready');
    await arcade.ask('r1');
    await arcade.ready();
    expect(arcade.states).toBe('Allocated Ready Ready');
    await arcade.ask('r2');
    await arcade.ready();
    expect(arcade.states).toBe('Allocated Allocated Ready');
  });
  it('as many as an operator holds, whatever whoever scales it says; who is in use stays', async () => {
    const arcade = await started();
    const used = await arcade.ask('r1');
    expect(arcade.service.hold('arena', 4)).toBe(true);
    await settled();
    await arcade.ready();
    expect(arcade.states).toBe('Allocated Ready Ready Ready');
    arcade.service.hold('arena', 0);
    await settled();
    expect(arcade.states).toBe('Allocated');
    expect(arcade.ids()).toEqual([used]);
    arcade.service.hold('arena', undefined);
    await settled();
    await arcade.ready();
    expect(arcade.states).toBe('Allocated Ready Ready');
    expect([arcade.service.hold('nobody', 1), arcade.service.scale('nobody', 1)]).toEqual([false, false]);
  });
  it('what is told of its size is what was said of it last: by the one before, whoever scales it took his own word back, and so on for ever', async () => {
    const arcade = new Arcade([fleetOf({ scaling: { min: 0, max: 10, warm: 5 } })]);
    arcade.sizeOf = (_, warm) => warm;
    await (await arcade.start()).ready();
    const told: number[] = [];
    arcade.service.watchFleets(({ replicas }) => told.push(replicas));
    arcade.sizeOf = ({ replicas }) => replicas;
    arcade.service.scale('arena', 3);
    await settled();
    expect(new Set(told)).toEqual(new Set([3]));
    expect(arcade.states).toBe('Ready Ready Ready');
  });
  it('a server that comes free is not stopped by that, and none is started for the next match', async () => {
    const arcade = new Arcade([fleetOf({ scaling: { min: 0, max: 10, warm: 4 }, policy: { afterSession: 'reuse' } })]);
    arcade.sizeOf = (_, warm) => warm;
    await (await arcade.start()).ready();
    for (let match = 1; match <= 5; match++) {
      await arcade.ask(`r${match}`);
      await arcade.ready();
      arcade.service.release(`r${match}`);
      await settled();
      expect(arcade.states).toBe('Ready Ready Ready Ready');
    }
    expect(arcade.runner.started.length).toBe(4);
  });
  it('an empty fleet has one when somebody knocks, as long as players are on it or are about to come', async () => {
    const arcade = await new Arcade([fleetOf({ scaling: { min: 0, max: 3, warm: 0 } })]).start();
    expect(arcade.states).toBe('');
    expect([arcade.service.knock('arena'), arcade.service.knock('nobody')]).toEqual([true, false]);
    arcade.service.knock('arena');
    await settled();
    await arcade.ready();
    expect(arcade.states).toBe('Ready');
    const [id = ''] = arcade.ids();
    arcade.service.heard(id, { say: 'players', count: 1 });
    await arcade.clock.advance(3_600_000);
    expect(arcade.states).toBe('Ready');
    expect(arcade.service.fleet('arena')?.inUse).toBe(1);
    arcade.service.heard(id, { say: 'players', count: 0 });
    await settled();
    await arcade.clock.advance(1_000);
    expect(arcade.states).toBe('');
  });
  it('one that dies is replaced at once, and its ports are free again', async () => {
    const arcade = await started();
    const [first = ''] = arcade.ids();
    await arcade.runner.exit(first);
    await settled();
    expect(arcade.states).toBe('Ready Starting');
    expect(arcade.ids()).not.toContain(first);
    expect(arcade.service.fleet('arena')?.trouble).toBeUndefined();
  });
  it('a program that ends at once is started ever more slowly, and all is well once it works', async () => {
    const arcade = await new Arcade([fleetOf({ scaling: { min: 1, max: 1, warm: 1 } })]).start();
    for (let i = 0; i < 5; i++) {
      for (const id of arcade.ids()) await arcade.runner.exit(id, { exitCode: 0 });
      await settled();
      await arcade.clock.advance(i === 4 ? 0 : 2000);
    }
    expect(arcade.runner.started.length).toBe(5);
    expect(arcade.service.fleet('arena')?.trouble?.code).toBe('SERVER_CRASH_LOOP');
    expect(arcade.states).toBe('');
    await arcade.clock.advance(60_000);
    await arcade.ready();
    expect(arcade.states).toBe('Ready');
    expect(arcade.service.fleet('arena')?.trouble).toBeUndefined();
  });
  it('a program that is missing is told with its message', async () => {
    const arcade = new Arcade();
    arcade.runner.options.failStarts = 'arena: ENOENT';
    await arcade.start();
    await arcade.clock.advance(30_000);
    const trouble = arcade.service.fleet('arena')?.trouble;
    expect(trouble?.code).toBe('SERVER_CRASH_LOOP');
    expect(trouble?.message).toContain('arena: ENOENT');
  });
  it('ports that another program uses are passed over', async () => {
    const arcade = new Arcade();
    arcade.usedPorts = new Set([26_000, 26_002]);
    await (await arcade.start()).ready();
    expect(
      arcade.service
        .list()
        .flatMap(({ ports }) => ports.map(({ port }) => port))
        .sort(),
    ).toEqual([26_001, 26_003]);
  });
  it('servers of a former version go once those of the new one are ready', async () => {
    const arcade = await started();
    const former = arcade.ids();
    await arcade.crash([fleetOf({ version: '2' })]);
    expect(arcade.ids('Ready')).toEqual(former);
    await arcade.ready();
    await settled();
    expect(arcade.states).toBe('Ready Ready');
    expect(arcade.service.list().map(({ version }) => version)).toEqual(['2', '2']);
  });
});

describe('giving away', () => {
  it('gives a ready one with its session, and tells it when it links', async () => {
    const arcade = await started();
    const server = await arcade.ask('r1');
    expect(arcade.service.get(server)?.state).toBe('Allocated');
    expect(arcade.service.get(server)?.annotations['atlas.dev/session']).toBe('{"map":"de_atlas"}');
    arcade.link(server);
    expect(arcade.service.get(server)?.state).toBe('Activating');
    expect(arcade.told.map(({ message }) => message.kind)).toEqual(['session', 'state', 'state']);
  });
  it('tells of others who play it now, also by a link that comes later and after a restart', async () => {
    const arcade = await started();
    const server = await arcade.ask('r1');
    arcade.link(server);
    expect(arcade.service.update('r1', { players: ['ann', 'eve'], session: { map: 'de_new' } })).toBe(true);
    const told = { kind: 'session', requestId: 'r1', players: ['ann', 'eve'], session: '{"map":"de_new"}' };
    const sessions = () => arcade.told.filter(({ message }) => message.kind === 'session').map(({ message }) => message);
    expect(sessions().at(-1)).toEqual(told);
    expect(arcade.service.get(server)?.annotations['atlas.dev/session']).toBe('{"map":"de_new"}');
    await settled();
    await arcade.crash();
    arcade.told.length = 0;
    arcade.link(server, ['r1']);
    expect(sessions()).toEqual([told]);
    arcade.service.release('r1');
    expect(arcade.service.update('r1', { players: [], session: undefined })).toBe(false);
  });
  it('passes on what a server wants of its own session, and nothing of another’s', async () => {
    const arcade = await started();
    const [server, other] = [await arcade.ask('r1'), await arcade.ask('r2')];
    const heard: unknown[] = [];
    const stop = arcade.service.wishes((requestId, wish) => heard.push([requestId, wish]));
    expect(arcade.service.wished(server, 'r1', { kind: 'places', open: true })).toBe(true);
    expect(arcade.service.wished(other, 'r1', { kind: 'left', players: ['ann'] })).toBe(false);
    stop();
    expect(arcade.service.wished(server, 'r1', { kind: 'places', open: false })).toBe(true);
    expect(heard).toEqual([['r1', { kind: 'places', open: true }]]);
  });
  it('the same request is the same server, and is over for good once it is over', async () => {
    const arcade = await started();
    const server = await arcade.ask('r1');
    expect(await arcade.ask('r1')).toBe(server);
    arcade.service.release('r1');
    expect(await arcade.ask('r1')).toBe('ALLOCATION_ENDED');
    await arcade.crash();
    expect(await arcade.ask('r1')).toBe('ALLOCATION_ENDED');
  });
  it('two that ask at once get two servers, and the third waits for one to start', async () => {
    const arcade = await started();
    const answers = [arcade.request('r1'), arcade.request('r2'), arcade.request('r3', { waitMs: 10_000 })];
    await settled();
    await arcade.ready();
    const servers = await Promise.all(answers);
    expect(new Set(servers).size).toBe(3);
  });
  it('who waits has a server started for him, even where none is kept warm', async () => {
    const arcade = await started({ scaling: { min: 0, max: 4, warm: 0 } });
    expect(arcade.states).toBe('');
    const answer = arcade.request('r1', { waitMs: 10_000 });
    await settled();
    expect(arcade.states).toBe('Starting');
    await arcade.ready();
    expect(await answer).toBe(arcade.ids('Allocated')[0]);
    expect(arcade.service.fleet('arena')?.waiting).toBe(0);
  });
  it('who asks a fleet that is not there is told so', async () => {
    const arcade = await started();
    expect(await arcade.ask('r1', { fleet: 'nobody' })).toBe('FLEET_UNKNOWN');
  });
  it('nobody came in time: the server is ended, or ready again; whoever asked is told', async () => {
    const arcade = await started({ policy: { afterSession: 'reuse' } });
    const server = await arcade.ask('r1', { leaseMs: 1000 });
    arcade.link(server);
    arcade.service.results((result) => void arcade.results.push(result));
    await arcade.clock.advance(1000);
    expect(arcade.service.get(server)?.state).toBe('Ready');
    expect(arcade.results.map(({ requestId, end }) => [requestId, end])).toEqual([['r1', 'expired']]);
    expect(arcade.told.at(-2)?.message).toEqual({ kind: 'over', requestId: 'r1', end: 'expired' });
  });
  it('a player fulfils the lease', async () => {
    const arcade = await started();
    const server = await arcade.ask('r1', { leaseMs: 1000 });
    await arcade.say(server, { say: 'joined', player: 'p1' });
    await arcade.clock.advance(5000);
    expect(arcade.service.get(server)?.state).toBe('Active');
    expect(arcade.service.allocation('r1')?.state).toBe('active');
  });
  it('a player fulfils the lease of his own session, however often he comes, and not that of the next one', async () => {
    const arcade = await started({ sessionsPerServer: 2, policy: { afterSession: 'reuse' } });
    const server = await arcade.ask('r1');
    await arcade.say(server, { say: 'players', count: 1, names: ['p1'] });
    const next = { requestId: 'r2', fleet: 'arena', players: ['p3'], session: undefined, waitMs: 0, leaseMs: 1000 };
    expect((await arcade.service.request(next)).ok).toBe(true);
    await arcade.say(server, { say: 'joined', player: 'p1' });
    expect(arcade.service.allocation('r1')?.state).toBe('active');
    expect(arcade.service.allocation('r2')?.state).toBe('granted');
    await arcade.say(server, { say: 'players', count: 2, names: ['p1', 'p3'] });
    expect(arcade.service.allocation('r2')?.state).toBe('active');
  });
  it('a player of a session that ended while the link was lost does not fulfil the lease of the next one', async () => {
    const arcade = await started({
      scaling: { min: 1, max: 1, warm: 1 },
      policy: { afterSession: 'reuse', unhealthyMs: 10_000 },
    });
    const ask = (requestId: string, player: string, leaseMs: number) =>
      arcade.service.request({ requestId, fleet: 'arena', players: [player], session: undefined, waitMs: 0, leaseMs });
    await ask('r1', 'ann', 0);
    const [server = ''] = arcade.ids();
    arcade.link(server);
    await arcade.say(server, { say: 'players', count: 1, names: ['ann'] });
    arcade.linked.delete(server);
    arcade.service.unlinked(server);
    arcade.service.release('r1');
    await settled();
    await ask('r2', 'bob', 5000);
    // It has not heard that the first session is over, and tells of its player.
    arcade.link(server, ['r1']);
    await arcade.say(server, { say: 'players', count: 1, names: ['ann'] });
    expect(arcade.told).toContainEqual({ server, message: { kind: 'over', requestId: 'r1', end: 'released' } });
    expect(arcade.service.get(server)?.state).toBe('Activating');
    await arcade.say(server, { say: 'left', player: 'ann' });
    await arcade.clock.advance(5000);
    expect(arcade.service.allocation('r2')?.end).toBe('expired');
    // Who is of the next session as well counts for it.
    await ask('r3', 'ann', 5000);
    arcade.link(server, ['r2', 'r1']);
    await arcade.say(server, { say: 'players', count: 1, names: ['ann'] });
    expect(arcade.service.allocation('r3')?.state).toBe('active');
  });
  it('servers of several sessions are filled before free ones are taken', async () => {
    const arcade = await started({ sessionsPerServer: 2, policy: { afterSession: 'reuse' } });
    const [one, two] = [await arcade.ask('r1'), await arcade.ask('r2')];
    expect(one).toBe(two);
    expect(arcade.service.get(one)?.counters.sessions).toEqual({ count: 2, capacity: 2 });
    arcade.service.release('r1');
    expect(arcade.service.get(one)?.counters.sessions?.count).toBe(1);
    expect(await arcade.ask('r3')).toBe(one);
    expect(await arcade.ask('r4')).not.toBe(one);
  });
  it('an Agones server that says ready while it is allocated is used again, but an echo of its first word is none', async () => {
    const arcade = await started();
    const server = await arcade.ask('r1');
    await arcade.say(server, { say: 'ready' });
    expect(arcade.service.get(server)?.state).toBe('Allocated');
    await arcade.clock.advance(1500);
    await arcade.say(server, { say: 'ready' });
    expect(arcade.service.get(server)?.state).toBe('Ready');
    expect(arcade.service.allocation('r1')?.end).toBe('ended');
  });
  it('the death of a server ends its session, and the result says so', async () => {
    const arcade = await started();
    arcade.service.results((result) => void arcade.results.push(result));
    const server = await arcade.ask('r1');
    await arcade.runner.exit(server);
    await settled();
    expect(arcade.results[0]).toMatchObject({ requestId: 'r1', server, end: 'died' });
  });
  it('a result is told until it is taken, and never again', async () => {
    const arcade = await started();
    arcade.service.results(() => Promise.reject(new Error('not now')));
    const server = await arcade.ask('r1');
    let durable = false;
    expect(arcade.service.endSession(server, 'r1', '{"winner":"p1"}', () => (durable = true))).toBe(true);
    await settled();
    expect(durable).toBe(true);
    await arcade.crash();
    arcade.service.results((result) => void arcade.results.push(result));
    await settled();
    expect(arcade.results).toMatchObject([{ requestId: 'r1', end: 'ended', result: { winner: 'p1' } }]);
    await arcade.crash();
    arcade.service.results((result) => void arcade.results.push(result));
    await settled();
    expect(arcade.results.length).toBe(1);
  });
});

describe('a restart of Atlas', () => {
  it('finds servers and who has them, starts nothing and ends nothing', async () => {
    const arcade = await started();
    const used = await arcade.ask('r1');
    await arcade.ready();
    const before = arcade.ids();
    const { started: starts } = arcade.runner;
    const count = starts.length;
    await arcade.crash();
    expect(arcade.ids()).toEqual(before);
    expect(arcade.service.get(used)?.state).toBe('Allocated');
    expect(arcade.service.get(used)?.ports).toHaveLength(1);
    expect(await arcade.ask('r1')).toBe(used);
    expect(starts.length).toBe(count);
    const other = await arcade.ask('r2');
    expect(other).not.toBe(used);
  });
  it('ends what runs without a record, and forgets what has a record and runs no more', async () => {
    const arcade = await started();
    arcade.service.results((result) => void arcade.results.push(result));
    const used = await arcade.ask('r1');
    await settled();
    await arcade.service.close();
    await arcade.runner.start({ id: 'arena_stray', argv: ['arena'], logFile: 'x' });
    arcade.runner.processes.delete(used);
    await arcade.open().start();
    arcade.service.results((result) => void arcade.results.push(result));
    await settled();
    expect(arcade.runner.processes.has('arena_stray')).toBe(false);
    expect(arcade.service.get(used)).toBeUndefined();
    expect(arcade.results.map(({ end }) => end)).toEqual(['died']);
    expect(await arcade.store.get(keys.gameServer(used))).toBeUndefined();
  });
  it('waits for links to come back, and ends those that do not', async () => {
    const arcade = await started();
    const [a = '', b = ''] = arcade.ids();
    arcade.link(a);
    arcade.link(b);
    await settled();
    await arcade.crash();
    await arcade.clock.advance(4000);
    arcade.link(a);
    await arcade.clock.advance(2000);
    expect(arcade.ids('Ready')).toContain(a);
    expect(arcade.ids()).not.toContain(b);
  });
  it('keeps what somebody has of a fleet that the configuration does not know any more, until it is released', async () => {
    const arcade = await started();
    const used = await arcade.ask('r1');
    await arcade.crash([fleetOf({ name: 'other', scaling: { min: 0, max: 1, warm: 0 } })]);
    expect(arcade.ids()).toEqual([used]);
    arcade.service.release('r1');
    await settled();
    expect(arcade.ids()).toEqual([]);
  });
  it('what an operator holds stays so', async () => {
    const arcade = await started();
    arcade.service.hold('arena', 5);
    await settled();
    await arcade.crash();
    expect(arcade.service.fleet('arena')).toMatchObject({ replicas: 5, held: 5 });
  });
  it('before anybody has said how many there are to be, as many as were found stay', async () => {
    const arcade = await started();
    const found = arcade.ids();
    await arcade.service.close();
    await arcade.runner.close();
    const scaling = { min: 0, max: 10, warm: 2 };
    arcade.open([fleetOf({ version: '2', scaling })]);
    arcade.service.watchFleets(({ replicas }) => expect(replicas).toBeGreaterThan(0));
    await arcade.start();
    expect(arcade.ids('Ready')).toEqual(found);
  });
});

it('stop ends all of them, and resolves when they are gone', async () => {
  const arcade = await started();
  await arcade.ask('r1');
  await arcade.ready();
  await arcade.service.stop(1000);
  expect(arcade.runner.processes.size).toBe(0);
});
