/**
 * A fleet in virtual time for the rollout's plan: servers that take a while to start, players who take ready ones by any pattern and stay for any time, and a check
 * after each turn. What is replaced by a broken one in a test shows that the check would catch it.
 */
import { advance, begin, failed, type RolloutState, started, steadyAt } from '../src/core/rollout/rollout.ts';
import { planRollout, type RolloutSight, type RolloutStep, type VersionCounts } from '../src/core/rollout/rollout-plan.ts';
import { type RolloutTerms, unavailableOf } from '../src/core/rollout/terms.ts';

export interface ModelServer {
  readonly id: number;
  readonly version: string;
  state: 'coming' | 'ready' | 'taken' | 'gone';
  /** When it becomes ready, or its session is over. */
  dueMs: number;
  /** Its session is its last. */
  retired: boolean;
}

export interface Happening {
  readonly afterMs: number;
  /** Which of the ready ones is taken: a choice among them as they stand; undefined: none. */
  readonly take: number | undefined;
  /** Prefers servers of this kind, as a selector may. */
  readonly prefer: 'any' | 'new' | 'old';
  readonly sessionMs: number;
}

export interface ModelSettings {
  readonly terms: RolloutTerms;
  /** Kept ready beyond those in use, or so many in all. */
  readonly warm: number;
  readonly fixed: number | undefined;
  readonly startMs: number;
  /** Servers go on after a session. */
  readonly reuse: boolean;
  readonly plan?: typeof planRollout;
  /** Of what a healthy Atlas does at the begin: those in use do not come back. */
  readonly retires?: boolean;
  /** Servers of the new version fail as soon as they are ready, all of them. */
  readonly broken?: boolean;
}

export class RolloutModel {
  readonly servers: ModelServer[] = [];
  readonly complaints: string[] = [];
  nowMs = 0;
  state: RolloutState = steadyAt('v1');
  readonly #settings: ModelSettings;
  #arrived = 0;
  #ids = 0;

  constructor(settings: ModelSettings) {
    this.#settings = settings;
    for (let i = 0; i < this.#wanted(); i++) this.#add('v1', 'ready', Number.POSITIVE_INFINITY);
  }

  begin(version: string): void {
    this.state = begin(this.state, version, this.nowMs, this.#settings.terms);
    this.#turn();
  }

  /** Lets time pass, with everything that falls due at its own moment. */
  pass(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const next = Math.min(...this.servers.filter(({ state }) => state !== 'gone').map(({ dueMs }) => dueMs), end);
      this.nowMs = next;
      const due = this.servers.filter((server) => server.state !== 'gone' && server.dueMs <= next);
      if (due.length === 0) break;
      for (const server of due) this.#due(server);
      this.#turn();
    }
    // A trial is over by its own time.
    if (this.#settings.terms.canary) this.#turn();
  }

  happen({ afterMs, take, prefer, sessionMs }: Happening): void {
    this.pass(afterMs);
    if (take === undefined) return;
    this.take(take, prefer, sessionMs);
    this.#turn();
  }

  take(which: number, prefer: Happening['prefer'], sessionMs: number): void {
    const ready = this.servers.filter(({ state }) => state === 'ready');
    const liked = ready.filter(({ version }) => prefer === 'any' || (version === this.state.target) === (prefer === 'new'));
    const among = liked.length > 0 ? liked : ready;
    const server = among[which % Math.max(1, among.length)];
    if (!server) return;
    server.state = 'taken';
    server.dueMs = this.nowMs + sessionMs;
  }

  count(version: string, ...states: readonly ModelServer['state'][]): number {
    return this.servers.filter((server) => server.version === version && states.includes(server.state)).length;
  }

  /** Ready ones of all versions but the wanted one. */
  get oldReady(): number {
    return this.servers.filter(({ version, state }) => version !== this.state.target && state === 'ready').length;
  }

  get ready(): number {
    return this.servers.filter(({ state }) => state === 'ready').length;
  }

  /** As the plan sees it. */
  sight(): RolloutSight {
    return { wanted: this.#wanted(), next: this.#counts(true), former: this.#counts(false), arrived: this.#arrived };
  }

  #due(server: ModelServer): void {
    const { broken, reuse, terms } = this.#settings;
    const isNew = server.version === this.state.target;
    server.dueMs = Number.POSITIVE_INFINITY;
    if (server.state === 'coming') {
      if (broken && server.version === 'v2') {
        server.state = 'gone';
        if (isNew) this.state = failed(this.state, terms, 'exit code 1', this.nowMs);
        return;
      }
      server.state = 'ready';
      if (isNew) this.#arrived++;
    } else if (server.state === 'taken') server.state = reuse && !server.retired ? 'ready' : 'gone';
  }

  /** The end of a turn: the plan is made and done, and made anew until it is empty. */
  #turn(): void {
    for (let i = 0; this.#planned(); i++) {
      if (i > 200) {
        this.complaints.push(`${this.nowMs} ms, ${this.state.phase}: the plan never comes to an end`);
        return;
      }
    }
  }

  #planned(): boolean {
    const phase = this.state.phase;
    const { terms, plan = planRollout, retires = true } = this.#settings;
    const before = this.sight();
    this.state = advance(this.state, before, this.nowMs, terms);
    if (this.state.phase !== 'canary' && retires)
      for (const server of this.servers) server.retired = server.version !== this.state.target;
    const sight = this.sight();
    const step = plan(sight, this.state.phase, terms);
    this.#check(sight, step);
    this.#arrived = 0;
    for (let i = 0; i < step.startNext; i++) this.#start(this.state.target);
    for (let i = 0; i < step.startFormer; i++) this.#start(this.state.previous);
    this.#stop(step.stopNext, true);
    this.#stop(step.stopFormer, false);
    return step.startNext + step.startFormer + step.stopNext + step.stopFormer > 0 || phase !== this.state.phase;
  }

