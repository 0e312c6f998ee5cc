/**
 * Keeps game servers running: all that happens to one is an input to its life; what that asks for is done, what the Store has to know is
 * written, whoever watches is told, and its fleet is planned for anew at the end of the turn.
 */
import { Heap, must } from '@horizon-atlas/base';
import type { Cancel, RunnerReport, StoreRecord } from '@horizon-atlas/ports';
import {
  decodeRecord,
  encodeRecord,
  FleetRecord,
  type FleetView,
  type GameServerWord,
  keys,
  type ModeScaling,
} from '@horizon-atlas/protocol';
import { Awake } from '../awake.ts';
import { type FleetWish, isSpare, planFleet, replicasOf } from '../core/game-servers/fleet-plan.ts';
import {
  counts,
  dueOf,
  type GameServerEnd,
  type GameServerInput,
  type GameServerRequest,
  isInUse,
  isOver,
  overdue,
  step,
} from '../core/game-servers/game-server-life.ts';
import { defaultGameServerPolicy, gameServerLimits, startPolicy } from '../core/game-servers/policy.ts';
import type { Properties } from '../core/game-servers/properties.ts';
import { crashed, failed, type StartBreaker, succeeded } from '../core/game-servers/start-breaker.ts';
import { HangWatch } from '../hang-watch.ts';
import { isDurable, sameProps, toStop } from './choices.ts';
import { newEntry, recordOf, siteFor } from './entries.ts';
import type { Journal } from './journal.ts';
import { News } from './news.ts';
import { RolloutDesk } from './rollouts.ts';
import { type Entry, type FleetState, fleetViewOf, isOutdated, limitsOf, Roster, viewOf } from './roster.ts';
import type { GameServersDeps, GameServersSettings } from './settings.ts';
import { Spares } from './spares.ts';
import { Starter } from './starter.ts';

/** Who gives the servers away has to hear of them. */
export interface KeeperOut {
  /** As it is from now on. */
  heard(entry: Entry): void;
  /** Nobody may have it any more; sessions of it end so. Then, once more, when it is gone. */
  over(entry: Entry, end: 'ended' | 'died'): void;
  said(entry: Entry, word: GameServerWord): void;
  readonly dueMs: number;
  tick(): void;
}

/** From a server's being ready: within it whoever knocked is in, and counted. */
const knockMs = 30_000;

export class Keeper {
  readonly roster = new Roster();
  readonly news = new News();
  readonly rollouts: RolloutDesk;
  readonly #deps: GameServersDeps;
  readonly #out: KeeperOut;
  readonly #journal: Journal;
  readonly #starter: Starter;
  readonly #spares: Spares;
  readonly #awake: Awake;
  readonly #hangs: HangWatch;
  readonly #due = new Heap<Entry>();
  /** Fleets to plan for at the end of this turn. */
  readonly #unplanned = new Set<FleetState>();
  #cancelReports: Cancel = () => {};
  #early: RunnerReport[] = [];
  #open = false;
  #stopGraceMs: number | undefined;
  #empty: (() => void) | undefined;

