/**
 * Whoever asks for servers: asks again under the same id when the answer was lost with the control plane, or does not; takes requests back; lets go of servers;
 * comes with players, late, or never. What each of them was told is the outside's truth, which the checkers hold the control plane against.
 */
import type { Prng } from '@horizon-atlas/base';
import type { SessionAnswer } from '@horizon-atlas/protocol';
import type { FleetWorld } from './fleet-world.ts';

export interface Ask {
  readonly id: string;
  readonly waitMs: number;
  /** 0: none, of those who never give up and always come. */
  readonly leaseMs: number;
  /** Whether players come once they know where to. */
  readonly comes: boolean;
  /** Asks again after a death of the control plane. */
  readonly persists: boolean;
  state: 'asked' | 'held' | 'over';
  cancelled: boolean;
  /** It wants to let go of its server, and says so again to each new control plane. */
  released: boolean;
  server: string;
  /** When its lease may end at the earliest, since it runs from the grant on, and has at the latest; Infinity: never. */
  leaseFromMs: number;
  leaseUntilMs: number;
  /** Since when its session is played; NaN: it is not. */
  activeMs: number;
  /** When it was asked for the last time. */
  askedMs: number;
}

/** Deliberate sabotage of those who ask. */
export interface AskerTaps {
  /** They are put on no lease. */
  readonly noLeases?: boolean;
  /** They take a free server, though another has room. */
  readonly unpacked?: boolean;
}

export class Askers {
  /** When somebody was last told that his grant could not be written. */
  refusedMs = Number.NEGATIVE_INFINITY;
  readonly asks = new Map<string, Ask>();
  readonly #world: FleetWorld;
  readonly #prng: Prng;
  readonly #taps: AskerTaps;
  readonly #arrivals = new Map<string, PromiseWithResolvers<readonly string[]>>();

  constructor(world: FleetWorld, prng: Prng, taps: AskerTaps) {
    this.#world = world;
    this.#prng = prng;
    this.#taps = taps;
  }

