/** Stories that whole simulated worlds told first: what they found, in the fewest words. */
import { describe, expect, it } from 'vitest';
import { activate, groupOf, missingMessages, playerAtBorder, prepareAndFreeze, release, Story } from './story.ts';

describe('a server that lets a group go', () => {
  it('tells the gateway that is still attached: the route that it was sent may have been lost', () => {
    const story = new Story();
    const { a, b, gateway } = playerAtBorder(story);
    const frozen = prepareAndFreeze(story, a);
    activate(b, frozen, 20);
    release(a, 1000, 10, 20);
    expect(gateway.controls('attachRefused')).toMatchObject([{ handle: 1, session: 'ann-session', code: 'NOT_OWNER' }]);
  });

  it('tells it, too, when another region of its own takes the group', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    a.assign('b', 2);
    a.tell({ kind: 'freeze', group: 1000, epoch: 10, target: 'b' });
    activate(a, a.last('frozen'), 20, 'ann', true);
    expect(a.engine.regions.get('b')?.groups.has(1000)).toBe(true);
    expect(gateway.controls('attachRefused')).toMatchObject([{ handle: 1, code: 'NOT_OWNER' }]);
    gateway.attach(2, 'ann', 1000, 20, { reason: 'switch', generation: 1 });
    expect(gateway.attached(2)).toMatchObject({ session: 'ann-session' });
  });
});

describe('a group that comes back to where it was', () => {
  it('is kept warm there: the epoch of its departure is the one at which its present owner speaks', () => {
    const story = new Story();
    const { a, b } = playerAtBorder(story);
    activate(b, prepareAndFreeze(story, a), 20);
    release(a, 1000, 10, 20);
    const fenced = a.engine.fenced;
    b.tell({ kind: 'prepare', group: 1000, epoch: 20, region: 'b', target: 'a', server: 's-a', address: 'sim:a' });
    story.run(200);
    expect(b.last('synced')).toMatchObject({ group: 1000, epoch: 20 });
    b.tell({ kind: 'freeze', group: 1000, epoch: 20, target: 'a' });
    const { version } = b.last('frozen');
    const group = { group: 1000, epoch: 30, claimed: true, player: 'ann', name: 'ann', session: 'ann-session' };
    a.tell({ kind: 'activate', region: 'a', version, group: { ...group, state: new Uint8Array(0) } });
    expect(a.last('activated')).toMatchObject({ epoch: 30, warm: true });
    expect(a.engine.fenced).toBe(fenced);
  });
});

describe('a session that has ended here while nobody listened', () => {
  const ended = (story: Story) => {
    const { a, gateway } = playerAtBorder(story);
    gateway.add(1, 1, 5);
    story.run(100);
    gateway.control({ kind: 'leave', handle: 1, session: 'ann-session' });
    story.run(100);
    expect(a.last('ended')).toMatchObject({ group: 1000, epoch: 10, session: 'ann-session' });
    return a.clear();
  };

  it('is in every checkpoint until its end is on record: what was covered of it would die with the server else', () => {
    const story = new Story();
    const a = ended(story);
    story.run(1_500);
    const [kept] = a.last('checkpoint').groups;
    expect(kept).toMatchObject({ group: 1000, epoch: 10, player: 'ann', session: 'ann-session' });
    // Whoever restores it goes on with the session where it stood.
    const c = story.node('s-c').assign('a', 30, [groupOf(1000, 30, 'ann', kept?.state)]);
    const gateway = story.gateway(c);
    gateway.attach(3, 'ann', 1000, 30, { reason: 'resume', generation: 1 });
    expect(gateway.attached(3)).toMatchObject({ applied: 1 });
    expect(c.mind(1000).sum).toBe(5);
    a.tell({ kind: 'endedAck', session: 'ann-session', group: 1000 });
    a.clear();
    story.run(1_500);
    expect(a.last('checkpoint').groups).toEqual([]);
  });

  it('stands against an admit of the same session, which is told so', () => {
    const story = new Story();
    const a = ended(story);
    a.admit('a', 1000, 10, 'ann');
    expect(a.all('admitted')).toEqual([]);
    expect(a.last('ended')).toMatchObject({ group: 1000, session: 'ann-session' });
    expect(a.has(1000)).toBe('no');
    // And it is not brought back by the double of an old one.
    a.tell({ kind: 'endedAck', session: 'ann-session', group: 1000 });
    a.admit('a', 1000, 10, 'ann');
    expect(a.has(1000)).toBe('no');
  });

  it('gives way to an admit of the next session, which goes on from where it ended', () => {
    const story = new Story();
    const a = ended(story);
    a.admit('a', 1000, 11, 'ann', undefined, 'ann-again');
    expect(a.last('admitted')).toMatchObject({ ok: true, session: 'ann-again' });
    expect(a.mind(1000).sum).toBe(5);
  });
});

