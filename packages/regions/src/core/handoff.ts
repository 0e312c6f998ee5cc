/**
 * The crossing of one group towards one region, as a machine.
 *
 *                  approach / crossed
 *                          │
 *                          ▼      target active      room: reserved        crossed and (synced
 *   lapse ◀─────────── predicted ───────▶ preparing ─────────▶ syncing ── or waited or teleport) ──┐
 *   (TTL, retreat,         ▲                 │  ▲ no room:        ▲                                │
 *    source lost)          └── target lost ──┴──┘ ask later       │ defer                          ▼
 *                                                                 └─────────────────────────── freezing
 *                                                                                             │      │ frozen
 *                         no answer, target lost, not ready, source turned back               │      ▼
 *       ┌─────────────────────────────────────────────────────────────────────────────────────┘  committing
 *       ▼                                   not written                                              │ │
 *   reverting ◀──────────────────────────────────────────────────────────────────────────────────────┘ │ written
 *   (A, new epoch)◀───────────────── no `activated` in time, target lost ──────────── activating ◀─────┘
 *       │ written                                                                         │ activated
 *       ▼              thawed                                                 released    ▼
 *    thawing ────────────────▶ (rolled back)                     (done) ◀──────────── releasing
 *
 * Before `committing` every way leads back to the source with nothing lost. The commit is one transaction. After it only the record
 * counts: forward to the target, or by a further commit back to the source, which still has its frozen copy. Once the target is known
 * to have activated there is no way back: its players may have been told that commands are covered.
 *
 * What a state wants is asked by state and repeated until answered, so a lost message, a late one and a restart are one case.
 */
import { unreachable } from '@horizon-atlas/base';
import type {
  Activating,
  Committing,
  Crossing,
  Freezing,
  Frozen,
  Handoff,
  HandoffInput,
  HandoffRequest,
  HandoffStep,
  Intent,
  Predicted,
  Preparing,
  Releasing,
  Reverting,
  Syncing,
  Thawing,
} from './handoff-states.ts';
import type { RegionsPolicy } from './policy.ts';

/** A first word of it. The caller feeds `targetReady` at once if the target is awake. */
export function begin(
  of: { readonly group: number; readonly epoch: number; readonly source: string; readonly target: string },
  input: HandoffInput & { kind: 'approach' | 'crossed' },
  nowMs: number,
  policy: RegionsPolicy,
): HandoffStep {
  const crossed = input.kind === 'crossed';
  const next: Predicted = {
    ...of,
    phase: 'predicted',
    dueMs: nowMs + policy.intentTtlMs,
    heardMs: nowMs,
    expectedMs: crossed ? nowMs : nowMs + input.etaMs,
    crossedMs: crossed ? nowMs : undefined,
    teleport: crossed && input.teleport,
    synced: 0,
    deferredMs: 0,
    notBeforeMs: 0,
  };
  return { next, requests: [{ ask: 'wake' }] };
}

/** A coordinator that was started anew finds the record naming the target, and does not know whether the target was told. */
export function beginActivating(
  of: { readonly group: number; readonly epoch: number; readonly source: string; readonly target: string },
  newEpoch: number,
  nowMs: number,
  policy: RegionsPolicy,
): HandoffStep {
  return activate({ ...of, dueMs: 0 }, newEpoch, undefined, false, false, nowMs, policy);
}

/** A source holds a frozen copy that the record says is its own. */
export function beginReverting(
  of: { readonly group: number; readonly epoch: number; readonly source: string; readonly target: string },
  frozen: Frozen | undefined,
  why: string,
): HandoffStep {
  return revert({ ...of, dueMs: 0 }, frozen, 0, false, why);
}

