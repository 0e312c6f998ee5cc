/**
 * The service of game servers that are given away as a whole: keeps as many of each fleet running as there are to be, and gives them to who asks.
 *
 *   config, scale ─▶ ┌───────── fleets ─────────┐ ─▶ runner: start, stop, kill, freeze, thaw
 *   runner reports ─▶│ arena    arena_01H…      │ ─▶ game-server/<id>, fleet/<name>   (follow what happens)
 *   links, words ──▶ │          arena_01J…      │ ─▶ watchers: each change
 *   requests ──────▶ └──────────────────────────┘ ─▶ allocation/<request>             (before anybody is answered)
 *
 * What happens to one server is decided by its life (core/game-servers/game-server-life.ts), how many there are to be by the plan (fleet-plan.ts),
 * who gets one by the allocator (core/allocation). Here these are fed, and done as they say.
 */
import { must } from '@horizon-atlas/base';
import {
  type AllocationRecord,
  type FleetView,
  type GameServerOrder,
  type GameServerView,
  type GameServerWord,
  keys,
  type ModeScaling,
  type RolloutView,
  type SessionAnswer,
  type SessionRequest,
  type SessionResult,
  type SessionWish,
  type SleepKind,
} from '@horizon-atlas/protocol';
import type { Allocation, AllocationAnswer, AllocationRequest } from '../core/allocation/allocator.ts';
import { type Change, changed, isEmpty, type Selector } from '../core/allocation/game-server.ts';
import { isOver } from '../core/game-servers/game-server-life.ts';
import { applied, type Properties } from '../core/game-servers/properties.ts';
import { findAdopted } from './adoption.ts';
import { hasRoom } from './choices.ts';
import { Desk } from './desk.ts';
import { toldOf } from './entries.ts';
import { Journal } from './journal.ts';
import { Keeper } from './keeper.ts';
import { type Entry, type FleetState, viewOf } from './roster.ts';
import { requestOf, sessionText } from './session-request.ts';
import { type GameServersDeps, type GameServersSettings, labelNames, sessionAnnotation, sessionsCounter } from './settings.ts';
import type { GameServersService } from './surface.ts';

export function makeGameServers(deps: GameServersDeps, settings: GameServersSettings): GameServersService {
  return new Service(deps, settings);
}

/** A word of being ready this soon after a grant may be an echo of the one before it; ms. */
const readyEchoMs = 1_000;
/** A word of a player may be of a session that was over when it came, for so long; ms. */
const formerMs = 30_000;

class Service implements GameServersService {
  readonly #deps: GameServersDeps;
  readonly #journal: Journal;
  readonly #desk: Desk;
  readonly #wishers = new Set<(requestId: string, wish: SessionWish) => void>();
  readonly #keeper: Keeper;

