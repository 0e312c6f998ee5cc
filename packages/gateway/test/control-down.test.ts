import { expect, test } from 'vitest';
import { Story } from './story.ts';

test('without the control plane, play goes on, resumes work, and new joins wait five seconds', () => {
  const g = new Story();
  g.ready('a');
  const { session, handle, resume } = g.play(1);
  g.engine.controlDown(g.nowMs);
  g.command(1, 1);
  g.message('a', handle, 1);
  expect(g.commandsAt('a')).toEqual([1]);
  g.engine.closed(1, g.nowMs);
  g.open(2);
  g.hello(2, { resume, received: 1 });
  const attach = g.attachAt('a');
  expect(attach).toMatchObject({ session, reason: 'resume', received: 1, generation: 1 });
  g.open(3);
  g.hello(3);
  g.verify(3);
  g.wait(4900);
  expect(g.closed.size).toBe(0);
  g.wait(1200);
  expect(g.closed.get(3)).toBe('GATEWAY_BUSY');
});

test('a join that waited is asked again when the control plane is back', () => {
  const g = new Story();
  g.ready('a');
  g.engine.controlDown(g.nowMs);
  g.open(1);
  g.hello(1);
  g.verify(1);
  g.wait(3000);
  g.heardByControl();
  g.engine.controlUp(g.nowMs);
  const session = g.joined({ server: 'a', epoch: 1 });
  const { handle } = g.attachAt('a');
  g.attached('a', handle, session);
  expect(g.heardByClient(1)).toMatchObject([{ kind: 'welcome' }]);
});

test('a gateway tells a new control plane what it holds', () => {
  const g = new Story();
  g.ready('a');
  const { session } = g.play(1, 'a', 6);
  g.engine.controlDown(g.nowMs);
  g.engine.controlUp(g.nowMs);
  expect(g.heardByControl()).toMatchObject([{ kind: 'hello', gateway: 'g1', sessions: [{ session, epoch: 6 }] }]);
});

test('a player in play whose owner is lost waits as long as it takes', () => {
  const g = new Story();
  g.ready('a');
  g.play(1);
  g.control({ kind: 'regionRoute', region: 'r1', server: '', epoch: 2 });
  g.engine.controlDown(g.nowMs);
  for (let s = 0; s < 60; s++) {
    g.wait(1000);
    g.send(1, { kind: 'ping', stamp: s });
  }
  expect(g.closed.size).toBe(0);
  expect(g.heardByControl().filter((each) => each.kind === 'locate').length).toBeGreaterThan(10);
});
