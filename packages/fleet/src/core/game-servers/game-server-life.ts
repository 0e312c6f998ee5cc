/**
 * The life of one game server that is given away as a whole: everything that can happen to one process between its start and its end.
 *
 *               started             warming              ready, warmed up
 *   Scheduled ──────────▶ Starting ─────────▶ Warming ────────────────────▶ Ready ◀─── reserve, its time ───▶ Reserved
 *       ▲  │ failed          │ ready ─────────────────────────────────────▶   │                                │
 *       │  ▼                 │                                                │ granted, allocate              │ granted
 *       │ (gone)             │                                                ▼                                ▼
 *       │ wake               │                        given            active, a player           sessions over
 *    Sleeping ◀── sleep ── Ready          Allocated ────────▶ Activating ────────────▶ Active ─────────────────────────┐
 *       │ wake (frozen)                       └──────────────── active ───────────────▶                                │
 *       └──────────▶ Ready                                                                                             ▼
 *                                             reuse: Ready (or Reserved while it cools down) · recycle: Shutdown (or Draining while it cools down)
 *   drain, draining ──▶ Draining ── nobody has it, nobody plays ──▶ Shutdown
 *   maintain ──▶ Maintaining (of one in use: once its sessions are over) ── restore ──▶ Ready
 *   shutdown, too old and nobody has it ──▶ Shutdown (SIGTERM, then SIGKILL) ── exited ──▶ (gone)
 *   not ready in time, link lost, silent, hung ──▶ Unhealthy (SIGKILL) ── exited ──▶ (gone: a failure)
 *   the same, but it had no chance to speak ── spared ──▶ as it was, and judged again
 *   exited unasked, in any state ──▶ Error (gone: a crash; with code 0 after it was given away: its regular end)
 *
 * A process that was asked to end, or said that it wants to, never crashes, whatever its exit code. A server that somebody has is asked to end
 * by nobody but an operator's `shutdown` (and by a hang, which has ended it already).
 */
import type { ErrorCode, GameServerState, GameServerWord } from '@horizon-atlas/protocol';
import type { GameServerPolicy } from './policy.ts';

export interface GameServerLife {
  readonly state: GameServerState;
  /** When it came into its state. */
  readonly sinceMs: number;
  /** When its process was last wanted: at its birth, or to wake it. -Infinity: by a former Atlas. */
  readonly begunMs: number;
  /** 0 while it has no process. */
  readonly pid: number;
  /** Of its process; NaN while it has none. */
  readonly startedMs: number;
  /** First Ready; NaN before. Its age counts from here. */
  readonly readyMs: number;
  /** Requests that have it, and whether it took itself (Agones' Allocate). */
  readonly holders: readonly string[];
  readonly tookItself: boolean;
  /** Undefined: nobody counts them. */
  readonly players: number | undefined;
  /** Whether it speaks by a link, and since when that is lost; Infinity: it stands. */
  readonly linked: boolean;
  readonly lostMs: number;
  /** When it was last heard to be well; NaN: it never says so. */
  readonly healthMs: number;
  /** Until then neither its silence nor a late start counts against it. */
  readonly sparedMs: number;
  /** A state that ends by itself does so then: Warming, Reserved, Draining that cools down, Starting. Infinity: none. */
  readonly untilMs: number;
  /** What becomes of it once its sessions are over, other than its policy says. */
  readonly wish: 'none' | 'drain' | 'maintain';
  /** Its replacement is due: it does not count for its fleet's size any more. */
  readonly ageing: boolean;
  /** It said that it wants to end. */
  readonly leaving: boolean;
  /** Sleeping without a process (stopped), or with one that stands still (frozen). */
  readonly asleep: 'no' | 'stopped' | 'frozen';
  readonly code: ErrorCode | '';
  readonly why: string;
}

