import { describe, expect, it } from 'vitest';
import { limits } from '../src/core/allocation/allocator.ts';
import { Desk, nothing, request, selector, server } from './allocation-story.ts';

const slots = (count: number, capacity = 3) => ({ counters: { sessions: { count, capacity } } });
const oneSlot = { ...nothing, counters: { sessions: { by: 1, capacity: undefined } } };
const withRoom = selector({ state: 'Allocated', counters: { sessions: { count: {}, available: { min: 1 } } } });

describe('an allocation', () => {
  it('is of a server that matches, and of nobody else’s', () => {
    const desk = new Desk([server('a'), server('b')]);
    expect(desk.ask(request('r1'), request('r2'), request('r3'))).toEqual(['r3 ALLOCATION_NONE_READY', 'r1 on a', 'r2 on b']);
  });
  it('falls back from selector to selector in order', () => {
    const desk = new Desk([server('old', { labels: { version: '1' } }), server('new', { labels: { version: '2' } })]);
    const selectors = [selector({ matchLabels: { version: '2' } }), selector({ matchLabels: { version: '1' } })];
    expect(desk.ask(request('r1', { selectors }))).toEqual(['r1 on new']);
    expect(desk.ask(request('r2', { selectors }))).toEqual(['r2 on old']);
    expect(desk.ask(request('r3', { selectors }))).toEqual(['r3 ALLOCATION_NONE_READY']);
  });
  it('understands expressions as Kubernetes does', () => {
    const desk = new Desk([server('plain'), server('eu', { labels: { site: 'eu' } }), server('us', { labels: { site: 'us' } })]);
    const where = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', ...values: string[]) =>
      selector({ matchExpressions: [{ key: 'site', operator, values }] });
    expect(desk.ask(request('r1', { selectors: [where('In', 'us', 'ap')] }))).toEqual(['r1 on us']);
    expect(desk.ask(request('r2', { selectors: [where('Exists')] }))).toEqual(['r2 on eu']);
    expect(desk.ask(request('r3', { selectors: [where('NotIn', 'eu')] }))).toEqual(['r3 on plain']);
    expect(desk.ask(request('r4', { selectors: [where('DoesNotExist')] }))).toEqual(['r4 ALLOCATION_NONE_READY']);
  });
  it('packs: the node with the most in use first', () => {
    const servers = [server('a1', { node: 'a' }), server('b1', { node: 'b', state: 'Allocated' }), server('b2', { node: 'b' })];
    expect(new Desk(servers).ask(request('r1'))).toEqual(['r1 on b2']);
    expect(new Desk(servers).ask(request('r1', { scheduling: 'Distributed' }))).toEqual(['r1 on a1']);
  });
  it('fills a server with sessions before it takes another', () => {
    const desk = new Desk([server('a', slots(0)), server('b', slots(0))]);
    const joins = request('', { selectors: [withRoom, selector()], change: oneSlot });
    const served = Array.from({ length: 7 }, (_, i) => ({ ...joins, requestId: `r${i}` }));
    expect(desk.ask(...served)).toEqual([
      'r6 ALLOCATION_NONE_READY',
      'r0 on a',
      'r1 on a',
      'r2 on a',
      'r3 on b',
      'r4 on b',
      'r5 on b',
    ]);
  });
  it('orders by what is available', () => {
    const servers = [server('roomy', slots(0, 9)), server('tight', slots(1, 3)), server('full', slots(3, 3))];
    const by = (order: 'Ascending' | 'Descending') =>
      request('r', {
        selectors: [selector({ counters: { sessions: { count: {}, available: { min: 1 } } } })],
        priorities: [{ type: 'Counter', key: 'sessions', order }],
      });
    expect(new Desk(servers).ask(by('Ascending'))).toEqual(['r on tight']);
    expect(new Desk(servers).ask(by('Descending'))).toEqual(['r on roomy']);
  });
  it('finds the server with a player on its list', () => {
    const players = (...values: string[]) => ({ lists: { players: { values, capacity: 4 } } });
    const desk = new Desk([server('a', players('ann')), server('b', players('bob'))]);
    const withBob = selector({ lists: { players: { contains: 'bob', available: {} } } });
    expect(desk.ask(request('r', { selectors: [withBob] }))).toEqual(['r on b']);
  });
  it('comes again as the same when it is asked again', () => {
    const desk = new Desk([server('a'), server('b')]);
    expect(desk.ask(request('r1'))).toEqual(['r1 on a']);
    expect(desk.ask(request('r1'))).toEqual(['r1 on a']);
    expect(desk.allocator.server('b')?.state).toBe('Ready');
  });
  it('that stands is the same one however many others have ended since', () => {
    const desk = new Desk();
    const others = Array.from({ length: limits.remembered + 1 }, (_, i) => `other${i}`);
    const stands = { requestId: 'r1', server: 'a', fleet: 'arena', leaseUntilMs: Number.POSITIVE_INFINITY, change: nothing };
    desk.allocator.restore([stands], others, 0);
    desk.allocator.heard(server('b'), 0);
    expect(desk.ask(request('r1'))).toEqual(['r1 on a']);
  });
  it('that has ended is not answered again with a server that may be another’s by now', () => {
    const desk = new Desk([server('a')]);
    desk.ask(request('r1', { leaseMs: 5000 }));
    desk.at(5000);
    desk.allocator.heard(server('a'), 5000);
    expect(desk.ask(request('r1'))).toEqual(['r1 ALLOCATION_ENDED']);
    expect(desk.ask(request('r2'))).toEqual(['r2 on a']);
  });
  it('that could not be written has not happened', () => {
    const desk = new Desk([server('a', slots(0))]);
    const joins = (requestId: string) => request(requestId, { selectors: [withRoom, selector()], change: oneSlot });
    for (const id of ['r1', 'r2']) desk.allocator.allocate(joins(id), 0);
    desk.allocator.written('r1', false, 0);
    expect(desk.allocator.server('a')?.counters.sessions).toEqual({ count: 1, capacity: 3 });
    desk.allocator.written('r2', true, 0);
    expect(desk.answers.map(({ answer }) => answer.ok)).toEqual([false, true]);
    expect(desk.allocator.server('a')).toMatchObject({ state: 'Allocated', counters: { sessions: { count: 1, capacity: 3 } } });
  });
  it('is not undone by a server’s late word that it is ready', () => {
    const desk = new Desk([server('a')]);
    expect(desk.ask(request('r1'))).toEqual(['r1 on a']);
    desk.allocator.heard(server('a'), 1);
    expect(desk.ask(request('r2'))).toEqual(['r2 ALLOCATION_NONE_READY']);
    desk.allocator.release('r1');
    desk.allocator.heard(server('a'), 2);
    expect(desk.ask(request('r3'))).toEqual(['r3 on a']);
  });
  it('of a server that dies while it is written is refused', () => {
    const desk = new Desk([server('a')]);
    desk.allocator.allocate(request('r1'), 0);
    desk.allocator.gone('a');
    expect(desk.settle()).toEqual(['r1 ALLOCATION_NONE_READY']);
  });
  it('of more than 64 labels is refused', () => {
    const desk = new Desk([server('a')]);
    const codes = Array.from({ length: 65 }, (_, i) =>
      desk.ask(request(`r${i}`, { selectors: [selector({ matchLabels: { [`label${i}`]: 'x' } })] })),
    );
    expect(codes[63]).toEqual(['r63 ALLOCATION_NONE_READY']);
    expect(codes[64]).toEqual(['r64 REQUEST_INVALID']);
  });
});

