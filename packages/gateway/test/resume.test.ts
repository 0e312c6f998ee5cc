import { expect, test } from 'vitest';
import { messagesIn, Story } from './story.ts';

const tokenOf = (g: Story, conn: number): string => {
  const welcome = g.heardByClient(conn).find((each) => typeof each !== 'string' && each.kind === 'welcome');
  return typeof welcome === 'object' && welcome.kind === 'welcome' ? welcome.resume : '';
};

const acksAt = (g: Story, server: string): number[] =>
  g.heardByServer(server).flatMap((each) => (each.kind === 'ack' ? [each.received] : []));

test('a lost socket is resumed: the server sends what was missed, commands go on where they were', () => {
  const g = new Story();
  g.ready('a');
  const { session, handle, resume } = g.play(1);
  g.message('a', handle, 1);
  g.command(1, 1, 2);
  g.engine.closed(1, g.nowMs);
  expect(g.heardByServer('a').at(-1)).toEqual({ kind: 'detach', handle, session });
  g.message('a', handle, 2);
  g.wait(60_000);
  g.open(2);
  g.hello(2, { resume, received: 1 });
  const attach = g.attachAt('a');
  expect(attach).toMatchObject({ session, reason: 'resume', generation: 1, received: 1 });
  g.attached('a', attach.handle, session, { applied: 2, covered: 1, resumed: true, generation: 2 });
  g.message('a', attach.handle, 2);
  g.command(2, 2, 3);
  const heard = g.heardByClient(2);
  expect(heard[0]).toMatchObject({ kind: 'welcome', session, resumed: true, applied: 2, covered: 1 });
  expect(messagesIn(heard)).toEqual(['m2']);
  expect(g.commandsAt('a')).toEqual([3]);
});

test('at another gateway: the session is found, and what is not covered is held here from now on', () => {
  const g = new Story();
  g.ready('a', 'b');
  g.open(1);
  g.hello(1, { resume: '{"session":"far","player":"p1","generation":4}', received: 8 });
  expect(g.heardByControl()).toEqual([{ kind: 'locate', session: 'far', epoch: 0 }]);
  g.route('far', 'a', 7);
  const attach = g.attachAt('a');
  expect(attach).toMatchObject({ session: 'far', player: 'p1', name: 'P1', reason: 'resume', generation: 4, received: 8 });
  g.attached('a', attach.handle, 'far', { applied: 20, covered: 17, resumed: true, generation: 5 });
  g.message('a', attach.handle, 9);
  expect(messagesIn(g.heardByClient(1))).toEqual(['m9']);
  g.command(1, 18, 19, 20, 21);
  g.heardByServer('a');
  // The server dies with only its checkpoint: what it had applied is done again.
  g.control({ kind: 'regionRoute', region: 'r2', server: 'b', epoch: 8 });
  const again = g.attachAt('b');
  g.attached('b', again.handle, 'far', { applied: 17, covered: 17 });
  expect(g.commandsAt('b')).toEqual([18, 19, 20, 21]);
});

test('at another gateway, a client that sends again only what was not applied is understood, too', () => {
  const g = new Story();
  g.ready('a', 'b');
  g.open(1);
  g.hello(1, { resume: '{"session":"far","player":"p1","generation":4}' });
  g.route('far', 'a', 7);
  const attach = g.attachAt('a');
  g.attached('a', attach.handle, 'far', { applied: 20, covered: 17, resumed: true });
  g.command(1, 21);
  expect(g.commandsAt('a')).toEqual([21]);
  // But then 18 to 20 are in nobody's hands but the client's: it has to come again and send them.
  g.control({ kind: 'regionRoute', region: 'r2', server: 'b', epoch: 8 });
  const again = g.attachAt('b');
  g.attached('b', again.handle, 'far', { applied: 17, covered: 17 });
  expect(g.commandsAt('b')).toEqual([]);
  expect(g.closed.get(1)).toBe('INTERNAL');
  expect(g.engine.takeStats().holes).toBe(1);
  g.open(2);
  g.hello(2, { resume: '{"session":"far","player":"p1","generation":1}' });
  const third = g.attachAt('b');
  g.attached('b', third.handle, 'far', { applied: 17, covered: 17, resumed: true });
  g.command(2, 18, 19, 20, 21);
  expect(g.commandsAt('b')).toEqual([18, 19, 20, 21]);
});

