/**
 * Who may lead. One record a lease, taken and renewed by compare-and-set.
 *
 *                 free, run out, or our own from before          renewed in time
 *      ┌─────────┐  read  ┌────────┐  written   ┌─────────┐ ───────────┐
 *   ──▶│following│───────▶│ taking │───────────▶│ holding │            │
 *      └─────────┘        └────────┘            └─────────┘ ◀──────────┘
 *           ▲  another's, conflict  │                │ conflict, another's record,
 *           └───────────────────────┴────────────────┘ or not renewed in time: `lost`
 *
 * Expiry dates are wall-clock times of different machines, so they only decide how soon somebody else tries. What keeps a
 * former holder from doing harm is the fence: it grows with each taking, and what is done under a lease carries it.
 */

import type { LeaseRecord } from '@horizon-atlas/protocol';

export interface LeasePolicy {
  /** How long a taking lasts without renewal, in milliseconds. */
  readonly durationMs: number;
  /** How long after a taking or renewal the next one begins. */
  readonly renewMs: number;
  /** How often one who follows looks, at least; and when an unanswered or failed request is tried again. */
  readonly retryMs: number;
  /** The holder steps down this much before the end, so that its successor comes after it. */
  readonly marginMs: number;
}

export const leasePolicy: LeasePolicy = { durationMs: 6_000, renewMs: 2_000, retryMs: 500, marginMs: 500 };

/** `version` 0: there is no record. */
export interface LeaseSighting {
  readonly record: LeaseRecord | undefined;
  readonly version: number;
}

export interface LeaseOut {
  /** Read the record; the answer comes by `fromRead`, or `fromFailure`. */
  read(): void;
  /** Put the record if it has this version; the answer comes by `fromWrite`, or `fromFailure`. */
  write(record: LeaseRecord, version: number): void;
  /** From now on we lead, with this fence. */
  gained(fence: number): void;
  /** We lead no longer. */
  lost(): void;
}

type State =
  | { readonly kind: 'following' }
  | { readonly kind: 'reading' }
  | { readonly kind: 'taking'; readonly fence: number; readonly sentMs: number }
  /** `sentMs`: when the renewal under way was sent; undefined while there is none. `endMs`: when we step down. */
  | { readonly kind: 'holding'; readonly fence: number; version: number; endMs: number; sentMs: number | undefined }
  | { readonly kind: 'released' };

export class LeaseEngine {
  readonly #holder: string;
  readonly #policy: LeasePolicy;
  readonly #out: LeaseOut;
  #state: State = { kind: 'following' };
  #dueMs = 0;

  /** @param holder who asks; one at a time goes by this name, so a record of this name is our own from before a restart. */
  constructor(holder: string, out: LeaseOut, policy: LeasePolicy = leasePolicy) {
    this.#holder = holder;
    this.#out = out;
    this.#policy = policy;
  }

  get dueMs(): number {
    return this.#dueMs;
  }

  /** The fence while we lead. */
  get fence(): number | undefined {
    return this.#state.kind === 'holding' ? this.#state.fence : undefined;
  }

  tick(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    const state = this.#state;
    if (state.kind === 'released') {
      this.#dueMs = Number.POSITIVE_INFINITY;
    } else if (state.kind !== 'holding') {
      // A request that nobody answered is the same as none.
      this.#state = { kind: 'reading' };
      this.#dueMs = nowMs + this.#policy.retryMs;
      this.#out.read();
    } else if (nowMs >= state.endMs) {
      this.#follow(nowMs);
      this.#out.lost();
    } else {
      this.#dueMs = Math.min(state.endMs, nowMs + this.#policy.retryMs);
      // To renew is to read first: after a write of unknown outcome the version may be another.
      this.#out.read();
    }
  }

  /** @param wallMs milliseconds since 1970, for comparison with the record's. */
  fromRead(seen: LeaseSighting, nowMs: number, wallMs: number): void {
    const state = this.#state;
    if (state.kind === 'reading') this.#consider(seen, nowMs, wallMs);
    else if (state.kind === 'holding' && state.sentMs === undefined) this.#renew(state, seen, nowMs, wallMs);
  }

  /** @param version the record's new one; undefined: it had been changed by somebody else. */
  fromWrite(version: number | undefined, nowMs: number): void {
    const state = this.#state;
    if (state.kind === 'taking') {
      if (version === undefined) {
        this.#follow(nowMs);
        return;
      }
      const endMs = state.sentMs + this.#policy.durationMs - this.#policy.marginMs;
      this.#state = { kind: 'holding', fence: state.fence, version, endMs, sentMs: undefined };
      this.#dueMs = Math.min(endMs, state.sentMs + this.#policy.renewMs);
      this.#out.gained(state.fence);
    } else if (state.kind === 'holding' && state.sentMs !== undefined) {
      if (version === undefined) {
        this.#follow(nowMs);
        this.#out.lost();
        return;
      }
      state.version = version;
      state.endMs = state.sentMs + this.#policy.durationMs - this.#policy.marginMs;
      this.#dueMs = Math.min(state.endMs, state.sentMs + this.#policy.renewMs);
      state.sentMs = undefined;
    }
  }

  /** The Store did not answer, or not clearly: look again soon. */
  fromFailure(nowMs: number): void {
    const state = this.#state;
    if (state.kind === 'released') return;
    if (state.kind === 'holding') {
      state.sentMs = undefined;
      this.#dueMs = Math.min(state.endMs, nowMs + this.#policy.retryMs);
    } else {
      this.#follow(nowMs);
    }
  }

  /** Gives the lease back, for a successor to take at once. */
  release(): void {
    const state = this.#state;
    this.#state = { kind: 'released' };
    this.#dueMs = Number.POSITIVE_INFINITY;
    if (state.kind !== 'holding') return;
    this.#out.write({ holder: '', expiresAtMs: 0, fence: state.fence }, state.version);
    this.#out.lost();
  }

  #consider({ record, version }: LeaseSighting, nowMs: number, wallMs: number): void {
    if (record !== undefined && record.holder !== this.#holder && wallMs < record.expiresAtMs) {
      this.#state = { kind: 'following' };
      this.#dueMs = nowMs + Math.min(this.#policy.retryMs, record.expiresAtMs - wallMs);
      return;
    }
    const fence = (record?.fence ?? 0) + 1;
    this.#state = { kind: 'taking', fence, sentMs: nowMs };
    this.#dueMs = nowMs + this.#policy.retryMs;
    this.#out.write(this.#record(fence, wallMs), version);
  }

  #renew(state: State & { kind: 'holding' }, { record, version }: LeaseSighting, nowMs: number, wallMs: number): void {
    if (record?.holder !== this.#holder || record.fence !== state.fence) {
      this.#follow(nowMs);
      this.#out.lost();
      return;
    }
    state.version = version;
    state.sentMs = nowMs;
    this.#out.write(this.#record(state.fence, wallMs), version);
  }

  #follow(nowMs: number): void {
    this.#state = { kind: 'following' };
    this.#dueMs = nowMs + this.#policy.retryMs;
  }

  #record(fence: number, wallMs: number): LeaseRecord {
    return { holder: this.#holder, expiresAtMs: Math.floor(wallMs) + this.#policy.durationMs, fence };
  }
}
