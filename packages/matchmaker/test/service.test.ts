import { memoryStore } from '@horizon-atlas/adapter-memory';
import type { Store } from '@horizon-atlas/ports';
import { manualClock, seededEntropy } from '@horizon-atlas/runtime';
import { describe, expect, it } from 'vitest';
import { type Matchmaker, type MatchmakerSettings, makeMatchmaker, type TicketView } from '../src/index.ts';
import { SmallFleet } from '../src/small-fleet.ts';
import { settingsOf } from './desk-story.ts';
import { teamsOf } from './story.ts';

interface House {
  readonly store: Store;
  readonly fleet: SmallFleet;
  readonly clock: ReturnType<typeof manualClock>;
  readonly lines: string[];
  matchmaker: Matchmaker;
  /** A new process on what the Store knows. */
  restart(): Promise<void>;
  /** Turns of the loop, and so much time on the clock. */
  turns(ms?: number): Promise<void>;
}

async function house(changes: Partial<MatchmakerSettings['queues'][0]> = {}, rules: object = {}): Promise<House> {
  const clock = manualClock();
  const store = memoryStore();
  const fleet = new SmallFleet();
  const lines: string[] = [];
  const queue = {
    ...settingsOf({ rules }),
    rating: { pool: 'ranked', attribute: 'skill' },
    sites: [],
    recorded: true,
    ...changes,
  };
  const settings = {
    queues: [queue],
    lobbies: [{ name: 'hub', fleet: 'hub', capacity: 3, queues: ['duel'] }],
    waitMs: 1_000,
    leaseMs: 1_000,
  };
  let seed = 1;
  const make = () =>
    makeMatchmaker(
      {
        clock,
        store,
        entropy: seededEntropy(seed++, clock),
        sessions: fleet,
        servers: fleet,
        address: (_server, ports) => `${ports[0]?.host}:${ports[0]?.port}`,
        token: (player, server, match, team) => `${player}@${server}/${match}/${team}`,
        record: (_queue, line) => lines.push(line),
      },
      settings,
    );
  const it: House = {
    store,
    fleet,
    clock,
    lines,
    matchmaker: make(),
    async restart() {
      it.matchmaker = make();
      await it.matchmaker.start();
    },
    async turns(ms = 1) {
      for (let i = 0; i < 20; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(i === 0 ? ms : 0);
      }
    },
  };
  await it.matchmaker.start();
  return it;
}

const player = (id: string) => ({ id, attributes: {}, latencyMs: {} });

async function queued({ matchmaker }: House, ...players: string[]): Promise<string[]> {
  const made = await Promise.all(players.map((id) => matchmaker.create({ queue: 'duel', players: [player(id)] })));
  return made.map((each) => (each.ok ? each.ticket.id : each.code));
}