export type GameServerInput =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'failed'; readonly message: string }
  /** `clean`: its program calls this exit code no crash. `why`: what the host knows beyond that. */
  | {
      readonly kind: 'exited';
      readonly exitCode?: number;
      readonly signal?: string;
      readonly clean?: boolean;
      readonly why?: string;
    }
  /** Its hello on a new link; the link is lost. */
  | { readonly kind: 'linked'; readonly pid: number }
  | { readonly kind: 'unlinked' }
  /** `strangers`: the players that it tells of are none of those who have it now. */
  | { readonly kind: 'word'; readonly word: GameServerWord; readonly strangers?: boolean }
  /** A request got it, durably; it was told its session; the session is over. */
  | { readonly kind: 'granted'; readonly requestId: string }
  | { readonly kind: 'given' }
  /** `again`: the server itself says that it is ready for the next one, whatever its policy is. */
  | { readonly kind: 'released'; readonly requestId: string; readonly again?: boolean }
  | { readonly kind: 'shutdown'; readonly why: string }
  | { readonly kind: 'drain' | 'maintain' | 'restore'; readonly why: string }
  /** Another version follows it: its sessions are its last; or it is the wanted one again. */
  | { readonly kind: 'retire' | 'keep'; readonly why: string }
  | { readonly kind: 'sleep'; readonly how: 'stopped' | 'frozen' }
  | { readonly kind: 'wake' }
  /** It is `overdue`, and had no chance to speak. */
  | { readonly kind: 'spared'; readonly untilMs: number }
  /** `why`: what was seen of one that hangs, beyond its silence. */
  | { readonly kind: 'tick'; readonly why?: string };

/** `start`: of one that sleeps without a process. `freeze` and `thaw`: SIGSTOP and SIGCONT. */
export type GameServerRequest = 'start' | 'stop' | 'kill' | 'freeze' | 'thaw';

/** For one that was frozen, until it must have dialled again. */
const wakeMs = 1_000;

/** How a life ended. `failed`: before it was ready; `crashed`: after; `ended`: as it should. */
export type GameServerEnd = 'failed' | 'crashed' | 'ended';

export interface GameServerStep {
  readonly next: GameServerLife;
  readonly requests: readonly GameServerRequest[];
  /** The process is no more, and so is the game server; undefined: it goes on. */
  readonly end?: GameServerEnd;
  /** False: refused in this state. Nothing has changed. */
  readonly ok: boolean;
}

export function born(nowMs: number): GameServerLife {
  return {
    state: 'Scheduled',
    sinceMs: nowMs,
    begunMs: nowMs,
    pid: 0,
    startedMs: Number.NaN,
    readyMs: Number.NaN,
    holders: [],
    tookItself: false,
    players: undefined,
    linked: false,
    lostMs: Number.POSITIVE_INFINITY,
    healthMs: Number.NaN,
    sparedMs: Number.NEGATIVE_INFINITY,
    untilMs: Number.POSITIVE_INFINITY,
    wish: 'none',
    ageing: false,
    leaving: false,
    asleep: 'no',
    code: '',
    why: '',
  };
}

/** Somebody has it, so nobody stops it. */
export function isInUse({ holders, tookItself }: GameServerLife): boolean {
  return holders.length > 0 || tookItself;
}

/** Somebody has it, or plays on it without having been given it: who came by its address alone. */
export function isOccupied(life: GameServerLife): boolean {
  return isInUse(life) || ((life.state === 'Ready' || life.state === 'Reserved') && (life.players ?? 0) > 0);
}

/** Where one that nobody has stands: to be had, on its way there, or neither. */
export function standOf({ state }: Pick<GameServerLife, 'state'>): 'free' | 'coming' | undefined {
  if (state === 'Ready' || state === 'Reserved' || state === 'Sleeping') return 'free';
  return state === 'Scheduled' || state === 'Starting' || state === 'Warming' ? 'coming' : undefined;
}

/** It counts for the size of its fleet. */
export function counts({ state, ageing }: GameServerLife): boolean {
  return !ageing && !isOver(state) && state !== 'Draining';
}

/** Its process was stopped, or is on its way out, so that it sleeps; a new one may be wanted already. */
function isPutToSleep({ asleep, state }: GameServerLife): boolean {
  return asleep === 'stopped' && (state === 'Sleeping' || state === 'Scheduled');
}

/** Its end is under way or past. */
export function isOver(state: GameServerState): boolean {
  return state === 'Shutdown' || state === 'Unhealthy' || state === 'Error';
}

/** For allocation: free, taken but perhaps with room for another session, or not to be given. */
export function allocatability(life: GameServerLife): 'Ready' | 'Allocated' | 'Other' {
  if (life.state === 'Ready') return 'Ready';
  const plays = life.state === 'Allocated' || life.state === 'Activating' || life.state === 'Active';
  return plays && life.wish === 'none' && !life.leaving && !life.ageing ? 'Allocated' : 'Other';
}

