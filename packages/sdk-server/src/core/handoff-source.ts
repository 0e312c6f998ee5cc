/**
 * The source's side of a handoff, a group at a time. Pure: it says what to do, the engine does it.
 *
 *              cancel
 *            ┌─────────┐
 *            ▼         │
 *   idle ──prepare──▶ copying ⟲ tick        the whole state once, then a delta a tick; the target's acks say how far it is
 *    ▲ │                │
 *    │ └───── freeze ───┴──▶ defer, once, under a lock
 *   thaw          │
 *    │            ▼
 *    └───────── frozen ⟲ tick               says so until it is told what became of it; never thaws by itself
 *                 │
 *                 └─ release ──▶ gone       a stub stays
 *
 * At a corner of the map two targets are kept warm at a time; a group is frozen for one.
 * `approach`, `retreat` and `crossed` need no memory here: crossing detection repeats them while they hold.
 */
import type { ServerPolicy } from './policy.ts';

/** What one server is sent of the group. */
export interface Copy {
  readonly server: string;
  /** The regions that it is for; a server may have several. */
  readonly targets: readonly string[];
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
  | { readonly kind: 'copying'; readonly copies: readonly Copy[]; readonly deferUntilMs: number | undefined }
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
  /** A target says which version it holds. */
  | { readonly kind: 'ack'; readonly server: string; readonly version: number }
  /** The engine has sent this version, asked by `copy`. */
  | {
      readonly kind: 'sent';
      readonly server: string;
      readonly version: number;
      readonly state: Uint8Array;
      readonly whole: boolean;
    }
  | {
      readonly kind: 'freeze';
      readonly target: string;
      readonly lock: { readonly reason: string; readonly leftMs: number } | undefined;
    }
  /** The engine has frozen the group at this version, asked by `freeze`. */
  | { readonly kind: 'froze'; readonly version: number }
  | { readonly kind: 'tick' }
  | { readonly kind: 'cancel'; readonly target: string }
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
/** Shared, so that steps in which nothing happens allocate nothing. */
const nothing: readonly SourceRequest[] = [];
/** A whole state is not repeated more often, ms. */
const WHOLE_MS = 100;
/** Targets that are kept warm at a time; a third takes the place of the first. */
const COPIES_MAX = 2;

export function sourceStep(state: SourceState, input: SourceInput, nowMs: number, policy: ServerPolicy): SourceStep {
  switch (state.kind) {
    case 'idle':
    case 'copying':
      return owned(state, input, nowMs, policy);
    case 'frozen':
      return frozen(state, input, nowMs, policy);
    case 'gone':
      return stay(state);
  }
}

type Of<K extends SourceState['kind']> = Extract<SourceState, { kind: K }>;
type Owned = Of<'idle'> | Of<'copying'>;

function owned(state: Owned, input: SourceInput, nowMs: number, policy: ServerPolicy): SourceStep {
  const copies = state.kind === 'copying' ? state.copies : [];
  switch (input.kind) {
    case 'prepare':
      return withCopies(state, prepared(copies, input, nowMs));
    case 'cancel':
      return withCopies(state, cancelled(copies, input.target));
    case 'tick':
      return copies.length === 0 ? stay(state) : copyTick(state, copies, nowMs, policy);
    case 'sent':
      return withCopies(
        state,
        copies.map((copy) => (copy.server === input.server ? sent(copy, input, nowMs) : copy)),
      );
    case 'ack':
      return copyAck(state, copies, input, nowMs, policy);
    case 'freeze':
      return freeze(state, copies, input, nowMs, policy);
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
      // Our answer was lost.
      return { next: { ...state, askMs: nowMs + policy.frozenAskMs }, requests: [{ kind: 'frozen' }] };
    case 'ack':
      if (state.copy?.server !== input.server || input.version === state.version) return stay(state);
      if (nowMs - state.wholeMs < WHOLE_MS) return stay(state);
      return { next: { ...state, wholeMs: nowMs }, requests: [{ kind: 'frozenCopy', server: input.server }] };
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
  state: Owned,
  copies: readonly Copy[],
  input: Extract<SourceInput, { kind: 'freeze' }>,
  nowMs: number,
  policy: ServerPolicy,
): SourceStep {
  const { lock, target } = input;
  if (lock) {
    const untilMs = state.deferUntilMs ?? nowMs + Math.min(lock.leftMs, policy.deferMsMax);
    const ms = Math.ceil(untilMs - nowMs);
    if (ms > 0) return { next: { ...state, deferUntilMs: untilMs }, requests: [{ kind: 'defer', reason: lock.reason, ms }] };
  }
  const copy = copies.find((each) => each.targets.includes(target));
  return {
    next: { kind: 'frozen', target, version: 0, askMs: nowMs + policy.frozenAskMs, copy, wholeMs: nowMs - WHOLE_MS },
    requests: [{ kind: 'freeze', target, copy }, { kind: 'frozen' }],
  };
}

function withCopies(state: Owned, copies: readonly Copy[]): SourceStep {
  const { deferUntilMs } = state;
  if (copies.length > 0) return stay({ kind: 'copying', copies, deferUntilMs });
  return stay(deferUntilMs === undefined ? sourceIdle : { kind: 'idle', deferUntilMs });
}

function prepared(copies: readonly Copy[], input: Extract<SourceInput, { kind: 'prepare' }>, nowMs: number): readonly Copy[] {
  const { target, server, address } = input;
  const known = copies.find((each) => each.server === server);
  if (known?.targets.includes(target)) return copies;
  // The region may have had another server before.
  const others = cancelled(copies, target).filter((each) => each.server !== server);
  if (known) return [...others, { ...known, targets: [...known.targets, target] }];
  return [...others, begin(target, server, address, nowMs)].slice(-COPIES_MAX);
}

function cancelled(copies: readonly Copy[], target: string): readonly Copy[] {
  return copies
    .map((copy) => ({ ...copy, targets: copy.targets.filter((each) => each !== target) }))
    .filter((copy) => copy.targets.length > 0);
}

function sent(copy: Copy, input: Extract<SourceInput, { kind: 'sent' }>, nowMs: number): Copy {
  return {
    ...copy,
    sent: { version: input.version, state: input.state },
    sentMs: nowMs,
    resync: input.whole ? false : copy.resync,
    wholeMs: input.whole ? nowMs : copy.wholeMs,
    // The target cannot get on while it has everything.
    progressMs: copy.sent && copy.acked < copy.sent.version ? copy.progressMs : nowMs,
  };
}

function copyTick(state: Owned, copies: readonly Copy[], nowMs: number, policy: ServerPolicy): SourceStep {
  const requests: SourceRequest[] = [];
  const next = copies.map((copy) => {
    const stalled = copy.sent !== undefined && copy.acked < copy.sent.version && nowMs - copy.progressMs >= policy.copyStallMs;
    const whole = copy.sent === undefined || ((copy.resync || stalled) && nowMs - copy.wholeMs >= WHOLE_MS);
    requests.push({ kind: 'copy', copy, whole, keepAlive: nowMs - copy.sentMs >= policy.copyKeepAliveMs });
    if (!copy.inStep || nowMs < copy.syncedAskMs) return copy;
    requests.push({ kind: 'synced', version: copy.acked });
    return { ...copy, syncedAskMs: nowMs + policy.askMs };
  });
  return { next: { kind: 'copying', copies: next, deferUntilMs: state.deferUntilMs }, requests };
}

function copyAck(
  state: Owned,
  copies: readonly Copy[],
  { server, version }: Extract<SourceInput, { kind: 'ack' }>,
  nowMs: number,
  policy: ServerPolicy,
): SourceStep {
  const copy = copies.find((each) => each.server === server);
  if (!copy?.sent || version > copy.sent.version) return stay(state);
  const replace = (by: Copy): SourceStep =>
    withCopies(
      state,
      copies.map((each) => (each === copy ? by : each)),
    );
  // It says again what it has: something after that did not arrive, or was not what follows.
  if (version <= copy.acked && version !== copy.sent.version) return replace({ ...copy, resync: true });
  const inStep = copy.sent.version - version <= policy.syncedLagMax;
  const say = inStep && !copy.inStep;
  const syncedAskMs = say ? nowMs + policy.askMs : copy.syncedAskMs;
  const { next } = replace({ ...copy, acked: version, progressMs: nowMs, inStep, syncedAskMs });
  return { next, requests: say ? [{ kind: 'synced', version }] : nothing };
}

function begin(target: string, server: string, address: string, nowMs: number): Copy {
  return {
    server,
    targets: [target],
    address,
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
