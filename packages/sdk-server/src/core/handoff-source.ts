/**
 * The source's side of a handoff, a group at a time. Pure: it says what to do, the engine does it.
 *
 *                     cancel, thaw
 *            ┌──────────────────────────┐
 *            ▼                          │
 *   idle ──prepare──▶ copying ──freeze──┤        copying: the whole state once, then a delta a tick; the target's acks say how far it is
 *    │  └─freeze (locked)─▶ defer, once │
 *    └────freeze───────────▶ frozen ────┘        frozen: says so until told; never thaws by itself
 *                              │
 *                              └──release──▶ (gone, a stub stays)
 *
 * `approach`, `retreat` and `crossed` need no memory here: crossing detection repeats them while they hold.
 */
import type { ServerPolicy } from './policy.ts';

export interface Copy {
  /** The target's server. */
  readonly server: string;
  readonly address: string;
  /** The latest version sent, undefined before the first. */
  readonly sent: { readonly version: number; readonly state: Uint8Array } | undefined;
  /** The target holds this version; 0: none. */
  readonly acked: number;
  /** When anything was sent last, and when the target last got on. */
  readonly sentMs: number;
  readonly progressMs: number;
  /** The target lost the thread: the whole state again, but not too often. */
  readonly resync: boolean;
  readonly wholeMs: number;
  readonly inStep: boolean;
  readonly syncedAskMs: number;
}

export type SourceState =
  /** `deferUntilMs`: a lock has deferred this crossing already. */
  | { readonly kind: 'idle'; readonly deferUntilMs: number | undefined }
  | { readonly kind: 'copying'; readonly target: string; readonly copy: Copy; readonly deferUntilMs: number | undefined }
  | {
      readonly kind: 'frozen';
      readonly target: string;
      readonly version: number;
      readonly askMs: number;
      readonly copy: Copy | undefined;
      readonly wholeMs: number;
    }
  | { readonly kind: 'gone' };

export type SourceInput =
  | { readonly kind: 'prepare'; readonly target: string; readonly server: string; readonly address: string }
  /** The target says which version it holds. */
  | { readonly kind: 'ack'; readonly version: number }
  /** The engine has sent this version, asked by `copy`. */
  | { readonly kind: 'sent'; readonly version: number; readonly state: Uint8Array; readonly whole: boolean }
  | {
      readonly kind: 'freeze';
      readonly target: string;
      readonly lock: { readonly reason: string; readonly leftMs: number } | undefined;
    }
  /** The engine has frozen the group at this version, asked by `freeze`. */
  | { readonly kind: 'froze'; readonly version: number }
  | { readonly kind: 'tick' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'thaw' }
  | { readonly kind: 'release' };

export type SourceRequest =
  /** Send the state to the target: whole, or what changed since `sent`, or (keepAlive) even if nothing did. */
  | { readonly kind: 'copy'; readonly copy: Copy; readonly whole: boolean; readonly keepAlive: boolean }
  | { readonly kind: 'synced'; readonly version: number }
  | { readonly kind: 'defer'; readonly reason: string; readonly ms: number }
  /** Stop simulating, send the final delta if there is a copy, and report `froze`. */
  | { readonly kind: 'freeze'; readonly target: string; readonly copy: Copy | undefined }
  | { readonly kind: 'frozen' }
  /** The target missed the final delta: send it the frozen state. */
  | { readonly kind: 'frozenCopy'; readonly server: string }
  | { readonly kind: 'thaw' }
  | { readonly kind: 'drop' };

export interface SourceStep {
  readonly next: SourceState;
  readonly requests: readonly SourceRequest[];
}

export const sourceIdle: SourceState = { kind: 'idle', deferUntilMs: undefined };
/** Shared, so that ticks on which nothing happens allocate nothing. */
const nothing: readonly SourceRequest[] = [];
/** A whole state is not repeated more often, ms. */
const WHOLE_MS = 100;

export function sourceStep(state: SourceState, input: SourceInput, nowMs: number, policy: ServerPolicy): SourceStep {
  switch (state.kind) {
    case 'idle':
      return idle(state, input, nowMs, policy);
    case 'copying':
      return copying(state, input, nowMs, policy);
    case 'frozen':
      return frozen(state, input, nowMs, policy);
    case 'gone':
      return stay(state);
  }
}

type Of<K extends SourceState['kind']> = Extract<SourceState, { kind: K }>;

function idle(state: Of<'idle'>, input: SourceInput, nowMs: number, policy: ServerPolicy): SourceStep {
  switch (input.kind) {
    case 'prepare':
      return stay({ kind: 'copying', target: input.target, copy: begin(input, nowMs), deferUntilMs: state.deferUntilMs });
    case 'freeze':
      return freeze(state, undefined, input, nowMs, policy);
    case 'froze':
      return { next: frozenAt(input.version, '', undefined, nowMs, policy), requests: nothing };
    case 'thaw':
      return { next: sourceIdle, requests: [{ kind: 'thaw' }] };
    case 'release':
      return { next: { kind: 'gone' }, requests: [{ kind: 'drop' }] };
    case 'cancel':
      return stay(sourceIdle);
    default:
      return stay(state);
  }
}