/** When it wants a tick; Infinity: never. */
export function dueOf(life: GameServerLife, policy: GameServerPolicy): number {
  if (isOver(life.state)) return Number.POSITIVE_INFINITY;
  return Math.min(timeDue(life), Math.max(hangDue(life, policy), life.sparedMs), ageDue(life, policy));
}

/** Whether it would count as hung, or as not started in time, if nothing spared it. */
export function overdue(life: GameServerLife, nowMs: number, policy: GameServerPolicy): 'hang' | 'start' | undefined {
  if (isOver(life.state)) return undefined;
  if (hangDue(life, policy) <= nowMs) return 'hang';
  return isStarting(life) && life.untilMs <= nowMs ? 'start' : undefined;
}

export function step(life: GameServerLife, input: GameServerInput, nowMs: number, policy: GameServerPolicy): GameServerStep {
  switch (input.kind) {
    case 'started':
      return started(life, input.pid, nowMs, policy);
    case 'failed':
      return over(life, 'failed', 'SERVER_START_FAILED', input.message, nowMs);
    case 'exited':
      return exited(life, input, nowMs);
    case 'linked':
      return isOver(life.state)
        ? same(life)
        : go({ ...life, linked: true, lostMs: Number.POSITIVE_INFINITY, pid: input.pid || life.pid });
    case 'unlinked':
      return life.linked && !isOver(life.state) ? go({ ...life, lostMs: Math.min(life.lostMs, nowMs) }) : same(life);
    case 'word':
      // What the process says that was stopped for its sleep is of its own end.
      if (isPutToSleep(life)) return same(life);
      return isOver(life.state) ? refused(life) : heard(life, input.word, nowMs, policy, input.strangers === true);
    case 'granted':
      if (isOver(life.state) || life.holders.includes(input.requestId)) return same(life);
      return go(taken(life, [...life.holders, input.requestId], nowMs));
    case 'given':
      return life.state === 'Allocated' ? go(into(life, 'Activating', nowMs)) : same(life);
    case 'released':
      return released(life, input.requestId, nowMs, policy, input.again === true ? 'reuse' : policy.afterSession);
    case 'spared':
      return go({ ...life, sparedMs: Math.max(life.sparedMs, input.untilMs) });
    case 'tick':
      return tick(life, nowMs, policy, input.why);
    default:
      return isOver(life.state) ? refused(life) : ordered(life, input, nowMs, policy);
  }
}

function started(life: GameServerLife, pid: number, nowMs: number, policy: GameServerPolicy): GameServerStep {
  if (life.state !== 'Scheduled') return go({ ...life, pid });
  const next = into({ ...life, pid, startedMs: nowMs, asleep: 'no' }, 'Starting', nowMs);
  return go({ ...next, untilMs: nowMs + policy.startTimeoutMs });
}

function exited(life: GameServerLife, how: Extract<GameServerInput, { kind: 'exited' }>, nowMs: number): GameServerStep {
  if (isPutToSleep(life)) return go({ ...life, pid: 0, startedMs: Number.NaN, linked: false });
  if (life.state === 'Shutdown' || life.leaving || life.state === 'Draining') return end(life, 'ended');
  if (life.state === 'Unhealthy') return end(life, Number.isNaN(life.readyMs) ? 'failed' : 'crashed');
  const given = life.state === 'Allocated' || life.state === 'Activating' || life.state === 'Active';
  // A match server that has played its match and ends by itself is how most of them are written.
  if (given && (how.exitCode === 0 || how.clean)) return over(life, 'ended', '', '', nowMs);
  const failed = Number.isNaN(life.readyMs);
  // One that ends itself, as its definition says that it may: after an update, at an hour of its own.
  if (how.clean && !failed) return over(life, 'ended', '', `exit code ${how.exitCode}, which is no crash`, nowMs);
  const by = how.why ?? how.signal ?? (how.exitCode === undefined ? 'nobody saw how' : `exit code ${how.exitCode}`);
  return over(life, failed ? 'failed' : 'crashed', 'SERVER_CRASHED', `${by}${failed ? ', before it was ready' : ''}`, nowMs);
}

