import { describe, expect, it } from 'vitest';
import { Desk } from '../src/core/desk.ts';
import { ticketsOf } from '../src/core/match-life.ts';
import { Story, settingsOf } from './desk-story.ts';
import { teamsOf } from './story.ts';

describe('a ticket', () => {
  it('goes from its queue to a match to a server', () => {
    const story = new Story();
    expect(story.add('a')).toBe('OK');
    expect(story.add('b')).toBe('OK');
    expect(story.status('a')).toBe('SEARCHING');
    story.after(0);
    expect(story.lineup).toBe('red: a | blue: b');
    expect([story.status('a'), story.status('b')]).toEqual(['COMPLETED', 'COMPLETED']);
    expect(story.eventNames).toEqual([
      'MatchmakingSearching a',
      'MatchmakingSearching b',
      'PotentialMatchCreated a b',
      'MatchmakingSucceeded a b',
    ]);
    const match = story.desk.match(story.desk.ticket('a')?.match ?? '');
    expect(match).toMatchObject({ stage: 'active', server: 's2', fleet: 'arena' });
    expect(match?.timeline.map(({ what }) => what)).toEqual(['waiting', 'formed', 'placed']);
    expect(story.desk.whereIs('p-a')).toEqual({ ticket: '', match: match?.id });
  });
  it('waits only once it is durable', () => {
    const story = new Story({ prompt: false });
    expect(story.add('a')).toBe('PENDING');
    expect(story.status('a')).toBe('QUEUED');
    expect(story.add('again', { players: [{ id: 'p-a', attributes: {}, latencyMs: {} }] })).toBe('PLAYER_WAITING');
    story.write();
    expect(story.answers.get('a')).toBe('OK');
    expect(story.status('a')).toBe('SEARCHING');
  });
  it('that cannot be kept does not wait, and its player may try again', () => {
    const story = new Story({ prompt: false });
    story.add('a');
    story.write('STORE_FULL');
    expect(story.answers.get('a')).toBe('STORE_FULL');
    expect(story.status('a')).toBe('unknown');
    story.add('b', { players: [{ id: 'p-a', attributes: {}, latencyMs: {} }] });
    story.write();
    expect(story.answers.get('b')).toBe('OK');
  });
  it('of a queue that does not exist is refused', () => {
    expect(new Story().add('a', { queue: 'nowhere' })).toBe('QUEUE_UNKNOWN');
  });
  it('gives up when it has waited too long', () => {
    const story = new Story({ settings: { ticketTimeoutMs: 5_000 } });
    story.add('a');
    story.after(4_999);
    expect(story.status('a')).toBe('SEARCHING');
    expect(story.desk.dueMs).toBe(1_005_000);
    story.after(1);
    expect(story.status('a')).toBe('TIMED_OUT');
    expect(story.add('b', { players: [{ id: 'p-a', attributes: {}, latencyMs: {} }] })).toBe('OK');
  });
});

