/**
 * The size of one fleet, decided after everything that happens to it:
 *
 *   policy ─▶ wish ─┐
 *   waiting ────────┼─ highest ─▶ the fleet's min and max ─▶ steady (down only after a while) ─▶ decision, with why
 *   floor ──────────┘
 *
 * The floor: servers are taken while new ones start, so as many must be ready as are taken during a start, and some more since they do not come evenly. Where a server
 * is back sooner than another one starts, it is as many as are in use at once.
 */
import { Arrivals } from './arrivals.ts';
import type { ScalingTerms } from './policy.ts';
import type { Sight, WebhookAnswer } from './sight.ts';
import { Steady } from './steady.ts';
import { Uses } from './uses.ts';
import { type WishTools, wishOf } from './wish.ts';

export interface Decision {
  /** Unix ms. */
  readonly atMs: number;
  /** Asked for before and from now on. */
  readonly from: number;
  readonly to: number;
  /** What would be asked for, were there no waiting for lower ones. */
  readonly wished: number;
  /** Sentences. */
  readonly why: string;
  /** Fewer from then on if nothing changes, Unix ms; 0: no. */
  readonly downAtMs: number;
  readonly seen: {
    readonly ready: number;
    readonly coming: number;
    readonly inUse: number;
    readonly waiting: number;
    /** Servers taken a second. */
    readonly takenPerS: number;
    /** 0: no start was seen yet. */
    readonly startMs: number;
  };
}

/** Nineteen of twenty times no more are taken during a start (Poisson's distribution, by its normal approximation). */
const floorSigmas = 1.645;

export interface ScalerTools {
  holds: WishTools['holds'];
  /** When any period of the policy begins or ends next, Unix ms. */
  changesAtMs(wallMs: number): number;
}

export class Scaler {
  readonly terms: ScalingTerms;
  readonly uses = new Uses();
  readonly #tools: ScalerTools;
  readonly #arrivals = new Arrivals();
  readonly #steady: Steady;
  readonly #answers = new Map<string, WebhookAnswer>();
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(terms: ScalingTerms, tools: ScalerTools) {
    this.terms = terms;
    this.#tools = tools;
    this.#steady = new Steady(terms);
  }

  /** When it may decide otherwise without anything having happened; ms of the clock that `step` is given. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** Servers were taken. */
  taken(count: number, nowMs: number): void {
    this.#arrivals.add(count, nowMs);
  }

  answered(url: string, answer: WebhookAnswer): void {
    this.#answers.set(url, answer);
  }

  answer(url: string): WebhookAnswer | undefined {
    return this.#answers.get(url);
  }

  step(sight: Sight, nowMs: number, wallMs: number): Decision {
    const wish = wishOf(this.terms.policy, sight, wallMs, {
      holds: this.#tools.holds,
      answer: (url) => this.#answers.get(url),
    });
    const takenPerS = this.#arrivals.perS(nowMs);
    const reasons = [wish.why];
    let wished = wish.replicas ?? sight.replicas;
    const raise = (to: number, why: string) => {
      if (to <= wished) return;
      wished = to;
      reasons.push(why);
    };
    if (sight.waiting > 0)
      raise(sight.busy + sight.waiting, `${sight.waiting} ${sight.waiting === 1 ? 'request waits' : 'requests wait'}`);
    const floor = floorOf(sight, takenPerS, sight.startMs === undefined ? undefined : this.uses.quickMs(nowMs, sight.startMs));
    if (floor) raise(floor.servers, floor.why);

    const bounded = Math.min(Math.max(wished, sight.min), sight.max);
    if (bounded !== wished)
      reasons.push(bounded > wished ? `the fleet's minimum is ${sight.min}` : `the fleet's maximum is ${sight.max}`);
    const { replicas, downAtMs } = this.#steady.step(bounded, sight.replicas, sight.min, sight.there, nowMs);
    if (downAtMs !== undefined)
      reasons.push(`fewer only once that was enough for ${Math.round(this.terms.downAfterMs / 1000)} s`);
    this.#dueMs = Math.min(
      downAtMs ?? Number.POSITIVE_INFINITY,
      this.#arrivals.sinksAtMs(nowMs),
      nowMs + Math.max(1, this.#tools.changesAtMs(wallMs) - wallMs),
    );
    return {
      atMs: wallMs,
      from: sight.replicas,
      to: replicas,
      wished: bounded,
      why: `${reasons.map(capital).join('. ')}.`,
      downAtMs: downAtMs === undefined ? 0 : wallMs + Math.max(0, downAtMs - nowMs),
      seen: {
        ready: sight.ready,
        coming: sight.coming,
        inUse: sight.busy,
        waiting: sight.waiting,
        takenPerS,
        startMs: sight.startMs ?? 0,
      },
    };
  }
}

function floorOf(
  { busy, startMs, expected }: Sight,
  measuredPerS: number,
  quickMs: number | undefined,
): { servers: number; why: string } | undefined {
  if (startMs === undefined) return undefined;
  const perS = Math.max(measuredPerS, expected?.arrivalsPerS ?? 0);
  const taken = (perS * (quickMs ?? startMs)) / 1000;
  // Less than one in a hundred starts: one that is taken now and then needs no spare.
  if (taken < 0.01) return undefined;
  const enough = Math.ceil(taken + floorSigmas * Math.sqrt(taken));
  const told = expected && expected.arrivalsPerS > measuredPerS ? ` (${expected.why})` : '';
  const often = `${figure(perS)} a second are taken${told} and one`;
  if (quickMs !== undefined)
    return { servers: enough, why: `${often} is back after ${figure(quickMs / 1000)} s, so there must be ${enough}` };
  return { servers: busy + enough, why: `${often} needs ${figure(startMs / 1000)} s to start, so ${enough} must be ready` };
}

function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
