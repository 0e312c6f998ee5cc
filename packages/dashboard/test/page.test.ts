import type { Event, LogLine, Player } from '@horizon-atlas/sdk-admin';
import { describe, expect, it } from 'vitest';
import {
  bytes,
  clipped,
  coordinate,
  duration,
  ms,
  percent,
  plural,
  rate,
  short,
  shown,
  span,
  unknown,
  whole,
} from '../page/format.ts';
import { environmentOf } from '../page/parts/environment.ts';
import { said } from '../page/parts/log-line.ts';
import { href, parseRoute } from '../page/route.ts';
import { eventMatches } from '../page/store/event-filter.ts';
import { EventRing } from '../page/store/event-ring.ts';
import { FigureRing } from '../page/store/figure-ring.ts';
import { matchPlayers, sortPlayers } from '../page/store/player-search.ts';
import { RegionPast } from '../page/store/region-past.ts';
import { hostileNames } from './fixture/movers.ts';
import { SyntheticWorld } from './fixture/world.ts';

const event = (id: number, part: Partial<Event> = {}): Event => ({
  id,
  atMs: id * 10,
  type: 'player.joined',
  tone: 'plain',
  text: `event ${id}`,
  region: '',
  server: '',
  player: '',
  fields: {},
  ...part,
});

describe('figures', () => {
  it('are said as people read them, and what is not known is no zero', () => {
    expect([ms(0.31), ms(4.26), ms(62.4), ms(1530), ms(0)]).toEqual(['0.31 ms', '4.3 ms', '62 ms', '1.5 s', '0 ms']);
    expect([bytes(512), bytes(83_200_000), bytes(1_500_000_000)]).toEqual(['512 B', '83.2 MB', '1.5 GB']);
    expect([rate(0.25), rate(12.4), rate(0), short(12_345)]).toEqual(['0.3', '12', '0', '12.3K']);
    expect([percent(0.336), whole(12_345), plural(1, 'player'), plural(2, 'player')]).toEqual([
      '34 %',
      '12,345',
      '1 player',
      '2 players',
    ]);
    expect([duration(59_000), duration(61_000), duration(3_700_000), duration(90_000_000)]).toEqual([
      '59 s',
      '1 min 1 s',
      '1 h 1 min',
      '1 d 1 h',
    ]);
    expect([ms(null), bytes(undefined), rate(Number.NaN), percent(null), duration(null)]).toEqual(Array(5).fill(unknown));
    expect([coordinate(12.34), coordinate(-1234.5)]).toEqual(['12.3', '-1235']);
  });
});

it('a span that somebody configured is said to the millisecond, and without parts that are zero', () => {
  expect([span(1500), span(20_000), span(600_000), span(90_000), span(7_200_000)]).toEqual([
    '1.5 s',
    '20 s',
    '10 min',
    '1 min 30 s',
    '2 h',
  ]);
});

it('lines of an environment are names and values, and nothing else', () => {
  expect(environmentOf('MAP=harbour\n\n MODE = a=b')).toEqual({ MAP: 'harbour', MODE: ' a=b' });
  expect(environmentOf('')).toEqual({});
  for (const wrong of ['MAP', '=x', '1A=x', 'A B=x']) expect(environmentOf(wrong)).toBeUndefined();
});