export function step(state: Handoff, input: HandoffInput, nowMs: number, policy: RegionsPolicy): HandoffStep {
  switch (state.phase) {
    case 'predicted':
    case 'preparing':
    case 'syncing':
      return stepIntent(state, input, nowMs, policy);
    case 'freezing':
      return stepFreezing(state, input, nowMs, policy);
    case 'committing':
      return stepCommitting(state, input, nowMs, policy);
    case 'activating':
      return stepActivating(state, input, nowMs, policy);
    case 'reverting':
      return stepReverting(state, input, nowMs, policy);
    case 'thawing':
    case 'releasing':
      return stepLast(state, input, nowMs, policy);
    default:
      return unreachable(state);
  }
}

/** What a state asks until it is answered. Transactions are not here: each has one answer, and is asked on entering the state. */
export function requestsOf(state: Handoff): readonly HandoffRequest[] {
  switch (state.phase) {
    case 'predicted':
      return [{ ask: 'wake' }];
    case 'preparing':
      return [{ ask: 'reserve' }];
    case 'syncing':
      return [{ ask: 'prepare' }, { ask: 'reserve' }];
    case 'freezing':
      return [{ ask: 'freeze' }];
    case 'activating':
      return [{ ask: 'activate', newEpoch: state.newEpoch, frozen: state.frozen, withState: !state.warm }];
    case 'releasing':
      return [{ ask: 'release', newEpoch: state.newEpoch }];
    case 'thawing':
      return state.committedEpoch === 0
        ? [{ ask: 'thaw', newEpoch: state.newEpoch }]
        : [
            { ask: 'thaw', newEpoch: state.newEpoch },
            { ask: 'drop', committedEpoch: state.committedEpoch, newEpoch: state.newEpoch },
          ];
    case 'committing':
    case 'reverting':
      return [];
    default:
      return unreachable(state);
  }
}

/** Whether the group's fate hangs on this: no other crossing of it may begin, and nothing else may rewrite its record. */
export function isExclusive(state: Handoff): boolean {
  switch (state.phase) {
    case 'freezing':
    case 'committing':
    case 'activating':
    case 'reverting':
    case 'thawing':
      return true;
    default:
      return false;
  }
}

function stepIntent(s: Predicted | Preparing | Syncing, input: HandoffInput, nowMs: number, policy: RegionsPolicy): HandoffStep {
  switch (input.kind) {
    case 'approach':
      return goOn(
        { ...s, heardMs: nowMs, expectedMs: s.crossedMs === undefined ? nowMs + input.etaMs : s.expectedMs },
        nowMs,
        policy,
      );
    case 'crossed':
      return goOn(
        { ...s, heardMs: nowMs, crossedMs: s.crossedMs ?? nowMs, teleport: s.teleport || input.teleport },
        nowMs,
        policy,
      );
    case 'retreat':
    case 'sourceLost':
      return { next: 'lapsed', requests: [{ ask: 'cancel' }] };
    case 'targetReady':
      return s.phase === 'predicted' ? ask({ ...s, phase: 'preparing' }, nowMs, policy) : stay(s);
    case 'targetLost':
      // The source may go on with its copy for nobody: tell it. The target's next server knows nothing of the room.
      return s.phase === 'predicted'
        ? stay(s)
        : { next: again({ ...s, phase: 'predicted', synced: 0 }, nowMs, policy), requests: [{ ask: 'cancel' }, { ask: 'wake' }] };
    case 'reserved':
      if (s.phase === 'predicted') return stay(s);
      if (input.ok) return s.phase === 'preparing' ? goOn({ ...s, phase: 'syncing', notBeforeMs: 0 }, nowMs, policy) : stay(s);
      return stay(again({ ...s, phase: 'preparing', notBeforeMs: nowMs + policy.fullRetryMs }, nowMs, policy));
    case 'synced':
      return s.phase === 'syncing' ? goOn({ ...s, synced: input.version }, nowMs, policy) : stay(s);
    case 'frozen':
      // Of a `freeze` that it had put off, doubled on the way.
      return s.phase === 'syncing' ? commit(s, input.frozen) : revert(s, input.frozen, 0, false, 'not-ready');
    case 'tick':
      return tickIntent(s, nowMs, policy);
    default:
      return stay(s);
  }
}

