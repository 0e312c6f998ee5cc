/** What a gateway does about words of the control plane that were lost, late, or ask for an answer. */
import { expect, test } from 'vitest';
import { Story } from './story.ts';

test('a server without a known address is asked for by a hello, once a while, however many wait for it', () => {
  const story = new Story();
  story.ready('a');
  const { session } = story.play(1);
  const other = story.play(2);
  story.heardByControl();
  // The list that named b was lost; the route was not.
  story.route(session, 'b', 5);
  story.route(other.session, 'b', 6);
  const hellos = () => story.heardByControl().filter((each) => each.kind === 'hello');
  expect(hellos()).toMatchObject([{ gateway: 'g1', sessions: [] }]);
  expect(story.dialled).not.toContain('b');
  story.wait(1_500);
  expect(hellos()).toHaveLength(1);
  story.control({ kind: 'servers', servers: [{ server: 'b', address: 'unix:/b' }] });
  expect(story.dialled).toContain('b');
  story.engine.serverUp('b', story.nowMs);
  expect(story.attachAt('b')).toMatchObject({ reason: 'switch' });
});

test('a join that is called into question is confirmed only while its client waits', () => {
  const story = new Story();
  story.ready('a');
  story.open(1);
  story.hello(1);
  story.verify(1);
  const join = story.heardByControl().find((each) => each.kind === 'join');
  if (join?.kind !== 'join') throw new Error('nobody asked to join');
  const { request, session } = join;
  story.control({ kind: 'confirm', request, session, nonce: 7 });
  expect(story.heardByControl()).toEqual([{ kind: 'confirmed', session, nonce: 7 }]);
  story.engine.closed(1, story.nowMs);
  story.heardByControl();
  story.control({ kind: 'confirm', request, session, nonce: 8 });
  expect(story.heardByControl()).toEqual([]);
});

test('a switch right after a resume that was not whole goes on from what the client said that it has', () => {
  const story = new Story();
  story.ready('a', 'b');
  const { session, handle, resume } = story.play(1);
  for (const seq of [1, 2, 3]) story.message('a', handle, seq);
  story.engine.closed(1, story.nowMs);
  story.open(2);
  story.hello(2, { resume, received: 3 });
  const again = story.attachAt('a');
  expect(again).toMatchObject({ reason: 'resume', received: 3 });
  // The server was restored from before the third message.
  story.attached('a', again.handle, session, { resumed: false, generation: 2 });
  story.route(session, 'b', 9);
  expect(story.attachAt('b')).toMatchObject({ reason: 'switch', received: 3 });
});
