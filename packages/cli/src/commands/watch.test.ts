import type { Event } from '@horizon-atlas/sdk-admin';
import { describe, expect, it } from 'vitest';
import { noPaint } from '../paint.ts';
import { eventLine, matches } from './watch.ts';

const event: Event = {
  id: 7,
  atMs: new Date(2026, 0, 5, 9, 3, 7).getTime(),
  type: 'region.active',
  tone: 'good',
  text: 'Solar System Beta is\u001b[2J awake',
  region: 'beta',
  server: '',
  player: '',
  fields: {},
};

describe('an event as a line', () => {
  const check = (width: number, line: string) => expect(eventLine(event, { width, paint: noPaint })).toBe(line);
  it('into a pipe', () => check(Number.POSITIVE_INFINITY, '09:03:07  region.active         Solar System Beta is\ufffd[2J awake'));
  it('where there is little room', () => check(38, '09:03:07  Solar System Beta is\ufffd[2J aw…'));
});

describe('what is wanted', () => {
  const check = (filter: Parameters<typeof matches>[1], wanted: boolean) => expect(matches(event, filter)).toBe(wanted);
  it('everything', () => check({}, true));
  it('a beginning of the type', () => check({ type: 'region.' }, true));
  it('no other type', () => check({ type: 'regions' }, false));
  it('no other tone, region or player', () => {
    check({ tone: 'bad' }, false);
    check({ region: 'alpha' }, false);
    check({ region: 'beta', player: 'ann' }, false);
  });
});
