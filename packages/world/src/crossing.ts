/**
 * Crossing detection: tells who approaches a border, who has turned away from it, and who has crossed it.
 *
 *            region A          │ band │ 2nd band │          region B
 *   ··· approach, lead ahead ─▶│  A's │ after    │ at once
 *                              │ still│ a dwell  │
 *
 * The band makes entering and leaving two thresholds: once owned by B, a group must go a band deep into A to return. Crossing is
 * checked on its own, not only for who was announced, so a lost sample or a teleport crosses too. Costs a few comparisons
 * for a group far from any border, and never allocates after `track`.
 */
import { must } from '@horizon-atlas/base';
import { aim, type Heading } from './aim.ts';
import { CROSSING_POLICY, type CrossingPolicy } from './crossing-policy.ts';
import { Overhangs } from './overhang.ts';
import type { Place, RegionMap } from './region-map.ts';

/** What is told. A group that crosses without a teleport was announced to that target before. */
export interface CrossingOut<S> {
  /** It will be at the border of `target` in about `etaMs`, a whole number; repeated while that holds. At most two targets at a time. */
  approach(subject: S, target: string, etaMs: number): void;
  /** An announced target is none any more. Not told when the group changes owner: see `moved`. */
  retreat(subject: S, target: string): void;
  /** It belongs to `target` by now; repeated while that holds. The handoff is the caller's, who then calls `moved` or `forget`. */
  crossed(subject: S, target: string, teleport: boolean): void;
}

/** A group under watch. `subject` is the caller's own object for it. */
export interface Track<S> {
  readonly subject: S;
  /** Of its present owner. */
  readonly region: string;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Averaged, in units a second. */
  readonly vx: number;
  readonly vy: number;
  readonly vz: number;
}

interface Target {
  /** Index in the map, −1: unused. */
  region: number;
  wantedMs: number;
  toldMs: number;
}

class Tracked<S> implements Track<S> {
  readonly subject: S;
  region: string;
  x: number;
  y: number;
  z: number;
  vx = 0;
  vy = 0;
  vz = 0;
  /** Of `region` in the map; −1: the map has it no longer. */
  index: number;
  seenMs: number;
  /** Since when its velocity is averaged: the start, or the last teleport. */
  movingSinceMs: number;
  ownedSinceMs: number;
  /** Since when it is beyond the band; −1: it is not. */
  beyondSinceMs = -1;
  /** The region told in `crossed`; −1: none. */
  crossed = -1;
  crossedToldMs = 0;
  teleport = false;
  /** In the set of those that are looked at each tick. */
  busy = false;
  readonly first: Target = { region: -1, wantedMs: 0, toldMs: 0 };
  readonly second: Target = { region: -1, wantedMs: 0, toldMs: 0 };

  constructor(subject: S, region: string, index: number, at: readonly [number, number, number], nowMs: number) {
    this.subject = subject;
    this.region = region;
    this.index = index;
    [this.x, this.y, this.z] = at;
    this.seenMs = nowMs;
    this.movingSinceMs = nowMs;
    this.ownedSinceMs = nowMs;
  }
}

export class Crossings<S> {
  readonly #policy: CrossingPolicy;
  readonly #out: CrossingOut<S>;
  #map: RegionMap<Place>;
  #over: Overhangs;
  #leadMs: number;
  readonly #tracks = new Set<Tracked<S>>();
  /** Those about which something has been told or is on its way to be: they are looked at each tick, moving or not. */
  readonly #busy = new Set<Tracked<S>>();
  readonly #heading: Heading = { target: -1, second: -1, etaMs: 0 };

  constructor(map: RegionMap<Place>, out: CrossingOut<S>, policy: CrossingPolicy = CROSSING_POLICY) {
    this.#map = map;
    this.#over = new Overhangs(map, policy);
    this.#out = out;
    this.#policy = policy;
    this.#leadMs = policy.leadMs;
  }

  /** Of announcements, in ms: follows the measured time that waking a region takes. */
  get leadMs(): number {
    return this.#leadMs;
  }

  set leadMs(ms: number) {
    this.#leadMs = ms;
  }

  /** How many groups are announced or crossing; `tick` is only needed while there are any. */
  get busy(): number {
    return this.#busy.size;
  }

