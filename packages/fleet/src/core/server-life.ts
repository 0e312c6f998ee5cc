/**
 * The life of one post: a place for a server that is wanted, filled by one process after another.
 *
 *             wanted             given              up                     down
 *   stopped ─────────▶ scheduled ─────▶ starting ────────▶ ready ◀─────────────────────▶ unhealthy
 *     ▲  ▲              ▲  ▲                │               │  ▲           up               │
 *     │  │ unwanted     │  │                │ failed,       │  └───── up ───── adopting     │ exited,
 *     │  ├──────────────┘  │                │ exited,       │ exited              │         │ silent too long
 *     │  │                 │ first          │ too late      │                     │         │ (SIGKILL)
 *     │  │                 │                ▼               ▼                     ▼         ▼
 *     │  │                 ├───────────── crash ◀───────────┴─────────────────────┴─────────┘
 *     │  │            tick │                ├─ second … fourth within a minute
 *     │  ├── backoff ─────▶┤ ◀──────────────┤
 *     │  └── error ───────▶┘                └─ fifth
 *     │ exited
 *   stopping ◀── unwanted ── starting, ready, unhealthy, adopting      (wanted again: scheduled, without waiting for the exit)
 *
 *   retired: as unwanted, but the post is scheduled anew at once.
 *   swapped: two posts exchange their processes, in any state but stopped and stopping; each keeps its own past.
 *   Later states have their place between ready and stopping: Warming, Reserved, Allocated, Draining. None of them exists yet.
 *
 * Every process has an id of its own, so a process that was given up on is heard by nobody, even while its end is awaited. What is
 * asked for here is asked again by `reconcile` as long as the state asks for it. An exit that was requested is never a crash.
 */
import { unreachable } from '@horizon-atlas/base';
import type { ErrorCode } from '@horizon-atlas/protocol';
import type { FleetPolicy } from './policy.ts';

/** One process. */
export interface Run {
  readonly server: string;
  /** 0 until the runner has told. */
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** Where others reach it; empty until its hello. */
  readonly address: string;
  /** It has said that it is done; its end is no crash. */
  readonly drained: boolean;
}

/** What went wrong last. */
export interface Trouble {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What a post remembers over the processes that fill it. */
export interface Past {
  /** Crashes within the window, oldest first. */
  readonly crashesMs: readonly number[];
  /** Processes that ended unasked, in all. */
  readonly restarts: number;
  /** Crash loops in a row. */
  readonly loops: number;
  readonly trouble: Trouble | undefined;
}

interface Lived {
  readonly past: Past;
}
interface Filled extends Lived {
  readonly run: Run;
}

export type ServerLife =
  | (Lived & { readonly phase: 'stopped' })
  /** Wants a process: a new one or a spare. */
  | (Lived & { readonly phase: 'scheduled' })
  | (Filled & { readonly phase: 'starting'; readonly dueMs: number })
  | (Filled & { readonly phase: 'ready'; readonly sinceMs: number })
  /** Its link is lost; it may dial again until `dueMs`. */
  | (Filled & { readonly phase: 'unhealthy'; readonly sinceMs: number; readonly dueMs: number })
  /** Found running at a start of Atlas; not heard yet. `ready`: it was, for its former Atlas. */
  | (Filled & { readonly phase: 'adopting'; readonly ready: boolean; readonly dueMs: number })
  /** Asked to end. */
  | (Filled & { readonly phase: 'stopping' })
  | (Lived & { readonly phase: 'backoff'; readonly dueMs: number })
  /** Crashed too often in a row. */
  | (Lived & { readonly phase: 'error'; readonly dueMs: number });

/** A process that is meant to go on. */
export type Alive = Extract<ServerLife, { phase: 'starting' | 'ready' | 'unhealthy' | 'adopting' }>;

export type LifeInput =
  | { readonly kind: 'wanted' }
  | { readonly kind: 'unwanted' }
  /** An operator wants another process in its place: this one is asked to end, and that is no crash. */
  | { readonly kind: 'retired' }
  /** A process that is just being started for this post. */
  | { readonly kind: 'given'; readonly run: Run }
  /** What fills another post fills this one from now on; undefined: nothing did. */
  | { readonly kind: 'swapped'; readonly theirs: Alive | undefined }
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'exited'; readonly exitCode?: number; readonly signal?: string }
  /** Its hello on a new link. */
  | { readonly kind: 'up'; readonly pid: number; readonly address: string }
  /** Its link has ended, or three heartbeats were missed on it. */
  | { readonly kind: 'down' }
  | { readonly kind: 'drained' }
  /** Its time is up, and it had no chance to be heard. */
  | { readonly kind: 'spared'; readonly untilMs: number }
  | { readonly kind: 'tick' };