function heard(
  life: GameServerLife,
  word: GameServerWord,
  nowMs: number,
  policy: GameServerPolicy,
  strangers: boolean,
): GameServerStep {
  switch (word.say) {
    case 'health':
      return go({ ...life, healthMs: nowMs });
    case 'warming':
      return life.state === 'Starting' ? go({ ...into(life, 'Warming', nowMs), untilMs: life.untilMs }) : same(life);
    case 'ready':
      return becameReady(life, nowMs, policy);
    case 'allocate':
      if (life.state !== 'Ready' && life.state !== 'Reserved' && life.state !== 'Starting' && life.state !== 'Warming')
        return isInUse(life) ? same(life) : refused(life);
      return go({ ...taken(life, life.holders, nowMs), tookItself: true });
    case 'reserve':
      return reserved(life, word.forMs, nowMs);
    case 'active':
      return go(isWaitingForPlay(life) ? into(life, 'Active', nowMs) : life);
    case 'draining':
      return drain(life, 'it said that nobody new may come', nowMs);
    case 'shutdown':
      return stop({ ...life, leaving: true }, 'it said that it wants to end', nowMs);
    case 'players':
      return played({ ...life, players: word.count }, nowMs, strangers);
    case 'joined':
      return played({ ...life, players: (life.players ?? 0) + 1 }, nowMs, false);
    case 'left':
      return played({ ...life, players: Math.max(0, (life.players ?? 1) - 1) }, nowMs, strangers);
    case 'hung':
      return hang(life, 'SERVER_HUNG', word.why, nowMs);
    default:
      // Labels, counters and lists are no matter of life.
      return same(life);
  }
}

function becameReady(life: GameServerLife, nowMs: number, policy: GameServerPolicy): GameServerStep {
  if (life.state === 'Maintaining' || life.state === 'Draining' || life.state === 'Sleeping') return same(life);
  if (life.tookItself && life.holders.length === 0) return afterSessions({ ...life, tookItself: false }, nowMs, policy, 'reuse');
  if (life.state === 'Reserved') return go(into(life, 'Ready', nowMs));
  // Of one that somebody has it is old news here: who lets go of its sessions by it is up to the service.
  if (isInUse(life)) return same(life);
  if (life.state !== 'Starting' && life.state !== 'Warming' && life.state !== 'Scheduled') return same(life);
  const first = { ...life, readyMs: Number.isNaN(life.readyMs) ? nowMs : life.readyMs };
  if (policy.warmUpMs <= 0) return ripe(first, nowMs);
  if (life.state === 'Warming' && !Number.isNaN(life.readyMs)) return same(life);
  return go({ ...into(first, 'Warming', nowMs), untilMs: nowMs + policy.warmUpMs, why: 'warming up' });
}

/** Ready for the first time, or again; an operator may have asked for something else meanwhile. */
function ripe(life: GameServerLife, nowMs: number): GameServerStep {
  if (life.wish === 'maintain') return go(into({ ...life, wish: 'none' }, 'Maintaining', nowMs));
  if (life.wish === 'drain') return stop(life, life.why, nowMs);
  return go(into(life, 'Ready', nowMs));
}

function reserved(life: GameServerLife, forMs: number, nowMs: number): GameServerStep {
  const { state } = life;
  if (state !== 'Ready' && state !== 'Reserved' && state !== 'Starting' && state !== 'Warming') return refused(life);
  const readyMs = Number.isNaN(life.readyMs) ? nowMs : life.readyMs;
  const untilMs = forMs > 0 ? nowMs + forMs : Number.POSITIVE_INFINITY;
  return go({ ...into({ ...life, readyMs }, 'Reserved', nowMs), untilMs, why: 'it has reserved itself' });
}

function played(life: GameServerLife, nowMs: number, strangers: boolean): GameServerStep {
  const players = life.players ?? 0;
  if (players > 0 && !strangers && isWaitingForPlay(life)) return go(into(life, 'Active', nowMs));
  if (life.state === 'Draining' && isEmpty(life) && life.untilMs === Number.POSITIVE_INFINITY)
    return stop(life, 'it is empty', nowMs);
  return go(life);
}

function isWaitingForPlay({ state }: GameServerLife): boolean {
  return state === 'Allocated' || state === 'Activating';
}

function released(
  life: GameServerLife,
  requestId: string,
  nowMs: number,
  policy: GameServerPolicy,
  then: GameServerPolicy['afterSession'],
): GameServerStep {
  if (!life.holders.includes(requestId)) return same(life);
  const next = { ...life, holders: life.holders.filter((each) => each !== requestId) };
  return isOver(life.state) || isInUse(next) ? go(next) : afterSessions(next, nowMs, policy, then);
}

