/**
 * Links between simulated processes: ordered and whole as TCP is, until they are cut. A process that is gone or silent for three
 * heartbeats loses its links, each side hearing of it in its own time; a paused one hears first what had reached it and then the end.
 *
 * Control and mesh messages may besides be lost, doubled or late one by one, which is more than TCP would ever do and just what
 * those protocols promise to bear. Only `hello` comes as it was sent: it is what makes a link one, and a hub closes one without.
 */
import type { Prng } from '@horizon-atlas/base';
import type { Faults } from './faults.ts';
import type { Kernel, Process } from './kernel.ts';

/** Three missed heartbeats of 250 ms. */
const lostAfterMs = 750;

export interface End<M> {
  readonly process: Process;
  onMessage(message: M): void;
  onClose(): void;
}

export class SimLink<A, B> {
  open = true;
  readonly #network: Network;
  readonly #lossy: boolean;
  readonly #ends: readonly [End<B>, End<A>];
  readonly #lives: readonly [number, number];
  /** When the last message in each direction arrives, so that none overtakes it. */
  readonly #tails: [number, number] = [0, 0];

  /** `near` sends A and hears B. */
  constructor(network: Network, near: End<B>, far: End<A>, lossy: boolean) {
    this.#network = network;
    this.#ends = [near, far];
    this.#lives = [near.process.life, far.process.life];
    this.#lossy = lossy;
    network.links.add(this as SimLink<unknown, unknown>);
  }

  get processes(): readonly [Process, Process] {
    const [near, far] = this.#ends;
    return [near.process, far.process];
  }

  joins(a: Process, b?: Process): boolean {
    const [near, far] = this.#ends;
    return b === undefined
      ? near.process === a || far.process === a
      : (near.process === a && far.process === b) || (near.process === b && far.process === a);
  }

  sendFar(message: A): void {
    this.#send(1, message);
  }

  sendNear(message: B): void {
    this.#send(0, message);
  }

  /** The near side ends it in good order: what it has sent still arrives. */
  close(): void {
    const { kernel } = this.#network;
    kernel.at(Math.max(this.#tails[1], kernel.nowMs), () => this.cut());
  }

  /** Both sides hear of it, each after a delay. What is under way is lost. */
  cut(): void {
    if (!this.open) return;
    this.open = false;
    this.#network.links.delete(this as SimLink<unknown, unknown>);
    for (const side of [0, 1] as const) {
      const end = this.#ends[side];
      this.#network.kernel.after(this.#network.delayMs(), () => end.process.input(() => end.onClose(), this.#lives[side]));
    }
  }

  #send(to: 0 | 1, message: unknown): void {
    if (!this.open) return;
    const { kernel, faults, prng } = this.#network;
    if (this.#lossy && this.#network.stormy && (message as { kind?: string }).kind !== 'hello') {
      if (prng.chance(faults.lose)) return;
      if (prng.chance(faults.double)) this.#deliver(to, message, kernel.nowMs + prng.between(0, faults.lateMsMax));
      if (prng.chance(faults.late)) return this.#deliver(to, message, kernel.nowMs + prng.between(0, faults.lateMsMax));
    }
    const arrives = Math.max(this.#tails[to], kernel.nowMs + this.#network.delayMs());
    this.#tails[to] = arrives;
    this.#deliver(to, message, arrives);
  }

  #deliver(to: 0 | 1, message: unknown, atMs: number): void {
    const end = this.#ends[to] as End<unknown>;
    const life = this.#lives[to];
    this.#network.kernel.at(atMs, () => {
      // A paused receiver's kernel still takes in what arrives: it is read after the pause, even if the link has ended since.
      if (this.open || end.process.paused) end.process.input(() => end.onMessage(message), life);
    });
  }
}

export class Network {
  readonly kernel: Kernel;
  readonly prng: Prng;
  readonly faults: Faults;
  readonly links = new Set<SimLink<unknown, unknown>>();
  /** Turned off for the last part of a run, in which everything has to come right. */
  stormy = true;

  constructor(kernel: Kernel, prng: Prng, faults: Faults) {
    this.kernel = kernel;
    this.prng = prng;
    this.faults = faults;
  }

  delayMs(): number {
    return this.prng.between(this.faults.delayMsMin, this.faults.delayMsMax);
  }

  /** The links of a process that has just died end now. */
  died(process: Process): void {
    for (const link of [...this.links]) if (link.joins(process)) link.cut();
  }

  /** The links of a process that has just been paused end if it stays so for too long. */
  pausing(process: Process): void {
    const until = process.pausedUntilMs;
    if (until - this.kernel.nowMs <= lostAfterMs) return;
    const links = [...this.links].filter((link) => link.joins(process));
    this.kernel.after(lostAfterMs, () => {
      if (process.pausedUntilMs >= until) for (const link of links) link.cut();
    });
  }
}