/** Gently (SIGTERM, then SIGKILL after the grace) or at once. The process belongs to no post any more, or to one that is `stopping`. */
export type LifeRequest = { readonly ask: 'stop' | 'kill'; readonly run: Run };

export interface LifeStep {
  readonly next: ServerLife;
  readonly requests: readonly LifeRequest[];
}

const noPast: Past = { crashesMs: [], restarts: 0, loops: 0, trouble: undefined };

export const unborn: ServerLife = { phase: 'stopped', past: noPast };

/** What a new Atlas makes of a process that it finds running. */
export function adopted(run: Run, ready: boolean, restarts: number, nowMs: number, policy: FleetPolicy): ServerLife {
  return { phase: 'adopting', run, ready, dueMs: nowMs + policy.adoptMs, past: { ...noPast, restarts } };
}

/** When the life wants a tick; Infinity: never. */
export function dueOf(s: ServerLife): number {
  return 'dueMs' in s ? s.dueMs : Number.POSITIVE_INFINITY;
}

/** The process that fills the post. */
export function runOf(s: ServerLife): Run | undefined {
  return 'run' in s ? s.run : undefined;
}

export function aliveOf(s: ServerLife): Alive | undefined {
  return s.phase === 'starting' || s.phase === 'ready' || s.phase === 'unhealthy' || s.phase === 'adopting' ? s : undefined;
}

export function step(s: ServerLife, input: LifeInput, nowMs: number, policy: FleetPolicy): LifeStep {
  switch (s.phase) {
    case 'stopped':
      return to(input.kind === 'wanted' ? { phase: 'scheduled', past: s.past } : s);
    case 'scheduled':
      if (input.kind === 'given') {
        return to({ phase: 'starting', run: input.run, past: s.past, dueMs: nowMs + policy.startTimeoutMs });
      }
      if (input.kind === 'swapped') return to(swap(s, input.theirs));
      return to(input.kind === 'unwanted' ? { phase: 'stopped', past: s.past } : s);
    case 'starting':
    case 'ready':
    case 'unhealthy':
    case 'adopting':
      return stepFilled(s, input, nowMs, policy);
    case 'stopping':
      // The process that is ending is out of this post's hands: its id is not the next one's.
      if (input.kind === 'wanted') return to({ phase: 'scheduled', past: s.past });
      return to(input.kind === 'exited' || input.kind === 'failed' ? { phase: 'stopped', past: s.past } : s);
    case 'backoff':
    case 'error':
      if (input.kind === 'unwanted') return to({ phase: 'stopped', past: s.past });
      // Its pause goes on unless there is something to fill it with.
      if (input.kind === 'swapped') return to(input.theirs ? swap(s, input.theirs) : s);
      return to(input.kind === 'tick' && nowMs >= s.dueMs ? { phase: 'scheduled', past: s.past } : s);
    default:
      return unreachable(s);
  }
}