/** Nobody has it any more. */
function afterSessions(
  life: GameServerLife,
  nowMs: number,
  { coolDownMs }: GameServerPolicy,
  then: GameServerPolicy['afterSession'],
): GameServerStep {
  const cools = coolDownMs > 0;
  const cool = { untilMs: nowMs + coolDownMs, why: 'cooling down after its session' };
  if (
    life.state === 'Draining' ||
    life.wish === 'drain' ||
    life.leaving ||
    life.ageing ||
    (then === 'recycle' && life.wish === 'none')
  ) {
    if (cools) return go({ ...into(life, 'Draining', nowMs), ...cool });
    return isEmpty(life) || life.state !== 'Draining' ? stop(life, life.why || 'its session is over', nowMs) : go(life);
  }
  if (life.wish === 'maintain') return ripe(life, nowMs);
  return cools ? go({ ...into(life, 'Reserved', nowMs), ...cool }) : ripe(life, nowMs);
}

function ordered(
  life: GameServerLife,
  input: Extract<GameServerInput, { kind: 'shutdown' | 'drain' | 'maintain' | 'restore' | 'retire' | 'keep' | 'sleep' | 'wake' }>,
  nowMs: number,
  policy: GameServerPolicy,
): GameServerStep {
  switch (input.kind) {
    case 'shutdown':
      return stop(life, input.why, nowMs);
    case 'drain':
      return drain(life, input.why, nowMs);
    case 'maintain':
      if (life.state === 'Maintaining' || life.state === 'Draining') return refused(life);
      if (life.state === 'Ready' || life.state === 'Reserved') return go({ ...into(life, 'Maintaining', nowMs), why: input.why });
      return go({ ...life, wish: 'maintain', why: input.why });
    case 'restore':
      if (life.state === 'Maintaining') return go(into({ ...life, wish: 'none' }, 'Ready', nowMs));
      return life.wish === 'maintain' ? go({ ...life, wish: 'none', why: '' }) : refused(life);
    case 'retire':
      return isInUse(life) && life.wish === 'none' ? go({ ...life, wish: 'drain', why: input.why }) : same(life);
    case 'keep':
      return life.wish === 'drain' && !life.ageing && life.state !== 'Draining'
        ? go({ ...life, wish: 'none', why: '' })
        : same(life);
    case 'sleep':
      if (life.state !== 'Ready' || isInUse(life)) return refused(life);
      return {
        next: { ...into(life, 'Sleeping', nowMs), asleep: input.how, healthMs: Number.NaN, why: 'nobody plays' },
        requests: [input.how === 'frozen' ? 'freeze' : 'stop'],
        ok: true,
      };
    case 'wake':
      // Awake already.
      if (life.state !== 'Sleeping') return same(life);
      if (life.asleep === 'frozen') {
        // Its link was lost long ago: it may dial again. And somebody may have taken it out meanwhile.
        const lostMs = life.lostMs < Number.POSITIVE_INFINITY ? nowMs + wakeMs - policy.unhealthyMs : life.lostMs;
        return { ...ripe({ ...life, asleep: 'no', lostMs }, nowMs), requests: ['thaw'] };
      }
      // Its process may still be on its way out: the start waits for that.
      return { next: { ...into(life, 'Scheduled', nowMs), begunMs: nowMs }, requests: ['start'], ok: true };
  }
}

function drain(life: GameServerLife, why: string, nowMs: number): GameServerStep {
  if (life.state === 'Draining') return same(life);
  const next = { ...into({ ...life, wish: 'drain' }, 'Draining', nowMs), why };
  return isEmpty(life) ? stop(next, why, nowMs) : go(next);
}

function isEmpty(life: GameServerLife): boolean {
  return !isInUse(life) && (life.players ?? 0) === 0;
}

function tick(life: GameServerLife, nowMs: number, policy: GameServerPolicy, seen = ''): GameServerStep {
  if (isOver(life.state)) return same(life);
  if (Math.max(hangDue(life, policy), life.sparedMs) <= nowMs) {
    const why = life.lostMs < Number.POSITIVE_INFINITY ? 'its link is lost' : 'it has not said that it is well';
    return hang(life, 'SERVER_HUNG', seen === '' ? why : `${why}, ${seen}`, nowMs);
  }
  if (timeDue(life) <= nowMs) return timeUp(life, nowMs, policy);
  if (ageDue(life, policy) <= nowMs) return aged(life, nowMs);
  return same(life);
}

