import { describe, expect, it } from 'vitest';
import { EventLog } from './event-log.ts';

const happening = (text: string) => ({
  atMs: 1,
  type: 'region.active',
  tone: 'good' as const,
  text,
  region: 'a',
  server: '',
  player: '',
  fields: {},
});
const texts = (log: EventLog, after: number) => log.since(after).events.map(({ text }) => text);

describe('the event log', () => {
  it('numbers on from where it is told, and hands each out as it happens', () => {
    const log = new EventLog(100);
    const heard: number[] = [];
    const cancel = log.onEvent(({ id }) => heard.push(id));
    log.add(happening('one'));
    log.add(happening('two'));
    cancel();
    log.add(happening('three'));
    expect(heard).toEqual([100, 101]);
    expect(log.lastId).toBe(102);
  });

  it('gives what came after a number', () => {
    const log = new EventLog(1);
    for (const text of ['one', 'two', 'three']) log.add(happening(text));
    expect(texts(log, 0)).toEqual(['one', 'two', 'three']);
    expect(texts(log, 2)).toEqual(['three']);
    expect(log.since(3)).toEqual({ events: [], tooOld: false });
  });

  it('forgets the oldest, and says so to who has missed some', () => {
    const log = new EventLog(1, 3);
    for (const text of ['one', 'two', 'three', 'four', 'five']) log.add(happening(text));
    expect(texts(log, 2)).toEqual(['three', 'four', 'five']);
    expect(log.since(2).tooOld).toBe(false);
    expect(texts(log, 1)).toEqual(['three', 'four', 'five']);
    expect(log.since(1).tooOld).toBe(true);
  });

  it('says to who comes with a number of an earlier log, or of none at all, that it cannot go on from there', () => {
    const log = new EventLog(1000);
    log.add(happening('after the restart'));
    expect(log.since(998)).toMatchObject({ tooOld: true, events: [{ id: 1000 }] });
    expect(log.since(5000)).toMatchObject({ tooOld: true, events: [{ id: 1000 }] });
    expect(log.since(0)).toMatchObject({ tooOld: false, events: [{ id: 1000 }] });
  });
});
