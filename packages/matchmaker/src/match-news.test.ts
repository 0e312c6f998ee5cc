import { expect, it } from 'vitest';
import type { Match } from './core/match-life.ts';
import { MatchNews } from './match-news.ts';

const match: Match = {
  id: 'mat_1',
  queue: 'duel',
  stage: 'accepting',
  place: 'oregon',
  level: 0,
  teams: [],
  createdMs: 1000,
  accepted: [],
  acceptUntilMs: 0,
  server: '',
  fleet: 'arena',
  ports: [],
  placedMs: 0,
  left: [],
  backfill: false,
  endedMs: 0,
  outcome: '',
  result: null,
  timeline: [],
};

function heard() {
  const told: string[] = [];
  const news = new MatchNews({
    count() {},
    gauge() {},
    observe() {},
    event: (name, fields) => void told.push(`${name} ${fields?.match} ${fields?.lastedMs} ${fields?.why}`),
  });
  return { news, told };
}

it('tells once that a match is formed, begins and ends, however often it changes', () => {
  const { news, told } = heard();
  const active: Match = { ...match, stage: 'active', server: 'arena_1', placedMs: 2000 };
  const ended: Match = { ...active, stage: 'ended', outcome: 'finished', endedMs: 9000 };
  for (const each of [match, { ...match, accepted: ['p1'] }, { ...match, stage: 'placing' as const }, active, active])
    news.changed(each);
  // Its ratings come after its end.
  for (const each of [ended, { ...ended, ratings: [] }]) news.changed(each);
  expect(told).toEqual(['match_formed mat_1 0 ', 'match_begun mat_1 0 ', 'match_ended mat_1 7000 ']);
});

it('tells why a match came to nothing', () => {
  const { news, told } = heard();
  news.changed(match);
  news.changed({
    ...match,
    stage: 'ended',
    outcome: 'over',
    endedMs: 1500,
    timeline: [{ what: 'ended', atMs: 1500, text: 'p2 said no' }],
  });
  expect(told).toEqual(['match_formed mat_1 0 ', 'match_failed mat_1 0 p2 said no']);
});

it('does not tell again what a former Atlas told', () => {
  const { news, told } = heard();
  const active: Match = { ...match, stage: 'active', placedMs: 2000 };
  news.found([active, { ...match, id: 'mat_0', stage: 'ended' }]);
  news.changed({ ...active, left: ['p1'] });
  news.changed({ ...match, id: 'mat_0', stage: 'ended', ratings: [] });
  expect(told).toEqual([]);
  news.changed({ ...active, stage: 'ended', outcome: 'lost', endedMs: 3000 });
  expect(told).toEqual(['match_ended mat_1 1000 ']);
});
