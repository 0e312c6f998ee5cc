/**
 * Matchmaking from one seed, in virtual time: the desk on a disk that is slow and fails, with servers that are late or not there, players who cancel,
 * leave and come again, and a process that dies. What the outside was told is handed to the checkers.
 */
import { Heap, Prng } from '@horizon-atlas/base';
import {
  type Change,
  Desk,
  type DeskOut,
  type Match,
  playersOf,
  type QueuedTicket,
  type QueueSettings,
  readRuleSet,
  type TicketEvent,
} from '@horizon-atlas/matchmaker';
import type { MatchChecker } from './match-checkers.ts';

/** Chances are per act or write. */
export interface MatchFaults {
  readonly writeMsMax: number;
  readonly writeFails: number;
  readonly serverMsMax: number;
  readonly noServer: number;
  /** Virtual seconds between two deaths of the process, about; 0: none. */
  readonly crashS: number;
}

export const stormy: MatchFaults = { writeMsMax: 40, writeFails: 0.05, serverMsMax: 400, noServer: 0.2, crashS: 4 };

/** Deliberate sabotage, for proving that checkers see it. */
export interface MatchTaps {
  /** A write is to be forgotten. */
  readonly forgets?: (change: Change) => boolean;
  /** A cancellation is acknowledged and does nothing. */
  readonly cancelsNothing?: boolean;
  readonly releasesNothing?: boolean;
  readonly desk?: (desk: Desk) => void;
}

const players = 30;
const ticketTimeoutMs = 20_000;

export class MatchWorld implements DeskOut {
  nowMs = 0;
  desk: Desk;
  readonly #random: Prng;
  readonly #faults: MatchFaults;
  readonly #taps: MatchTaps;
  readonly #checkers: readonly MatchChecker[];
  readonly #events = new Heap<{ readonly life: number; readonly run: () => void }>();
  /** What is on the disk. */
  readonly #tickets = new Map<string, QueuedTicket>();
  readonly #matches = new Map<string, Match>();
  /** Servers that somebody has, by request. */
  readonly held = new Map<string, string>();
  #line: { readonly token: number; readonly changes: readonly Change[]; readonly must: boolean }[] = [];
  /** Which life of the process it is: what was under way in a former one is lost. */
  #life = 0;
  #ids = 0;
  #open = new Set<string>();

  constructor(seed: number, checkers: readonly MatchChecker[], faults: MatchFaults = stormy, taps: MatchTaps = {}) {
    this.#random = new Prng(seed);
    this.#faults = faults;
    this.#taps = taps;
    this.#checkers = checkers;
    this.desk = this.#begin();
  }