  begin(calm: () => boolean): void {
    const busyMs = this.#prng.between(200, 2500);
    const next = () => {
      if (calm()) return;
      for (let burst = this.#prng.chance(0.1) ? 4 : 1; burst > 0; burst--) this.#begin();
      this.#world.kernel.after(this.#prng.between(20, busyMs), next);
    };
    this.#world.kernel.after(500, next);
  }

  /** Of the session's players, once they have come. */
  arrival(requestId: string): Promise<readonly string[]> {
    let arrival = this.#arrivals.get(requestId);
    if (!arrival) {
      arrival = Promise.withResolvers();
      this.#arrivals.set(requestId, arrival);
    }
    return arrival.promise;
  }

  active(requestId: string): void {
    const ask = this.asks.get(requestId);
    if (ask) ask.activeMs = this.#world.kernel.nowMs;
  }

  over(requestId: string): void {
    const ask = this.asks.get(requestId);
    if (ask) ask.state = 'over';
  }

  serverGone(server: string): void {
    for (const ask of this.asks.values()) if (ask.server === server) ask.state = 'over';
  }

  controlDied(): void {
    for (const ask of this.asks.values()) {
      if (ask.state === 'asked' && (!ask.persists || ask.cancelled)) ask.state = 'over';
    }
  }

  restarted(): void {
    for (const ask of this.asks.values()) {
      if (ask.state === 'asked') this.#ask(ask);
      if (ask.released) this.#world.control.service.release(ask.id);
    }
  }

  #begin(): void {
    const prng = this.#prng;
    const forEver = prng.chance(0.2);
    const ask: Ask = {
      id: `m${this.asks.size + 1}`,
      waitMs: prng.chance(0.3) ? 0 : prng.between(500, 8000),
      leaseMs: forEver ? 0 : Math.ceil(prng.between(800, 5000)),
      comes: forEver || prng.chance(0.8),
      persists: forEver || prng.chance(0.7),
      state: 'asked',
      cancelled: false,
      released: false,
      server: '',
      leaseFromMs: Number.POSITIVE_INFINITY,
      leaseUntilMs: Number.POSITIVE_INFINITY,
      activeMs: Number.NaN,
      askedMs: Number.NaN,
    };
    this.asks.set(ask.id, ask);
    // Some say it twice, as who has timed out does.
    if (this.#world.control.isOpen) for (let times = prng.chance(0.1) ? 2 : 1; times > 0; times--) this.#ask(ask);
    if (!forEver && prng.chance(0.1)) this.#world.kernel.after(prng.between(1, 4000), () => this.#cancel(ask));
    if (!forEver && prng.chance(0.1)) this.#world.kernel.after(prng.between(500, 6000), () => this.#release(ask));
  }

  #ask(ask: Ask): void {
    const { control, kernel } = this.#world;
    const { id, waitMs, leaseMs } = ask;
    // Wall-clock time, from which a restart has it, is known to a fraction of a millisecond.
    if (leaseMs > 0) ask.leaseFromMs = Math.min(ask.leaseFromMs, kernel.nowMs + leaseMs - 1);
    ask.askedMs = kernel.nowMs;
    const wish = { requestId: id, fleet: 'arena', players: [`p-${id}`], session: { map: 'dust' }, waitMs };
    const asked = this.#taps.unpacked
      ? this.#askUnpacked(ask)
      : control.service.request({ ...wish, leaseMs: this.#taps.noLeases ? 0 : leaseMs });
    void asked.then((answer) => kernel.live(control, () => this.#answered(ask, answer)));
  }

  async #askUnpacked({ id, waitMs, leaseMs }: Ask): Promise<SessionAnswer> {
    const matchLabels = { 'agones.dev/fleet': 'arena' };
    const free = { matchLabels, matchExpressions: [], state: 'Ready', counters: {}, lists: {} } as const;
    const change = { counters: { sessions: { by: 1, capacity: undefined } }, lists: {}, labels: {}, annotations: {} };
    const wish = {
      requestId: id,
      selectors: [free],
      priorities: [],
      scheduling: 'Packed',
      waitMs,
      leaseMs,
      priority: 0,
    } as const;
    const answer = await this.#world.control.service.allocate({ ...wish, change }, { players: [`p-${id}`] });
    return answer.ok ? { ok: true, server: answer.allocation.server, fleet: 'arena', ports: [] } : answer;
  }

  #answered(ask: Ask, answer: SessionAnswer): void {
    const { kernel, control } = this.#world;
    this.#world.note('answer', ask.id, answer);
    if (!answer.ok && answer.code === 'STORE_UNAVAILABLE') this.refusedMs = kernel.nowMs;
    if (ask.state !== 'asked') return;
    if (!answer.ok) {
      // Who never gives up asks again for what may come.
      if (ask.leaseMs === 0 && (answer.code === 'STORE_UNAVAILABLE' || answer.code === 'NOT_READY'))
        return kernel.within(control, 100, () => this.#ask(ask));
      ask.state = 'over';
      return;
    }
    // Its process has died while the answer was on its way.
    ask.state = this.#world.processes.all.has(answer.server) ? 'held' : 'over';
    if (ask.state === 'over') return;
    ask.server = answer.server;
    if (ask.leaseMs > 0) ask.leaseUntilMs = kernel.nowMs + ask.leaseMs;
    this.#world.answered(ask.id, answer.server);
    if (ask.cancelled) return this.#release(ask);
    if (ask.comes) kernel.after(this.#prng.between(50, 1200), () => this.#come(ask));
  }

  /** Its players stand at the door of the server that they were told. */
  #come(ask: Ask): void {
    if (ask.state !== 'held') return;
    void this.arrival(ask.id);
    this.#arrivals.get(ask.id)?.resolve([`p-${ask.id}`]);
  }

  #cancel(ask: Ask): void {
    const { control } = this.#world;
    if (ask.state !== 'asked' || !control.isOpen) return;
    ask.cancelled = true;
    this.#world.seen.cancelled++;
    this.#world.note('cancel', ask.id, { waited: control.service.cancel(ask.id) });
  }

  #release(ask: Ask): void {
    if (ask.state !== 'held' || !this.#world.control.isOpen) return;
    ask.released = true;
    ask.state = 'over';
    this.#world.note('release', ask.id, { server: ask.server });
    this.#world.control.service.release(ask.id);
  }
}