describe('a name that a stranger chose', () => {
  it('has nothing in it that is not seen, and is never empty', () => {
    for (const name of hostileNames) {
      expect(shown(name)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(shown(name).length).toBeGreaterThan(0);
    }
    expect(shown('\u202Eabc\u202C')).toBe('abc');
    expect(shown(' \u200b ', 'p-1')).toBe('p-1');
  });

  it('is cut by characters, not in the middle of one', () => {
    expect(clipped('🚀🚀🚀🚀', 3)).toBe('🚀🚀…');
    expect(clipped('abc', 3)).toBe('abc');
  });
});

describe('an address', () => {
  it('says which view, of what, with which filters, and comes back from being written', () => {
    const route = parseRoute(href('players', 'a/b ?#ü', { q: 'x y', region: '' }));
    expect([route.page, route.id, route.query.get('q'), route.query.has('region')]).toEqual(['players', 'a/b ?#ü', 'x y', false]);
    expect(parseRoute('').page).toBe('home');
    expect(parseRoute('#/nothing').page).toBe('nowhere');
    expect(parseRoute('#/players/%E0%A4%A').id).toBe('%E0%A4%A');
  });
});

describe('the event log of the page', () => {
  it('has each event once, however a resumed stream repeats them, and the newest only', () => {
    const ring = new EventRing(100);
    for (let id = 1; id <= 350; id++) expect(ring.push(event(id))).toBe(true);
    for (let id = 300; id <= 350; id++) expect(ring.push(event(id))).toBe(false);
    expect(ring.size).toBe(100);
    expect(ring.newest().map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, i) => 350 - i));
    expect(ring.since(3480).map(({ id }) => id)).toEqual([348, 349, 350]);
  });

  it('takes what was missed into its place', () => {
    const ring = new EventRing(100);
    for (const id of [1, 2, 6, 7]) ring.push(event(id));
    ring.merge([event(3), event(4), event(5), event(6)]);
    expect(ring.newest().map(({ id }) => id)).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it('is filtered by the beginning of a type up to a dot, by tone, region and words', () => {
    const all = { type: '', tone: '', region: '', text: '' };
    const crash = event(1, { type: 'server.failed', tone: 'bad', region: 'hub', server: 'hub-1', text: 'it ended' });
    expect(eventMatches(crash, all)).toBe(true);
    expect(eventMatches(crash, { ...all, type: 'server' })).toBe(true);
    expect(eventMatches(crash, { ...all, type: 'serv' })).toBe(false);
    expect(eventMatches(crash, { ...all, tone: 'good' })).toBe(false);
    expect(eventMatches(crash, { ...all, region: 'hub', text: 'HUB-1' })).toBe(true);
    expect(eventMatches(crash, { ...all, text: 'elsewhere' })).toBe(false);
  });
});

it('regions of a past moment are those seen last before it', () => {
  const past = new RegionPast();
  const lists = [1000, 2000, 3000].map((atMs) => ({ atMs, regions: [] }));
  for (const { atMs, regions } of lists) past.push(regions, atMs);
  expect(past.at(999)).toBeUndefined();
  expect(past.at(2500)).toBe(lists[1]?.regions);
  expect(past.at(9999)).toBe(lists[2]?.regions);
});

it('figures of a process are kept for so long and no longer', () => {
  const ring = new FigureRing(3);
  for (let i = 0; i < 5; i++) ring.push('a', { atMs: i, cpu: null, memoryBytes: null, players: i, workMs: null });
  expect(ring.of('a').map(({ atMs }) => atMs)).toEqual([2, 3, 4]);
  for (let i = 0; i < 2000; i++) ring.push(`p${i}`, { atMs: 1, cpu: null, memoryBytes: null, players: 0, workMs: null });
  expect(ring.of('a')).toEqual([]);
});

describe('players', () => {
  const list: readonly Player[] = new SyntheticWorld({ players: 40, pastMs: 10_000, hostile: true }).players();

  it('are found by a part of their name or id, whatever its case', () => {
    const filter = { text: '  DROP table ', region: '', state: '' };
    expect(matchPlayers(list, filter).map(({ id }) => id)).toEqual(['p-0009']);
    expect(matchPlayers(list, { ...filter, text: 'P-0012' })).toHaveLength(1);
    expect(matchPlayers(list, { ...filter, text: '' }, 5)).toHaveLength(5);
    expect(matchPlayers(list, { ...filter, text: '', state: 'gone' })).toEqual([]);
    for (const player of matchPlayers(list, { ...filter, text: '', region: 'hub' })) expect(player.region).toBe('hub');
  });

  it('are put in order without touching the list', () => {
    const pings = sortPlayers(list, 'ping').map((player) => player.pingMs ?? -1);
    expect(pings).toEqual([...pings].sort((a, b) => b - a));
    expect(sortPlayers(list, 'joined')).toBe(list);
  });
});

describe('a printed line', () => {
  const line = (text: string, stream: LogLine['stream'] = 'stdout') => said({ atMs: null, stream, text });

  it('loses colours of terminals and whatever else would steer one', () => {
    expect(line('\u001b[32mtick\u001b[0m 7\u0007').text).toBe('tick 7');
    expect(line('\u001b]8;;http://evil\u0007link\u001b]8;;\u0007').text).toBe('link');
  });

  it('of pino is a sentence with its fields, in its tone and time', () => {
    expect(line('{"level":50,"time":12,"pid":1,"hostname":"h","msg":"no route","to":"hub"}')).toEqual({
      atMs: 12,
      text: 'no route  to=hub',
      tone: 'bad',
    });
    expect(line('{"not pino"').text).toBe('{"not pino"');
    expect(line('oh', 'stderr').tone).toBe('warn');
  });
});
