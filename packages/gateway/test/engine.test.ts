import { expect, test } from 'vitest';
import { latestIn, messagesIn, noticesIn, Story } from './story.ts';

test('a player joins: token, join, attach, welcome; then traffic flows both ways', () => {
  const g = new Story();
  g.ready('a');
  g.open(1);
  g.hello(1);
  expect(g.tokens).toEqual([{ conn: 1, token: 't1' }]);
  g.verify(1);
  expect(g.heardByControl()).toMatchObject([
    { kind: 'join', session: 's1', player: 'p1', name: 'P1', remoteAddress: '10.0.0.1', format: 'atlas' },
  ]);
  g.control({ kind: 'joined', request: 1, session: 's1', region: 'r1', server: 'a', epoch: 4, entity: 9 });
  const attach = g.attachAt('a');
  expect(attach).toMatchObject({ session: 's1', epoch: 4, entity: 9, reason: 'join', received: 0, schema: 7 });
  expect(g.heardByClient(1)).toEqual([]);
  g.attached('a', attach.handle, 's1', { generation: 3 });
  expect(g.heardByClient(1)).toMatchObject([
    {
      kind: 'welcome',
      session: 's1',
      resumed: false,
      player: 'p1',
      entity: 9,
      region: 'r1',
      epoch: 4,
      tickHz: 30,
      gateways: ['wss://g1', 'wss://g2'],
    },
  ]);

  g.command(1, 1, 2);
  g.send(1, { kind: 'latest', event: 4, payload: new Uint8Array([65]) });
  expect(g.heardByServer('a')).toEqual([
    { kind: 'command', handle: attach.handle, seq: 1, event: 3, text: 'c1' },
    { kind: 'command', handle: attach.handle, seq: 2, event: 3, text: 'c2' },
    { kind: 'latest', handle: attach.handle, event: 4, text: 'A' },
  ]);
  g.message('a', attach.handle, 1);
  g.latest('a', attach.handle, 0, 'view');
  g.acks('a', attach.handle, 2, 1);
  g.acks('a', attach.handle, 2, 1);
  expect(g.heardByClient(1)).toMatchObject([
    { kind: 'message', seq: 1, event: 5 },
    { kind: 'latest', key: 0, event: 6 },
    { kind: 'acks', applied: 2, covered: 1 },
  ]);
  g.send(1, { kind: 'ack', received: 1 });
  expect(g.heardByServer('a')).toEqual([{ kind: 'ack', handle: attach.handle, received: 1 }]);
  g.send(1, { kind: 'ping', stamp: 77 });
  expect(g.heardByClient(1)).toEqual([{ kind: 'pong', stamp: 77 }]);
});

test('a handoff: new handle, held commands above applied again and in order, the former owner is not heard', () => {
  const g = new Story();
  g.ready('a', 'b');
  const { session, handle } = g.play(1);
  g.command(1, 1, 2, 3);
  expect(g.commandsAt('a')).toEqual([1, 2, 3]);
  g.message('a', handle, 1);
  g.route(session, 'b', 2);
  const attach = g.attachAt('b');
  expect(attach).toMatchObject({ session, epoch: 2, reason: 'switch', received: 1 });
  expect(attach.handle).not.toBe(handle);
  g.command(1, 4);
  expect(g.commandsAt('b')).toEqual([]);
  g.message('a', handle, 2, 5, 'too late');
  g.attached('b', attach.handle, session, { applied: 2 });
  g.command(1, 5);
  expect(g.commandsAt('b')).toEqual([3, 4, 5]);
  g.message('b', attach.handle, 2);
  const heard = g.heardByClient(1);
  expect(messagesIn(heard)).toEqual(['m1', 'm2']);
  expect(noticesIn(heard)).toEqual(['region']);
  expect(g.engine.takeStats()).toMatchObject({ fenced: 1, heldNow: 5 });
  expect(g.closed.size).toBe(0);
});

test('old news is no news: a route below or at the known epoch changes nothing', () => {
  const g = new Story();
  g.ready('a', 'b');
  const { session } = g.play(1, 'a', 5);
  g.route(session, 'b', 4);
  g.route(session, 'b', 5);
  expect(g.engine.inspect(session)?.route).toMatchObject({ at: 'attached', server: 'a' });
  expect(g.heardByServer('b')).toEqual([]);
});

