/**
 * Speaks for one server that does not know of Atlas: reads its log, asks it, looks at its sockets, and says what follows from it in the words of game servers.
 *
 *   started ─▶ waiting ── its conditions hold ──▶ ready ── nobody plays for a while ──▶ (asks that it sleeps)
 *                 │ late · a port has moved          │ hung (says so once)                  │ asleep ── awake ──▶ ready
 *                 ▼                                  ▼                                       ▼
 *               hung                               hung                               (judged no more until it wakes)
 *
 * One look follows the other: never two at once, and none after `close`.
 */
import type { Cancel, Clock, Probe, Queries, QueryAnswer } from '@horizon-atlas/ports';
import type { GameServerPort, GameServerWord, SleepKind } from '@horizon-atlas/protocol';
import { checkPort } from './bound-ports.ts';
import type { GameDefinition } from './core/definition-schema.ts';
import { Drowsiness } from './core/drowsiness.ts';
import { LogWords } from './core/log-words.ts';
import { PlayerBook, type PlayersNow } from './core/player-book.ts';
import { Pulse } from './core/pulse.ts';
import { Readiness } from './core/readiness.ts';
import { LogFollower } from './log-follower.ts';

export interface VoiceDeps {
  readonly clock: Clock;
  readonly probe: Probe;
  readonly queries: Queries;
  readonly say: (word: GameServerWord) => void;
  readonly sleep: (how: SleepKind) => void;
}

export interface VoiceSettings {
  readonly id: string;
  readonly definition: GameDefinition;
  readonly ports: readonly GameServerPort[];
  readonly logFile: string;
  /** The line in the log behind which this process's own begin. */
  readonly mark: string;
  readonly capacity: number | undefined;
  readonly sleep: { readonly how: SleepKind; readonly afterMs: number } | undefined;
}

export const voiceLimits = {
  /** Between two looks at the log: while the server starts, and later. */
  startLookMs: 25,
  lookMs: 150,
  /** Between two looks at its sockets while it starts. */
  portLookMs: 100,
  /** A port that has moved stays so for that long before it is told: some servers bind twice. */
  movedMs: 2_000,
} as const;

type Mood = 'idle' | 'waiting' | 'ready' | 'asleep' | 'hung' | 'closed';

export class Voice {
  readonly #deps: VoiceDeps;
  readonly #settings: VoiceSettings;
  readonly #words: LogWords;
  readonly #book: PlayerBook;
  readonly #drowsy: Drowsiness;
  #follower: LogFollower;
  #mood: Mood = 'idle';
  #readiness: Readiness;
  #pulse: Pulse;
  #pid = 0;
  #told = '';
  #askedMs = Number.NEGATIVE_INFINITY;
  #asking = false;
  #portsMs = Number.NEGATIVE_INFINITY;
  #movedSinceMs = Number.NaN;
  /** Where it listens in place of a port that it was given, as a sentence. */
  #moved = '';
  /** Of this process's log, what was never read. */
  #skippedBytes = 0;
  #cancel: Cancel = () => {};
  #savedWaiters = new Set<() => void>();

  constructor(deps: VoiceDeps, settings: VoiceSettings) {
    const { definition, logFile, mark, capacity, sleep } = settings;
    this.#deps = deps;
    this.#settings = settings;
    this.#words = new LogWords(definition);
    this.#book = new PlayerBook(countsByLog(definition), capacity);
    this.#drowsy = new Drowsiness(sleep?.afterMs ?? Number.POSITIVE_INFINITY);
    this.#follower = new LogFollower(logFile, mark);
    this.#readiness = new Readiness(definition, deps.clock.now());
    this.#pulse = new Pulse(definition, deps.clock.now());
  }

  /** `ready`: it was so already when Atlas found it again. */
  started(pid: number, ready: boolean): void {
    const now = this.#deps.clock.now();
    this.#pid = pid;
    this.#book.emptied();
    this.#told = '';
    this.#skippedBytes = 0;
    this.#moved = '';
    this.#follower = new LogFollower(this.#settings.logFile, this.#settings.mark);
    this.#readiness = new Readiness(this.#settings.definition, now);
    this.#pulse = new Pulse(this.#settings.definition, now);
    this.#drowsy.stirred();
    this.#mood = ready ? 'ready' : 'waiting';
    this.#schedule(0);
  }