function tickIntent(s: Predicted | Preparing | Syncing, nowMs: number, policy: RegionsPolicy): HandoffStep {
  if (nowMs >= lapseMs(s, policy)) return { next: 'lapsed', requests: [{ ask: 'cancel' }] };
  if (s.phase === 'syncing' && mayFreeze(s, nowMs, policy)) return freeze(s, nowMs, policy);
  return s.notBeforeMs > nowMs ? stay(again(s, nowMs, policy)) : ask(s, nowMs, policy);
}

/** After a word from the source or the target: on to the next state if this allows it. */
function goOn(s: Predicted | Preparing | Syncing, nowMs: number, policy: RegionsPolicy): HandoffStep {
  if (s.phase !== 'syncing') return stay(s);
  if (mayFreeze(s, nowMs, policy)) return freeze(s, nowMs, policy);
  const next = again(s, nowMs, policy);
  return { next, requests: s.synced === 0 ? [{ ask: 'prepare' }] : [] };
}

function lapseMs(s: Intent, policy: RegionsPolicy): number {
  return s.heardMs + (s.crossedMs === undefined ? policy.intentTtlMs : policy.crossedTtlMs);
}

function mayFreeze(s: Syncing, nowMs: number, policy: RegionsPolicy): boolean {
  if (s.crossedMs === undefined || nowMs < s.notBeforeMs) return false;
  return s.synced > 0 || s.teleport || nowMs >= s.crossedMs + policy.syncWaitMs;
}

function freeze(s: Syncing, nowMs: number, policy: RegionsPolicy): HandoffStep {
  return ask({ ...s, phase: 'freezing', untilMs: nowMs + policy.freezeTimeoutMs }, nowMs, policy);
}

function stepFreezing(s: Freezing, input: HandoffInput, nowMs: number, policy: RegionsPolicy): HandoffStep {
  switch (input.kind) {
    case 'frozen':
      return commit(s, input.frozen);
    case 'defer': {
      const { untilMs: _, ...intent } = s;
      const deferredMs = s.deferredMs + Math.max(1, input.ms);
      // It may have been doubled, so that the source froze after all: then its `frozen` finds no crossing, and is thawed.
      if (deferredMs > policy.deferMsMax) return { next: 'lapsed', requests: [{ ask: 'cancel' }] };
      // Being put off is a word from the source.
      const next: Syncing = { ...intent, phase: 'syncing', deferredMs, heardMs: nowMs, notBeforeMs: nowMs + input.ms };
      return stay(again(next, nowMs, policy));
    }
    case 'sourceLost':
      // Its recovery takes the group from the record, which still names the source.
      return { next: 'moved', requests: [{ ask: 'cancel' }] };
    case 'targetLost':
      return revert(s, undefined, 0, false, 'target-lost');
    case 'reserved':
      return input.ok ? stay(s) : revert(s, undefined, 0, false, 'no-room');
    case 'retreat':
      return revert(s, undefined, 0, false, 'retreat');
    case 'tick':
      // Nobody knows whether it froze. Not guessing means: a new epoch for the source, whatever it did.
      return nowMs >= s.untilMs ? revert(s, undefined, 0, false, 'no-answer') : ask(s, nowMs, policy);
    default:
      return stay(s);
  }
}

function stepCommitting(s: Committing, input: HandoffInput, nowMs: number, policy: RegionsPolicy): HandoffStep {
  switch (input.kind) {
    case 'committed': {
      if (s.targetLost) {
        // The record names a server that is gone. Back to the source if it is there, else the target's recovery has it.
        return s.sourceLost
          ? { next: 'moved', requests: [{ ask: 'route' }] }
          : revert(s, s.frozen, input.newEpoch, false, 'target-lost');
      }
      const { warm, sourceLost, frozen } = s;
      return activate(s, input.newEpoch, frozen, warm, !sourceLost, nowMs, policy);
    }
    case 'notCommitted':
      if (input.why === 'moved') return { next: 'moved', requests: [{ ask: 'cancel' }] };
      // The source's recovery waits for a definite end.
      return revert(s, s.frozen, 0, input.why === 'unsettled', 'not-committed', s.sourceLost);
    case 'sourceLost':
      return stay({ ...s, sourceLost: true });
    case 'targetLost':
      return stay({ ...s, targetLost: true });
    case 'tick':
      return stay({ ...s, dueMs: Number.POSITIVE_INFINITY });
    default:
      return stay(s);
  }
}

