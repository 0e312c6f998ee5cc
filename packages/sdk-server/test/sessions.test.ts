import { events } from '@horizon-atlas/protocol';
import { describe, expect, it } from 'vitest';
import { groupOf, missingMessages, playerAtBorder, Story, schema } from './story.ts';

describe('joining', () => {
  it('spawns the player, and an attach that came first waits for the admit', () => {
    const story = new Story();
    const { a } = story.pair();
    const gateway = story.gateway(a);
    gateway.attach(1, 'ann', 1000, 10);
    // Pipelined behind the attach: kept with it.
    gateway.add(1, 1, 5);
    story.run(500);
    expect(gateway.controls('attached')).toEqual([]);
    a.admit('a', 1000, 10, 'ann');
    expect(a.last('admitted')).toMatchObject({ group: 1000, epoch: 10, ok: true });
    expect(gateway.attached(1)).toMatchObject({ applied: 0, covered: 0, generation: 1, resumed: false, tickHz: 30 });
    story.run(50);
    expect(a.mind(1000).log).toEqual([5]);
    expect(gateway.acks(1)).toEqual({ handle: 1, applied: 1, covered: 0 });
    // Said again, because the answer was lost.
    a.admit('a', 1000, 10, 'ann');
    expect(a.all('admitted')).toHaveLength(2);
    expect(a.mind(1000).log).toEqual([5]);
  });

  it('refuses an attach for a session that never comes, and one with another schema', () => {
    const story = new Story();
    const { a } = story.pair();
    const gateway = story.gateway(a);
    gateway.attach(1, 'ann', 1000, 10);
    gateway.attach(2, 'bob', 1001, 10, { schema: 12345 });
    expect(gateway.controls('attachRefused').map((each) => each.code)).toEqual(['SCHEMA_MISMATCH']);
    story.run(2100);
    expect(gateway.controls('attachRefused').map((each) => each.code)).toEqual(['SCHEMA_MISMATCH', 'NOT_OWNER']);
  });

  it('waits with an attach for an epoch that it has not heard of', () => {
    const story = new Story();
    const { a } = story.pair();
    a.admit('a', 1000, 10, 'ann');
    const gateway = story.gateway(a);
    gateway.attach(1, 'ann', 1000, 12);
    expect(gateway.controls('attached')).toEqual([]);
    a.tell({ kind: 'thaw', group: 1000, epoch: 10, newEpoch: 12 });
    expect(gateway.controls('attached')).toHaveLength(1);
  });

  it('takes a live player over: the entity stays, the former session ends', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.add(1, 1, 5);
    story.run(50);
    a.admit('a', 1000, 15, 'ann', undefined, 'second');
    a.tell({ kind: 'endSession', session: 'ann-session', group: 1000, code: 'SESSION_REPLACED' });
    expect(gateway.controls('kick')).toMatchObject([{ handle: 1, code: 'SESSION_REPLACED' }]);
    gateway.attach(2, 'ann', 1000, 15, { session: 'second' });
    gateway.add(2, 1, 6);
    story.run(50);
    expect(a.mind(1000).log).toEqual([5, 6]);
    expect(a.engine.sessions.size).toBe(1);
    expect(a.all('ended')).toEqual([]);
  });
});