describe('a cancellation', () => {
  it('keeps the ticket out of every match', () => {
    const story = new Story();
    story.add('a');
    story.add('b');
    expect(story.cancel('a')).toBe('OK');
    story.after(0);
    expect(story.asked).toEqual([]);
    expect(story.status('a')).toBe('CANCELLED');
    expect(story.cancel('a'), 'asked again').toBe('OK');
    expect(story.cancel('nobody')).toBe('TICKET_UNKNOWN');
  });
  it('is told once it is durable', () => {
    const story = new Story({ prompt: false });
    story.add('a');
    story.write();
    expect(story.cancel('a')).toBe('PENDING');
    story.write();
    expect(story.answers.get('cancel a')).toBe('OK');
  });
  it('that is told again waits for the first to be durable', () => {
    const story = new Story({ prompt: false });
    story.add('a');
    story.write();
    story.cancel('a');
    expect(story.cancel('a')).toBe('PENDING');
    story.write();
    expect(story.answers.get('cancel a')).toBe('OK');
  });
  it('that comes before the ticket is durable wins', () => {
    const story = new Story({ prompt: false });
    story.add('a');
    story.add('b');
    story.cancel('a');
    story.write();
    story.after(0);
    expect([story.status('a'), story.status('b')]).toEqual(['CANCELLED', 'SEARCHING']);
  });
  it('races a match: before there is a server it wins, and the other searches on with its age', () => {
    const story = new Story({ servers: false });
    story.add('a');
    story.nowMs += 3_000;
    story.add('b');
    story.after(0);
    expect([story.status('a'), story.status('b')]).toEqual(['PLACING', 'PLACING']);
    const match = story.asked[0];
    expect(story.cancel('b')).toBe('OK');
    expect(story.released).toEqual([match?.id]);
    expect(story.status('a')).toBe('SEARCHING');
    expect(story.desk.ticket('a')?.ticket.createdMs).toBe(1_000_000);
    // The server comes too late, and goes back.
    story.place(match);
    expect(story.released).toEqual([match?.id, match?.id]);
    expect(story.status('b')).toBe('CANCELLED');
  });
  it('races a match: after there is a server it is too late', () => {
    const story = new Story();
    story.add('a');
    story.add('b');
    story.after(0);
    expect(story.cancel('a')).toBe('TICKET_STATE');
    expect(story.status('a')).toBe('COMPLETED');
  });
});

describe('a match without a server', () => {
  it('gives its tickets back with their age, and the queue asks again after a while', () => {
    const story = new Story({ servers: false });
    story.add('a');
    story.add('b');
    story.after(0);
    story.place(story.asked[0], { ok: false, code: 'ALLOCATION_NONE_READY', message: 'none' });
    expect([story.status('a'), story.status('b')]).toEqual(['SEARCHING', 'SEARCHING']);
    expect(story.desk.ticket('a')).toMatchObject({ code: 'ALLOCATION_NONE_READY', ticket: { createdMs: 1_000_000 } });
    story.after(249);
    expect(story.asked).toHaveLength(1);
    story.after(1);
    expect(story.asked).toHaveLength(2);
    story.place(story.asked[1]);
    expect(story.status('a')).toBe('COMPLETED');
    // The one that was given up has no second life.
    story.place(story.asked[0]);
    expect(story.released).toContain(story.asked[0]?.id);
  });
  it('that cannot be kept is not asked for', () => {
    const story = new Story({ prompt: false });
    story.add('a');
    story.add('b');
    story.write();
    story.after(0);
    story.write('STORE_FULL');
    expect(story.asked).toEqual([]);
    expect([story.status('a'), story.status('b')]).toEqual(['SEARCHING', 'SEARCHING']);
  });
});

describe('acceptance', () => {
  const asking = () => {
    const story = new Story({ settings: { acceptMs: 10_000 } });
    story.add('a');
    story.add('b');
    story.after(0);
    return story;
  };
  it('asks everybody before a server is', () => {
    const story = asking();
    expect(story.status('a')).toBe('REQUIRES_ACCEPTANCE');
    expect(story.desk.answer('a', ['p-a'], true, story.nowMs)).toBeUndefined();
    expect(story.asked).toEqual([]);
    story.desk.answer('b', ['p-b'], true, story.nowMs);
    expect(story.status('a')).toBe('COMPLETED');
    expect(story.eventNames).toEqual([
      'MatchmakingSearching a',
      'MatchmakingSearching b',
      'PotentialMatchCreated a b',
      'AcceptMatch a b',
      'AcceptMatch a b',
      'AcceptMatchCompleted a b',
      'MatchmakingSucceeded a b',
    ]);
  });
  it('who says no is out, and the others search on', () => {
    const story = asking();
    story.desk.answer('a', ['p-a'], true, story.nowMs);
    story.desk.answer('b', ['p-b'], false, story.nowMs);
    expect([story.status('a'), story.status('b')]).toEqual(['SEARCHING', 'CANCELLED']);
  });
  it('who says nothing in time is out', () => {
    const story = asking();
    story.desk.answer('a', ['p-a'], true, story.nowMs);
    story.after(10_000);
    expect([story.status('a'), story.status('b')]).toEqual(['SEARCHING', 'CANCELLED']);
    expect(story.events.find(({ acceptance }) => acceptance)).toMatchObject({ acceptance: 'TimedOut' });
  });
  it('is asked of players of the ticket alone, and only then', () => {
    const story = asking();
    expect(story.desk.answer('a', ['p-b'], true, story.nowMs)?.code).toBe('TICKET_INVALID');
    expect(story.desk.answer('nobody', [], true, story.nowMs)?.code).toBe('TICKET_UNKNOWN');
    story.add('c');
    expect(story.desk.answer('c', ['p-c'], true, story.nowMs)?.code).toBe('TICKET_STATE');
  });
});