describe('the matchmaker', () => {
  it('leads tickets to a server, and tells who watches', async () => {
    const it = await house();
    const [a = ''] = await queued(it, 'ann');
    const seen: TicketView[] = [];
    it.matchmaker.watchTicket(a, { seats: 'player', player: 'ann' }, (view) => seen.push(view));
    const [b = ''] = await queued(it, 'bob');
    await it.turns();
    expect(seen.map(({ status }) => status)).toEqual(['PLACING', 'COMPLETED']);
    const match = seen.at(-1)?.match ?? '';
    expect(seen.at(-1)?.placement).toEqual({
      server: 'gs-1',
      fleet: 'arena',
      ports: [{ name: 'game', protocol: 'udp', host: '127.0.0.1', port: 7000 }],
      seats: [{ player: 'ann', team: 'red', address: '127.0.0.1:7000', token: `ann@gs-1/${match}/red` }],
    });
    expect(it.matchmaker.ticket(b, { seats: 'none' })?.placement?.seats).toEqual([]);
    expect(it.fleet.requests.get(match)?.session).toMatchObject({
      match,
      queue: 'duel',
      teams: [{ name: 'red' }, { name: 'blue' }],
    });
    expect(it.matchmaker.match(match)).toMatchObject({ stage: 'active', server: 'gs-1', players: 2 });
    expect(it.lines.map((line) => JSON.parse(line).kind)).toEqual(['ticket', 'ticket', 'match']);
  });

  it('fills places that a server advertises, and tells it who comes, also after a restart', async () => {
    const it = await house();
    const [a = ''] = await queued(it, 'ann', 'bob');
    await it.turns();
    const match = it.matchmaker.ticket(a, { seats: 'none' })?.match ?? '';
    const players = () => it.fleet.requests.get(match)?.players;
    it.fleet.wish(match, { kind: 'left', players: ['bob'] });
    expect(players()).toEqual(['ann']);
    const [b = ''] = await queued(it, 'eve');
    await it.turns();
    expect(it.matchmaker.ticket(b, { seats: 'none' })?.status).toBe('SEARCHING');
    it.fleet.wish(match, { kind: 'places', open: true });
    await it.turns();
    expect(it.matchmaker.ticket(b, { seats: 'none' })).toMatchObject({ status: 'COMPLETED', match });
    expect(players()).toEqual(['ann', 'eve']);
    const { session } = it.fleet.requests.get(match) ?? {};
    expect(session).toMatchObject({ teams: [{ players: [{ id: 'ann' }] }, { players: [{ id: 'eve' }] }] });
    // A server that was not told any more by the process before.
    it.fleet.update(match, { players: ['ann'], session: {} });
    await it.restart();
    expect(players()).toEqual(['ann', 'eve']);
  });

  it('keeps what it acknowledged: a new process on the same store goes on', async () => {
    const it = await house();
    const [a = '', b = ''] = await queued(it, 'ann', 'bob');
    await it.turns();
    const match = it.matchmaker.ticket(a, { seats: 'none' })?.match ?? '';
    const [c = ''] = await queued(it, 'cat');
    await it.restart();
    expect(it.matchmaker.ticket(c, { seats: 'none' })?.status).toBe('SEARCHING');
    expect(it.matchmaker.ticket(b, { seats: 'none' })).toMatchObject({ status: 'COMPLETED', match });
    const [d = ''] = await queued(it, 'dan');
    await it.turns();
    expect(it.matchmaker.ticket(c, { seats: 'none' })?.match).toBe(it.matchmaker.ticket(d, { seats: 'none' })?.match);
  });

  it('asks again for what was under way, and gets the same server', async () => {
    const it = await house();
    it.fleet.free = 0;
    await queued(it, 'ann', 'bob');
    const asked = it.fleet.request.bind(it.fleet);
    it.fleet.request = () => new Promise(() => {});
    await it.turns();
    it.fleet.request = asked;
    it.fleet.free = 1;
    await it.restart();
    await it.turns();
    const [match] = it.matchmaker.matches();
    expect(match).toMatchObject({ stage: 'active', server: 'gs-1' });
  });

  it('refuses a player in a second ticket, and lets them in after a cancellation', async () => {
    const it = await house();
    const [a = ''] = await queued(it, 'ann');
    expect(await queued(it, 'ann')).toEqual(['PLAYER_WAITING']);
    expect(await it.matchmaker.cancel(a)).toEqual({ ok: true });
    expect((await it.store.list('mm-ticket/')).records).toEqual([]);
    expect(await queued(it, 'ann')).not.toEqual(['PLAYER_WAITING']);
  });

  it('says why a ticket waits, and of the queue too', async () => {
    const it = await house();
    it.fleet.refusal = { code: 'ALLOCATION_NONE_READY', message: 'all 4 are in use' };
    const [a = ''] = await queued(it, 'ann', 'bob');
    await it.turns();
    const told = it.matchmaker.explain(a);
    expect(told.ok && told.explanation?.text).toContain('no server of fleet arena: all 4 are in use');
    expect(it.matchmaker.queues()[0]).toMatchObject({ tickets: 2, players: 2, expanding: 0 });
    expect(it.matchmaker.queues()[0]?.why).toContain('all 4 are in use');
    expect(it.matchmaker.explain('nobody')).toMatchObject({ ok: false, code: 'TICKET_UNKNOWN' });
  });
});