function timeUp(life: GameServerLife, nowMs: number, policy: GameServerPolicy): GameServerStep {
  if (life.state === 'Warming' && !Number.isNaN(life.readyMs)) return ripe(life, nowMs);
  if (life.state === 'Reserved') return ripe(life, nowMs);
  if (life.state === 'Draining')
    return isInUse(life) ? go({ ...life, untilMs: Number.POSITIVE_INFINITY }) : stop(life, life.why, nowMs);
  return hang(life, 'SERVER_START_TIMEOUT', `it was not ready within ${policy.startTimeoutMs} ms`, nowMs);
}

/** When its state ends by itself. */
function timeDue(life: GameServerLife): number {
  return isStarting(life) ? Math.max(life.untilMs, life.sparedMs) : life.untilMs;
}

function isStarting({ state, readyMs }: GameServerLife): boolean {
  return state === 'Starting' || (state === 'Warming' && Number.isNaN(readyMs));
}

function aged(life: GameServerLife, nowMs: number): GameServerStep {
  if (!life.ageing) return go({ ...life, ageing: true });
  const why = 'its lifetime is over';
  return isInUse(life) ? go({ ...life, wish: 'drain', why }) : drain(life, why, nowMs);
}

/** Its replacement is due, then its end; Infinity: neither, or both are past. */
function ageDue({ readyMs, ageing, wish, state }: GameServerLife, { maxLifetimeMs, replaceAt }: GameServerPolicy): number {
  if (maxLifetimeMs <= 0 || Number.isNaN(readyMs) || state === 'Maintaining' || state === 'Sleeping')
    return Number.POSITIVE_INFINITY;
  if (!ageing) return readyMs + maxLifetimeMs * replaceAt;
  return wish === 'drain' || state === 'Draining' ? Number.POSITIVE_INFINITY : readyMs + maxLifetimeMs;
}

function hangDue({ lostMs, healthMs, asleep, state, pid }: GameServerLife, policy: GameServerPolicy): number {
  if (asleep !== 'no' || pid === 0) return Number.POSITIVE_INFINITY;
  const lost = lostMs + policy.unhealthyMs;
  // Agones looks at health from Ready on; before, the start's own deadline stands.
  const listens = state !== 'Starting' && state !== 'Warming' && !Number.isNaN(healthMs);
  return listens ? Math.min(lost, healthMs + policy.healthPeriodMs * policy.healthFailures) : lost;
}

function hang(life: GameServerLife, code: ErrorCode, why: string, nowMs: number): GameServerStep {
  return { next: { ...into(life, 'Unhealthy', nowMs), code, why }, requests: ['kill'], ok: true };
}

function stop(life: GameServerLife, why: string, nowMs: number): GameServerStep {
  if (life.asleep === 'stopped' && life.pid === 0) return { ...end({ ...into(life, 'Shutdown', nowMs), why }, 'ended') };
  const next = { ...into(life, 'Shutdown', nowMs), why };
  // A frozen process hears no SIGTERM.
  return { next, requests: life.asleep === 'frozen' ? ['thaw', 'stop'] : ['stop'], ok: true };
}

function over(life: GameServerLife, how: GameServerEnd, code: ErrorCode | '', why: string, nowMs: number): GameServerStep {
  return end({ ...into(life, how === 'ended' ? 'Shutdown' : 'Error', nowMs), code, why }, how);
}

const end = (next: GameServerLife, how: GameServerEnd): GameServerStep => ({ next, requests: [], end: how, ok: true });

/** Given to somebody, if it was nobody's; a further session changes no state. */
function taken(life: GameServerLife, holders: readonly string[], nowMs: number): GameServerLife {
  if (isInUse(life) || life.state === 'Draining') return { ...life, holders };
  const readyMs = Number.isNaN(life.readyMs) ? nowMs : life.readyMs;
  // Taken out while its grant was being written: once that session is over.
  const wish = life.state === 'Maintaining' ? 'maintain' : life.wish;
  // As `into`, in one copy: this happens thousands of times a second.
  return { ...life, state: 'Allocated', sinceMs: nowMs, untilMs: Number.POSITIVE_INFINITY, why: '', readyMs, wish, holders };
}

function into(life: GameServerLife, state: GameServerState, nowMs: number): GameServerLife {
  return { ...life, state, sinceMs: nowMs, untilMs: Number.POSITIVE_INFINITY, why: '' };
}

const go = (next: GameServerLife): GameServerStep => ({ next, requests: [], ok: true });
const same = go;

function refused(life: GameServerLife): GameServerStep {
  return { next: life, requests: [], ok: false };
}
