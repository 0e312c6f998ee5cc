import { describe, expect, it } from 'vitest';
import { explainSlot } from '../src/core/explain.ts';
import { explain } from '../src/index.ts';
import { queueOf, skills, ticket, type Wish } from './story.ts';

const rules = [
  { name: 'close', type: 'distance', measurements: [skills], referenceValue: `avg(${skills})`, maxDistance: 10 },
  { name: 'fast', type: 'latency', maxLatency: 80 },
];
const expansions = [{ target: 'rules[close].maxDistance', steps: [{ waitTimeSeconds: 15, value: 50 }] }];

/** What is said of ticket `x` after a second. */
function check(others: readonly Wish[], text: string): void {
  const queue = queueOf({ rules, expansions });
  for (const wish of [{ id: 'x', attributes: { skill: 100 }, latencyMs: { eu: 20 } }, ...others]) queue.add(ticket(wish));
  queue.form(0);
  expect(explain(queue, 'x', 1000)?.text).toBe(text);
}

describe('why a ticket waits', () => {
  it('nobody is there', () => check([], 'Nobody else waits in this queue; 1 more player is needed. Its rules loosen in 14.0 s.'));
  it('others are too far', () =>
    check(
      [{ id: 'y', attributes: { skill: 150 }, latencyMs: { eu: 20 } }],
      '1 more player is needed, and 0 could play with it. Most others: skill more than 20 apart. Its rules loosen in 14.0 s.',
    ));
  it('others live elsewhere', () =>
    check(
      [{ id: 'y', attributes: { skill: 100 }, latencyMs: { us: 20 } }],
      '1 more player is needed, and 0 could play with it. Most others: no place within 80 ms of both. Its rules loosen in 14.0 s.',
    ));
  it('counts those without whom no match begins, not all that there is room for', () => {
    const queue = queueOf({ teams: [{ name: 'all', minPlayers: 4, maxPlayers: 200 }] });
    for (const id of ['x', 'y', 'z']) queue.add(ticket({ id }));
    queue.form(0);
    expect(explain(queue, 'x', 1000)?.text).toBe('3 more players are needed, and 2 could play with it.');
  });
  it('a match function chooses, and has not chosen it', () => {
    const queue = queueOf();
    for (const id of ['x', 'y']) queue.add(ticket({ id }));
    const slot = queue.slotOf('x') ?? -1;
    expect(explainSlot(queue.engine, slot, 1000, true).text).toBe(
      "1 player could play with it and 1 is needed, but the queue's match function has proposed no match of them.",
    );
  });
  it('a ticket that does not wait has no explanation', () => expect(explain(queueOf(), 'nobody', 0)).toBeUndefined());
});