function stepActivating(s: Activating, input: HandoffInput, nowMs: number, policy: RegionsPolicy): HandoffStep {
  switch (input.kind) {
    case 'activated':
      // Placed by the record alone, there is nobody else to drop it.
      return s.source === s.target ? { next: 'done', requests: [] } : release(s, nowMs, policy);
    case 'needState':
      return ask({ ...s, warm: false }, nowMs, policy);
    case 'sourceLost':
      return stay({ ...s, pullBack: false });
    case 'targetLost':
      return s.pullBack ? revert(s, s.frozen, s.newEpoch, false, 'target-lost') : { next: 'moved', requests: [] };
    case 'tick':
      return s.pullBack && nowMs >= s.untilMs ? revert(s, s.frozen, s.newEpoch, false, 'not-activated') : ask(s, nowMs, policy);
    default:
      return stay(s);
  }
}

function stepReverting(s: Reverting, input: HandoffInput, nowMs: number, policy: RegionsPolicy): HandoffStep {
  switch (input.kind) {
    case 'reverted':
      return s.sourceLost ? { next: 'moved', requests: [{ ask: 'cancel' }] } : thaw(s, input.newEpoch, nowMs, policy);
    case 'notReverted': {
      if (input.why === 'moved') return { next: 'moved', requests: [{ ask: 'cancel' }] };
      const doubt = s.doubt || input.why === 'unsettled';
      // The record names the source for certain, and no commit is under way: a full disk must not keep a player frozen.
      const safe = !doubt && s.committedEpoch === 0;
      if (safe && s.sourceLost) return { next: 'moved', requests: [{ ask: 'cancel' }] };
      if (safe && input.newEpoch > 0) return thaw(s, input.newEpoch, nowMs, policy);
      return stay({ ...s, doubt, writing: false, dueMs: nowMs + policy.storeRetryMs });
    }
    case 'committed':
      // A commit whose outcome was unknown was written after all, before the write back: the record is right.
      return activate(s, input.newEpoch, s.frozen, false, s.frozen !== undefined && !s.sourceLost, nowMs, policy);
    case 'frozen':
      return stay({ ...s, frozen: s.frozen ?? input.frozen });
    case 'sourceLost':
      return stay({ ...s, sourceLost: true });
    case 'tick':
      if (s.writing) return stay({ ...s, dueMs: Number.POSITIVE_INFINITY });
      return {
        next: { ...s, writing: true, dueMs: Number.POSITIVE_INFINITY },
        requests: [{ ask: 'revert', frozen: s.frozen }],
      };
    default:
      return stay(s);
  }
}

/** What is left when the record is settled: the loser of the group is told until it answers. */
function stepLast(s: Releasing | Thawing, input: HandoffInput, nowMs: number, policy: RegionsPolicy): HandoffStep {
  if (input.kind === 'sourceLost') return { next: s.phase === 'thawing' ? 'moved' : 'done', requests: [] };
  if (s.phase === 'thawing') {
    if (input.kind === 'thawed') return { next: 'rolled-back', requests: [] };
  } else {
    if (input.kind === 'released') return { next: 'done', requests: [] };
    if (input.kind === 'tick' && nowMs >= s.untilMs) return { next: 'done', requests: [] };
  }
  return input.kind === 'tick' || input.kind === 'frozen' ? ask(s, nowMs, policy) : stay(s);
}

function commit(s: Intent, frozen: Frozen): HandoffStep {
  const warm = s.synced > 0;
  const next: Committing = {
    ...crossingOf(s),
    phase: 'committing',
    frozen,
    warm,
    sourceLost: false,
    targetLost: false,
    dueMs: Number.POSITIVE_INFINITY,
  };
  return { next, requests: [{ ask: 'commit', frozen }] };
}

