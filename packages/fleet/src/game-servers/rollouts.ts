/**
 * From one version of a fleet's program to another: makes the plan of core/rollout after each change, has it done, and keeps in the Store what a later Atlas has
 * to know: which version is wanted, which programs there were, and what the configuration asked for last.
 */
import type { Clock, Probe, StoreRecord } from '@horizon-atlas/ports';
import { decodeRecord, encodeRecord, keys, RolloutRecord, type RolloutView } from '@horizon-atlas/protocol';
import { type GameServerInput, isInUse } from '../core/game-servers/game-server-life.ts';
import { closedBreaker, type StartBreaker } from '../core/game-servers/start-breaker.ts';
import { advance, begin, dueOfRollout, failed, held, type RolloutState, rollback, started } from '../core/rollout/rollout.ts';
import { planRollout, type RolloutSight } from '../core/rollout/rollout-plan.ts';
import { defaultRolloutTerms, type RolloutTerms } from '../core/rollout/terms.ts';
import { toStop } from './choices.ts';
import type { Journal } from './journal.ts';
import { type Entry, type FleetState, isOutdated, type Revision, type Roster } from './roster.ts';

export interface RolloutsOut {
  now(): number;
  /** Starts one of a version. */
  launch(fleet: FleetState, version: string): void;
  input(entry: Entry, input: GameServerInput): void;
  /** Something is to be planned for that fleet. */
  plan(fleet: FleetState): void;
}

/** Programs of a fleet that are kept. */
const revisionsKept = 8;

export class RolloutDesk {
  readonly #roster: Roster;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #probe: Probe;
  readonly #out: RolloutsOut;
  /** What the configuration of this Atlas asks for. */
  readonly #asked = new Map<FleetState, string>();

  constructor(roster: Roster, journal: Journal, deps: { readonly clock: Clock; readonly probe: Probe }, out: RolloutsOut) {
    this.#roster = roster;
    this.#journal = journal;
    this.#clock = deps.clock;
    this.#probe = deps.probe;
    this.#out = out;
  }

