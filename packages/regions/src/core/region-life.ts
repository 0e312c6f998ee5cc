/**
 * The life of one region, as a machine. Its record changes owner only here.
 *
 *      ┌──────────────────────────────────────────────── stored ─── closing ◀── slept ───┐
 *      ▼                                                                                 │
 *   asleep ── wake ──▶ claiming ── stored ──▶ waiting ── server ──▶ binding          draining
 *                      (new epoch,  ▲          (want record)           │ stored          ▲
 *                       no owner)   │                                  ▼                 │ quiet
 *                                   │ refused, timed out,           loading ── read ──▶ assigning
 *                                   └── server lost ◀───────────────(checkpoint)         │ regionUp
 *                                        from anywhere                                   ▼
 *   (start of a coordinator:  adopting ── its server holds it ─────────────────────▶  active
 *                             adopting ── silent, or without it ──▶ claiming)
 *
 * A region that moves from a server that is being emptied goes from `draining` straight to `claiming`: it never sleeps.
 * `claiming` writes a new epoch before a new owner is looked for, so from then on the old one is heard by nobody.
 */
import { unreachable } from '@horizon-atlas/base';
import type { RegionsPolicy } from './policy.ts';

interface Owned {
  readonly epoch: number;
  readonly server: string;
}

export type RegionLife =
  | { readonly phase: 'asleep'; readonly dueMs: number }
  /** Writes a new epoch without an owner. `writing`: the transaction is on its way. `moved`: its server has given it up in good order. */
  | { readonly phase: 'claiming'; readonly writing: boolean; readonly moved: boolean; readonly dueMs: number }
  /** Fleet has been told in `want/`; a server is on its way. */
  | { readonly phase: 'waiting'; readonly epoch: number; readonly dueMs: number }
  | (Owned & { readonly phase: 'binding'; readonly writing: boolean; readonly dueMs: number })
  | (Owned & { readonly phase: 'loading'; readonly dueMs: number })
  | (Owned & { readonly phase: 'assigning'; readonly untilMs: number; readonly dueMs: number })
  | (Owned & { readonly phase: 'active'; readonly dueMs: number })
  /**
   * `wanted`: somebody needs it after all; it has to fall asleep first. `moving`: it is given to another server as soon as this one has taken
   * its last checkpoint.
   */
  | (Owned & { readonly phase: 'draining'; readonly wanted: boolean; readonly moving: boolean; readonly dueMs: number })
  | {
      readonly phase: 'closing';
      readonly epoch: number;
      readonly wanted: boolean;
      readonly writing: boolean;
      readonly dueMs: number;
    }
  /** The record names a server that a new coordinator has not heard of yet. */
  | (Owned & { readonly phase: 'adopting'; readonly dueMs: number });

export type RegionInput =
  | { readonly kind: 'wake' }
  /** Nobody plays here or is expected, and that for long enough. */
  | { readonly kind: 'quiet' }
  /** Its server is to be emptied, and another one is there. */
  | { readonly kind: 'move' }
  | { readonly kind: 'server'; readonly server: string }
  /** The state's transaction: written (with the epoch, for a claim), or to be tried again. */
  | { readonly kind: 'stored'; readonly epoch: number }
  | { readonly kind: 'notStored' }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'regionUp'; readonly epoch: number }
  | { readonly kind: 'refused'; readonly epoch: number }
  | { readonly kind: 'slept'; readonly epoch: number }
  /** Its server presented itself, and holds it at the record's epoch, or does not. */
  | { readonly kind: 'held'; readonly yes: boolean }
  | { readonly kind: 'lost' }
  | { readonly kind: 'tick' };

export type RegionRequest =
  | { readonly ask: 'claim' }
  | { readonly ask: 'findServer' }
  | { readonly ask: 'bind'; readonly server: string; readonly epoch: number }
  | { readonly ask: 'load' }
  | { readonly ask: 'assign' }
  | { readonly ask: 'sleep' }
  | { readonly ask: 'close'; readonly epoch: number };

export interface RegionStep {
  readonly next: RegionLife;
  readonly requests: readonly RegionRequest[];
}

const NEVER = Number.POSITIVE_INFINITY;

export const asleep: RegionLife = { phase: 'asleep', dueMs: NEVER };

/** What a coordinator makes of a record that it finds. */
export function adopt(server: string, epoch: number, untilMs: number): RegionStep {
  if (server === '') return claim();
  return stay({ phase: 'adopting', server, epoch, dueMs: untilMs });
}