  /** Goes on for so long, then calms down until nothing is under way; the checkers look at what is left. */
  run(virtualMs: number): void {
    this.#after(1, () => this.#act(virtualMs));
    if (this.#faults.crashS > 0) this.#after(1000 * this.#faults.crashS, () => this.#crash(virtualMs), true);
    for (let steps = 0; steps < 200_000; steps++) {
      const dueMs = Math.min(this.#events.minKey, this.desk.dueMs);
      if (dueMs > virtualMs + 2 * ticketTimeoutMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      if (this.#events.minKey <= this.nowMs) {
        const event = this.#events.pop();
        if (event && (event.life < 0 || event.life === this.#life)) event.run();
      } else this.desk.tick(this.nowMs);
    }
    for (const checker of this.#checkers) checker.over?.(this);
  }

  /** Acknowledged tickets that are over for nobody yet, as players know it. */
  get open(): ReadonlySet<string> {
    return this.#open;
  }

  // ---- players --------------------------------------------------------------------------------------------------------

  #act(untilMs: number): void {
    if (this.nowMs > untilMs) return;
    const dice = this.#random.below(10);
    if (dice < 6) this.#queue();
    else if (dice < 8) this.#cancel();
    else this.#end();
    this.#after(1 + this.#random.below(60), () => this.#act(untilMs), true);
  }

  #queue(): void {
    const size = 1 + this.#random.below(2);
    const names = Array.from({ length: size }, () => `p${this.#random.below(players)}`);
    const ticket: QueuedTicket = {
      id: this.newId('t'),
      queue: 'duel',
      party: '',
      createdMs: this.nowMs,
      players: [...new Set(names)].map((id) => ({ id, attributes: { skill: this.#random.below(300) }, latencyMs: {} })),
    };
    this.desk.add(ticket, this.nowMs, (refusal) => {
      if (refusal) return;
      this.#open.add(ticket.id);
      for (const checker of this.#checkers) checker.acknowledged?.(ticket);
    });
  }

  #cancel(): void {
    const ids = [...this.#open];
    const id = ids[this.#random.below(Math.max(1, ids.length))];
    if (id === undefined) return;
    const acknowledge = () => {
      this.#open.delete(id);
      for (const checker of this.#checkers) checker.cancelled?.(id);
    };
    if (this.#taps.cancelsNothing) acknowledge();
    else this.desk.cancel(id, this.nowMs, (refusal) => refusal === undefined && acknowledge());
  }

  /** A match ends, or its server dies. */
  #end(): void {
    const active = [...this.desk.matches()].filter(({ stage }) => stage === 'active');
    const match = active[this.#random.below(Math.max(1, active.length))];
    // Some go on, so that their players come back before the end.
    if (!match || this.#random.below(2) === 0) return;
    if (this.#random.below(3) === 0) this.desk.serverGone(match.server, this.nowMs);
    else this.desk.ended(match.id, 'over', null, [], this.nowMs, () => {});
  }

  // ---- the process ----------------------------------------------------------------------------------------------------

  #begin(): Desk {
    const desk = new Desk([settings()], this);
    this.#taps.desk?.(desk);
    return desk;
  }

  #crash(untilMs: number): void {
    if (this.nowMs > untilMs) return;
    this.#life++;
    this.#line = [];
    this.desk = this.#begin();
    this.desk.open([...this.#tickets.values()], [...this.#matches.values()], this.nowMs);
    for (const checker of this.#checkers) checker.restarted?.(this);
    this.#after(500 + this.#random.below(2000 * this.#faults.crashS), () => this.#crash(untilMs), true);
  }

  /** `always`: also if the process dies in the meantime. */
  #after(ms: number, run: () => void, always = false): void {
    this.#events.push(this.nowMs + ms, { life: always ? -1 : this.#life, run });
  }

  // ---- what the desk wants --------------------------------------------------------------------------------------------

  keep(token: number, changes: readonly Change[], must: boolean): void {
    this.#line.push({ token, changes, must });
    if (this.#line.length === 1) this.#write();
  }

  #write(): void {
    this.#after(1 + this.#random.below(this.#faults.writeMsMax), () => {
      const [entry] = this.#line;
      if (!entry) return;
      const fails = this.#random.unit() < this.#faults.writeFails;
      if (fails && entry.must) {
        this.#write();
        return;
      }
      if (!fails) for (const change of entry.changes) this.#apply(change);
      this.#line.shift();
      if (this.#line.length > 0) this.#write();
      this.desk.kept(entry.token, fails ? 'STORE_UNAVAILABLE' : '', this.nowMs);
    });
  }

  #apply(change: Change): void {
    if (this.#taps.forgets?.(change)) return;
    if (change.kind === 'ticket') this.#tickets.set(change.ticket.id, change.ticket);
    else if (change.kind === 'ticket-gone') this.#tickets.delete(change.ticket);
    else if (change.kind === 'match') this.#matches.set(change.match.id, change.match);
    else if (change.kind === 'match-gone') this.#matches.delete(change.match);
  }

  reserve(match: Match): void {
    this.#after(1 + this.#random.below(this.#faults.serverMsMax), () => {
      const had = this.held.get(match.id);
      if (had === undefined && this.#random.unit() < this.#faults.noServer) {
        this.desk.placed(match.id, { ok: false, code: 'ALLOCATION_NONE_READY', message: 'none' }, this.nowMs);
        return;
      }
      const server = had ?? this.newId('s');
      this.held.set(match.id, server);
      this.desk.placed(match.id, { ok: true, server, fleet: 'arena', ports: [] }, this.nowMs);
    });
  }

  release(match: string): void {
    if (!this.#taps.releasesNothing) this.held.delete(match);
  }

  happened(event: TicketEvent): void {
    const { name, tickets, match } = event;
    if (name === 'MatchmakingSucceeded') for (const checker of this.#checkers) checker.matched?.(match, tickets, this);
    if (name === 'MatchmakingSearching' || name === 'PotentialMatchCreated') return;
    for (const id of tickets) this.#open.delete(id);
  }

  changed(): void {}
  filled(): void {}

  /** Its queues are the engine's. */
  propose(): void {}

  newId(prefix: string): string {
    return `${prefix}${++this.#ids}`;
  }
}

/** Who plays which match now. */
export function rosters(world: MatchWorld): ReadonlyMap<string, readonly string[]> {
  const active = [...world.desk.matches()].filter(({ stage }) => stage === 'active');
  return new Map(active.map((match) => [match.id, playersOf(match)]));
}

function settings(): QueueSettings {
  const read = readRuleSet({
    ruleLanguageVersion: '1.0',
    playerAttributes: [{ name: 'skill', type: 'number', default: 0 }],
    teams: ['red', 'blue'].map((name) => ({ name, minPlayers: 1, maxPlayers: 2 })),
    rules: [{ name: 'close', type: 'batchDistance', batchAttribute: 'skill', maxDistance: 100 }],
    expansions: [{ target: 'rules[close].maxDistance', steps: [{ waitTimeSeconds: 3, value: 300 }] }],
  });
  if (!read.ok) throw new Error(JSON.stringify(read.complaints));
  return { name: 'duel', ruleSet: read.ruleSet, fleet: 'arena', ticketTimeoutMs, acceptMs: 0, backfill: true };
}