  #check(sight: RolloutSight, step: RolloutStep): void {
    const { terms } = this.#settings;
    const say = (complaint: string) => this.complaints.push(`${this.nowMs} ms, ${this.state.phase}: ${complaint}`);
    for (const [name, number] of Object.entries(step)) if (!Number.isInteger(number) || number < 0) say(`${name} is ${number}`);
    const { next, former, wanted, arrived } = sight;
    if (step.stopFormer > former.free + former.coming) say('it stops old ones that somebody has');
    if (step.stopNext > next.free + next.coming) say('it stops new ones that somebody has');
    if (terms.strategy === 'Recreate') return;
    const left = next.free - Math.max(0, step.stopNext - next.coming) + former.free - step.stopFormerReady;
    const least = Math.max(0, wanted - unavailableOf(terms, wanted));
    if (step.stopFormerReady > arrived && left < Math.min(least, next.free + former.free))
      say(`${left} are left ready, of ${least}`);
  }

  #start(version: string): void {
    if (version === this.state.target) this.state = started(this.state);
    this.#add(version, 'coming', this.nowMs + this.#settings.startMs);
  }

  #stop(count: number, ofTarget: boolean): void {
    const free = this.servers.filter(
      ({ version, state }) => (version === this.state.target) === ofTarget && (state === 'coming' || state === 'ready'),
    );
    for (const server of free.sort((a, b) => a.state.localeCompare(b.state)).slice(0, count)) server.state = 'gone';
  }

  #add(version: string, state: ModelServer['state'], dueMs: number): void {
    this.servers.push({ id: this.#ids++, version, state, dueMs, retired: false });
  }

  #wanted(): number {
    const { fixed, warm } = this.#settings;
    if (fixed === undefined) return warm;
    return Math.max(0, fixed - this.servers.filter(({ state }) => state === 'taken').length);
  }

  #counts(ofTarget: boolean): VersionCounts {
    const count = (state: ModelServer['state']) =>
      this.servers.filter((server) => (server.version === this.state.target) === ofTarget && server.state === state).length;
    return { free: count('ready'), coming: count('coming'), inUse: count('taken'), leaving: 0 };
  }
}
