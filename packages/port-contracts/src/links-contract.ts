/** What every Links adapter promises: see ports/src/links.ts. */

import type { Link, LinkAddress, LinkCloseReason, LinkListener, Links } from '@horizon-atlas/ports';
import { linkLimits } from '@horizon-atlas/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Inbox, turns, within } from './await.ts';

export interface LinksRig {
  readonly links: Links;
  /** An address that nobody listens at, another one at each call. */
  address(): LinkAddress;
  /** Called once after each test, whatever became of its links. */
  dispose(): Promise<void>;
}

export interface LinksSubject {
  readonly name: string;
  make(): LinksRig | Promise<LinksRig>;
}

const MIB = 1024 * 1024;
const bye: LinkCloseReason = { code: 'SESSION_ENDED', message: 'that was all' };

export function linksContract(subject: LinksSubject): void {
  describe(`Links contract: ${subject.name}`, () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = new Bench(await subject.make());
    });
    afterEach(() => bench.dispose());

    framesTests(() => bench);
    deliveryTests(() => bench);
    pressureTests(() => bench);
    closeTests(() => bench);
    lateTests(() => bench);
    addressTests(() => bench);
  });
}

function framesTests(bench: () => Bench): void {
  it('carries frames both ways, each whole and in order', async () => {
    const { dialed, accepted } = await bench().pair();
    const sizes = [1, 0, 5, 70_000, 3, 0, 1_000_000, 2];
    const there = receive(accepted);
    const back = receive(dialed);
    for (const [i, size] of sizes.entries()) {
      dialed.send(filled(size, i));
      accepted.send(filled(size, 100 + i));
    }
    const wanted = (shift: number) => sizes.map((size, i) => summary(filled(size, shift + i)));
    expect((await there.atLeast(sizes.length, 'frames at the listener')).map(summary)).toEqual(wanted(0));
    expect((await back.atLeast(sizes.length, 'frames at the dialer')).map(summary)).toEqual(wanted(100));
  });

  it('loses, doubles and reorders nothing when it is flushed by hand', async () => {
    const { dialed, accepted } = await bench().pair();
    const there = receive(accepted);
    const scratch = new Uint8Array(2);
    dialed.flush();
    for (let i = 0; i < 30; i++) {
      scratch.fill(i);
      dialed.send(scratch);
      if (i % 3 === 0) dialed.flush();
      if (i % 10 === 9) await bench().settle();
    }
    dialed.flush();
    expect((await there.atLeast(30, 'the frames')).map((frame) => frame[1])).toEqual(Array.from({ length: 30 }, (_, i) => i));
    await bench().settle();
    expect(there.items).toHaveLength(30);
    dialed.close(bye);
    dialed.flush();
  });

  it('copies the bytes before send returns', async () => {
    const { dialed, accepted } = await bench().pair();
    const there = receive(accepted);
    const scratch = filled(64, 7);
    dialed.send(scratch);
    scratch.fill(0);
    dialed.send(scratch);
    const frames = await there.atLeast(2, 'both frames');
    expect(frames.map(summary)).toEqual([summary(filled(64, 7)), summary(new Uint8Array(64))]);
  });

  it("gives the receiver bytes of its own: scribbling over them does not reach the sender's", async () => {
    const { dialed, accepted } = await bench().pair();
    const seen = new Inbox<number>();
    accepted.onFrame((frame) => {
      seen.add(frame[0] ?? -1);
      frame.fill(0xff);
    });
    const bytes = filled(8, 9);
    dialed.send(bytes);
    dialed.send(bytes);
    expect(await seen.atLeast(2, 'both frames')).toEqual([9, 9]);
    expect(bytes).toEqual(filled(8, 9));
  });

  it('never delivers while send is still on the stack', async () => {
    const { dialed, accepted } = await bench().pair();
    let sending = false;
    const during = new Inbox<boolean>();
    accepted.onFrame(() => during.add(sending));
    sending = true;
    dialed.send(filled(1, 1));
    sending = false;
    expect(await during.atLeast(1, 'the frame')).toEqual([false]);
  });
}