  constructor(deps: GameServersDeps, settings: GameServersSettings, journal: Journal, out: KeeperOut) {
    this.#deps = deps;
    this.#out = out;
    this.#journal = journal;
    this.#awake = new Awake(deps.clock, () => this.#tick());
    this.#hangs = new HangWatch(deps.clock, deps.runner);
    this.rollouts = new RolloutDesk(this.roster, journal, deps, {
      now: () => this.#awake.now(),
      launch: (fleet, version) => this.#launch(fleet, version),
      input: (entry, input) => void this.input(entry, input),
      plan: (fleet) => this.plan(fleet),
    });
    this.#spares = new Spares(deps.runner);
    this.#starter = new Starter(
      {
        runner: deps.runner,
        probe: deps.probe,
        isPortFree: deps.isPortFree ?? (() => Promise.resolve(true)),
        said: (entry, word) => out.said(entry, word),
        failed: (entry, message) => this.input(entry, { kind: 'failed', message }),
        gone: (entry) => this.input(entry, { kind: 'exited' }),
        placed: (entry) => this.#changed(entry, true),
      },
      settings.portRange,
    );
    for (const fleet of settings.fleets) this.roster.addFleet(fleet, { ...defaultGameServerPolicy, ...fleet.policy });
  }

  // ---- its own life ------------------------------------------------------------------------------------------------

  get isOpen(): boolean {
    return this.#open;
  }

  /** Running time. */
  now(): number {
    return this.#awake.now();
  }

  /** Reports of the runner are heard from now on, and kept until `open`: no end falls between a look at what runs and the watch. */
  watchRunner(): void {
    this.#cancelReports = this.#deps.runner.watch((report) => {
      if (this.#open) this.#reported(report);
      else this.#early.push(report);
    });
  }

  open(entries: readonly Entry[], orphans: readonly string[], sizes: readonly StoreRecord[]): void {
    for (const { key, value } of sizes) {
      const fleet = this.roster.fleets.get(key.slice(keys.fleets.length));
      const record = fleet && decodeRecord(FleetRecord, value);
      if (!record) continue;
      fleet.held = record.held;
      fleet.mode = record.deployed;
    }
    this.#open = true;
    for (const id of orphans) {
      this.#deps.probe.event('game_server_orphan', { server: id });
      void this.#deps.runner.stop(id, 0).catch(() => {});
    }
    for (const entry of entries) this.#adopt(entry);
    for (const report of this.#early.splice(0)) this.#reported(report);
    for (const fleet of this.roster.fleets.values()) {
      // As many as were found, of whatever version, until whoever scales it has spoken.
      const found = [...fleet.entries.values()].filter(({ life }) => counts(life)).length;
      fleet.scaled = within(fleet, found);
      fleet.replicas = fleet.held ?? fleet.scaled;
      this.plan(fleet);
    }
  }

  /** Ends all, gently, whoever has them; resolves when they are gone. */
  async stop(graceMs: number): Promise<void> {
    this.#stopGraceMs = graceMs;
    const empty = new Promise<void>((resolve) => {
      this.#empty = resolve;
    });
    for (const fleet of this.roster.fleets.values()) fleet.stopped = true;
    for (const entry of [...this.roster.all()]) {
      if (entry.life.state === 'Sleeping' && entry.life.pid === 0) continue;
      if (isOver(entry.life.state)) this.#starter.stop(entry, graceMs);
      else this.input(entry, { kind: 'shutdown', why: 'Atlas stops' });
    }
    if (this.#runs()) await empty;
  }

  close(): void {
    this.#open = false;
    this.#cancelReports();
    this.#awake.setAlarm(Number.POSITIVE_INFINITY);
    this.#hangs.close();
    for (const entry of this.roster.all()) entry.detach();
  }

  #runs(): boolean {
    return [...this.roster.all()].some(({ life }) => life.state !== 'Sleeping' || life.pid !== 0);
  }

  #adopt(entry: Entry): void {
    this.roster.add(entry);
    this.#starter.adopt(entry);
    // The former Atlas may have started it in the background.
    if (entry.life.pid !== 0) this.#deps.runner.hurry?.(entry.id);
    // Or have frozen it, and died before that was written.
    if (entry.life.pid !== 0 && entry.life.state !== 'Sleeping') this.#deps.runner.thaw(entry.id);
    this.#out.heard(entry);
    this.#arm(entry);
    // It was on its way out: asked once more.
    if (entry.life.state === 'Shutdown') this.#starter.stop(entry, entry.fleet.policy.stopGraceMs);
    this.news.server(viewOf(entry), false);
  }

  // ---- inputs ------------------------------------------------------------------------------------------------------

  #reported(report: RunnerReport): void {
    const entry = this.roster.get(report.id);
    if (entry) this.input(entry, report);
    // A start that was given up on, or an end that nobody waits for any more.
    else if (report.kind === 'started') void this.#deps.runner.stop(report.id, 0).catch(() => {});
  }

  #tick(): void {
    const nowMs = this.#awake.now();
    while (this.#due.minKey <= nowMs) {
      const atMs = this.#due.minKey;
      const entry = must(this.#due.pop(), 'the heap has what its key says');
      if (entry.alarmMs !== atMs || this.roster.get(entry.id) !== entry) continue;
      entry.alarmMs = Number.POSITIVE_INFINITY;
      this.#dueNow(entry, nowMs);
      this.#arm(entry);
    }
    this.#out.tick();
    this.rollouts.tick();
    this.#spares.tick(nowMs);
    for (const fleet of this.roster.fleets.values()) {
      if (fleet.startDueMs <= nowMs) this.plan(fleet);
      if (fleet.knockedUntilMs > 0 && fleet.knockedUntilMs <= nowMs) {
        fleet.knockedUntilMs = 0;
        this.plan(fleet);
      }
    }
    for (const fleet of this.roster.fleets.values())
      if (breakersOf(fleet).some(({ trouble, openMs }) => trouble && openMs <= nowMs)) this.plan(fleet);
    this.setAlarm();
  }

  /** Who says nothing is looked at first: on an overloaded machine it may have had no chance to. */
  #dueNow(entry: Entry, nowMs: number): void {
    const { policy } = entry.fleet;
    if (dueOf(entry.life, policy) > nowMs) return;
    const late = overdue(entry.life, nowMs, policy);
    if (!late || entry.life.sparedMs > nowMs) return void this.input(entry, { kind: 'tick' });
    const servers = late === 'hang' ? this.roster.size : Number.POSITIVE_INFINITY;
    const judged = this.#hangs.judge(entry.id, servers);
    if (judged.hung) this.input(entry, { kind: 'tick', why: judged.why });
    else this.input(entry, { kind: 'spared', untilMs: nowMs + judged.lookMs });
  }

  #suspect(entry: Entry): void {
    const certain = this.#hangs.suspect(entry.id);
    if (certain !== undefined) this.input(entry, { kind: 'word', word: { say: 'hung', why: `its link is lost, ${certain}` } });
  }

  /** False: refused; nothing has changed. */
  input(entry: Entry, input: GameServerInput, props: Properties = entry.props): boolean {
    if (this.roster.get(entry.id) !== entry || !this.#open) return false;
    const before = entry.life;
    const { next, requests, end, ok } = step(before, input, this.#awake.now(), entry.fleet.policy);
    if (!ok) return false;
    const propsBefore = entry.props;
    this.roster.set(entry, next, props, this.#deps.clock.wall());
    if (input.kind === 'started') this.#starter.attend(entry);
    if (Number.isNaN(before.readyMs) && !Number.isNaN(next.readyMs)) this.#becameReady(entry);
    for (const request of requests) this.#ask(entry, request);
    if (isOver(next.state) && !isOver(before.state)) this.#endSessions(entry, input);
    this.#spares.changed(entry);
    if (isInUse(next) && !isInUse(before)) {
      entry.fleet.grantedMs = this.#awake.now();
      this.rollouts.taken(entry);
    }
    if (input.kind === 'linked' || isOver(next.state)) this.#hangs.clear(entry.id);
    if (end) this.#ended(entry, end);
    else if (next !== before || props !== propsBefore)
      this.#changed(entry, isDurable(before, next) || !sameProps(props, propsBefore), before.state);
    this.#arm(entry);
    if (input.kind === 'unlinked' && next !== before && next.asleep === 'no') this.#suspect(entry);
    return true;
  }

  #becameReady(entry: Entry): void {
    const { fleet, life } = entry;
    if (!Number.isNaN(life.startedMs)) {
      const ms = this.#awake.now() - life.startedMs;
      fleet.startTimes.add(ms);
      this.#deps.probe.observe('atlas_game_server_start_ms', ms, { fleet: fleet.settings.name });
    }
    this.rollouts.learn(entry, (breaker) => succeeded(breaker, this.#awake.now()));
    this.rollouts.becameReady(entry);
  }

  #ask(entry: Entry, request: GameServerRequest): void {
    const { runner } = this.#deps;
    const graceMs = this.#stopGraceMs ?? entry.stopGraceMs ?? entry.fleet.policy.stopGraceMs;
    if (request === 'start') this.#starter.start(entry);
    else if (request === 'freeze') runner.freeze(entry.id);
    else if (request === 'thaw') runner.thaw(entry.id);
    else {
      if (request === 'stop') this.#deps.tell?.(entry.id, { kind: 'stop', deadlineMs: graceMs });
      this.#starter.stop(entry, request === 'kill' ? 0 : graceMs);
    }
  }

  /** Nobody has it from now on, and nobody gets it any more. */
  #endSessions(entry: Entry, input: GameServerInput): void {
    const itself = entry.life.leaving || entry.life.state === 'Shutdown';
    this.#out.over(entry, itself && input.kind !== 'shutdown' ? 'ended' : 'died');
  }

  #ended(entry: Entry, end: GameServerEnd): void {
    const { fleet, life } = entry;
    const { probe } = this.#deps;
    const name = fleet.settings.name;
    if (end !== 'ended') {
      const nowMs = this.#awake.now();
      const message = `${entry.id}: ${life.why}`;
      const code = life.code === '' ? 'SERVER_CRASHED' : life.code;
      this.rollouts.learn(entry, (breaker) =>
        end === 'failed' ? failed(breaker, code, message, life.begunMs, nowMs) : crashed(breaker, fleet.replicas, message, nowMs),
      );
      this.rollouts.failed(entry, message);
      probe.count('atlas_game_server_failures_total', 1, { fleet: name, code });
      probe.event('game_server_failed', { server: entry.id, fleet: name, code, message: life.why });
    }
    this.#starter.forget(entry);
    this.#spares.gone(entry);
    this.#out.over(entry, 'died');
    this.roster.remove(entry);
    this.#journal.follow(keys.gameServer(entry.id), () => undefined);
    this.news.server(viewOf(entry), true);
    this.plan(fleet);
    if (this.#empty && !this.#runs()) this.#empty();
  }

  /** After each change of a server that goes on. */
  #changed(entry: Entry, durable: boolean, before = entry.life.state): void {
    if (durable) {
      const { clock } = this.#deps;
      const value = () =>
        this.roster.get(entry.id) === entry ? recordOf(entry, { nowMs: this.#awake.now(), wallMs: clock.wall() }) : undefined;
      this.#journal.follow(keys.gameServer(entry.id), value);
    }
    if (!isOver(entry.life.state)) this.#out.heard(entry);
    const view = viewOf(entry);
    if (view.state !== before) {
      this.#deps.probe.event('game_server_state', {
        server: entry.id,
        fleet: view.fleet,
        from: before,
        to: view.state,
        why: view.why,
      });
      if (entry.life.linked) this.#deps.tell?.(entry.id, { kind: 'state', view });
    }
    this.news.server(view, false);
    this.plan(entry.fleet);
  }

  // ---- how many ----------------------------------------------------------------------------------------------------

  scale(fleet: FleetState, replicas: number): void {
    const scaled = within(fleet, replicas);
    if (scaled === fleet.scaled) return;
    fleet.scaled = scaled;
    this.#resize(fleet);
    this.plan(fleet);
  }

  hold(fleet: FleetState, replicas: number | undefined): void {
    const held = replicas === undefined ? undefined : within(fleet, replicas);
    if (held === fleet.held) return;
    // Let go, it is scaled from where it is.
    if (held === undefined) fleet.scaled = fleet.replicas;
    fleet.held = held;
    this.#resized(fleet);
  }

  /** Somebody is at the door of a fleet that has nobody to open: a server is started, and stays until players have had the time to come in. */
  knock(fleet: FleetState): void {
    const before = fleet.knockedUntilMs;
    const nowMs = this.#awake.now();
    fleet.knockedUntilMs = nowMs + fleet.policy.startTimeoutMs + knockMs;
    if (before <= nowMs) this.plan(fleet);
  }

  deploy(fleet: FleetState, mode: ModeScaling | undefined): void {
    fleet.mode = mode;
    fleet.held = undefined;
    this.#resized(fleet);
  }

  #resized(fleet: FleetState): void {
    const record = () => {
      const { held, mode } = fleet;
      return encodeRecord(FleetRecord, { held, deployed: mode && { ...mode, sites: [...mode.sites] } });
    };
    this.#journal.follow(keys.fleet(fleet.settings.name), record);
    this.#resize(fleet);
    this.plan(fleet);
  }

  fleetView(fleet: FleetState): FleetView {
    return fleetViewOf(fleet, this.#awake.now(), this.#deps.clock.wall());
  }

  /** At the end of this turn, once for all that has changed by then. */
  plan(fleet: FleetState): void {
    if (this.#unplanned.size === 0) void Promise.resolve().then(() => this.#planAll());
    this.#unplanned.add(fleet);
  }

  #planAll(): void {
    const fleets = [...this.#unplanned];
    this.#unplanned.clear();
    if (!this.#open) return;
    for (const fleet of fleets) {
      // Whoever scales it speaks first: by a size of before, servers would be stopped that are started again a moment later.
      this.#resize(fleet);
      this.news.fleet(() => this.fleetView(fleet));
      this.#settle(fleet);
    }
    this.setAlarm();
  }

  /** What is told of its size is what was said of it last: whoever scales it goes on from there. */
  #resize(fleet: FleetState): void {
    const knocked = fleet.knockedUntilMs > this.#awake.now() && fleet.counts.inUse === 0 ? 1 : 0;
    fleet.replicas = replicasOf(fleet.counts, { ...wishOf(fleet), waiting: fleet.waiting + knocked });
  }

  #settle(fleet: FleetState): void {
    const { counts, former, breaker } = fleet;
    this.#spares.planned(fleet);
    if (this.rollouts.isOn(fleet)) {
      this.rollouts.settle(fleet, fleet.replicas, Math.max(0, startPolicy.startsAtOnce - counts.coming - former.coming));
      return;
    }
    const { start, stop } = planFleet(counts, fleet.replicas, startPolicy.startsAtOnce);
    const nowMs = this.#awake.now();
    if (start === 0) fleet.startDueMs = Number.POSITIVE_INFINITY;
    // From the first that is missing: another that is given away meanwhile puts nothing off.
    else if (fleet.startDueMs === Number.POSITIVE_INFINITY)
      fleet.startDueMs = Math.max(nowMs, fleet.grantedMs + fleet.policy.spareWaitMs);
    const mayStart = fleet.startDueMs <= nowMs || !isSpare(counts, fleet.waiting);
    if (mayStart && breaker.openMs <= nowMs) for (let i = 0; i < start; i++) this.#launch(fleet);
    for (const entry of toStop(fleet, (each) => !each.life.ageing && !isOutdated(each), stop))
      this.input(entry, { kind: 'shutdown', why: 'the fleet is larger than it is to be' });
  }

  #launch(fleet: FleetState, version?: string): void {
    const { entropy, clock, probe } = this.#deps;
    const name = fleet.settings.name;
    const entry = newEntry(entropy.id(name), fleet, siteFor(fleet), this.#awake.now(), clock.wall(), version);
    this.#spares.add(entry);
    this.roster.add(entry);
    this.#changed(entry, true);
    probe.count('atlas_game_server_starts_total', 1, { fleet: name });
    this.rollouts.started(entry);
    this.#starter.start(entry);
  }

  // ---- time --------------------------------------------------------------------------------------------------------

  #arm(entry: Entry): void {
    const dueMs = dueOf(entry.life, entry.fleet.policy);
    if (dueMs >= entry.alarmMs) return;
    entry.alarmMs = dueMs;
    this.#due.push(dueMs, entry);
    this.setAlarm();
  }

  setAlarm(): void {
    if (!this.#open) return;
    const nowMs = this.#awake.now();
    let dueMs = Math.min(this.#due.minKey, this.#out.dueMs, this.rollouts.dueMs(), this.#spares.dueMs);
    for (const fleet of this.roster.fleets.values()) {
      for (const { openMs } of breakersOf(fleet)) if (openMs > nowMs) dueMs = Math.min(dueMs, openMs);
      if (fleet.knockedUntilMs > nowMs) dueMs = Math.min(dueMs, fleet.knockedUntilMs);
      if (fleet.startDueMs > nowMs) dueMs = Math.min(dueMs, fleet.startDueMs);
    }
    this.#awake.setAlarm(dueMs);
  }
}

function within(fleet: FleetState, replicas: number): number {
  const { min, max } = limitsOf(fleet);
  return Math.max(min, Math.min(max, gameServerLimits.serversPerFleet, Math.trunc(replicas)));
}

function breakersOf({ breaker, formerBreaker }: FleetState): readonly StartBreaker[] {
  return [breaker, formerBreaker];
}

function wishOf(fleet: FleetState): FleetWish {
  const { held, scaled, waiting, stopped } = fleet;
  return { ...limitsOf(fleet), held, scaled, waiting, stopped };
}