function stepFilled(s: Alive, input: LifeInput, nowMs: number, policy: FleetPolicy): LifeStep {
  switch (input.kind) {
    case 'unwanted':
      return to({ phase: 'stopping', run: s.run, past: s.past }, { ask: 'stop', run: s.run });
    case 'retired':
      return to({ phase: 'scheduled', past: s.past }, { ask: 'stop', run: s.run });
    case 'started':
      return to({ ...s, run: { ...s.run, pid: input.pid } });
    case 'up': {
      const run = { ...s.run, pid: s.run.pid || input.pid, address: input.address };
      return to({ phase: 'ready', run, past: s.past, sinceMs: 'sinceMs' in s ? s.sinceMs : nowMs });
    }
    case 'down':
      return to(s.phase === 'ready' ? { ...s, phase: 'unhealthy', dueMs: nowMs + policy.unhealthyMs } : s);
    case 'spared':
      return to(s.phase === 'ready' ? s : { ...s, dueMs: Math.max(s.dueMs, input.untilMs) });
    case 'drained':
      return to({ ...s, run: { ...s.run, drained: true } });
    case 'swapped':
      return to(swap(s, input.theirs));
    case 'failed':
      return to(crash(s, { code: 'SERVER_START_FAILED', message: input.message }, nowMs, policy));
    case 'exited':
      if (s.run.drained) return to({ phase: 'scheduled', past: s.past });
      return to(crash(s, { code: 'SERVER_CRASHED', message: howItEnded(input) }, nowMs, policy));
    case 'tick':
      return tick(s, nowMs, policy);
    case 'wanted':
    case 'given':
      return to(s);
    default:
      return unreachable(input);
  }
}

/** Silence beyond its time: the process is given up on, and ended at once. */
function tick(s: Alive, nowMs: number, policy: FleetPolicy): LifeStep {
  if (s.phase === 'ready' || nowMs < s.dueMs) return to(s);
  const trouble: Trouble =
    s.phase === 'starting'
      ? { code: 'SERVER_START_TIMEOUT', message: `no hello within ${policy.startTimeoutMs} ms` }
      : { code: 'SERVER_HUNG', message: 'no heartbeat, and it did not dial again' };
  return to(crash(s, trouble, nowMs, policy), { ask: 'kill', run: s.run });
}

function swap(s: ServerLife, theirs: Alive | undefined): ServerLife {
  return theirs ? { ...theirs, past: s.past } : { phase: 'scheduled', past: s.past };
}

/** The first restart is immediate, the next ones ever later, and too many in a row stop for long. */
function crash(s: Alive, trouble: Trouble, nowMs: number, policy: FleetPolicy): ServerLife {
  const steady = 'sinceMs' in s && nowMs - s.sinceMs >= policy.crashWindowMs;
  const crashesMs = [...s.past.crashesMs.filter((ms) => ms > nowMs - policy.crashWindowMs), nowMs];
  const past: Past = { crashesMs, restarts: s.past.restarts + 1, loops: steady ? 0 : s.past.loops, trouble };
  if (crashesMs.length >= policy.crashes) {
    const pauseMs = Math.min(policy.errorMs * 2 ** past.loops, policy.errorMsMax);
    const message = `${crashesMs.length} crashes within ${policy.crashWindowMs} ms, the last: ${trouble.message}`;
    const loop: Past = { ...past, crashesMs: [], loops: past.loops + 1, trouble: { code: 'SERVER_CRASH_LOOP', message } };
    return { phase: 'error', past: loop, dueMs: nowMs + pauseMs };
  }
  if (crashesMs.length === 1) return { phase: 'scheduled', past };
  const pauseMs = Math.min(policy.backoffMs * 2 ** (crashesMs.length - 2), policy.backoffMsMax);
  return { phase: 'backoff', past, dueMs: nowMs + pauseMs };
}

function howItEnded({ exitCode, signal }: { readonly exitCode?: number; readonly signal?: string }): string {
  if (signal !== undefined) return `ended by ${signal}`;
  return exitCode !== undefined ? `ended with exit code ${exitCode}` : 'ended while nobody watched';
}

function to(next: ServerLife, ...requests: LifeRequest[]): LifeStep {
  return { next, requests };
}