describe('priorities', () => {
  it('go first, and the low ones last', () => {
    const story = new Story();
    for (const [id, priority] of [
      ['a', 0],
      ['b', -5],
      ['c', 0],
      ['d', 9],
    ] as const)
      story.add(id, { priority });
    story.after(0);
    const matches = story.asked.map((match) => ticketsOf(match).map(({ id }) => id));
    expect(matches.map((ids) => ['b', 'd'].filter((id) => ids.includes(id)))).toEqual([['d'], ['b']]);
  });
});

describe('backfill', () => {
  const half = { rules: { teams: teamsOf(2, 1) }, settings: { backfill: true } };
  it('fills a match that began with free places before a new one opens', () => {
    const story = new Story(half);
    story.add('a');
    story.add('b');
    story.after(2_000);
    expect(story.lineup).toBe('red: a | blue: b');
    const match = story.desk.ticket('a')?.match;
    story.add('c');
    story.nowMs++;
    story.add('d');
    story.after(0);
    expect(story.asked).toHaveLength(1);
    expect([story.desk.ticket('c')?.match, story.desk.ticket('d')?.match]).toEqual([match, match]);
    const teams = story.desk.match(match ?? '')?.teams.map(({ tickets }) => tickets.length);
    expect(teams).toEqual([2, 2]);
    expect(story.filledIn).toEqual([`c into ${match}`, `d into ${match}`]);
    story.add('e');
    story.add('f');
    story.after(2_000);
    expect(story.asked).toHaveLength(2);
  });
  it('fills the place of who has left', () => {
    const story = new Story({ settings: { backfill: true } });
    story.add('a');
    story.add('b');
    story.after(0);
    const match = story.desk.ticket('a')?.match ?? '';
    story.add('c');
    story.after(0);
    expect(story.status('c')).toBe('SEARCHING');
    story.desk.backfill(match, true, story.nowMs);
    story.desk.left(match, ['p-a'], story.nowMs);
    story.after(0);
    expect(story.desk.ticket('c')?.match).toBe(match);
  });
  it('of who was there before leaves them in the match once', () => {
    const story = new Story({ settings: { backfill: true } });
    story.add('a');
    story.add('b');
    story.after(0);
    const match = story.desk.ticket('a')?.match ?? '';
    story.desk.backfill(match, true, story.nowMs);
    story.desk.left(match, ['p-a'], story.nowMs);
    story.add('again', { players: [{ id: 'p-a', attributes: {}, latencyMs: {} }] });
    story.after(0);
    const now = story.desk.match(match);
    expect(now?.left).toEqual([]);
    expect(now?.teams.flatMap(({ tickets }) => tickets.map(({ id }) => id)).sort()).toEqual(['again', 'b']);
  });
  it('keeps the rules: nobody who is too strong', () => {
    const rules = {
      teams: teamsOf(2, 1),
      rules: [{ name: 'close', type: 'batchDistance', batchAttribute: 'skill', maxDistance: 10 }],
    };
    const story = new Story({ ...half, rules });
    story.add('a');
    story.add('b');
    story.after(2_000);
    story.add('strong', { players: [{ id: 'p-s', attributes: { skill: 200 }, latencyMs: {} }] });
    story.add('fair', { players: [{ id: 'p-f', attributes: { skill: 105 }, latencyMs: {} }] });
    story.after(0);
    expect([story.status('strong'), story.status('fair')]).toEqual(['SEARCHING', 'COMPLETED']);
  });
  it('is for matches that run', () => {
    expect(new Story().desk.backfill('nothing', true, 0)?.code).toBe('MATCH_UNKNOWN');
  });
});