describe('leaving', () => {
  it('keeps a lost socket for the window, then hands the player back and says so until it is answered', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story, -5, { resumeMs: 10_000 });
    gateway.add(1, 1, 5);
    gateway.control({ kind: 'detach', handle: 1, session: 'ann-session' });
    story.run(8000);
    expect(a.all('ended')).toEqual([]);
    story.run(4000);
    const ended = a.last('ended');
    expect(ended).toMatchObject({ session: 'ann-session', player: 'ann', group: 1000, epoch: 10, region: 'a', x: -5 });
    expect(a.has(1000)).toBe('no');
    expect(a.all('ended').length).toBeGreaterThan(1);
    a.tell({ kind: 'endedAck', session: 'ann-session', group: 1000 });
    a.clear();
    story.run(2000);
    expect(a.all('ended')).toEqual([]);
    // The next visit is another group, and goes on from there.
    a.tell({
      kind: 'admit',
      region: 'a',
      group: { ...groupOf(5000, 50, 'ann', ended.state), session: 'next' },
      x: -5,
      y: 0,
      z: 0,
    });
    expect(a.mind(5000).log).toEqual([5]);
    expect(a.engine.sessions.get('next')).toMatchObject({ applied: 0, outNext: 1 });
  });

  it('applies what came before the leave', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.add(1, 1, 5);
    gateway.control({ kind: 'leave', handle: 1, session: 'ann-session' });
    story.run(50);
    a.admit('a', 1000, 20, 'ann', undefined, 'second');
    expect(a.mind(1000).log).toEqual([5]);
  });

  it('goes on from where it ended for a login that crossed with the end on the way, also when that was answered', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.add(1, 1, 5);
    story.run(50);
    a.tell({ kind: 'endSession', session: 'ann-session', group: 1000, code: 'SESSION_KICKED' });
    expect(gateway.controls('kick')).toMatchObject([{ code: 'SESSION_KICKED' }]);
    expect(a.has(1000)).toBe('no');
    a.tell({ kind: 'endedAck', session: 'ann-session', group: 1000 });
    a.admit('a', 1000, 20, 'ann', -5, 'second');
    expect(a.mind(1000).log).toEqual([5]);
  });

  it('tells a control plane that gives it an ended group back that it is over', () => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    a.tell({ kind: 'endSession', session: 'ann-session', group: 1000, code: 'SESSION_KICKED' });
    a.clear();
    a.tell({ kind: 'thaw', group: 1000, epoch: 10, newEpoch: 12 });
    expect(a.last('ended')).toMatchObject({ epoch: 12 });
    a.tell({ kind: 'activate', region: 'a', version: 0, group: groupOf(1000, 14, 'ann') });
    expect(a.last('ended')).toMatchObject({ epoch: 14 });
    expect(a.has(1000)).toBe('no');
  });
});