test('a rollback: the same owner at a new epoch gets a new handle and what it had not applied', () => {
  const g = new Story();
  g.ready('a');
  const { session, handle } = g.play(1);
  g.command(1, 1);
  g.heardByServer('a');
  g.route(session, 'a', 3, 0, 'r1');
  const attach = g.attachAt('a');
  expect(attach.handle).toBeGreaterThan(handle);
  g.attached('a', attach.handle, session, { applied: 0 });
  expect(g.commandsAt('a')).toEqual([1]);
});

test('death of a server: the client stays, is told, and what was not covered is done again', () => {
  const g = new Story();
  g.ready('a', 'b');
  const { session, handle } = g.play(1);
  g.command(1, 1, 2, 3);
  g.acks('a', handle, 3, 1);
  g.engine.serverDown('a', g.nowMs);
  g.control({ kind: 'regionRoute', region: 'r1', server: '', epoch: 2 });
  g.command(1, 4);
  g.control({ kind: 'regionRoute', region: 'r1', server: 'b', epoch: 2 });
  const attach = g.attachAt('b');
  g.attached('b', attach.handle, session, { applied: 1, covered: 1 });
  expect(g.commandsAt('b')).toEqual([2, 3, 4]);
  expect(noticesIn(g.heardByClient(1))).toEqual(['paused', 'resumed']);
  expect(g.closed.size).toBe(0);
});

test('a link that comes back: attach at the same epoch, nothing twice and nothing missing', () => {
  const g = new Story();
  g.ready('a');
  const { session } = g.play(1);
  g.command(1, 1);
  g.engine.serverDown('a', g.nowMs);
  g.command(1, 2);
  g.wait(60);
  expect(g.dialled).toEqual(['a', 'a']);
  g.heardByServer('a');
  g.engine.serverUp('a', g.nowMs);
  const attach = g.attachAt('a');
  expect(attach).toMatchObject({ reason: 'switch', epoch: 1 });
  g.attached('a', attach.handle, session, { applied: 1 });
  expect(g.commandsAt('a')).toEqual([2]);
});

test('a server that knows nothing of the session: ask where it is, with back-off, and go there', () => {
  const g = new Story();
  g.ready('a', 'b');
  const { session, handle } = g.play(1);
  g.route(session, 'b', 2);
  const attach = g.attachAt('b');
  g.fromServer('b', { kind: 'attachRefused', handle: attach.handle, session, code: 'NOT_OWNER' });
  expect(g.heardByControl().filter((each) => each.kind === 'locate')).toEqual([{ kind: 'locate', session, epoch: 2 }]);
  g.wait(50);
  g.wait(100);
  expect(g.heardByControl().filter((each) => each.kind === 'locate')).toHaveLength(2);
  g.route(session, 'b', 2);
  const again = g.attachAt('b');
  expect(again.handle).toBeGreaterThan(attach.handle);
  g.attached('b', again.handle, session);
  expect(noticesIn(g.heardByClient(1))).toEqual(['paused', 'resumed']);
  expect(handle).toBeLessThan(again.handle);
});

test('an attach that nobody answers is made anew, and the control plane is asked', () => {
  const g = new Story();
  g.ready('a', 'b');
  const { session } = g.play(1);
  g.route(session, 'b', 2);
  const first = g.attachAt('b');
  g.wait(2500);
  const second = g.attachAt('b');
  expect(second.handle).toBeGreaterThan(first.handle);
  expect(g.heardByControl().map((each) => each.kind)).toContain('locate');
  g.attached('b', first.handle, session);
  expect(g.engine.inspect(session)?.route.at).toBe('attaching');
});

test('messages pass in order and once; a gap makes the server send again', () => {
  const g = new Story();
  g.ready('a');
  const { session, handle } = g.play(1);
  g.message('a', handle, 1);
  g.message('a', handle, 1);
  g.message('a', handle, 3);
  const attach = g.attachAt('a');
  expect(attach).toMatchObject({ reason: 'switch', received: 1 });
  g.attached('a', attach.handle, session);
  g.message('a', attach.handle, 2);
  g.message('a', attach.handle, 3);
  expect(messagesIn(g.heardByClient(1))).toEqual(['m1', 'm2', 'm3']);
});

test('a fan-out reaches everybody named, and nobody else', () => {
  const g = new Story();
  g.ready('a');
  const handles = [1, 2, 3].map((conn) => g.play(conn).handle);
  g.fanOut('a', [handles[0] as number, handles[2] as number, 999], 0, 'hi');
  expect([1, 2, 3].map((conn) => latestIn(g.heardByClient(conn)))).toEqual([['hi'], [], ['hi']]);
  expect(g.engine.takeStats().invalidFromServers).toBe(1);
});