describe('a match', () => {
  it('ends once', () => {
    const story = new Story();
    story.add('a');
    story.add('b');
    story.after(0);
    const match = story.desk.ticket('a')?.match ?? '';
    const codes: string[] = [];
    const end = () => story.desk.ended(match, 'finished', { teams: [] }, [], story.nowMs, (no) => codes.push(no?.code ?? 'OK'));
    end();
    end();
    expect(codes).toEqual(['OK', 'MATCH_STATE']);
    expect(story.released).toEqual([match]);
    expect(story.desk.whereIs('p-a').match).toBe('');
  });
  it('is lost with its server', () => {
    const story = new Story();
    story.add('a');
    story.add('b');
    story.after(0);
    const match = story.desk.match(story.desk.ticket('a')?.match ?? '');
    story.desk.serverGone(match?.server ?? '', story.nowMs);
    expect(story.desk.match(match?.id ?? '')).toMatchObject({ stage: 'ended', outcome: 'lost' });
  });
  it('is left by who begins another one', () => {
    const story = new Story();
    story.add('a');
    story.add('b');
    story.after(0);
    const first = story.desk.ticket('a')?.match ?? '';
    story.add('a2', { players: [{ id: 'p-a', attributes: {}, latencyMs: {} }] });
    story.add('c');
    story.after(0);
    expect(story.desk.match(first)?.left).toEqual(['p-a']);
    expect(story.desk.whereIs('p-a').match).toBe(story.desk.ticket('a2')?.match);
  });
});

describe('after a restart', () => {
  it('tickets wait on with their age, matches that were placed are, and those under way are asked for again', () => {
    const before = new Story({ servers: false });
    for (const id of ['a', 'b', 'c', 'd', 'e']) before.add(id);
    before.after(0);
    before.place(before.asked[0]);
    const matches = [...before.desk.matches()];
    const tickets = ['c', 'd', 'e'].map((id) => before.desk.ticket(id)?.ticket as never);
    const after = new Story({ servers: false });
    after.nowMs += 60_000;
    after.desk.open(tickets, matches, after.nowMs);
    expect(['a', 'b', 'c', 'd', 'e'].map((id) => after.status(id))).toEqual([
      'COMPLETED',
      'COMPLETED',
      'PLACING',
      'PLACING',
      'SEARCHING',
    ]);
    expect(after.asked.map(({ id }) => id)).toEqual([before.asked[1]?.id]);
    expect(after.add('again', { players: [{ id: 'p-c', attributes: {}, latencyMs: {} }] })).toBe('PLAYER_WAITING');
    expect(after.desk.ticket('e')?.ticket.createdMs).toBe(1_000_000);
  });
  it('a ticket of two matches belongs to the later one', () => {
    const before = new Story({ servers: false });
    before.add('a');
    before.add('b');
    before.after(0);
    const first = before.asked[0] as never as { id: string };
    before.place(before.asked[0], { ok: false, code: 'ALLOCATION_NONE_READY', message: '' });
    before.after(1_000);
    const [one, two] = before.asked;
    const after = new Story({ servers: false });
    after.desk.open(ticketsOf(one as never), [one as never, two as never], after.nowMs);
    expect(after.released).toEqual([first.id]);
    expect(after.asked.map(({ id }) => id)).toEqual([two?.id]);
    expect(after.desk.ticket('a')?.match).toBe(two?.id);
  });
  it('a ticket of a queue that is no more fails', () => {
    const story = new Story();
    const desk = new Desk([settingsOf({ settings: { name: 'other' } })], story);
    desk.open(
      [{ id: 'a', queue: 'duel', party: '', createdMs: 0, players: [{ id: 'p', attributes: {}, latencyMs: {} }] }],
      [],
      0,
    );
    expect(desk.ticket('a')).toMatchObject({ status: 'FAILED', code: 'QUEUE_UNKNOWN' });
  });
});