  /** Begin to watch a group that `region` owns from `nowMs` on. Its coordinates must be finite; it may be anywhere. */
  track(subject: S, region: string, x: number, y: number, z: number, nowMs: number): Track<S> {
    const track = new Tracked(subject, region, this.#indexOf(region), [x, y, z], nowMs);
    this.#tracks.add(track);
    return track;
  }

  forget(track: Track<S>): void {
    this.#tracks.delete(track as Tracked<S>);
    this.#setBusy(track as Tracked<S>, false);
  }

  /** The group has another owner now; what was told about it is over. */
  moved(track: Track<S>, region: string, nowMs: number): void {
    const t = track as Tracked<S>;
    t.region = region;
    t.index = this.#indexOf(region);
    t.ownedSinceMs = nowMs;
    this.#settle(t);
  }

  /** A new version of the region map. Who stands in another region by it is told as crossed from its next update or tick on. */
  setMap(map: RegionMap<Place>): void {
    if (map.version <= this.#map.version) return;
    for (const track of this.#tracks) {
      // Indices are of the old map: whatever still holds is told again.
      for (const target of [track.first, track.second]) {
        if (target.region >= 0) this.#retreat(track, target);
      }
      this.#settle(track);
      track.index = map.get(track.region)?.index ?? -1;
    }
    this.#map = map;
    this.#over = new Overhangs(map, this.#policy);
    for (const track of this.#tracks) {
      if (track.index < 0 || !this.#over.holds(track.index, track.x, track.y, track.z)) this.#setBusy(track, true);
    }
  }

  /** Where the group is at `nowMs`. False, and nothing has changed: a coordinate is not a finite number (POSITION_INVALID). */
  update(track: Track<S>, x: number, y: number, z: number, nowMs: number): boolean {
    // Only for finite numbers is this 0.
    if (x - x + (y - y) + (z - z) !== 0) return false;
    const t = track as Tracked<S>;
    const jumped = this.#observe(t, x, y, z, nowMs);
    if (!jumped && !t.busy && t.index >= 0 && this.#isDeepInside(t)) return true;
    this.#judge(t, nowMs, jumped);
    return true;
  }

  /** Call once a server tick, after the updates, so that groups that stand still get their dwell and turn away in time, too. */
  tick(nowMs: number): void {
    for (const track of this.#busy) {
      if (track.seenMs >= nowMs) continue;
      if (nowMs - track.seenMs > this.#policy.stillMs) {
        track.vx = 0;
        track.vy = 0;
        track.vz = 0;
      }
      this.#judge(track, nowMs, false);
    }
  }

  /** At its velocity it stays in its region for longer than the lead. */
  #isDeepInside(t: Tracked<S>): boolean {
    const lead = this.#leadMs / 1000;
    return (
      this.#over.holds(t.index, t.x, t.y, t.z) &&
      this.#over.holds(t.index, t.x + t.vx * lead, t.y + t.vy * lead, t.z + t.vz * lead)
    );
  }

  /** Takes the new place and averages the velocity; true for a jump that is too long for a movement. */
  #observe(t: Tracked<S>, x: number, y: number, z: number, nowMs: number): boolean {
    const policy = this.#policy;
    const dx = x - t.x;
    const dy = y - t.y;
    const dz = z - t.z;
    // Two samples of one millisecond say nothing of speed; taking them as 1 ms apart gives them next to no weight.
    const dtMs = Math.max(1, nowMs - t.seenMs);
    t.x = x;
    t.y = y;
    t.z = z;
    t.seenMs = nowMs;
    const reach = (policy.speedMax * dtMs) / 1000;
    const jump = dx * dx + dy * dy + dz * dz;
    if (jump > reach * reach) {
      const slack = 2 * (t.index < 0 ? policy.bandMin : (this.#over.narrowest[t.index] as number));
      if (jump > slack * slack) {
        t.vx = 0;
        t.vy = 0;
        t.vz = 0;
        t.movingSinceMs = nowMs;
        return true;
      }
    }
    // A running mean at first, then one that forgets at the rate of `averageMs`.
    const age = Math.max(0, nowMs - dtMs - t.movingSinceMs);
    const weight = dtMs / (dtMs + Math.min(age, policy.averageMs));
    const perSecond = 1000 / dtMs;
    t.vx += weight * (dx * perSecond - t.vx);
    t.vy += weight * (dy * perSecond - t.vy);
    t.vz += weight * (dz * perSecond - t.vz);
    const speed2 = t.vx * t.vx + t.vy * t.vy + t.vz * t.vz;
    if (speed2 > policy.speedMax * policy.speedMax) {
      const scale = policy.speedMax / Math.sqrt(speed2);
      t.vx *= scale;
      t.vy *= scale;
      t.vz *= scale;
    }
    return false;
  }

  #judge(t: Tracked<S>, nowMs: number, jumped: boolean): void {
    const here = this.#map.indexAt(t.x, t.y, t.z, t.index);
    const away = here >= 0 && here !== t.index;
    const was = t.crossed;
    this.#judgeCrossing(t, here, nowMs, jumped);
    if (was >= 0 && was !== t.crossed) this.#drop(t, was);
    if (t.crossed >= 0) this.#want(t, t.crossed, 0, nowMs, true);
    else if (t.index >= 0) this.#judgeApproach(t, away ? here : -1, nowMs);
    this.#lapse(t, t.first, nowMs);
    this.#lapse(t, t.second, nowMs);
    this.#setBusy(t, t.first.region >= 0 || t.second.region >= 0 || t.beyondSinceMs >= 0);
    // Last, because the caller may answer with `moved` or `forget` from within.
    if (t.crossed >= 0 && (t.crossed !== was || nowMs - t.crossedToldMs >= this.#policy.repeatMs)) {
      t.crossedToldMs = nowMs;
      this.#out.crossed(t.subject, this.#id(t.crossed), t.teleport);
    }
  }

  /** Keeps `crossed`, `teleport` and the dwell. */
  #judgeCrossing(t: Tracked<S>, here: number, nowMs: number, jumped: boolean): void {
    const over = this.#over;
    const { x, y, z, index } = t;
    if (here === index && here >= 0) {
      t.beyondSinceMs = -1;
      t.crossed = -1;
      return;
    }
    // With its region taken off the map, whoever holds the place is the target at once.
    const orphan = index < 0;
    const beyond = orphan || over.isBeyond(index, x, y, z, 1);
    if (!beyond) t.beyondSinceMs = -1;
    else if (t.beyondSinceMs < 0) t.beyondSinceMs = nowMs;
    // In a gap or out of the world nobody can take it, so it stays with whoever has it.
    if (here < 0) return;
    if (t.crossed >= 0) {
      if (t.crossed === here || !(jumped || over.isBeyond(t.crossed, x, y, z, 1))) return;
      t.teleport ||= jumped;
      t.crossed = here;
      return;
    }
    const { dwellMs, intervalMs } = this.#policy;
    const waited = beyond && nowMs - t.beyondSinceMs >= dwellMs && nowMs - t.ownedSinceMs >= intervalMs;
    if (!(waited || jumped || orphan || over.isBeyond(index, x, y, z, 2))) return;
    t.crossed = here;
    t.teleport = jumped;
  }

  /** @param over the region over whose border it stands in the band, or −1. */
  #judgeApproach(t: Tracked<S>, over: number, nowMs: number): void {
    const heading = this.#heading;
    aim(this.#map, this.#over, t.index, t, heading);
    const { target, second, etaMs } = heading;
    if (target >= 0 && this.#isSoon(t, target, etaMs)) this.#want(t, target, etaMs, nowMs, false);
    if (over >= 0 && over !== target) this.#want(t, over, 0, nowMs, true);
    else if (second >= 0 && this.#isSoon(t, second, etaMs)) this.#want(t, second, etaMs, nowMs, false);
  }

  #isSoon(t: Tracked<S>, region: number, etaMs: number): boolean {
    if (etaMs < this.#leadMs) return true;
    return (t.first.region === region || t.second.region === region) && etaMs < this.#leadMs * this.#policy.keepFactor;
  }

  /** @param now displaces a target that is not wanted now; otherwise one is displaced only when it has lapsed. */
  #want(t: Tracked<S>, region: number, etaMs: number, nowMs: number, now: boolean): void {
    const target = this.#slotFor(t, region, nowMs, now);
    if (!target) return;
    if (target.region !== region) {
      if (target.region >= 0) this.#retreat(t, target);
      target.region = region;
      target.toldMs = Number.NEGATIVE_INFINITY;
    }
    target.wantedMs = nowMs;
    if (nowMs - target.toldMs < this.#policy.repeatMs) return;
    target.toldMs = nowMs;
    this.#out.approach(t.subject, this.#id(region), Math.round(etaMs));
  }

  #slotFor(t: Tracked<S>, region: number, nowMs: number, now: boolean): Target | undefined {
    const { first, second } = t;
    if (first.region === region) return first;
    if (second.region === region) return second;
    if (first.region < 0) return first;
    if (second.region < 0) return second;
    const older = first.wantedMs <= second.wantedMs ? first : second;
    return now || nowMs - older.wantedMs >= this.#policy.retreatMs ? older : undefined;
  }

  #lapse(t: Tracked<S>, target: Target, nowMs: number): void {
    if (target.region >= 0 && nowMs - target.wantedMs >= this.#policy.retreatMs) this.#retreat(t, target);
  }

  #drop(t: Tracked<S>, region: number): void {
    if (t.first.region === region) this.#retreat(t, t.first);
    if (t.second.region === region) this.#retreat(t, t.second);
  }

  #retreat(t: Tracked<S>, target: Target): void {
    const region = target.region;
    target.region = -1;
    this.#out.retreat(t.subject, this.#id(region));
  }

  #settle(t: Tracked<S>): void {
    t.beyondSinceMs = -1;
    t.crossed = -1;
    t.teleport = false;
    t.first.region = -1;
    t.second.region = -1;
    this.#setBusy(t, false);
  }

  #setBusy(t: Tracked<S>, busy: boolean): void {
    if (t.busy === busy) return;
    t.busy = busy;
    if (busy) this.#busy.add(t);
    else this.#busy.delete(t);
  }

  #indexOf(region: string): number {
    return this.#map.get(region)?.index ?? -1;
  }

  #id(index: number): string {
    return must(this.#map.regions[index], 'a target is a region of the map').id;
  }
}
