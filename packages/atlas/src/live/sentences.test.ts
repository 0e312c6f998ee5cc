import { describe, expect, it } from 'vitest';
import { Replacements } from './replacements.ts';
import { eventOf, lineOf } from './sentences.ts';

describe('the table of sentences', () => {
  it('keeps what the terminal leaves out', () => {
    const fields = { group: 1, who: 'Ada', player: 'ada', source: 'a', target: 'b', frozenMs: 12.34 };
    expect(lineOf('handoff.done', fields, 0)).toBeUndefined();
    expect(eventOf('handoff.done', fields, 5, (region) => ({ a: 'Alpha', b: 'Beta' })[region])).toEqual({
      atMs: 5,
      type: 'handoff.done',
      tone: 'plain',
      text: 'Ada crossed from Alpha to Beta (frozen 12.3 ms)',
      region: 'b',
      server: '',
      player: 'ada',
      fields,
    });
  });

  it.each([
    ['server_state', { post: 'region/a', server: 's', to: 'ready' }, 'server.ready', 'region/a is ready'],
    ['server_state', { post: 'gateway/0', to: 'unhealthy', gateway: true }, 'gateway.down', 'gateway/0 has fallen silent'],
    ['region.active', { region: 'a', recovered: true, afterMs: 812 }, 'region.recovered', 'a is back after 0.8 s'],
    ['handoff.failed', { how: 'rolled-back', why: 'no-room' }, 'handoff.rolled-back', undefined],
    ['player.left', { name: '<b>', code: 'IDLE_TIMEOUT' }, 'player.left', '<b> left (IDLE_TIMEOUT)'],
    ['atlas_store_failed', { message: 'disk full' }, 'trouble.store_failed', 'store failed, message disk full'],
  ])('%s %j', (name, fields, type, text) => {
    const event = eventOf(name, fields, 0);
    expect(event?.type).toBe(type);
    if (text !== undefined) expect(event?.text).toBe(text);
  });

  it('keeps nothing of a post that nobody waits for, nor of what is no trouble', () => {
    expect(eventOf('server_state', { to: 'scheduled' }, 0)).toBeUndefined();
    expect(eventOf('fleet_adopted', {}, 0)).toBeUndefined();
    expect(eventOf('constructor', {}, 0)).toBeUndefined();
  });

  it('tells fields that JSON can take', () => {
    const event = eventOf('api_failed', { error: new Error('oh'), n: 5n, ms: Number.NaN }, 0);
    expect(event?.fields).toEqual({ error: 'oh', n: '5', ms: null });
  });
});

describe('of fleets and matches', () => {
  const server = { server: 'arena_1', fleet: 'arena', why: '' };
  const rollout = { fleet: 'arena', version: '2', previous: '1', phase: 'rolling', paused: false, why: '' };
  const match = {
    match: 'mat_1',
    queue: 'duel',
    fleet: 'arena',
    server: 'arena_1',
    players: 2,
    outcome: 'finished',
    lastedMs: 61_000,
    why: '',
  };

  it.each([
    [
      'game_server_failed',
      { ...server, code: 'SERVER_CRASHED', message: 'exit code 1' },
      'gameserver.lost',
      /fleet arena has lost a server: exit code 1/,
    ],
    [
      'game_server_failed',
      { ...server, code: 'SERVER_START_FAILED', message: 'Tanks needs tanksd\n  debian: apt-get install tanksd' },
      'gameserver.lost',
      /fleet arena cannot start a server: Tanks needs tanksd · debian: apt-get install tanksd \(/,
    ],
    [
      'game_server_state',
      { ...server, to: 'Ready', replaces: true, afterMs: 812 },
      'gameserver.replaced',
      /in place of one that was lost, after 0.8 s/,
    ],
    [
      'game_server_state',
      { ...server, to: 'Unhealthy', why: 'silent for 2 s' },
      'gameserver.unhealthy',
      /has fallen silent: silent for 2 s/,
    ],
    ['rollout', rollout, 'rollout.rolling', /version 2 of fleet arena takes the place of 1/],
    ['rollout', { ...rollout, phase: 'canary' }, 'rollout.trial', /on trial/],
    ['rollout', { ...rollout, paused: true }, 'rollout.paused', /to version 2 is paused/],
    ['rollout', { ...rollout, version: '1', why: '3 of 3 failed' }, 'rollout.back', /goes back to version 1: 3 of 3 failed/],
    ['rollout', { ...rollout, phase: 'steady', why: 'an operator sent it back' }, 'rollout.done', /runs version 2/],
    ['match_formed', match, 'match.formed', /2 players of queue duel form a match; mat_1/],
    ['match_begun', match, 'match.begun', /begins with 2 players; mat_1 on arena_1/],
    ['match_ended', match, 'match.ended', /is over after 61 s; mat_1/],
    ['match_ended', { ...match, outcome: 'lost' }, 'match.lost', /its server ended before it did/],
    ['match_failed', { ...match, why: 'p2 said no' }, 'match.failed', /comes to nothing: p2 said no/],
  ])('%s %j', (name, fields, type, text) => {
    const event = eventOf(name, fields, 0);
    expect(event?.type).toBe(type);
    expect(event?.text).toMatch(text);
    expect(event?.text).not.toContain('?');
  });

  it('the daily life of a server is not kept', () => {
    for (const to of ['Starting', 'Ready', 'Allocated', 'Active', 'Shutdown'])
      expect(eventOf('game_server_state', { ...server, to }, 0)).toBeUndefined();
  });
});

it('a server that becomes ready after one was lost replaces it, once', () => {
  const all = new Replacements();
  expect(all.ready('arena', { from: 'Starting' }, 100)).toBeUndefined();
  all.lost('arena', 200);
  expect(all.ready('other', { from: 'Starting' }, 300)).toBeUndefined();
  // Back from a session, it was there all the time.
  expect(all.ready('arena', { from: 'Active' }, 300)).toBeUndefined();
  expect(all.ready('arena', { from: 'Starting' }, 500)).toBe(300);
  expect(all.ready('arena', { from: 'Starting' }, 600)).toBeUndefined();
  all.lost('arena', 700);
  expect(all.ready('arena', { from: 'Warming' }, 700 + 600_001)).toBeUndefined();
});