function deliveryTests(bench: () => Bench): void {
  it('answers from within a handler', async () => {
    const { dialed, accepted } = await bench().pair();
    accepted.onFrame((frame) => accepted.send(frame));
    const echoes = receive(dialed);
    for (let i = 0; i < 100; i++) dialed.send(filled(10, i));
    const frames = await echoes.atLeast(100, '100 echoes');
    expect(frames.map((f) => f[0])).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('keeps frames until a handler is set', async () => {
    const { dialed, accepted } = await bench().pair();
    for (let i = 0; i < 5; i++) dialed.send(filled(10, i));
    await bench().settle();
    const there = receive(accepted);
    expect((await there.atLeast(5, 'the frames that waited')).map((f) => f[0])).toEqual([0, 1, 2, 3, 4]);
  });

  it('carries a frame of 8 MiB, and refuses a larger one as the bug that it is', async () => {
    const { dialed, accepted } = await bench().pair();
    const there = receive(accepted);
    const largest = filled(linkLimits.frameBytes, 5);
    dialed.send(largest);
    expect(() => dialed.send(new Uint8Array(linkLimits.frameBytes + 1))).toThrow(/8 MiB|frame/);
    dialed.send(filled(3, 6));
    expect((await there.atLeast(2, 'the largest frame')).map(summary)).toEqual([summary(largest), summary(filled(3, 6))]);
  });

  it('keeps links apart', async () => {
    const one = await bench().pair();
    const two = await bench().pair();
    const atOne = receive(one.accepted);
    const atTwo = receive(two.accepted);
    for (let i = 0; i < 20; i++) {
      one.dialed.send(filled(4, 1));
      two.dialed.send(filled(4, 2));
    }
    expect(new Set((await atOne.atLeast(20, 'frames of one')).map((f) => f[0]))).toEqual(new Set([1]));
    expect(new Set((await atTwo.atLeast(20, 'frames of two')).map((f) => f[0]))).toEqual(new Set([2]));
  });
}

function pressureTests(bench: () => Bench): void {
  it('is writable and empty at first', async () => {
    const { dialed, accepted } = await bench().pair();
    expect([dialed.writable, accepted.writable]).toEqual([true, true]);
    expect(dialed.queuedBytes).toBe(0);
  });

  it('says at once that more than 4 MiB are queued, and when it may go on', async () => {
    const { dialed, accepted } = await bench().pair();
    const there = receive(accepted);
    const again = new Inbox<boolean>();
    dialed.onWritable(() => again.add(dialed.writable));
    for (let i = 0; i < 6; i++) dialed.send(filled(MIB, i));
    expect(dialed.writable).toBe(false);
    expect(dialed.queuedBytes).toBeGreaterThan(linkLimits.queueBytesSoft);
    expect(await again.atLeast(1, 'writable again')).toEqual([true]);
    expect((await there.atLeast(6, 'all frames')).map((f) => f[0])).toEqual([0, 1, 2, 3, 4, 5]);
    await bench().settle();
    expect(dialed.queuedBytes).toBe(0);
  });

  it('stops being writable while the other side takes nothing, and loses none of it', async () => {
    const { dialed, accepted } = await bench().pair();
    let sent = 0;
    while (dialed.writable && sent < 512) {
      dialed.send(filled(MIB / 4, sent++ % 256));
      await turns();
    }
    expect(dialed.writable).toBe(false);
    const again = new Inbox<boolean>();
    dialed.onWritable(() => again.add(dialed.writable));
    const order: number[] = [];
    const counted = new Inbox<number>();
    accepted.onFrame((frame) => {
      order.push(frame[0] ?? -1);
      counted.add(frame.length);
    });
    await again.atLeast(1, 'writable again');
    await counted.atLeast(sent, 'everything that was sent');
    expect(order).toEqual(Array.from({ length: sent }, (_, i) => i % 256));
    expect(again.items.every((writable) => writable)).toBe(true);
  });
}

function closeTests(bench: () => Bench): void {
  for (const closer of ['dialed', 'accepted'] as const) {
    it(`tells both sides the reason, once, when the ${closer} side closes`, async () => {
      const pair = await bench().pair();
      const mine = closings(pair.dialed);
      const theirs = closings(pair.accepted);
      pair[closer].close(bye);
      expect(await mine.atLeast(1, 'close at the dialer')).toEqual([bye]);
      expect(await theirs.atLeast(1, 'close at the listener')).toEqual([bye]);
      pair[closer].close({ code: 'INTERNAL', message: 'again' });
      await bench().settle();
      expect([mine.items, theirs.items]).toEqual([[bye], [bye]]);
    });
  }

  it('sends what is queued before it closes, also much of it', async () => {
    const { dialed, accepted } = await bench().pair();
    const story: string[] = [];
    const ended = closings(accepted);
    accepted.onFrame((frame) => story.push(`frame ${frame[0]}`));
    for (let i = 0; i < 6; i++) dialed.send(filled(MIB, i));
    dialed.close(bye);
    dialed.send(filled(1, 99));
    expect(await ended.atLeast(1, 'the close')).toEqual([bye]);
    expect(story).toEqual([0, 1, 2, 3, 4, 5].map((i) => `frame ${i}`));
  });

  it('delivers frames that waited for a handler even when the other side has closed since', async () => {
    const { dialed, accepted } = await bench().pair();
    dialed.send(filled(2, 1));
    dialed.send(filled(2, 2));
    dialed.close(bye);
    await bench().settle();
    const there = receive(accepted);
    const ended = closings(accepted);
    expect((await there.atLeast(2, 'the frames that waited')).map((f) => f[0])).toEqual([1, 2]);
    expect(await ended.atLeast(1, 'the close')).toEqual([bye]);
  });
}

function lateTests(bench: () => Bench): void {
  it('tells a handler that is set after the end', async () => {
    const { dialed, accepted } = await bench().pair();
    accepted.onFrame(() => undefined);
    const mine = closings(dialed);
    dialed.close(bye);
    await mine.atLeast(1, 'close at the dialer');
    await bench().settle();
    expect(await closings(accepted).atLeast(1, 'close at the late handler')).toEqual([bye]);
  });

  it('ends once on each side when both close at the same time', async () => {
    const { dialed, accepted } = await bench().pair();
    const mine = closings(dialed);
    const theirs = closings(accepted);
    dialed.close(bye);
    accepted.close(bye);
    await mine.atLeast(1, 'close at the dialer');
    await theirs.atLeast(1, 'close at the listener');
    await bench().settle();
    expect([mine.items.length, theirs.items.length]).toEqual([1, 1]);
  });

  it('takes no notice of frames after the end', async () => {
    const { dialed, accepted } = await bench().pair();
    const mine = closings(dialed);
    const there = receive(accepted);
    dialed.close(bye);
    dialed.send(filled(1, 1));
    await mine.atLeast(1, 'the close');
    dialed.send(filled(1, 2));
    await bench().settle();
    expect(there.items).toEqual([]);
    expect(dialed.queuedBytes).toBe(0);
  });
}

function addressTests(bench: () => Bench): void {
  it('refuses to dial where nobody listens', async () => {
    await expect(bench().rig.links.dial(bench().rig.address())).rejects.toMatchObject({ code: 'LINK_REFUSED' });
  });

  it('refuses to listen where another does', async () => {
    const listener = await bench().listen(() => undefined);
    await expect(bench().rig.links.listen(listener.address, () => undefined)).rejects.toMatchObject({
      code: 'LINK_ADDRESS_IN_USE',
    });
  });

  it('takes nobody in after close, keeps the links that exist, and leaves the address free', async () => {
    const { dialed, accepted, listener } = await bench().pair();
    const there = receive(accepted);
    await within(listener.close(), 'the listener closes though a link is open');
    await expect(bench().rig.links.dial(listener.address)).rejects.toMatchObject({ code: 'LINK_REFUSED' });
    dialed.send(filled(1, 4));
    expect((await there.atLeast(1, 'a frame on the old link')).map((f) => f[0])).toEqual([4]);
    const next = await bench().listen(() => undefined, listener.address);
    expect(next.address).toBe(listener.address);
  });
}

/** One adapter with what a test opened on it. */
class Bench {
  readonly rig: LinksRig;
  readonly #open: Link[] = [];
  readonly #listeners: LinkListener[] = [];

  constructor(rig: LinksRig) {
    this.rig = rig;
  }

  async listen(onLink: (link: Link) => void, address = this.rig.address()): Promise<LinkListener> {
    const listener = await within(this.rig.links.listen(address, onLink), 'listening');
    this.#listeners.push(listener);
    return listener;
  }

  async pair(): Promise<{ dialed: Link; accepted: Link; listener: LinkListener }> {
    const arrivals = new Inbox<Link>();
    const listener = await this.listen((link) => arrivals.add(link));
    const dialed = await within(this.rig.links.dial(listener.address), 'dialing');
    const [accepted] = await arrivals.atLeast(1, 'the listener hears of the link');
    if (accepted === undefined) throw new Error('no link arrived');
    this.#open.push(dialed, accepted);
    return { dialed, accepted, listener };
  }

  /** A few round trips over another link: what was under way on others has arrived by then. */
  async settle(): Promise<void> {
    const { dialed, accepted } = await this.pair();
    accepted.onFrame((frame) => accepted.send(frame));
    const echoes = receive(dialed);
    for (let i = 1; i <= 5; i++) {
      dialed.send(filled(1, i));
      await echoes.atLeast(i, 'an echo');
      await turns(2);
    }
  }

  async dispose(): Promise<void> {
    for (const link of this.#open) link.close({ code: 'LINK_LOST', message: 'the test is over' });
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    await this.rig.dispose();
  }
}

/** Frames as copies, since a frame is only valid during the call. */
function receive(link: Link): Inbox<Uint8Array> {
  const inbox = new Inbox<Uint8Array>();
  link.onFrame((frame) => inbox.add(frame.slice()));
  return inbox;
}

function closings(link: Link): Inbox<LinkCloseReason> {
  const inbox = new Inbox<LinkCloseReason>();
  link.onClose((reason) => inbox.add({ code: reason.code, message: reason.message }));
  return inbox;
}

/** Bytes that start with `first` and go on in a pattern, so that a shifted or mixed-up frame is noticed. */
function filled(length: number, first: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = first + i * 31;
  return bytes;
}

/** Length and a checksum (FNV-1a): a failed comparison of megabytes should not print them. */
function summary(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${bytes.length} bytes #${(hash >>> 0).toString(16)}`;
}
