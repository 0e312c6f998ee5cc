/** What every Bus adapter promises: see ports/src/bus.ts. */

import type { Bus } from '@horizon-atlas/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Inbox, within } from './await.ts';

export interface BusRig {
  readonly bus: Bus;
  /** How often the adapter reported that a subscriber threw. */
  readonly failures: () => number;
  dispose(): Promise<void>;
}

export interface BusSubject {
  readonly name: string;
  make(): BusRig | Promise<BusRig>;
}

interface Heard {
  readonly subject: string;
  readonly text: string;
}

export function busContract(subject: BusSubject): void {
  describe(`Bus contract: ${subject.name}`, () => {
    let rig: BusRig;
    beforeEach(async () => {
      rig = await subject.make();
    });
    afterEach(() => rig.dispose());

    publishTests(() => rig);
    subscriberTests(() => rig);
    patternTests(() => rig);
    requestTests(() => rig);
  });
}

function publishTests(rig: () => BusRig): void {
  it('delivers in the order of publishing, once, to every subscriber', async () => {
    const { bus } = rig();
    const one = listen(bus, 'fleet.changed');
    const two = listen(bus, 'fleet.changed');
    const texts = Array.from({ length: 200 }, (_, i) => `n${i}`);
    for (const text of texts) bus.publish('fleet.changed', bytes(text));
    await settle(bus);
    expect(one.items.map((h) => h.text)).toEqual(texts);
    expect(two.items.map((h) => h.text)).toEqual(texts);
  });

  it('delivers on a later turn, never while publish is on the stack', async () => {
    const { bus } = rig();
    const during = new Inbox<boolean>();
    let publishing = true;
    bus.subscribe('a', () => during.add(publishing));
    bus.publish('a', bytes(''));
    await Promise.resolve();
    publishing = false;
    expect(await during.atLeast(1, 'the notice')).toEqual([false]);
  });

  it('copies the bytes: on their way in, and for each subscriber', async () => {
    const { bus } = rig();
    const scribbler = new Inbox<string>();
    bus.subscribe('a', (payload) => {
      scribbler.add(text(payload));
      payload.fill(0);
    });
    const reader = listen(bus, 'a');
    const payload = bytes('kept');
    bus.publish('a', payload);
    payload.fill(0);
    expect((await reader.atLeast(1, 'the notice')).map((h) => h.text)).toEqual(['kept']);
    expect(scribbler.items).toEqual(['kept']);
  });
}

function subscriberTests(rig: () => BusRig): void {
  it('is heard by the subscribers of now, not by later ones, nor by those who left', async () => {
    const { bus } = rig();
    const left = new Inbox<string>();
    const leave = bus.subscribe('a', (payload) => left.add(text(payload)));
    bus.publish('a', bytes('before'));
    leave();
    leave();
    const late = listen(bus, 'a');
    bus.publish('a', bytes('after'));
    await settle(bus);
    expect(left.items).toEqual([]);
    expect(late.items.map((h) => h.text)).toEqual(['after']);
  });

  it('goes on when a subscriber throws, and reports it', async () => {
    const { bus } = rig();
    bus.subscribe('a', () => {
      throw new Error('a subscriber with a bug');
    });
    const other = listen(bus, 'a');
    bus.publish('a', bytes('1'));
    bus.publish('a', bytes('2'));
    expect((await other.atLeast(2, 'both notices')).map((h) => h.text)).toEqual(['1', '2']);
    await settle(bus);
    expect(rig().failures()).toBe(2);
  });

  it('lets subscribers publish, in order', async () => {
    const { bus } = rig();
    bus.subscribe('in', (payload) => {
      bus.publish('out', payload);
    });
    const out = listen(bus, 'out');
    for (let i = 0; i < 10; i++) bus.publish('in', bytes(String(i)));
    const heard = await out.atLeast(10, 'the echoes');
    expect(heard.map((h) => h.text)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });
}

function patternTests(rig: () => BusRig): void {
  const cases: readonly [pattern: string, matches: readonly string[]][] = [
    ['region', ['region']],
    ['region.a', ['region.a']],
    ['region.>', ['region.a', 'region.b', 'region.a.frozen']],
    ['region.a.>', ['region.a.frozen']],
  ];
  const subjects = ['region', 'region.a', 'regions.a', 'region.b', 'region.a.frozen', 'other'];

  for (const [pattern, matches] of cases) {
    it(`matches ${pattern} with ${matches.join(', ')}`, async () => {
      const { bus } = rig();
      const heard = listen(bus, pattern);
      for (const subject of subjects) bus.publish(subject, bytes(subject));
      await settle(bus);
      expect(heard.items).toEqual(matches.map((subject) => ({ subject, text: subject })));
    });
  }
}

function requestTests(rig: () => BusRig): void {
  it('answers with what a subscriber returns', async () => {
    const { bus } = rig();
    bus.subscribe('add.>', (payload, subject) => bytes(`${subject}:${text(payload)}`));
    const answer = await within(bus.request('add.one', bytes('41'), 5_000), 'the answer');
    expect(answer && text(answer)).toBe('add.one:41');
  });

  it('takes the first answer, passing over subscribers that return nothing or throw', async () => {
    const { bus } = rig();
    bus.subscribe('ask', () => undefined);
    bus.subscribe('ask', () => {
      throw new Error('a subscriber with a bug');
    });
    bus.subscribe('ask', () => bytes('first'));
    bus.subscribe('ask', () => bytes('second'));
    const answer = await within(bus.request('ask', bytes(''), 5_000), 'the answer');
    expect(answer && text(answer)).toBe('first');
  });

  it('answers undefined after the time-out where nobody subscribes, or nobody answers', async () => {
    const { bus } = rig();
    expect(await within(bus.request('nobody', bytes(''), 20), 'the time-out')).toBeUndefined();
    const mute = listen(bus, 'mute');
    expect(await within(bus.request('mute', bytes('?'), 20), 'the time-out')).toBeUndefined();
    expect(mute.items.map((h) => h.text)).toEqual(['?']);
  });

  it('copies the answer', async () => {
    const { bus } = rig();
    const own = bytes('mine');
    bus.subscribe('ask', () => own);
    const one = await within(bus.request('ask', bytes(''), 5_000), 'the answer');
    one?.fill(0);
    const two = await within(bus.request('ask', bytes(''), 5_000), 'the answer');
    expect(two && text(two)).toBe('mine');
  });
}

function listen(bus: Bus, pattern: string): Inbox<Heard> {
  const inbox = new Inbox<Heard>();
  bus.subscribe(pattern, (payload, subject) => inbox.add({ subject, text: text(payload) }));
  return inbox;
}

/** Notices published before are delivered before, as far as order is promised: per subject, and one round trip later. */
async function settle(bus: Bus): Promise<void> {
  const stop = bus.subscribe('contract.settle', (payload) => payload);
  for (let i = 0; i < 3; i++) await within(bus.request('contract.settle', bytes(''), 5_000), 'a round trip');
  stop();
}

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}