test('too many commands that are not covered: the client is not read until half of them are', () => {
  const g = new Story({ heldCommandsMax: 4 });
  g.ready('a');
  const { handle } = g.play(1);
  g.command(1, 1, 2, 3, 4);
  expect(g.paused.has(1)).toBe(true);
  expect(noticesIn(g.heardByClient(1))).toEqual(['slow-down']);
  g.acks('a', handle, 4, 1);
  expect(g.paused.has(1)).toBe(true);
  g.acks('a', handle, 4, 2);
  expect(g.paused.has(1)).toBe(false);
  g.command(1, 5);
  expect(g.commandsAt('a')).toEqual([1, 2, 3, 4, 5]);
});

test('command numbers: duplicates are ignored, a gap ends the connection', () => {
  const g = new Story();
  g.ready('a');
  g.play(1);
  g.command(1, 1, 1, 2, 1);
  expect(g.commandsAt('a')).toEqual([1, 2]);
  g.command(1, 4);
  expect(g.closed.get(1)).toBe('SEQUENCE_INVALID');
});

test('the gap of a switch is measured around the cut, and taken once', () => {
  const g = new Story();
  g.ready('a', 'b');
  const { session, handle } = g.play(1);
  g.latest('a', handle, 0, 'v1');
  g.wait(33);
  g.latest('a', handle, 0, 'v2');
  g.wait(10);
  g.route(session, 'b', 2);
  g.wait(35);
  const attach = g.attachAt('b');
  g.attached('b', attach.handle, session);
  g.latest('b', attach.handle, 0, 'v3');
  for (let i = 0; i < 3; i++) {
    g.wait(33);
    g.latest('b', attach.handle, 0, 'v');
  }
  expect(g.engine.takeStats().gapsMs).toEqual([45]);
  expect(g.engine.takeStats().gapsMs).toEqual([]);
});

test('a second login ends the first session, with the reason', () => {
  const g = new Story();
  g.ready('a');
  const { session } = g.play(1);
  g.control({ kind: 'gone', session, code: 'SESSION_REPLACED' });
  expect(g.closed.get(1)).toBe('SESSION_REPLACED');
  expect(g.engine.sessions).toBe(0);
});

test('kicks, refusals and farewells', () => {
  const g = new Story();
  g.ready('a');
  const first = g.play(1);
  g.fromServer('a', { kind: 'kick', handle: first.handle, session: first.session, code: 'whatever', message: 'cheating' });
  expect(g.closed.get(1)).toBe('SESSION_KICKED');
  const second = g.play(2);
  g.control({ kind: 'kick', session: second.session, code: 'SESSION_KICKED', message: '' });
  expect(g.closed.get(2)).toBe('SESSION_KICKED');
  g.open(3);
  g.hello(3);
  g.verify(3);
  const join = g.heardByControl().find((each) => each.kind === 'join');
  g.control({ kind: 'refuse', request: join?.kind === 'join' ? join.request : 0, code: 'REGION_FULL', message: '' });
  expect(g.closed.get(3)).toBe('REGION_FULL');
  const fourth = g.play(4);
  g.heardByServer('a');
  g.send(4, { kind: 'bye' });
  expect(g.heardByServer('a')).toEqual([{ kind: 'leave', handle: fourth.handle, session: fourth.session }]);
  expect(g.closed.get(4)).toBe('SESSION_ENDED');
  expect(g.engine.sessions).toBe(0);
  expect(g.engine.connections).toBe(0);
});

test('drain: clients are asked to go, new ones are refused, the rest is closed at the deadline', () => {
  const g = new Story();
  g.ready('a');
  g.play(1);
  g.play(2);
  g.control({ kind: 'drain', deadlineMs: 1000 });
  expect(noticesIn(g.heardByClient(1))).toEqual(['draining']);
  g.open(3);
  expect(g.closed.get(3)).toBe('GATEWAY_DRAINING');
  g.engine.closed(1, g.nowMs);
  expect(g.isDrained).toBe(false);
  g.wait(1000);
  expect(g.closed.get(2)).toBe('GATEWAY_DRAINING');
  expect(g.isDrained).toBe(true);
  expect(g.heardByControl().at(-1)).toEqual({ kind: 'drained' });
});

test('servers that the control plane lists are dialled at once, and let go when nobody is there any more', () => {
  const g = new Story();
  g.ready('a', 'b');
  expect(g.dialled).toEqual(['a', 'b']);
  g.play(1);
  g.control({ kind: 'servers', servers: [] });
  expect(g.hungUp).toEqual(['b']);
});