function activate(
  s: Crossing,
  newEpoch: number,
  frozen: Frozen | undefined,
  warm: boolean,
  pullBack: boolean,
  nowMs: number,
  policy: RegionsPolicy,
): HandoffStep {
  const next: Activating = {
    ...crossingOf(s),
    phase: 'activating',
    newEpoch,
    frozen,
    warm,
    pullBack,
    untilMs: nowMs + policy.activateTimeoutMs,
    dueMs: nowMs + policy.repeatMs,
  };
  return { next, requests: [...requestsOf(next), { ask: 'route' }] };
}

function release(s: Activating, nowMs: number, policy: RegionsPolicy): HandoffStep {
  const next: Releasing = {
    ...crossingOf(s),
    phase: 'releasing',
    newEpoch: s.newEpoch,
    untilMs: nowMs + policy.releaseMs,
    dueMs: nowMs + policy.repeatMs,
  };
  return { next, requests: requestsOf(next) };
}

function revert(
  s: Crossing,
  frozen: Frozen | undefined,
  committedEpoch: number,
  doubt: boolean,
  why: string,
  sourceLost = false,
): HandoffStep {
  const next: Reverting = {
    ...crossingOf(s),
    phase: 'reverting',
    frozen,
    committedEpoch,
    doubt,
    writing: true,
    sourceLost,
    why,
    dueMs: Number.POSITIVE_INFINITY,
  };
  return { next, requests: [{ ask: 'revert', frozen }] };
}

function thaw(s: Reverting, newEpoch: number, nowMs: number, policy: RegionsPolicy): HandoffStep {
  const next: Thawing = {
    ...crossingOf(s),
    phase: 'thawing',
    newEpoch,
    committedEpoch: s.committedEpoch,
    why: s.why,
    dueMs: nowMs + policy.repeatMs,
  };
  // Gateways attach anew even if the target was never told: the source's epoch is another one now.
  return { next, requests: [...requestsOf(next), { ask: 'route' }, { ask: 'cancel' }] };
}

function crossingOf(s: Crossing): Crossing {
  return { group: s.group, epoch: s.epoch, source: s.source, target: s.target, dueMs: s.dueMs };
}

/** Asks what the state asks, and again after `repeatMs`. */
function ask<S extends Predicted | Preparing | Syncing | Freezing | Activating | Releasing | Thawing>(
  s: S,
  nowMs: number,
  policy: RegionsPolicy,
): HandoffStep {
  return { next: again(s, nowMs, policy), requests: requestsOf(s) };
}

function again<S extends Handoff>(s: S, nowMs: number, policy: RegionsPolicy): S {
  return { ...s, dueMs: nextLook(s, nowMs, policy) };
}

/** When a state has to be looked at again. */
function nextLook(s: Handoff, nowMs: number, policy: RegionsPolicy): number {
  switch (s.phase) {
    case 'predicted':
      return Math.max(nowMs, lapseMs(s, policy));
    case 'preparing':
    case 'syncing': {
      const wanted = s.phase === 'syncing' && s.synced > 0 ? renewMs(s, nowMs, policy) : nowMs + policy.repeatMs;
      return Math.min(Math.max(wanted, s.notBeforeMs), Math.max(nowMs, lapseMs(s, policy)));
    }
    case 'freezing':
    case 'activating':
      return s.untilMs > nowMs ? Math.min(nowMs + policy.repeatMs, s.untilMs) : nowMs + policy.repeatMs;
    default:
      return nowMs + policy.repeatMs;
  }
}

/** A synced intent only has to keep its room; with a crossing it waits for a lock to end. */
function renewMs(s: Syncing, nowMs: number, policy: RegionsPolicy): number {
  return s.crossedMs === undefined ? nowMs + policy.reserveTtlMs / 2 : nowMs + policy.repeatMs;
}

function stay(next: Handoff): HandoffStep {
  return { next, requests: [] };
}
