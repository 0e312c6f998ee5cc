/**
 * Which moment the map shows: now (a little behind, so that there is always a scene on either side), a frozen moment, or a past one that runs on.
 *
 *   live ──pause──▶ paused ──play──▶ replay ──catches up──▶ live
 *     └──────seek────▶ paused or replay, as it was;  toLive from everywhere
 */

export type PlayMode = 'live' | 'paused' | 'replay';

export const policy = {
  /** Recorded by Atlas. */
  windowMs: 10 * 60_000,
  /** How far behind the newest scene the map is, in gaps between scenes. */
  behindGaps: 1.6,
  behindMsMin: 120,
  behindMsMax: 2500,
  /** A replay this near to now is live. */
  catchUpMs: 400,
} as const;

export class Playhead {
  mode: PlayMode = 'live';
  /** The moment shown, Unix ms of Atlas's clock; 0 before the first scene. */
  atMs = 0;
  rate = 1;
  #offsetMs = Number.POSITIVE_INFINITY;
  #gapMs = 200;
  #lastSceneMs = 0;

  /** A live scene of `atMs` came at `nowMs` of this machine's clock. */
  heard(sceneMs: number, nowMs: number): void {
    const offset = nowMs - sceneMs;
    // The quickest scene shows the difference of clocks best; it is forgotten slowly, because clocks drift.
    this.#offsetMs = Math.min(offset, this.#offsetMs + 2);
    if (this.#lastSceneMs > 0) {
      const gap = Math.min(Math.max(sceneMs - this.#lastSceneMs, 16), policy.behindMsMax);
      this.#gapMs += (gap - this.#gapMs) * 0.1;
    }
    this.#lastSceneMs = sceneMs;
  }

  /** Now by Atlas's clock. */
  atlasMs(nowMs: number): number {
    return Number.isFinite(this.#offsetMs) ? nowMs - this.#offsetMs : nowMs;
  }

  /** A moment of Atlas's clock by the clock of this machine. */
  onPage(atMs: number): number {
    return Number.isFinite(this.#offsetMs) ? atMs + this.#offsetMs : atMs;
  }

  liveMs(nowMs: number): number {
    const behind = Math.min(Math.max(this.#gapMs * policy.behindGaps, policy.behindMsMin), policy.behindMsMax);
    return this.atlasMs(nowMs) - behind;
  }

  /** Moves on by what has passed since the last frame. Answers the moment to show. */
  tick(nowMs: number, passedMs: number): number {
    const live = this.liveMs(nowMs);
    if (this.mode === 'live') {
      // Never backwards by a correction of the clocks, unless it is a large one.
      this.atMs = live < this.atMs && this.atMs - live < 1000 ? this.atMs : live;
      return this.atMs;
    }
    if (this.mode === 'replay') {
      this.atMs += passedMs * this.rate;
      if (live - this.atMs < policy.catchUpMs) this.toLive();
    }
    this.atMs = Math.max(this.atMs, live - policy.windowMs);
    return this.atMs;
  }

  pause(): void {
    this.mode = 'paused';
  }

  play(): void {
    if (this.mode === 'paused') this.mode = 'replay';
  }

  toLive(): void {
    this.mode = 'live';
    this.rate = 1;
  }

  seek(toMs: number, nowMs: number): void {
    const live = this.liveMs(nowMs);
    if (toMs >= live - policy.catchUpMs) {
      this.toLive();
      this.atMs = live;
      return;
    }
    if (this.mode === 'live') this.mode = 'replay';
    this.atMs = Math.max(toMs, live - policy.windowMs);
  }
}