describe('a resume that was not whole', () => {
  it('is none the next time either, until the client has shown that it was told: the answer may be lost on its way', () => {
    const gateway = missingMessages(new Story());
    for (const handle of [2, 3]) {
      gateway.attach(handle, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
      expect(gateway.attached(handle)).toMatchObject({ resumed: false, generation: 2 });
    }
    // Nor does a gateway that attaches anew by itself know it.
    gateway.attach(4, 'ann', 1000, 10, { reason: 'switch', generation: 1, received: 5 });
    gateway.attach(5, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
    expect(gateway.attached(5)).toMatchObject({ resumed: false, generation: 2 });
    gateway.ack(5, 5);
    gateway.attach(6, 'ann', 1000, 10, { reason: 'resume', generation: 2, received: 5 });
    expect(gateway.attached(6)).toMatchObject({ resumed: true });
  });
});

describe('what a gateway has passed on', () => {
  it('is not what its client has: a socket that was dead meanwhile is resumed with all that it missed', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.ack(1, 1);
    for (let i = 0; i < 3; i++) a.engine.regions.get('a')?.world?.broadcast('did/said', { text: `${i}` });
    expect(gateway.messages(1).map((each) => each.seq)).toEqual([1, 2, 3, 4]);
    gateway.attach(2, 'ann', 1000, 10, { reason: 'switch', generation: 1, received: 4 });
    expect(gateway.messages(2)).toEqual([]);
    gateway.attach(3, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 2 });
    expect(gateway.attached(3)).toMatchObject({ resumed: true });
    expect(gateway.messages(3).map((each) => each.seq)).toEqual([3, 4]);
  });
});

describe('a gateway that slept through a resume elsewhere', () => {
  it('is refused before that resume is confirmed, too: it would have sent the client away for good', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.ack(1, 1);
    const other = story.gateway(a);
    other.attach(7, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
    expect(other.attached(7)).toMatchObject({ generation: 2 });
    gateway.attach(2, 'ann', 1000, 10, { reason: 'switch', generation: 1 });
    expect(gateway.controls('attachRefused')).toMatchObject([{ handle: 2, code: 'RESUME_REPLAYED' }]);
    expect(other.controls('kick')).toEqual([]);
    // Its own link may be a new one, and the former not yet known to be dead.
    const again = story.gateway(a);
    again.attach(8, 'ann', 1000, 10, { reason: 'switch', generation: 2 });
    expect(again.attached(8)).toMatchObject({ generation: 2 });
  });

  it('is not refused when nobody else has the session any more', () => {
    const story = new Story();
    const { a, gateway } = playerAtBorder(story);
    gateway.ack(1, 1);
    const other = story.gateway(a);
    other.attach(7, 'ann', 1000, 10, { reason: 'resume', generation: 1, received: 1 });
    other.down();
    // The welcome was lost with the other gateway, and the client is here as it was, with the token that it had.
    gateway.attach(2, 'ann', 1000, 10, { reason: 'switch', generation: 1 });
    expect(gateway.attached(2)).toMatchObject({ generation: 1 });
    const again = story.gateway(a);
    again.attach(8, 'ann', 1000, 10, { reason: 'switch', generation: 1 });
    expect(again.attached(8)).toMatchObject({ generation: 1 });
  });
});