  /** It sleeps, by whatever way: it is neither read nor asked. */
  asleep(): void {
    if (this.#mood === 'closed') return;
    this.#mood = 'asleep';
    this.#cancel();
  }

  /** It goes on where it stood. */
  awake(): void {
    if (this.#mood !== 'asleep') return;
    this.#mood = 'ready';
    this.#pulse.woke(this.#deps.clock.now());
    this.#drowsy.stirred();
    this.#schedule(0);
  }

  edged(sessions: number): void {
    this.#book.edged(sessions);
    if (sessions > 0) this.#drowsy.stirred();
    if (this.#mood === 'ready') this.#tellPlayers();
  }

  /** Resolves at the line by which it says that it has saved; false: not in time. */
  saved(waitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (ok: boolean) => {
        this.#savedWaiters.delete(waiter);
        cancel();
        resolve(ok);
      };
      const waiter = () => done(true);
      const cancel = this.#deps.clock.at(this.#deps.clock.now() + waitMs, () => done(false));
      this.#savedWaiters.add(waiter);
    });
  }

  get players(): PlayersNow {
    return this.#book.now();
  }

  close(): void {
    this.#mood = 'closed';
    this.#cancel();
  }

  #schedule(afterMs: number): void {
    this.#cancel();
    this.#cancel = this.#deps.clock.at(this.#deps.clock.now() + afterMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { clock, probe } = this.#deps;
    const follower = this.#follower;
    let again = false;
    try {
      const { lines, skipped, behind } = await follower.look();
      // It slept, ended or was started anew meanwhile.
      if (follower !== this.#follower || !this.#open) return;
      again = behind;
      if (skipped > 0) probe.count('atlas_game_log_skipped_bytes_total', skipped);
      this.#skippedBytes += skipped;
      if (lines.length > 0) this.#pulse.printed(clock.now());
      for (const line of lines) this.#read(line);
      if (this.#mood === 'waiting') await this.#lookAtPorts();
      // Only where the log is read to its end is it known who has left.
      if (!behind && this.#mood === 'ready') this.#tellPlayers();
      this.#judge();
      this.#ask();
    } catch (error) {
      probe.event('game_look_failed', { id: this.#settings.id, error: String(error) });
    }
    if (follower !== this.#follower || !this.#open) return;
    this.#schedule(again ? 0 : this.#mood === 'waiting' ? voiceLimits.startLookMs : voiceLimits.lookMs);
  }

  get #open(): boolean {
    return this.#mood === 'waiting' || this.#mood === 'ready';
  }

  #read(line: string): void {
    for (const word of this.#words.read(line)) {
      if (word.kind === 'ready') this.#met(word.condition);
      else if (word.kind === 'join') this.#book.joined(word.player, word.key);
      else if (word.kind === 'leave') this.#book.left(word.player, word.key);
      else if (word.kind === 'list') this.#book.listed(word.players);
      else if (word.kind === 'saved') for (const done of [...this.#savedWaiters]) done();
      else if (word.kind === 'lost') this.#pulse.lost(word.line, this.#deps.clock.now());
    }
  }

  #met(condition: number): void {
    if (this.#mood !== 'waiting' || this.#readiness.met(condition) !== 'ready') return;
    this.#mood = 'ready';
    this.#pulse = new Pulse(this.#settings.definition, this.#deps.clock.now());
    this.#deps.say({ say: 'ready' });
  }

  async #lookAtPorts(): Promise<void> {
    const now = this.#deps.clock.now();
    if (now < this.#portsMs + voiceLimits.portLookMs) return;
    this.#portsMs = now;
    this.#moved = '';
    for (const [i, condition] of this.#readiness.conditions.entries()) {
      const port = 'bound' in condition ? this.#settings.ports.find(({ name }) => name === condition.bound) : undefined;
      if (!port) continue;
      const { bound, instead } = await checkPort(this.#pid, port, this.#settings.ports);
      const other = instead.map((each) => `${each.protocol} ${each.port}`).join(', ');
      if (other !== '')
        this.#moved = `GAME_PORT_MOVED: it listens on ${other} instead of ${port.port}, which is to be its port ${port.name}`;
      if (bound) this.#met(i);
      else if (instead.length === 0) this.#movedSinceMs = Number.NaN;
      else if (Number.isNaN(this.#movedSinceMs)) this.#movedSinceMs = now;
      else if (now >= this.#movedSinceMs + voiceLimits.movedMs) this.#lost(this.#moved);
    }
  }

  /** What time alone brings. */
  #judge(): void {
    const now = this.#deps.clock.now();
    if (this.#mood === 'waiting' && this.#readiness.tick(now) === 'late') {
      const unread =
        this.#skippedBytes > 0
          ? `; ${Math.ceil(this.#skippedBytes / 1e6)} MB of its log went by faster than they could be read`
          : '';
      if (this.#moved !== '') return this.#lost(this.#moved);
      this.#lost(`GAME_NOT_READY: it was not ready in time: what is missing is ${this.#readiness.missingText()}${unread}`);
    }
    if (this.#mood !== 'ready') return;
    const hung = this.#pulse.hung(now);
    if (hung !== undefined) return this.#lost(hung);
    this.#drowsy.seen(this.#book.empty, now);
    const { sleep } = this.#settings;
    if (!sleep || now < this.#drowsy.dueMs) return;
    this.#drowsy.stirred();
    this.#deps.sleep(sleep.how);
  }

  #lost(why: string): void {
    this.#mood = 'hung';
    this.#deps.probe.event('game_server_hung', { id: this.#settings.id, why });
    this.#deps.say({ say: 'hung', why });
  }

  /** One question at a time, on its own way beside the looks. */
  #ask(): void {
    const { query } = this.#settings.definition;
    const now = this.#deps.clock.now();
    if (!query || !this.#open || this.#asking) return;
    const everyMs = this.#mood === 'waiting' ? Math.min(query.everyMs, 500) : query.everyMs;
    if (this.#mood === 'waiting' && !this.#readiness.conditions.some((condition) => 'query' in condition)) return;
    if (now < this.#askedMs + everyMs) return;
    const port = this.#settings.ports.find(({ name }) => name === query.port);
    if (!port) return;
    this.#askedMs = now;
    this.#asking = true;
    const host = port.host === '0.0.0.0' ? '127.0.0.1' : port.host === '::' ? '::1' : port.host;
    const follower = this.#follower;
    const here = () => follower === this.#follower && this.#open;
    this.#deps.queries
      .ask(query.type, { host, port: port.port, timeoutMs: query.timeoutMs })
      .then(
        (answer) => here() && this.#answered(answer),
        (error: unknown) => here() && this.#unanswered(error),
      )
      .finally(() => {
        this.#asking = false;
      });
  }

  #answered({ players, capacity, names }: QueryAnswer): void {
    this.#pulse.answered();
    this.#deps.probe.count('atlas_game_queries_total', 1, { result: 'answered' });
    this.#readiness.conditions.forEach((condition, i) => {
      if ('query' in condition) this.#met(i);
    });
    this.#book.queried({ count: players, capacity, names });
    if (this.#mood === 'ready') this.#tellPlayers();
  }

  #unanswered(error: unknown): void {
    this.#deps.probe.count('atlas_game_queries_total', 1, { result: 'failed' });
    if (this.#mood !== 'ready') return;
    this.#pulse.unanswered(error instanceof Error ? error.message : String(error), this.#deps.clock.now());
    this.#judge();
  }

  /** Each state of things once. */
  #tellPlayers(): void {
    const { count, capacity, names } = this.#book.now();
    if (count === undefined) return;
    const told = JSON.stringify([count, capacity, names]);
    if (told === this.#told) return;
    this.#told = told;
    if (count > 0) this.#drowsy.stirred();
    this.#deps.say({
      say: 'players',
      count,
      ...(capacity === undefined ? {} : { capacity }),
      ...(names === undefined ? {} : { names }),
    });
  }
}

function countsByLog({ players }: GameDefinition): boolean {
  return players?.list !== undefined || (players?.join !== undefined && players.leave !== undefined);
}
