import { expect, test } from 'vitest';
import { Story } from './story.ts';

const event = (namespace: string, name: string, data: unknown): string => JSON.stringify({ namespace, event: name, data });

/** A horizon.v1 client all the way in. */
function play(g: Story, conn: number): { session: string; handle: number; resume: string } {
  g.engine.opened(conn, '10.0.0.1', 'horizon', g.nowMs, { token: 't', resume: '' });
  g.verify(conn);
  const session = g.joined({ server: 'a', epoch: 1 });
  const { handle } = g.attachAt('a');
  g.attached('a', handle, session);
  const welcome = JSON.parse(String(g.heardByClient(conn)[0]));
  expect(welcome).toMatchObject({ type: 'atlas_welcome', session, resumed: false });
  return { session, handle, resume: welcome.resume };
}

test('JSON goes in as it came, numbered by the gateway, and comes out as it was sent', () => {
  const g = new Story();
  g.ready('a');
  const { handle } = play(g, 1);
  g.say(1, event('chat', 'say', { text: 'hé' }));
  g.say(1, event('move', 'jump', null));
  expect(g.heardByServer('a')).toEqual([
    { kind: 'command', handle, seq: 1, event: 0xffff, text: '{"namespace":"chat","event":"say","data":{"text":"hé"}}' },
    { kind: 'command', handle, seq: 2, event: 0xffff, text: '{"namespace":"move","event":"jump","data":null}' },
  ]);
  g.message('a', handle, 1, 0xffff, event('chat', 'said', { from: 'x' }));
  g.message('a', handle, 2, 0xfffd, 'binary, not for this client');
  g.latest('a', handle, 0, event('world', 'tick', 1), 0xffff);
  g.latest('a', handle, 0, 'binary', 0xfffe);
  g.acks('a', handle, 2, 2);
  expect(g.heardByClient(1)).toEqual([event('chat', 'said', { from: 'x' }), event('world', 'tick', 1)]);
});

test('a client without credentials says hello first, or is nobody in particular', () => {
  const g = new Story();
  g.ready('a');
  g.open(1, 'horizon');
  g.say(1, event('atlas', 'hello', { token: 'secret' }));
  g.open(2, 'horizon');
  g.say(2, event('chat', 'say', 1));
  expect(g.tokens).toEqual([
    { conn: 1, token: 'secret' },
    { conn: 2, token: '' },
  ]);
  expect(g.paused.has(2)).toBe(true);
  g.verify(2);
  expect(g.paused.has(2)).toBe(false);
  g.say(2, event('chat', 'say', 2));
  const session = g.joined({ server: 'a', epoch: 1 });
  const { handle } = g.attachAt('a');
  g.attached('a', handle, session);
  expect(g.commandsAt('a')).toEqual([1, 2]);
});

test('what was held before the numbers were known is numbered from there', () => {
  const g = new Story();
  g.ready('a');
  g.engine.opened(1, '10.0.0.1', 'horizon', g.nowMs, { token: 't', resume: '{"session":"far","player":"p1","generation":1}' });
  g.say(1, event('chat', 'say', 1));
  g.route('far', 'a', 3);
  const { handle } = g.attachAt('a');
  g.attached('a', handle, 'far', { applied: 50, covered: 50, resumed: true });
  g.say(1, event('chat', 'say', 2));
  expect(g.commandsAt('a')).toEqual([51, 52]);
});

test('declared events are passed on, decoded, and not too many of them', () => {
  const g = new Story({ listen: ['movement/position_update'], clientEventsPerConnection: { perS: 1, burst: 2 } });
  g.ready('a');
  const { session } = play(g, 1);
  g.heardByControl();
  g.say(1, event('movement', 'position_update', { x: 1 }));
  g.say(1, event('movement', 'jump', {}));
  g.say(1, event('movement', 'position_update', { x: 2 }));
  g.say(1, event('movement', 'position_update', { x: 3 }));
  expect(g.heardByControl()).toEqual([
    { kind: 'clientEvent', session, player: 'p1', namespace: 'movement', event: 'position_update', data: '{"x":1}' },
    { kind: 'clientEvent', session, player: 'p1', namespace: 'movement', event: 'position_update', data: '{"x":2}' },
  ]);
  expect(g.commandsAt('a')).toEqual([1, 2, 3, 4]);
});

test('a pong says what has arrived, and a resume begins there', () => {
  const g = new Story();
  g.ready('a');
  const { session, handle, resume } = play(g, 1);
  g.message('a', handle, 1, 0xffff, '{}');
  g.message('a', handle, 2, 0xffff, '{}');
  g.wait(500);
  expect(g.pings).toEqual([{ conn: 1, stamp: 2 }]);
  g.message('a', handle, 3, 0xffff, '{}');
  g.engine.ponged(1, 2, g.nowMs);
  expect(g.heardByServer('a')).toEqual([{ kind: 'ack', handle, received: 2 }]);
  g.engine.closed(1, g.nowMs);
  g.engine.opened(2, '10.0.0.1', 'horizon', g.nowMs, { token: 't', resume });
  const attach = g.attachAt('a');
  expect(attach).toMatchObject({ session, reason: 'resume', received: 2 });
  g.attached('a', attach.handle, session, { resumed: true });
  g.message('a', attach.handle, 3, 0xffff, '"three"');
  expect(g.heardByClient(2).at(-1)).toBe('"three"');
});

test('notices are JSON', () => {
  const g = new Story();
  g.ready('a');
  play(g, 1);
  g.control({ kind: 'regionRoute', region: 'r1', server: '', epoch: 2 });
  expect(JSON.parse(String(g.heardByClient(1)[0]))).toMatchObject({
    type: 'atlas_notice',
    notice: 'paused',
    region: 'r1',
    epoch: 2,
  });
});

test.each([
  ['not JSON', '{"namespace":'],
  ['another shape', '{"type":"x"}'],
  ['no object', '42'],
  ['an empty name', '{"namespace":"","event":"x","data":1}'],
])('%s is refused', (_what, text) => {
  const g = new Story();
  g.ready('a');
  play(g, 1);
  g.say(1, text);
  expect(g.closed.get(1)).toBe('MESSAGE_INVALID');
});

test('bytes that are not UTF-8 are refused', () => {
  const g = new Story();
  g.ready('a');
  play(g, 1);
  g.raw(1, new Uint8Array([0x22, 0xc3, 0x28, 0x22]));
  expect(g.closed.get(1)).toBe('MESSAGE_INVALID');
});