test('a server that dies before the client has answered its welcome costs the client nothing: it sends all again anyway', () => {
  const g = new Story();
  g.ready('a', 'b');
  g.open(1);
  g.hello(1, { resume: '{"session":"far","player":"p1","generation":4}' });
  g.route('far', 'a', 7);
  g.attached('a', g.attachAt('a').handle, 'far', { applied: 20, covered: 17, resumed: true });
  g.control({ kind: 'regionRoute', region: 'r2', server: 'b', epoch: 8 });
  g.attached('b', g.attachAt('b').handle, 'far', { applied: 17, covered: 17 });
  g.command(1, 18, 19, 20, 21);
  expect(g.commandsAt('b')).toEqual([18, 19, 20, 21]);
  expect(g.closed.has(1)).toBe(false);
});

test('resumed is what the server says; after a break both sides count on from there', () => {
  const g = new Story();
  g.ready('a');
  const { session, resume } = g.play(1);
  g.command(1, 1, 2, 3);
  g.engine.closed(1, g.nowMs);
  g.open(2);
  g.hello(2, { resume });
  const { handle } = g.attachAt('a');
  g.attached('a', handle, session, { applied: 1, resumed: false, generation: 2 });
  expect(g.heardByClient(2)).toMatchObject([{ kind: 'welcome', resumed: false, applied: 1 }]);
  expect(g.commandsAt('a')).toEqual([]);
  g.command(2, 2);
  expect(g.commandsAt('a')).toEqual([2]);
  g.message('a', handle, 40);
  g.message('a', handle, 41);
  expect(messagesIn(g.heardByClient(2))).toEqual(['m40', 'm41']);
});

test('the old socket is closed when the session is resumed on a new one', () => {
  const g = new Story();
  g.ready('a');
  const { session, handle, resume } = g.play(1);
  g.open(2);
  g.hello(2, { resume });
  expect(g.closed.get(1)).toBe('SESSION_REPLACED');
  const attach = g.attachAt('a');
  expect(attach.handle).not.toBe(handle);
  g.attached('a', attach.handle, session, { resumed: true, generation: 2 });
  g.latest('a', handle, 0, 'old');
  g.latest('a', attach.handle, 0, 'new');
  expect(g.heardByClient(2).map((each) => (typeof each === 'string' ? each : each.kind))).toEqual(['welcome', 'latest']);
});

test('a used resume token is refused, and whoever plays meanwhile is not disturbed', () => {
  const g = new Story();
  g.ready('a');
  const { session, resume } = g.play(1);
  g.engine.closed(1, g.nowMs);
  g.open(2);
  g.hello(2, { resume });
  const { handle } = g.attachAt('a');
  g.attached('a', handle, session, { resumed: true, generation: 2 });
  const newest = tokenOf(g, 2);
  // The welcome may have been lost, so the token before it is good until the new one was used.
  g.engine.closed(2, g.nowMs);
  g.open(3);
  g.hello(3, { resume });
  g.attached('a', g.attachAt('a').handle, session, { resumed: true, generation: 3 });
  g.send(3, { kind: 'ack', received: 0 });
  g.open(4);
  g.hello(4, { resume });
  expect(g.closed.get(4)).toBe('RESUME_REPLAYED');
  g.open(5);
  g.hello(5, { resume: newest });
  expect(g.closed.get(5)).toBe('RESUME_REPLAYED');
  expect(g.closed.has(3)).toBe(false);
});

test('nothing is acknowledged in the name of a client before it has shown that it has its welcome', () => {
  const g = new Story();
  g.ready('a', 'b');
  const { session, handle, resume } = g.play(1);
  for (const seq of [1, 2, 3]) g.message('a', handle, seq);
  g.send(1, { kind: 'ack', received: 3 });
  g.engine.closed(1, g.nowMs);
  g.open(2);
  g.hello(2, { resume, received: 3 });
  g.attached('a', g.attachAt('a').handle, session, { resumed: true, generation: 2 });
  expect(acksAt(g, 'a')).toEqual([]);
  g.send(2, { kind: 'ack', received: 3 });
  // Though it is no news of messages: it retires the former token.
  expect(acksAt(g, 'a')).toEqual([3]);
  g.send(2, { kind: 'ack', received: 3 });
  expect(acksAt(g, 'a')).toEqual([]);
  // From then on a new owner is told at once how far it is.
  g.route(session, 'b', 9);
  g.attached('b', g.attachAt('b').handle, session, {});
  expect(acksAt(g, 'b')).toEqual([3]);
});