  constructor(deps: GameServersDeps, settings: GameServersSettings) {
    this.#deps = deps;
    this.#journal = new Journal(deps.store, deps.clock, deps.probe);
    const desk = (): Desk => this.#desk;
    this.#keeper = new Keeper(deps, settings, this.#journal, {
      heard: (entry) => desk().heard(toldOf(entry)),
      over: (entry, end) => {
        for (const requestId of entry.life.holders) desk().end(requestId, end);
        desk().gone(entry.id);
      },
      said: (entry, word) => void this.#heard(entry, word),
      get dueMs() {
        return desk().dueMs;
      },
      tick: () => desk().tick(),
    });
    this.#desk = new Desk(this.#journal, deps.probe, {
      now: () => this.#keeper.now(),
      wall: () => deps.clock.wall(),
      granted: (allocation) => this.#granted(allocation),
      expired: ({ requestId }) => this.#over(requestId, 'expired'),
      etaMs: (selector) => this.#etaMs(selector),
      changed: () => this.#keeper.setAlarm(),
    });
  }

  // ---- its own life ------------------------------------------------------------------------------------------------

  async start(): Promise<void> {
    const { runner, store, clock, probe } = this.#deps;
    this.#keeper.watchRunner();
    const list = async (prefix: string) => (await store.list(prefix)).records;
    const wanted = [keys.gameServers, keys.allocations, keys.fleets, keys.rollouts].map(list);
    const [servers = [], allocations = [], sizes = [], rollouts = []] = await Promise.all(wanted);
    this.#keeper.rollouts.restore(rollouts);
    const processes = await runner.list();
    const held = this.#desk.restore(allocations);
    const times = { nowMs: this.#keeper.now(), wallMs: clock.wall() };
    const { entries, orphans, unreadable, lost } = findAdopted(servers, processes, held, this.#keeper.roster, times);
    this.#keeper.open(entries, orphans, sizes);
    for (const key of unreadable) this.#journal.put(key, undefined, key);
    for (const requestId of lost) this.#over(requestId, 'died');
    probe.event('game_servers_adopted', { running: entries.length, orphans: orphans.length });
  }

  async stop(graceMs: number): Promise<void> {
    await this.#keeper.stop(graceMs);
    await this.close();
  }

  async close(): Promise<void> {
    this.#keeper.close();
    await this.#journal.close();
  }

  // ---- words -------------------------------------------------------------------------------------------------------

  get(id: string): GameServerView | undefined {
    const entry = this.#keeper.roster.get(id);
    return entry && viewOf(entry);
  }

  list(fleet?: string): readonly GameServerView[] {
    const entries =
      fleet === undefined ? this.#keeper.roster.all() : (this.#keeper.roster.fleets.get(fleet)?.entries.values() ?? []);
    return [...entries].map(viewOf);
  }

  get size(): number {
    return this.#keeper.roster.size;
  }

  *views(): Generator<GameServerView> {
    for (const entry of this.#keeper.roster.all()) yield viewOf(entry);
  }

  watch(fn: (view: GameServerView, gone: boolean) => void): () => void {
    return this.#keeper.news.watch(fn);
  }

  heard(id: string, word: GameServerWord): boolean {
    const entry = this.#keeper.roster.get(id);
    return entry !== undefined && this.#heard(entry, word);
  }

  order(id: string, order: GameServerOrder): 'PROCESS_UNKNOWN' | 'PROCESS_STATE' | undefined {
    const entry = this.#keeper.roster.get(id);
    if (!entry) return 'PROCESS_UNKNOWN';
    return this.#keeper.input(entry, { kind: order, why: 'an operator asked for it' }) ? undefined : 'PROCESS_STATE';
  }

  sleep(id: string, how: SleepKind): 'PROCESS_UNKNOWN' | 'PROCESS_STATE' | undefined {
    const entry = this.#keeper.roster.get(id);
    if (!entry) return 'PROCESS_UNKNOWN';
    if (this.#desk.isPromised(id)) return 'PROCESS_STATE';
    return this.#keeper.input(entry, { kind: 'sleep', how }) ? undefined : 'PROCESS_STATE';
  }

  wake(id: string): 'PROCESS_UNKNOWN' | 'PROCESS_STATE' | undefined {
    const entry = this.#keeper.roster.get(id);
    if (!entry) return 'PROCESS_UNKNOWN';
    return this.#keeper.input(entry, { kind: 'wake' }) ? undefined : 'PROCESS_STATE';
  }

  knows(id: string): boolean {
    const entry = this.#keeper.roster.get(id);
    return entry !== undefined && entry.life.state !== 'Unhealthy' && entry.life.state !== 'Error';
  }

  linked(id: string, { pid, sessions }: { readonly pid: number; readonly sessions: readonly string[] }): void {
    const entry = this.#keeper.roster.get(id);
    if (!entry) return;
    this.#keeper.input(entry, { kind: 'linked', pid });
    // First what is over: it may have no room for what is new before it has let go of that.
    const over = sessions.filter((requestId) => !entry.life.holders.includes(requestId));
    entry.strangers = new Set(over.flatMap((requestId) => this.#desk.record(requestId)?.players ?? []));
    for (const requestId of over) {
      const end = this.#desk.record(requestId)?.end ?? 'ended';
      this.#deps.tell?.(id, { kind: 'over', requestId, end });
    }
    for (const requestId of entry.life.holders) {
      const known = sessions.includes(requestId) ? this.#desk.record(requestId) : undefined;
      // Of one that it has, what has changed meanwhile.
      if (known) this.#tellSession(entry, known);
      else this.#give(entry, requestId);
    }
    this.#deps.tell?.(id, { kind: 'state', view: viewOf(entry) });
    if (entry.life.state === 'Shutdown') this.#deps.tell?.(id, { kind: 'stop', deadlineMs: entry.fleet.policy.stopGraceMs });
  }

  unlinked(id: string): void {
    const entry = this.#keeper.roster.get(id);
    if (entry) this.#keeper.input(entry, { kind: 'unlinked' });
  }

  #heard(entry: Entry, word: GameServerWord): boolean {
    if (isOver(entry.life.state)) return false;
    const props = applied(entry.props, word);
    if (!props) return false;
    const { life } = entry;
    if (word.say === 'ready' && life.holders.length > 0) return this.#readyAgain(entry);
    const strangers = this.#areStrangers(entry, word);
    if (!this.#keeper.input(entry, { kind: 'word', word, strangers }, props)) return false;
    if (strangers) return true;
    if (word.say === 'active') this.#playersCame(entry, []);
    else if (word.say === 'joined') this.#playersCame(entry, [word.player]);
    else if (word.say === 'players' && word.count > 0) this.#playersCame(entry, word.names ?? []);
    return true;
  }

  /** At a hello it tells of all that are there, and so also of those whose session is over, of which it has not heard yet. */
  #areStrangers({ strangers, life }: Entry, word: GameServerWord): boolean {
    const names = word.say === 'players' ? (word.names ?? []) : word.say === 'left' ? [word.player] : [];
    if (strangers.size === 0 || names.length === 0) return false;
    if (word.say === 'players' && names.length < word.count) return false;
    const own = new Set(life.holders.flatMap((id) => this.#desk.record(id)?.players ?? []));
    return names.every((name) => strangers.has(name) && !own.has(name));
  }

  /** Agones' way to use a server again: it says that it is ready while it is allocated. */
  #readyAgain(entry: Entry): boolean {
    const newest = Math.max(...entry.life.holders.map((id) => this.#desk.record(id)?.grantedAtMs ?? 0));
    if (this.#deps.clock.wall() - newest < readyEchoMs) return true;
    for (const requestId of entry.life.holders) this.#over(requestId, 'ended', '', undefined, true);
    return true;
  }

  #keepFormer({ former }: Entry, players: readonly string[]): void {
    const nowMs = this.#keeper.now();
    for (const [player, atMs] of former) {
      if (atMs > nowMs - formerMs) break;
      former.delete(player);
    }
    for (const player of players) {
      // Anew: the oldest stay first.
      former.delete(player);
      former.set(player, nowMs);
    }
  }

  /** Leases of sessions whose players have come are fulfilled; of all of them where nobody knows whose the players are. */
  #playersCame(entry: Entry, names: readonly string[]): void {
    const records = entry.life.holders.flatMap((id) => this.#desk.record(id) ?? []);
    if (records.every(({ state }) => state !== 'granted')) return;
    const theirs = records.filter(({ players }) => players.some((player) => names.includes(player)));
    // Of a session that is over, of which its server has not heard yet: they have come to none of these.
    const isLate = (name: string) => (entry.former.get(name) ?? Number.NEGATIVE_INFINITY) > this.#keeper.now() - formerMs;
    if (theirs.length === 0 && names.length > 0 && names.every(isLate)) return;
    for (const { requestId } of theirs.length > 0 ? theirs : records) this.#desk.activate(requestId);
  }

  // ---- fleets ------------------------------------------------------------------------------------------------------

  fleet(name: string): FleetView | undefined {
    const fleet = this.#keeper.roster.fleets.get(name);
    return fleet && this.#keeper.fleetView(fleet);
  }

  hasFleet(name: string): boolean {
    return this.#keeper.roster.fleets.has(name);
  }

  fleets(): readonly FleetView[] {
    return [...this.#keeper.roster.fleets.values()].map((fleet) => this.#keeper.fleetView(fleet));
  }

  watchFleets(fn: (view: FleetView) => void): () => void {
    return this.#keeper.news.watchFleets(fn);
  }

  scale(name: string, replicas: number): boolean {
    const fleet = this.#keeper.roster.fleets.get(name);
    if (fleet) this.#keeper.scale(fleet, replicas);
    return fleet !== undefined;
  }

  hold(name: string, replicas: number | undefined): boolean {
    const fleet = this.#keeper.roster.fleets.get(name);
    if (fleet) this.#keeper.hold(fleet, replicas);
    return fleet !== undefined;
  }

  knock(name: string): boolean {
    const fleet = this.#keeper.roster.fleets.get(name);
    if (!fleet || fleet.stopped) return false;
    this.#keeper.knock(fleet);
    return true;
  }

  deploy(name: string, mode: ModeScaling | undefined): boolean {
    const fleet = this.#keeper.roster.fleets.get(name);
    if (fleet) this.#keeper.deploy(fleet, mode);
    return fleet !== undefined;
  }

  // ---- versions ----------------------------------------------------------------------------------------------------

  rollout(fleet: string): RolloutView | undefined {
    return this.#keeper.rollouts.view(fleet);
  }

  rollOut(fleet: string, version: string, program: string): 'FLEET_UNKNOWN' | 'VERSION_TAKEN' | undefined {
    return this.#keeper.rollouts.rollOut(fleet, version, program);
  }

  program(fleet: string, version: string): string | undefined {
    return this.#keeper.rollouts.program(fleet, version);
  }

  rollback(fleet: string): 'FLEET_UNKNOWN' | 'ROLLOUT_NONE' | undefined {
    return this.#keeper.rollouts.rollback(fleet);
  }

  holdRollout(fleet: string, paused: boolean): 'FLEET_UNKNOWN' | 'ROLLOUT_NONE' | undefined {
    return this.#keeper.rollouts.hold(fleet, paused);
  }

  // ---- allocations -------------------------------------------------------------------------------------------------

  async request(request: SessionRequest): Promise<SessionAnswer> {
    const fleet = this.#keeper.roster.fleets.get(request.fleet);
    if (!fleet || fleet.stopped) {
      return { ok: false, code: 'FLEET_UNKNOWN', message: `there is no fleet of the name ${request.fleet}`, etaMs: undefined };
    }
    const { wish, note } = requestOf(request, fleet.settings);
    const answer = await this.allocate(wish, note);
    if (!answer.ok) return answer;
    const { server } = answer.allocation;
    return { ok: true, server, fleet: request.fleet, ports: this.#keeper.roster.get(server)?.ports ?? [] };
  }

  allocate(
    request: AllocationRequest,
    note: { readonly players?: readonly string[]; readonly session?: string } = {},
  ): Promise<AllocationAnswer> {
    if (!this.#keeper.isOpen) {
      const message = 'game servers are not looked after yet';
      return Promise.resolve({ ok: false, code: 'NOT_READY', message, etaMs: undefined });
    }
    const counted = request.change.counters[sessionsCounter]?.by === 1;
    const full = { players: note.players ?? [], session: note.session ?? '', counted };
    const answered = this.#desk.ask({ ...request, note: full });
    const fleet = this.#desk.waits(request.requestId) ? this.#fleetsFor(request.selectors).find(hasRoom) : undefined;
    if (!fleet) return answered;
    this.#await(fleet, 1);
    return answered.finally(() => this.#await(fleet, -1));
  }

  cancel(requestId: string): boolean {
    return this.#desk.cancel(requestId);
  }

  allocation(requestId: string): AllocationRecord | undefined {
    return this.#desk.record(requestId);
  }

  allocations(): Iterable<AllocationRecord> {
    return this.#desk.records();
  }

  activate(requestId: string): boolean {
    const record = this.#desk.record(requestId);
    if (!record || !this.#desk.activate(requestId)) return false;
    const entry = this.#keeper.roster.get(record.server);
    if (entry) this.#keeper.input(entry, { kind: 'word', word: { say: 'active' } });
    return true;
  }

  release(requestId: string): void {
    this.#over(requestId, 'released');
  }

  update(requestId: string, { players, session }: Pick<SessionRequest, 'players' | 'session'>): boolean {
    const record = this.#desk.note(requestId, { players, session: sessionText(session) });
    const entry = record && this.#keeper.roster.get(record.server);
    if (!entry) return false;
    if (record.session !== '') this.#heard(entry, { say: 'annotation', key: sessionAnnotation, value: record.session });
    this.#tellSession(entry, record);
    return true;
  }

  wishes(fn: (requestId: string, wish: SessionWish) => void): () => void {
    this.#wishers.add(fn);
    return () => void this.#wishers.delete(fn);
  }

  wished(server: string, requestId: string, wish: SessionWish): boolean {
    const record = this.#desk.record(requestId);
    if (!record || record.server !== server || record.state === 'ended') return false;
    for (const fn of this.#wishers) fn(requestId, wish);
    return true;
  }

  endSession(server: string, requestId: string, result: string, done: () => void): boolean {
    const record = this.#desk.record(requestId);
    if (!record || record.server !== server) return false;
    // Its word may have come before, and the answer been lost.
    if (record.state === 'ended') done();
    else this.#over(requestId, 'ended', result, done);
    return true;
  }

  results(fn: (result: SessionResult) => void | Promise<void>): () => void {
    return this.#desk.results(fn);
  }

  #await(fleet: FleetState, by: number): void {
    fleet.waiting += by;
    this.#keeper.plan(fleet);
  }

  /** Fleets whose servers a selector may mean. */
  #fleetsFor(selectors: readonly Selector[]): FleetState[] {
    return selectors.flatMap(({ matchLabels }) => {
      const name = matchLabels[labelNames.fleet];
      if (name !== undefined) return this.#keeper.roster.fleets.get(name) ?? [];
      return [...this.#keeper.roster.fleets.values()].filter(({ settings }) =>
        Object.entries(matchLabels).every(([key, value]) => settings.labels[key] === value),
      );
    });
  }

  /** By what starts have taken: of the first that is on its way, or of a new one. */
  #etaMs(selector: Selector): number | undefined {
    const etas = this.#fleetsFor([selector]).flatMap((fleet) => {
      if (fleet.startTimes.count === 0 || !(hasRoom(fleet) || fleet.counts.coming > 0)) return [];
      return Math.ceil(fleet.startTimes.percentile(0.5) + Math.max(0, fleet.breaker.openMs - this.#keeper.now()));
    });
    return etas.length === 0 ? undefined : Math.min(...etas);
  }

  #granted({ requestId, server, change }: Allocation): void {
    const entry = this.#keeper.roster.get(server);
    if (!entry || isOver(entry.life.state)) {
      this.#desk.end(requestId, 'died');
      return;
    }
    const record = must(this.#desk.record(requestId), 'what was granted has a record');
    this.#keeper.input(entry, { kind: 'granted', requestId }, this.#propsWith(entry, change, record.session));
    this.#give(entry, requestId);
  }

  /** What does not change stays the same object: then nothing of the server itself has to be written. */
  #propsWith(entry: Entry, change: Change, session: string): Properties {
    let { props } = entry;
    if (!(isEmpty(change.labels) && isEmpty(change.counters) && isEmpty(change.lists))) {
      const { labels, counters, lists } = changed(toldOf(entry), change, this.#keeper.now()) ?? props;
      props = { ...props, labels, counters, lists };
    }
    if (!isEmpty(change.annotations)) props = { ...props, annotations: { ...props.annotations, ...change.annotations } };
    if (session !== '') props = { ...props, annotations: { ...props.annotations, [sessionAnnotation]: session } };
    return props;
  }

  /** Tells it of its session; again at each of its hellos until it knows. */
  #give(entry: Entry, requestId: string): void {
    const record = this.#desk.record(requestId);
    if (!record || record.state === 'ended') return;
    if (this.#tellSession(entry, record)) this.#keeper.input(entry, { kind: 'given' });
  }

  #tellSession({ id }: Entry, { requestId, players, session }: AllocationRecord): boolean {
    return this.#deps.tell?.(id, { kind: 'session', requestId, players, session }) ?? false;
  }

  #over(requestId: string, end: SessionResult['end'], result?: string, done?: () => void, again = false): void {
    const record = this.#desk.end(requestId, end, result, done);
    const entry = record && this.#keeper.roster.get(record.server);
    if (!entry) return;
    this.#keepFormer(entry, record.players);
    if (end !== 'ended') this.#deps.tell?.(entry.id, { kind: 'over', requestId, end });
    const sessions = entry.props.counters[sessionsCounter];
    const counters =
      record.counted && sessions
        ? { ...entry.props.counters, [sessionsCounter]: { ...sessions, count: Math.max(0, sessions.count - 1) } }
        : entry.props.counters;
    this.#keeper.input(entry, { kind: 'released', requestId, again }, { ...entry.props, counters });
  }
}