describe('resume', () => {
  it('sends what was missed, once, and says that nothing was lost', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.add(1, 1, 1);
    gateway.add(1, 2, 2);
    story.run(50);
    // The first told of the own entity, the second of the first command.
    expect(
      gateway
        .messages(1)
        .slice(0, 2)
        .map((each) => each.event),
    ).toEqual([events.entity, schema.server.id('did/added')]);
    gateway.down();
    story.run(1000);
    const other = story.gateway(a);
    other.attach(7, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 2 });
    expect(other.attached(7)).toMatchObject({ resumed: true, applied: 2, generation: 2 });
    expect(other.sums(7)).toEqual([3]);
  });

  it('accepts the token before a welcome that was lost, and not one that is used up', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.ack(1, 1);
    // Two welcomes in a row never reach the client: it comes with the same token each time.
    for (const handle of [2, 3]) {
      gateway.control({ kind: 'detach', handle: handle - 1, session: 'ann-session' });
      gateway.attach(handle, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
      expect(gateway.attached(handle)).toMatchObject({ generation: 2, resumed: true });
    }
    gateway.ack(3, 1);
    gateway.attach(4, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
    expect(gateway.controls('attachRefused')).toMatchObject([{ handle: 4, code: 'RESUME_REPLAYED' }]);
    // The refused one has not disturbed it.
    gateway.add(3, 1, 8);
    story.run(50);
    expect(a.mind(1000).log).toEqual([8]);
  });

  it('does not take what the gateway had held for a sign that the welcome was heard', () => {
    const story = new Story();
    const { gateway } = playerAtBorder(story);
    gateway.ack(1, 1);
    gateway.attach(2, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
    gateway.add(2, 1, 1);
    gateway.attach(3, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
    expect(gateway.attached(3)).toMatchObject({ generation: 2 });
    // But whoever shows the newer token has heard of it.
    gateway.attach(4, 'ann', 1000, 10, { reason: 'resume', generation: 2, received: 1 });
    gateway.attach(5, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
    expect(gateway.controls('attachRefused')).toMatchObject([{ handle: 5, code: 'RESUME_REPLAYED' }]);
  });

  it('silences a gateway that has not noticed that its socket is dead', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.ack(1, 1);
    const other = story.gateway(a);
    other.attach(9, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
    other.ack(9, 1);
    expect(gateway.controls('kick')).toMatchObject([{ handle: 1, code: 'SESSION_REPLACED' }]);
    const { fenced } = a.engine;
    gateway.add(1, 1, 100);
    expect(a.engine.fenced).toBe(fenced + 1);
    // After a switch of all it tries to speak for the session again.
    gateway.attach(2, 'ann', 1000, 10, { reason: 'switch', generation: 1 });
    expect(gateway.controls('attachRefused')).toMatchObject([{ handle: 2, code: 'RESUME_REPLAYED' }]);
  });

  it('never says that nothing was lost when messages had to be dropped', () => {
    const gateway = missingMessages(new Story());
    gateway.attach(2, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
    expect(gateway.attached(2)).toMatchObject({ resumed: false });
    expect(gateway.texts(2)).toEqual(['5', '6', '7', '8']);
    expect(gateway.messages(2).map((each) => each.seq)).toEqual([2, 3, 4, 5]);
    gateway.attach(3, 'ann', 1000, 10, { reason: 'resume', generation: 2, received: 5 });
    expect(gateway.attached(3)).toMatchObject({ resumed: true });
  });

  it('sends a client away that never acknowledges, and keeps its session', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story, -5, { unackedMax: 8 });
    for (let i = 1; i <= 12; i++) gateway.say(1, i, `${i}`);
    story.run(50);
    expect(gateway.controls('kick')).toMatchObject([{ code: 'SLOW_CLIENT' }]);
    expect(a.engine.sessions.size).toBe(1);
  });
});

describe('commands', () => {
  it('take effect once and in order, whatever is repeated', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    for (const seq of [1, 2, 2, 1, 3]) gateway.add(1, seq);
    story.run(50);
    for (const seq of [3, 2, 4]) gateway.add(1, seq);
    story.run(50);
    expect(a.mind(1000).log).toEqual([1, 2, 3, 4]);
  });

  it('with a gap make the gateway attach again and repeat', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.add(1, 1);
    gateway.add(1, 3);
    expect(gateway.controls('attachRefused')).toMatchObject([{ handle: 1, code: 'NOT_OWNER' }]);
    gateway.attach(2, 'ann', 1000, 10, { reason: 'switch', generation: 1, received: 1 });
    expect(gateway.attached(2)).toMatchObject({ applied: 0 });
    for (const seq of [1, 2, 3]) gateway.add(2, seq);
    story.run(50);
    expect(a.mind(1000).log).toEqual([1, 2, 3]);
  });

  it('that cannot be read cost the client its connection, once', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.add(1, 1);
    gateway.command(1, 2, schema.client.id('do/add'), new Uint8Array(3));
    story.run(50);
    expect(gateway.controls('kick')).toMatchObject([{ code: 'MESSAGE_INVALID' }]);
    gateway.attach(2, 'ann', 1000, 10, { reason: 'resume', generation: 1 });
    expect(gateway.attached(2)).toMatchObject({ applied: 2 });
    gateway.command(2, 3, 999, new Uint8Array(0));
    story.run(50);
    expect(gateway.controls('kick')).toHaveLength(2);
    expect(a.mind(1000).log).toEqual([1]);
  });

  it('in which the game fails cost only themselves', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.say(1, 1, 'throw');
    gateway.add(1, 2, 2);
    story.run(50);
    expect(a.mind(1000).log).toEqual([2]);
    expect(a.happened.some((each) => each.name === 'game-error' && each.fields.hook === 'commands.do/say')).toBe(true);
  });

  it('put nobody out of the world', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.say(1, 1, 'nowhere');
    story.run(50);
    const entity = a.engine.regions.get('a')?.entities.get(1000);
    expect(entity?.position).toEqual({ x: -5, y: 0, z: 0 });
    gateway.say(1, 2, 'outside');
    story.run(50);
    expect(entity?.position.x).toBeLessThan(300);
    expect(entity?.position.x).toBeGreaterThan(299);
    expect(a.happened.filter((each) => each.fields.code === 'POSITION_INVALID')).toHaveLength(2);
    expect(gateway.view(1).entities.every((each) => Number.isFinite(each.x))).toBe(true);
  });
});