test('at a switch a client keeps the token that it has, whatever the server has given to another gateway', () => {
  const g = new Story();
  g.ready('a', 'b');
  const { session, resume } = g.play(1);
  g.send(1, { kind: 'ack', received: 0 });
  g.route(session, 'b', 9);
  const { handle } = g.attachAt('b');
  g.attached('b', handle, session, { generation: 2 });
  g.engine.closed(1, g.nowMs);
  g.open(2);
  g.hello(2, { resume });
  expect(g.attachAt('b')).toMatchObject({ reason: 'resume', generation: 1 });
});

test('the server has the last word on a token', () => {
  const g = new Story();
  g.ready('a');
  g.open(1);
  g.hello(1, { resume: '{"session":"far","player":"p1","generation":1}' });
  g.route('far', 'a', 7);
  const { handle } = g.attachAt('a');
  g.fromServer('a', { kind: 'attachRefused', handle, session: 'far', code: 'RESUME_REPLAYED' });
  expect(g.closed.get(1)).toBe('RESUME_REPLAYED');
  expect(g.engine.sessions).toBe(0);
});

test('a token of nobody is refused; a session that is over begins anew with the same hello', () => {
  const g = new Story();
  g.ready('a');
  g.open(1);
  g.hello(1, { resume: 'nonsense' });
  expect(g.closed.get(1)).toBe('RESUME_INVALID');
  g.open(2);
  g.hello(2, { resume: '{"session":"far","player":"p2","generation":1}', received: 5 });
  g.control({ kind: 'gone', session: 'far', code: 'SESSION_ENDED' });
  expect(g.tokens).toEqual([{ conn: 2, token: 't2' }]);
  g.verify(2);
  const session = g.joined({ server: 'a', epoch: 1 });
  const attach = g.attachAt('a');
  expect(attach).toMatchObject({ session, reason: 'join', received: 0 });
  g.attached('a', attach.handle, session);
  expect(g.heardByClient(2)).toMatchObject([{ kind: 'welcome', session, resumed: false }]);
  g.open(3);
  g.hello(3, { resume: '{"session":"taken","player":"p3","generation":1}' });
  g.control({ kind: 'gone', session: 'taken', code: 'SESSION_REPLACED' });
  expect(g.closed.get(3)).toBe('SESSION_REPLACED');
});

test('after the window the session is forgotten; before the welcome it is ended at once', () => {
  const g = new Story();
  g.ready('a');
  g.play(1);
  g.engine.closed(1, g.nowMs);
  g.wait(119_000);
  expect(g.engine.sessions).toBe(1);
  g.wait(2_000);
  expect(g.engine.sessions).toBe(0);
  expect(g.engine.dueMs).toBe(Number.POSITIVE_INFINITY);
  g.open(2);
  g.hello(2);
  g.verify(2);
  const session = g.joined({ server: 'a', epoch: 1 });
  const { handle } = g.attachAt('a');
  g.engine.closed(2, g.nowMs);
  expect(g.heardByServer('a')).toEqual([{ kind: 'leave', handle, session }]);
  expect(g.engine.sessions).toBe(0);
});

test('the owner changes while nobody is connected: the resume goes to the new one and brings what was held', () => {
  const g = new Story();
  g.ready('a', 'b');
  const { session, resume } = g.play(1);
  g.command(1, 1, 2);
  g.engine.closed(1, g.nowMs);
  g.heardByServer('a');
  g.route(session, 'b', 2);
  expect(g.heardByServer('b')).toEqual([]);
  g.open(2);
  g.hello(2, { resume });
  const attach = g.attachAt('b');
  expect(attach).toMatchObject({ reason: 'resume', epoch: 2 });
  g.attached('b', attach.handle, session, { applied: 1, resumed: true });
  expect(g.commandsAt('b')).toEqual([2]);
});

test('a resume while the owner is away waits for it', () => {
  const g = new Story();
  g.ready('a', 'b');
  const { session, resume } = g.play(1);
  g.control({ kind: 'regionRoute', region: 'r1', server: '', epoch: 2 });
  g.engine.closed(1, g.nowMs);
  g.open(2);
  g.hello(2, { resume });
  g.wait(1500);
  expect(g.heardByClient(2)).toEqual([]);
  g.control({ kind: 'regionRoute', region: 'r1', server: 'b', epoch: 2 });
  const attach = g.attachAt('b');
  expect(attach).toMatchObject({ reason: 'resume', generation: 1 });
  g.attached('b', attach.handle, session, { resumed: true });
  expect(g.heardByClient(2)).toMatchObject([{ kind: 'welcome', resumed: true }]);
});