describe('results', () => {
  const played = async () => {
    const it = await house();
    const [a = ''] = await queued(it, 'ann', 'bob');
    await it.turns();
    return { it, match: it.matchmaker.ticket(a, { seats: 'none' })?.match ?? '' };
  };
  const redWins = {
    teams: [
      { name: 'red', score: 5 },
      { name: 'blue', score: 3 },
    ],
  };

  it('of the game server move ratings, once', async () => {
    const { it, match } = await played();
    await it.fleet.end(match, 'ended', redWins);
    await it.fleet.end(match, 'ended', redWins);
    const [ann, bob] = [await it.matchmaker.rating('ranked', 'ann'), await it.matchmaker.rating('ranked', 'bob')];
    expect(ann).toMatchObject({ games: 1, wins: 1 });
    expect(bob).toMatchObject({ games: 1, wins: 0 });
    expect(ann.rating).toBeGreaterThan(1500);
    expect(bob.rating).toBe(3000 - ann.rating);
    expect(it.matchmaker.match(match)?.ratings).toEqual([
      { player: 'ann', before: 1500, after: ann.rating },
      { player: 'bob', before: 1500, after: bob.rating },
    ]);
    expect(it.matchmaker.match(match)).toMatchObject({ stage: 'ended', outcome: 'finished' });
    await it.restart();
    expect(await it.matchmaker.rating('ranked', 'ann')).toEqual(ann);
    expect((await it.matchmaker.ratings('ranked', 1)).ratings.map(({ player }) => player)).toEqual(['ann']);
  });
  it('are what the next ticket is matched by, whatever it says of itself', async () => {
    const { it, match } = await played();
    await it.fleet.end(match, 'ended', redWins);
    const made = await it.matchmaker.create({ queue: 'duel', players: [{ ...player('ann'), attributes: { skill: 9999 } }] });
    expect(made.ok).toBe(true);
    const line = JSON.parse(it.lines.at(-1) ?? '{}');
    expect(line.players[0].attributes.skill).toBe((await it.matchmaker.rating('ranked', 'ann')).rating);
  });
  it('that do not fit are told, and change nothing', async () => {
    const { it, match } = await played();
    const end = (teams: { name: string; rank: number }[]) => it.matchmaker.end(match, { teams });
    expect(await end([{ name: 'green', rank: 1 }])).toMatchObject({ code: 'RESULT_INVALID' });
    expect(await end([{ name: 'red', rank: 1 }])).toMatchObject({ code: 'RESULT_INVALID' });
    expect(
      await end([
        { name: 'red', rank: 1 },
        { name: 'red', rank: 2 },
      ]),
    ).toMatchObject({ code: 'RESULT_INVALID' });
    expect(it.matchmaker.match(match)?.stage).toBe('active');
    expect(await it.matchmaker.end('nothing', undefined)).toMatchObject({ code: 'MATCH_UNKNOWN' });
  });
  it('that make no sense end a match without a rating', async () => {
    const { it, match } = await played();
    await it.fleet.end(match, 'ended', { teams: [{ name: 'green', rank: 1 }] });
    expect(it.matchmaker.match(match)).toMatchObject({ stage: 'ended', outcome: 'over' });
    expect((await it.matchmaker.rating('ranked', 'ann')).games).toBe(0);
  });
  it('do not come of a server that dies', async () => {
    const { it, match } = await played();
    it.fleet.die(match);
    expect(it.matchmaker.match(match)).toMatchObject({ stage: 'ended', outcome: 'lost' });
  });
});