describe('views', () => {
  it('show everything in sight, the neighbours too, and tell each state once', () => {
    const story = new Story();
    const { a, b, gateway } = playerAtBorder(story);
    b.admit('b', 2000, 11, 'bob', 50);
    a.admit('a', 3000, 12, 'cid', -200);
    story.run(200);
    const view = gateway.view(1);
    expect(view.epoch).toBe(10);
    expect(view.entities.map((each) => [each.entity, each.x]).sort()).toEqual([
      [1000, -5],
      [2000, 50],
      [3000, -200],
    ]);
    expect(
      gateway
        .states(1)
        .map((each) => [each.entity, each.name])
        .sort(),
    ).toEqual([
      [1000, 'ann'],
      [2000, 'bob'],
      [3000, 'cid'],
    ]);
    gateway.clear();
    gateway.add(1, 1, 5);
    story.run(100);
    expect(gateway.states(1)).toEqual([{ entity: 1000, name: 'ann', sum: 5 }]);
  });

  it('hold the nearest when there are too many, and find the same with and without a grid', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story, -150, { viewEntitiesMax: 10 });
    const world = a.engine.regions.get('a')?.world;
    for (let i = 1; i <= 100; i++) world?.spawn({ position: { x: -150 + i, y: 0, z: 0 }, entity: { name: `${i}`, sum: 0 } });
    story.run(50);
    expect(
      gateway
        .view(1)
        .entities.map((each) => each.x)
        .sort((p, q) => p - q),
    ).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => i - 150));
    for (const entity of world?.entities() ?? []) if (!entity.player && entity.position.x > -140) world?.remove(entity);
    story.run(50);
    expect(gateway.view(1).entities).toHaveLength(10);
  });

  it('send one frame for many with fan-out', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    a.admit('a', 2000, 11, 'bob', -50);
    gateway.attach(2, 'bob', 2000, 11);
    gateway.clear();
    a.engine.regions.get('a')?.world?.broadcast('did/said', { text: 'all' }, { latest: 3 });
    expect(gateway.frames).toMatchObject([{ kind: 'fanOut', handles: [1, 2], event: schema.server.id('did/said') }]);
  });
});

describe('horizon.v1', () => {
  const horizon = (gateway: ReturnType<Story['gateway']>, handle: number) =>
    gateway.frames.flatMap((each) =>
      (each.kind === 'message' || each.kind === 'latest') && each.handle === handle && each.event === events.horizon
        ? [JSON.parse(new TextDecoder().decode(each.payload))]
        : [],
    );

  it('speaks JSON with the same handlers', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    a.admit('a', 2000, 11, 'bob', -50);
    gateway.attach(2, 'bob', 2000, 11, { format: 'horizon', schema: 0 });
    gateway.horizon(2, 1, '{"namespace":"do","event":"add","data":{"n":5,"more":"is left out"}}');
    gateway.horizon(2, 2, '{"namespace":"do","event":"say","data":{"text":"hi"}}');
    story.run(200);
    expect(a.mind(2000).log).toEqual([5]);
    expect(gateway.texts(1)).toEqual(['hi']);
    const said = horizon(gateway, 2);
    expect(said).toContainEqual({ namespace: 'did', event: 'added', data: { n: 5, sum: 5 } });
    expect(said).toContainEqual({ namespace: 'did', event: 'said', data: { text: 'hi' } });
    expect(said).toContainEqual({ namespace: 'atlas', event: 'entity', data: { name: 'ann', sum: 0, entity: 1000 } });
    expect(said.find((each) => each.event === 'view')?.data.entities).toHaveLength(2);
  });

  it.each(['{"namespace":"do","event":"fly","data":{}}', '{"namespace":"__proto__","event":"constructor","data":{}}'])(
    'lets pass what the game does not declare, as a Horizon server does: %s',
    (text) => {
      const story = new Story();
      const { a } = playerAtBorder(story);
      const gateway = story.gateway(a);
      a.admit('a', 2000, 11, 'bob', -50);
      gateway.attach(2, 'bob', 2000, 11, { format: 'horizon', schema: 0 });
      gateway.horizon(2, 1, text);
      gateway.horizon(2, 2, '{"namespace":"do","event":"add","data":{"n":5}}');
      story.run(50);
      expect(gateway.controls('kick')).toEqual([]);
      expect(a.mind(2000).log).toHaveLength(1);
    },
  );

  it.each([
    '{"namespace":"do","event":"add","data":{"n":"5"}}',
    '{"namespace":"do","event":"add","data":{"n":-1}}',
    '{"namespace":"do","event":"add","data":{}}',
    '{"namespace":"do","event":"add"}',
    `{"namespace":"do","event":"say","data":{"text":"${'x'.repeat(65)}"}}`,
    '[]',
    'no json',
  ])('refuses %s', (text) => {
    const story = new Story();
    const { a } = playerAtBorder(story);
    const gateway = story.gateway(a);
    a.admit('a', 2000, 11, 'bob', -50);
    gateway.attach(2, 'bob', 2000, 11, { format: 'horizon', schema: 0 });
    gateway.horizon(2, 1, text);
    story.run(50);
    expect(gateway.controls('kick')).toMatchObject([{ code: 'MESSAGE_INVALID' }]);
    expect(a.mind(2000).log).toEqual([]);
  });
});