export function stepRegion(s: RegionLife, input: RegionInput, nowMs: number, policy: RegionsPolicy): RegionStep {
  switch (s.phase) {
    case 'asleep':
      return input.kind === 'wake' ? claim() : stay(s);
    case 'claiming':
    case 'binding':
    case 'closing':
      return stepWriting(s, input, nowMs, policy);
    case 'waiting':
      if (input.kind === 'server') return bind(s.epoch, input.server);
      return input.kind === 'tick' ? ask({ ...s, dueMs: nowMs + policy.repeatMs }, [{ ask: 'findServer' }]) : stay(s);
    case 'loading':
      if (input.kind === 'lost') return claim();
      if (input.kind !== 'loaded') return stay(s);
      return ask({ ...s, phase: 'assigning', untilMs: nowMs + policy.assignTimeoutMs, dueMs: nowMs + policy.repeatMs }, [
        { ask: 'assign' },
      ]);
    case 'assigning':
      return stepAssigning(s, input, nowMs, policy);
    case 'active':
      if (input.kind === 'lost' || (input.kind === 'held' && !input.yes)) return claim();
      // A coordinator before this one has asked it to: the server has the region no longer, and it goes on where its last checkpoint ends.
      if (input.kind === 'slept' && input.epoch === s.epoch) return drain(s, true, nowMs, policy);
      if (input.kind !== 'quiet' && input.kind !== 'move') return stay(s);
      return drain(s, input.kind === 'move', nowMs, policy);
    case 'draining':
      return stepDraining(s, input, nowMs, policy);
    case 'adopting':
      if (input.kind === 'held')
        return input.yes ? stay({ phase: 'active', server: s.server, epoch: s.epoch, dueMs: NEVER }) : claim();
      return input.kind === 'lost' || input.kind === 'tick' ? claim() : stay(s);
    default:
      return unreachable(s);
  }
}

/** The server that is answerable for the region now, or empty. */
export function serverOf(s: RegionLife): string {
  return 'server' in s ? s.server : '';
}

type Writing = Extract<RegionLife, { writing: boolean }>;

/** States whose one transaction is on its way. It is asked again only after a definite no. */
function stepWriting(s: Writing, input: RegionInput, nowMs: number, policy: RegionsPolicy): RegionStep {
  switch (input.kind) {
    case 'stored':
      if (s.phase === 'claiming') {
        return ask({ phase: 'waiting', epoch: input.epoch, dueMs: nowMs + policy.repeatMs }, [{ ask: 'findServer' }]);
      }
      if (s.phase === 'closing') return s.wanted ? claim() : stay(asleep);
      return ask({ phase: 'loading', epoch: s.epoch, server: s.server, dueMs: NEVER }, [{ ask: 'load' }]);
    case 'notStored':
      return stay({ ...s, writing: false, dueMs: nowMs + policy.storeRetryMs });
    case 'lost':
      // The write of a binding may still be on its way; a claim conditioned on the same version settles which came first.
      return s.phase === 'binding' ? claim() : stay(s);
    case 'wake':
      return s.phase === 'closing' ? stay({ ...s, wanted: true }) : stay(s);
    case 'tick':
      return s.writing ? stay({ ...s, dueMs: NEVER }) : ask({ ...s, writing: true, dueMs: NEVER }, [requestOf(s)]);
    default:
      return stay(s);
  }
}

function requestOf(s: Writing): RegionRequest {
  if (s.phase === 'claiming') return { ask: 'claim' };
  return s.phase === 'binding' ? { ask: 'bind', server: s.server, epoch: s.epoch } : { ask: 'close', epoch: s.epoch };
}

function stepAssigning(
  s: Extract<RegionLife, { phase: 'assigning' }>,
  input: RegionInput,
  nowMs: number,
  policy: RegionsPolicy,
): RegionStep {
  switch (input.kind) {
    case 'regionUp':
      return input.epoch === s.epoch ? stay({ phase: 'active', server: s.server, epoch: s.epoch, dueMs: NEVER }) : stay(s);
    case 'refused':
      return input.epoch === s.epoch ? claim() : stay(s);
    case 'lost':
      return claim();
    case 'tick':
      return nowMs >= s.untilMs ? claim() : ask({ ...s, dueMs: nowMs + policy.repeatMs * 5 }, [{ ask: 'assign' }]);
    default:
      return stay(s);
  }
}

function stepDraining(
  s: Extract<RegionLife, { phase: 'draining' }>,
  input: RegionInput,
  nowMs: number,
  policy: RegionsPolicy,
): RegionStep {
  switch (input.kind) {
    case 'slept':
      if (input.epoch !== s.epoch) return stay(s);
      if (s.moving) return claim(true);
      return ask({ phase: 'closing', epoch: s.epoch, wanted: s.wanted, writing: true, dueMs: NEVER }, [
        { ask: 'close', epoch: s.epoch },
      ]);
    case 'lost':
    case 'held':
      // Whatever it was doing, its record is ours, and its checkpoint is there.
      return input.kind === 'held' && input.yes ? stay(s) : claim();
    case 'wake':
      return stay({ ...s, wanted: true });
    case 'tick':
      return ask({ ...s, dueMs: nowMs + policy.repeatMs }, [{ ask: 'sleep' }]);
    default:
      return stay(s);
  }
}

/** Its players, if there are any, go on where the last checkpoint has them. */
function drain(s: Extract<RegionLife, { phase: 'active' }>, moving: boolean, nowMs: number, policy: RegionsPolicy): RegionStep {
  return ask({ ...s, phase: 'draining', wanted: moving, moving, dueMs: nowMs + policy.repeatMs }, [{ ask: 'sleep' }]);
}

function claim(moved = false): RegionStep {
  return ask({ phase: 'claiming', writing: true, moved, dueMs: NEVER }, [{ ask: 'claim' }]);
}

function bind(epoch: number, server: string): RegionStep {
  return ask({ phase: 'binding', epoch, server, writing: true, dueMs: NEVER }, [{ ask: 'bind', server, epoch }]);
}

function ask(next: RegionLife, requests: readonly RegionRequest[]): RegionStep {
  return { next, requests };
}

function stay(next: RegionLife): RegionStep {
  return { next, requests: [] };
}