describe('parties', () => {
  const partyOf = async (it: House, ...players: string[]) => {
    const [leader = '', ...others] = players;
    const made = await it.matchmaker.createParty(leader, false);
    const id = made.ok ? (made.party?.id ?? '') : '';
    for (const other of others) {
      await it.matchmaker.actOnParty(id, { kind: 'invite', by: leader, player: other });
      await it.matchmaker.actOnParty(id, { kind: 'join', player: other });
    }
    return id;
  };
  const ready = (it: House, id: string, who: string) =>
    it.matchmaker.actOnParty(id, { kind: 'ready', player: who, ready: true, attributes: {}, latencyMs: {} });

  it('queue as one ticket and stay together in a team', async () => {
    const it = await house({}, { teams: teamsOf(2) });
    const id = await partyOf(it, 'ann', 'bob');
    expect(await it.matchmaker.queueParty(id, 'ann', 'duel')).toMatchObject({ code: 'PARTY_STATE' });
    await ready(it, id, 'ann');
    await ready(it, id, 'bob');
    expect(await it.matchmaker.queueParty(id, 'bob', 'duel')).toMatchObject({ code: 'PARTY_REFUSED' });
    expect(await it.matchmaker.queueParty(id, 'ann', 'duel')).toMatchObject({ ok: true });
    await queued(it, 'cat', 'dan');
    await it.turns();
    const match = it.matchmaker.match(it.matchmaker.whereIs('ann').match);
    const names = match?.teams
      .map(({ players }) =>
        players
          .map((each) => each.id)
          .sort()
          .join(' '),
      )
      .sort();
    expect(names).toEqual(['ann bob', 'cat dan']);
    expect(it.matchmaker.party(id)).toMatchObject({
      ticket: '',
      match: match?.id,
      members: [{ ready: false }, { ready: false }],
    });
  });
  it('leave the queue when somebody comes or goes', async () => {
    const it = await house({}, { teams: teamsOf(2) });
    const id = await partyOf(it, 'ann', 'bob');
    await ready(it, id, 'ann');
    await ready(it, id, 'bob');
    await it.matchmaker.queueParty(id, 'ann', 'duel');
    const ticket = it.matchmaker.party(id)?.ticket ?? '';
    await it.matchmaker.actOnParty(id, { kind: 'leave', player: 'bob' });
    expect(it.matchmaker.ticket(ticket, { seats: 'none' })?.status).toBe('CANCELLED');
    expect(it.matchmaker.party(id)).toMatchObject({ ticket: '', members: [{ player: 'ann' }] });
    expect(it.matchmaker.whereIs('bob')).toEqual({ ticket: '', match: '', party: '' });
  });
  it('are of those who are invited, and a player is in one', async () => {
    const it = await house();
    const id = await partyOf(it, 'ann');
    const act = it.matchmaker.actOnParty.bind(it.matchmaker);
    expect(await act(id, { kind: 'join', player: 'eve' })).toMatchObject({ code: 'PARTY_REFUSED' });
    expect(await act(id, { kind: 'invite', by: 'eve', player: 'eve' })).toMatchObject({ code: 'PARTY_REFUSED' });
    expect(await it.matchmaker.createParty('ann', true)).toMatchObject({ code: 'PLAYER_IN_PARTY' });
    const other = await partyOf(it, 'bob');
    await act(other, { kind: 'invite', by: 'bob', player: 'ann' });
    expect(await act(other, { kind: 'join', player: 'ann' })).toMatchObject({ code: 'PLAYER_IN_PARTY' });
    expect(await act('nothing', { kind: 'join', player: 'x' })).toMatchObject({ code: 'PARTY_UNKNOWN' });
  });
  it('pass on, and end with the last one; they survive a restart', async () => {
    const it = await house();
    const id = await partyOf(it, 'ann', 'bob', 'cat');
    await it.matchmaker.actOnParty(id, { kind: 'kick', by: 'ann', player: 'cat' });
    await it.matchmaker.actOnParty(id, { kind: 'leave', player: 'ann' });
    await it.restart();
    expect(it.matchmaker.party(id)).toMatchObject({ leader: 'bob', members: [{ player: 'bob' }] });
    expect(await it.matchmaker.actOnParty(id, { kind: 'leave', player: 'bob' })).toEqual({ ok: true, party: null });
    expect((await it.store.list('mm-party/')).records).toEqual([]);
  });
});

describe('lobbies', () => {
  it('seat a party together, fill a server before the next is asked for, and lead to queues', async () => {
    const it = await house({}, { teams: teamsOf(2) });
    const made = await it.matchmaker.createParty('ann', true);
    const id = made.ok ? (made.party?.id ?? '') : '';
    await it.matchmaker.actOnParty(id, { kind: 'join', player: 'bob' });
    const first = await it.matchmaker.joinLobby('hub', 'ann');
    expect(first).toMatchObject({ ok: true, server: 'gs-1', seats: [{ player: 'ann' }, { player: 'bob' }] });
    expect(await it.matchmaker.joinLobby('hub', 'cat')).toMatchObject({ server: 'gs-1' });
    expect(await it.matchmaker.joinLobby('hub', 'dan')).toMatchObject({ server: 'gs-2' });
    expect(it.matchmaker.lobbies()[0]).toMatchObject({ players: 4, servers: [{ players: 3 }, { players: 1 }] });
    const brings = { attributes: {}, latencyMs: {} };
    expect(await it.matchmaker.play('hub', 'bob', 'duel', brings)).toMatchObject({ code: 'PARTY_REFUSED' });
    expect(await it.matchmaker.play('hub', 'ann', 'nowhere', brings)).toMatchObject({ code: 'QUEUE_UNKNOWN' });
    expect(await it.matchmaker.play('hub', 'ann', 'duel', brings)).toMatchObject({ ok: true });
    await it.matchmaker.play('hub', 'cat', 'duel', brings);
    await it.matchmaker.play('hub', 'dan', 'duel', brings);
    await it.turns();
    expect(it.matchmaker.whereIs('ann').match).toBe(it.matchmaker.whereIs('dan').match);
    expect(await it.matchmaker.joinLobby('nowhere', 'ann')).toMatchObject({ code: 'LOBBY_UNKNOWN' });
  });
  it('say so when there is no server', async () => {
    const it = await house();
    it.fleet.free = 0;
    expect(await it.matchmaker.joinLobby('hub', 'ann')).toMatchObject({ ok: false, code: 'LOBBY_FULL' });
  });
});