function copying(state: Of<'copying'>, input: SourceInput, nowMs: number, policy: ServerPolicy): SourceStep {
  const { copy } = state;
  switch (input.kind) {
    case 'prepare':
      // Another target, or the same one on another server: from the start.
      if (input.target === state.target && input.server === copy.server) return stay(state);
      return stay({ ...state, target: input.target, copy: begin(input, nowMs) });
    case 'tick':
      return copyTick(state, nowMs, policy);
    case 'sent':
      return stay({
        ...state,
        copy: {
          ...copy,
          sent: { version: input.version, state: input.state },
          sentMs: nowMs,
          resync: input.whole ? false : copy.resync,
          wholeMs: input.whole ? nowMs : copy.wholeMs,
          progressMs: copy.sent && copy.acked < copy.sent.version ? copy.progressMs : nowMs,
        },
      });
    case 'ack':
      return copyAck(state, input.version, nowMs, policy);
    case 'freeze':
      return freeze(state, input.target === state.target ? copy : undefined, input, nowMs, policy);
    case 'cancel':
      return stay(sourceIdle);
    case 'thaw':
      return { next: sourceIdle, requests: [{ kind: 'thaw' }] };
    case 'release':
      return { next: { kind: 'gone' }, requests: [{ kind: 'drop' }] };
    case 'froze':
      return stay(state);
  }
}

function frozen(state: Of<'frozen'>, input: SourceInput, nowMs: number, policy: ServerPolicy): SourceStep {
  switch (input.kind) {
    case 'tick':
      if (nowMs < state.askMs) return stay(state);
      return { next: { ...state, askMs: nowMs + policy.frozenAskMs }, requests: [{ kind: 'frozen' }] };
    case 'froze':
      return stay({ ...state, version: input.version });
    case 'freeze':
      // It has not heard the answer yet.
      return { next: { ...state, askMs: nowMs + policy.frozenAskMs }, requests: [{ kind: 'frozen' }] };
    case 'ack':
      if (!state.copy || input.version === state.version || nowMs - state.wholeMs < WHOLE_MS) return stay(state);
      return { next: { ...state, wholeMs: nowMs }, requests: [{ kind: 'frozenCopy', server: state.copy.server }] };
    case 'thaw':
      return { next: sourceIdle, requests: [{ kind: 'thaw' }] };
    case 'release':
      return { next: { kind: 'gone' }, requests: [{ kind: 'drop' }] };
    case 'cancel':
    case 'prepare':
    case 'sent':
      // To give up now takes a new epoch: the commit may be on its way.
      return stay(state);
  }
}

function freeze(
  state: Of<'idle'> | Of<'copying'>,
  copy: Copy | undefined,
  input: Extract<SourceInput, { kind: 'freeze' }>,
  nowMs: number,
  policy: ServerPolicy,
): SourceStep {
  const { lock } = input;
  if (lock) {
    const untilMs = state.deferUntilMs ?? nowMs + Math.min(lock.leftMs, policy.deferMsMax);
    const ms = Math.ceil(untilMs - nowMs);
    if (ms > 0) return { next: { ...state, deferUntilMs: untilMs }, requests: [{ kind: 'defer', reason: lock.reason, ms }] };
  }
  return {
    next: frozenAt(0, input.target, copy, nowMs, policy),
    requests: [{ kind: 'freeze', target: input.target, copy }, { kind: 'frozen' }],
  };
}

function frozenAt(version: number, target: string, copy: Copy | undefined, nowMs: number, policy: ServerPolicy): SourceState {
  return { kind: 'frozen', target, version, askMs: nowMs + policy.frozenAskMs, copy, wholeMs: nowMs - WHOLE_MS };
}

function copyTick(state: Of<'copying'>, nowMs: number, policy: ServerPolicy): SourceStep {
  const { copy } = state;
  const requests: SourceRequest[] = [];
  const stalled = copy.sent !== undefined && copy.acked < copy.sent.version && nowMs - copy.progressMs >= policy.copyStallMs;
  const whole = copy.sent === undefined || ((copy.resync || stalled) && nowMs - copy.wholeMs >= WHOLE_MS);
  requests.push({ kind: 'copy', copy, whole, keepAlive: nowMs - copy.sentMs >= policy.copyKeepAliveMs });
  if (!copy.inStep || nowMs < copy.syncedAskMs) return { next: state, requests };
  requests.push({ kind: 'synced', version: copy.acked });
  return { next: { ...state, copy: { ...copy, syncedAskMs: nowMs + policy.askMs } }, requests };
}

function copyAck(state: Of<'copying'>, version: number, nowMs: number, policy: ServerPolicy): SourceStep {
  const { copy } = state;
  const { sent } = copy;
  if (!sent || version > sent.version) return stay(state);
  const behind = version <= copy.acked && version !== sent.version;
  if (behind) return stay({ ...state, copy: { ...copy, resync: true } });
  const inStep = sent.version - version <= policy.syncedLagMax;
  const say = inStep && !copy.inStep;
  return {
    next: {
      ...state,
      copy: { ...copy, acked: version, progressMs: nowMs, inStep, syncedAskMs: say ? nowMs + policy.askMs : copy.syncedAskMs },
    },
    requests: say ? [{ kind: 'synced', version }] : nothing,
  };
}

function begin(input: { readonly server: string; readonly address: string }, nowMs: number): Copy {
  return {
    server: input.server,
    address: input.address,
    sent: undefined,
    acked: 0,
    sentMs: nowMs,
    progressMs: nowMs,
    resync: false,
    wholeMs: nowMs - WHOLE_MS,
    inStep: false,
    syncedAskMs: 0,
  };
}

function stay(next: SourceState): SourceStep {
  return { next, requests: nothing };
}
