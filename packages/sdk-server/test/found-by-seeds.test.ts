/** Stories that whole simulated worlds told first: what they found, in the fewest words. */
import { describe, expect, it } from 'vitest';
import { activate, playerAtBorder, prepareAndFreeze, release, Story } from './story.ts';

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