describe('who waits for a server', () => {
  it('gets the next one that is ready, in order', () => {
    const desk = new Desk();
    desk.ask(request('r1', { waitMs: 1000 }), request('r2', { waitMs: 1000 }));
    desk.allocator.heard(server('a'), 10);
    expect(desk.settle()).toEqual(['r1 on a']);
    desk.allocator.heard(server('b'), 20);
    expect(desk.settle()).toEqual(['r2 on b']);
  });
  it('is served by priority', () => {
    const desk = new Desk();
    desk.ask(request('r1', { waitMs: 1000 }), request('vip', { waitMs: 1000, priority: 5 }));
    desk.allocator.heard(server('a'), 10);
    expect(desk.settle()).toEqual(['vip on a']);
  });
  it('does not hold up those who want another server', () => {
    const desk = new Desk();
    const site = (name: string) => ({ selectors: [selector({ matchLabels: { site: name } })], waitMs: 1000 });
    desk.ask(request('r1', site('eu')), request('r2', site('us')));
    desk.allocator.heard(server('a', { labels: { site: 'us' } }), 10);
    expect(desk.settle()).toEqual(['r2 on a']);
  });
  it('is refused when the time is over', () => {
    const desk = new Desk();
    desk.ask(request('r1', { waitMs: 1000 }));
    expect(desk.at(999)).toEqual([]);
    expect(desk.at(1000)).toEqual(['r1 ALLOCATION_NONE_READY']);
  });
  it('can take it back, once', () => {
    const desk = new Desk();
    desk.ask(request('r1', { waitMs: 1000 }));
    expect(desk.allocator.cancel('r1')).toBe(true);
    expect(desk.allocator.cancel('r1')).toBe(false);
    desk.allocator.heard(server('a'), 10);
    expect(desk.settle()).toEqual(['r1 ALLOCATION_CANCELLED']);
    expect(desk.allocator.server('a')?.state).toBe('Ready');
  });
});

describe('a lease', () => {
  it('ends when nobody comes', () => {
    const desk = new Desk([server('a')]);
    desk.ask(request('r1', { leaseMs: 5000 }));
    desk.at(4999);
    expect(desk.expired).toEqual([]);
    desk.at(5000);
    expect(desk.expired).toEqual(['r1 a']);
  });
  it('is fulfilled by activation', () => {
    const desk = new Desk([server('a')]);
    desk.ask(request('r1', { leaseMs: 5000 }));
    expect(desk.allocator.activate('r1')).toBe(true);
    desk.at(5000);
    expect(desk.expired).toEqual([]);
  });
  it('goes on after a restart', () => {
    const desk = new Desk();
    desk.allocator.restore([{ requestId: 'r1', server: 'a', fleet: 'arena', leaseUntilMs: 5000, change: nothing }], [], 0);
    desk.allocator.heard(server('a'), 0);
    expect(desk.ask(request('r2'))).toEqual(['r2 ALLOCATION_NONE_READY']);
    desk.at(5000);
    expect(desk.expired).toEqual(['r1 a']);
  });
});
