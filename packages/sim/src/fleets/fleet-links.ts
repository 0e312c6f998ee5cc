/** Links between match servers and the control plane: ordered, late, and cut, with all that was on its way. */
import type { Prng } from '@horizon-atlas/base';
import type { Link, LinkCloseReason } from '@horizon-atlas/ports';
import type { FleetKernel, Life } from './fleet-kernel.ts';

const lostReason: LinkCloseReason = { code: 'LINK_LOST', message: 'the simulated link is cut' };

export class LinkEnd implements Link {
  readonly life: Life;
  readonly writable = true;
  readonly queuedBytes = 0;
  peer: LinkEnd | undefined;
  readonly #kernel: FleetKernel;
  readonly #delayMs: () => number;
  #lastMs = 0;
  #isOver = false;
  #onFrame: (frame: Uint8Array) => void = () => {};
  #onClose: (reason: LinkCloseReason) => void = () => {};

  constructor(kernel: FleetKernel, life: Life, delayMs: () => number) {
    this.#kernel = kernel;
    this.life = life;
    this.#delayMs = delayMs;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  send(frame: Uint8Array): void {
    if (this.#isOver) return;
    const copy = frame.slice();
    this.#deliver((peer) => peer.#take(copy));
  }

  flush(): void {}

  close(reason: LinkCloseReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deliver((peer) => peer.#end(reason));
    this.#kernel.within(this.life, 0, () => this.#onClose(reason));
  }

  /** At once and with all that is on its way; this side notices after `ms`. */
  cut(ms: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#kernel.within(this.life, ms, () => this.#onClose(lostReason));
  }

  onFrame(fn: (frame: Uint8Array) => void): void {
    this.#onFrame = fn;
  }

  onClose(fn: (reason: LinkCloseReason) => void): void {
    this.#onClose = fn;
  }

  onWritable(): void {}

  #deliver(fn: (peer: LinkEnd) => void): void {
    const { peer } = this;
    if (!peer) return;
    // In order: nothing overtakes.
    this.#lastMs = Math.max(this.#lastMs, this.#kernel.nowMs + this.#delayMs());
    this.#kernel.at(this.#lastMs, () => this.#kernel.live(peer.life, () => fn(peer)));
  }

  #take(frame: Uint8Array): void {
    if (!this.#isOver) this.#onFrame(frame);
  }

  #end(reason: LinkCloseReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onClose(reason);
  }
}

export function pairOf(kernel: FleetKernel, prng: Prng, lateMsMax: () => number, one: Life, other: Life): [LinkEnd, LinkEnd] {
  const delayMs = () => prng.between(0.05, prng.chance(0.02) ? lateMsMax() : 2);
  const [a, b] = [new LinkEnd(kernel, one, delayMs), new LinkEnd(kernel, other, delayMs)];
  a.peer = b;
  b.peer = a;
  return [a, b];
}