  /** What a former Atlas left, before its servers are found. A version that the configuration did not ask for before is begun. */
  restore(records: readonly StoreRecord[]): void {
    const found = new Map(records.map(({ key, value }) => [key, decodeRecord(RolloutRecord, value)]));
    for (const fleet of this.#roster.fleets.values()) {
      if (fleet.stopped) continue;
      const { settings } = fleet;
      this.#asked.set(fleet, settings.version);
      const record = found.get(keys.rollout(settings.name));
      const [own] = fleet.revisions;
      if (record && own) {
        const known = record.revisions.flatMap(({ version, program: text, atMs }): Revision[] => {
          const program = version === own.version ? undefined : settings.revive?.(text);
          return program ? [{ version, text, program, atMs }] : [];
        });
        const ownAtMs = record.revisions.find(({ version }) => version === own.version)?.atMs ?? this.#clock.wall();
        fleet.revisions = [{ ...own, atMs: ownAtMs }, ...known].sort((a, b) => b.atMs - a.atMs);
        fleet.rollout = this.#stateOf(record, fleet);
        if (record.asked !== settings.version || !this.#knows(fleet, fleet.rollout.target)) {
          fleet.rollout = begin(fleet.rollout, settings.version, this.#out.now(), termsOf(fleet));
        }
      } else if (own) fleet.revisions = [{ ...own, atMs: this.#clock.wall() }];
      this.#write(fleet);
    }
  }

  /** True: between two versions, so its plan is the one that holds. */
  isOn({ rollout, former }: FleetState): boolean {
    return rollout.phase !== 'steady' || former.free + former.coming > 0;
  }

  /** @param replicas how many there are to be @param startsMost how many may be started now, as far as the breakers of their versions let them */
  settle(fleet: FleetState, replicas: number, startsMost: number): void {
    const terms = termsOf(fleet);
    const sight = this.#sight(fleet, replicas);
    this.#become(fleet, advance(fleet.rollout, sight, this.#out.now(), terms));
    const { previous, phase, paused } = fleet.rollout;
    const step = planRollout(sight, phase, terms, paused);
    fleet.arrived = 0;
    const knowsFormer = this.#knows(fleet, previous);
    // Held, and the former program is not known any more: who waits is given the new one.
    const instead = paused && !knowsFormer ? step.startFormer : 0;
    const nowMs = this.#out.now();
    const startNext = fleet.breaker.openMs <= nowMs ? Math.min(step.startNext + instead, startsMost) : 0;
    for (let i = 0; i < startNext; i++) this.#out.launch(fleet, fleet.rollout.target);
    const mayStartFormer = knowsFormer && fleet.formerBreaker.openMs <= nowMs;
    const startFormer = mayStartFormer ? Math.min(step.startFormer, startsMost - startNext) : 0;
    for (let i = 0; i < startFormer; i++) this.#out.launch(fleet, previous);
    const why = `version ${fleet.rollout.target} takes its place`;
    for (const entry of toStop(fleet, isOutdated, step.stopFormer, step.stopFormerReady)) this.#end(entry, why);
    for (const entry of toStop(fleet, (each) => !isOutdated(each), step.stopNext))
      this.#end(entry, 'there are more than there are to be');
  }

  /** What is learnt of starts by an end or a success of that one, which says nothing about other versions. */
  learn(entry: Entry, next: (breaker: StartBreaker) => StartBreaker): void {
    const { fleet, version } = entry;
    if (!isOutdated(entry)) fleet.breaker = next(fleet.breaker);
    else if (version === fleet.rollout.previous) fleet.formerBreaker = next(fleet.formerBreaker);
  }

  started(entry: Entry): void {
    if (!isOutdated(entry)) entry.fleet.rollout = started(entry.fleet.rollout);
  }

  becameReady(entry: Entry): void {
    if (!isOutdated(entry)) entry.fleet.arrived++;
  }

  failed(entry: Entry, message: string): void {
    const { fleet } = entry;
    if (!isOutdated(entry)) this.#become(fleet, failed(fleet.rollout, termsOf(fleet), message, this.#out.now()));
  }

  /** Somebody has it from now on: if its version is a former one, its sessions are its last. */
  taken(entry: Entry): void {
    if (isOutdated(entry) && replaces(entry.fleet.rollout)) this.#retire(entry);
  }

  /** A trial whose time is over and whose servers are not up waits for these: that is no matter of time. */
  dueMs(): number {
    const nowMs = this.#out.now();
    const dues = [...this.#roster.fleets.values()].map(({ rollout, settings }) => dueOfRollout(rollout, termsOf({ settings })));
    return Math.min(Number.POSITIVE_INFINITY, ...dues.filter((ms) => ms > nowMs));
  }

  /** Trials that have lasted. */
  tick(): void {
    const nowMs = this.#out.now();
    for (const fleet of this.#roster.fleets.values())
      if (dueOfRollout(fleet.rollout, termsOf(fleet)) <= nowMs) this.#out.plan(fleet);
  }

  // ---- what operators do -------------------------------------------------------------------------------------------

  rollOut(name: string, version: string, text: string): 'FLEET_UNKNOWN' | 'VERSION_TAKEN' | undefined {
    const fleet = this.#roster.fleets.get(name);
    const program = fleet && !fleet.stopped ? fleet.settings.revive?.(text) : undefined;
    if (!fleet || !program) return 'FLEET_UNKNOWN';
    const known = fleet.revisions.find((revision) => revision.version === version);
    if (known && known.text !== text) return 'VERSION_TAKEN';
    const atMs = this.#clock.wall();
    const others = fleet.revisions.filter((revision) => revision.version !== version);
    fleet.revisions = [{ version, text, program: known?.program ?? program, atMs }, ...others].slice(0, revisionsKept);
    this.#become(fleet, begin(fleet.rollout, version, this.#out.now(), termsOf(fleet)));
    this.#write(fleet);
    return undefined;
  }

  rollback(name: string): 'FLEET_UNKNOWN' | 'ROLLOUT_NONE' | undefined {
    const fleet = this.#roster.fleets.get(name);
    if (!fleet || fleet.stopped) return 'FLEET_UNKNOWN';
    if (!this.#knows(fleet, fleet.rollout.previous)) return 'ROLLOUT_NONE';
    const back = rollback(fleet.rollout, this.#out.now(), 'an operator sent it back');
    if (back) this.#become(fleet, back);
    return undefined;
  }

  hold(name: string, paused: boolean): 'FLEET_UNKNOWN' | 'ROLLOUT_NONE' | undefined {
    const fleet = this.#roster.fleets.get(name);
    if (!fleet || fleet.stopped) return 'FLEET_UNKNOWN';
    const next = held(fleet.rollout, paused);
    if (!next) return 'ROLLOUT_NONE';
    this.#become(fleet, next);
    return undefined;
  }

  program(name: string, version: string): string | undefined {
    return this.#roster.fleets.get(name)?.revisions.find((revision) => revision.version === version)?.text || undefined;
  }

  view(name: string): RolloutView | undefined {
    const fleet = this.#roster.fleets.get(name);
    if (!fleet) return undefined;
    const { rollout, counts, former, revisions } = fleet;
    const wall = (ms: number) => Math.max(0, Math.round(this.#clock.wall() + ms - this.#out.now()));
    const dueMs = dueOfRollout(rollout, termsOf(fleet));
    return {
      fleet: name,
      version: rollout.target,
      previous: rollout.previous,
      phase: rollout.phase,
      paused: rollout.paused,
      sinceMs: rollout.previous === '' ? 0 : wall(rollout.sinceMs),
      trialUntilMs: dueMs === Number.POSITIVE_INFINITY ? 0 : wall(dueMs),
      next: { ready: counts.free, coming: counts.coming, inUse: counts.inUse - former.inUse },
      former: { ready: former.free, coming: former.coming, inUse: former.inUse },
      started: rollout.started,
      failed: rollout.failed,
      why: rollout.why,
      refused: rollout.refused,
      revisions: revisions.map(({ version, atMs }) => ({ version, atMs })),
    };
  }

  // ---- how ---------------------------------------------------------------------------------------------------------

  #become(fleet: FleetState, next: RolloutState): void {
    const before = fleet.rollout;
    if (next === before) return;
    if (next.target === before.target) fleet.rollout = next;
    else {
      this.#roster.recount(fleet, () => {
        fleet.rollout = next;
      });
      fleet.arrived = 0;
      // What failed was another program. An operator who asks for one that failed wants it tried.
      fleet.formerBreaker = next.previous === before.target ? fleet.breaker : closedBreaker;
      fleet.breaker = closedBreaker;
    }
    const moved = next.target !== before.target || next.phase !== before.phase || next.paused !== before.paused;
    if (moved) {
      const { target: version, previous, phase, paused, why } = next;
      this.#probe.event('rollout', { fleet: fleet.settings.name, version, previous, phase, paused, why });
      for (const entry of [...fleet.entries.values()]) {
        if (!isOutdated(entry) || next.paused) this.#out.input(entry, { kind: 'keep', why: '' });
        else if (replaces(next)) this.#retire(entry);
      }
    }
    this.#write(fleet);
    this.#out.plan(fleet);
  }

  #retire(entry: Entry): void {
    if (isInUse(entry.life) && entry.life.wish === 'none')
      this.#out.input(entry, { kind: 'retire', why: `version ${entry.fleet.rollout.target} follows it` });
  }

  /** Nobody has it by allocation; who plays on it all the same plays on. */
  #end(entry: Entry, why: string): void {
    const kind = entry.life.state === 'Ready' ? 'drain' : 'shutdown';
    this.#out.input(entry, { kind, why });
  }

  #sight(fleet: FleetState, replicas: number): RolloutSight {
    const { counts, former, arrived } = fleet;
    return {
      wanted: Math.max(0, replicas - counts.inUse),
      next: { free: counts.free, coming: counts.coming, inUse: counts.inUse - former.inUse, leaving: 0 },
      former: { ...former },
      arrived,
    };
  }

  #knows({ revisions }: FleetState, version: string): boolean {
    return revisions.some((revision) => revision.version === version);
  }

  #stateOf(record: RolloutRecord, fleet: FleetState): RolloutState {
    const { target, started: starts, failed: failures, why, refused } = record;
    const [phase, paused] = phaseOf(record.phase);
    const previous = this.#knows(fleet, record.previous) ? record.previous : '';
    const sinceMs = this.#out.now() - Math.max(0, this.#clock.wall() - record.startedAtMs);
    // A trial that a restart came between lasts its time anew.
    return { phase, target, previous, paused, sinceMs, trialMs: Number.NaN, started: starts, failed: failures, why, refused };
  }

  #write(fleet: FleetState): void {
    const { name } = fleet.settings;
    this.#journal.follow(keys.rollout(name), () => {
      const { phase, paused, target, previous, sinceMs, started: starts, failed: failures, why, refused } = fleet.rollout;
      return encodeRecord(RolloutRecord, {
        phase: paused && phase !== 'steady' ? `${phase}-paused` : phase,
        target,
        previous,
        asked: this.#asked.get(fleet) ?? '',
        startedAtMs: Math.max(0, Math.floor(this.#clock.wall() + sinceMs - this.#out.now())),
        started: starts,
        failed: failures,
        why: why.slice(0, 1000),
        refused,
        revisions: fleet.revisions
          .filter(({ text }) => text !== '')
          .slice(0, revisionsKept)
          .map(({ version, text, atMs }) => ({ version, program: text, atMs: Math.max(0, Math.floor(atMs)) })),
      });
    });
  }
}

/** Whether sessions on servers of the former version are their last. */
function replaces({ phase, paused }: RolloutState): boolean {
  return phase !== 'canary' && !paused;
}

/** As it is written: one word for both. */
function phaseOf(written: RolloutRecord['phase']): readonly [RolloutState['phase'], paused: boolean] {
  switch (written) {
    case 'canary-paused':
      return ['canary', true];
    case 'rolling-paused':
      return ['rolling', true];
    default:
      return [written, false];
  }
}

export function termsOf({ settings }: Pick<FleetState, 'settings'>): RolloutTerms {
  return settings.rollout ?? defaultRolloutTerms;
}
