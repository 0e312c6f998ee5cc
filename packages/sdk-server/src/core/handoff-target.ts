/**
 * The target's side of a handoff, a group at a time. Pure: it says what to do, the engine does it.
 *
 *   (none) ──reserve──▶ reserved ──snapshot──▶ warm ⟲ delta, final: acked with the version held
 *      │                    │                   │
 *      └──────activate──────┴─────activate──────┤
 *                                               ├── the version named is held, or a state came with it ──▶ install, done
 *                                               └── else awaiting ⟲ the final delta may be on its way; then needState, again and again
 *
 * A group that is not activated leaves no trace: reservations and warm copies lapse.
 */
import type { Group } from '@horizon-atlas/protocol';
import { type GameDelta, patchState } from './delta.ts';
import type { ServerPolicy } from './policy.ts';

export interface Warm {
  /** The source's epoch. */
  readonly epoch: number;
  readonly version: number;
  readonly state: Uint8Array;
  readonly heardMs: number;
}

export interface Activation {
  readonly region: string;
  readonly version: number;
  readonly group: Group;
}

export type TargetState =
  | { readonly kind: 'none' }
  | { readonly kind: 'reserved'; readonly epoch: number; readonly region: string; readonly untilMs: number }
  | {
      readonly kind: 'warm';
      readonly warm: Warm;
      readonly reserved: { readonly region: string; readonly untilMs: number } | undefined;
    }
  | {
      readonly kind: 'awaiting';
      readonly activation: Activation;
      readonly warm: Warm | undefined;
      readonly askMs: number;
      /** The coordinator repeats what still holds; without it this is old news. */
      readonly untilMs: number;
    };

export type TargetInput =
  | { readonly kind: 'reserve'; readonly epoch: number; readonly region: string; readonly ttlMs: number }
  | { readonly kind: 'snapshot'; readonly epoch: number; readonly version: number; readonly state: Uint8Array }
  | {
      readonly kind: 'delta';
      readonly epoch: number;
      readonly base: number;
      readonly version: number;
      readonly delta: Uint8Array;
    }
  | { readonly kind: 'activate'; readonly activation: Activation }
  | { readonly kind: 'cancel'; readonly epoch: number }
  | { readonly kind: 'tick' };

export type TargetRequest =
  /** Tell the source which version is held. */
  | { readonly kind: 'ack'; readonly epoch: number; readonly version: number }
  | { readonly kind: 'install'; readonly activation: Activation; readonly state: Uint8Array; readonly warm: boolean }
  | { readonly kind: 'needState'; readonly epoch: number }
  /** Something from an owner that is none any more. */
  | { readonly kind: 'fenced'; readonly epoch: number };

export interface TargetStep {
  readonly next: TargetState;
  readonly requests: readonly TargetRequest[];
}

export const targetNone: TargetState = { kind: 'none' };
const nothing: readonly TargetRequest[] = [];

export function targetStep(
  state: TargetState,
  input: TargetInput,
  nowMs: number,
  policy: ServerPolicy,
  game: GameDelta | undefined,
): TargetStep {
  switch (input.kind) {
    case 'reserve':
      return reserve(state, input, nowMs);
    case 'snapshot':
      return snapshot(state, input, nowMs);
    case 'delta':
      return delta(state, input, nowMs, game);
    case 'activate':
      return activate(state, input.activation, nowMs, policy);
    case 'cancel':
      return cancel(state, input.epoch);
    case 'tick':
      return lapse(state, nowMs, policy);
  }
}

/** The epoch up to which sources were heard: lower ones are refused. */
export function targetEpoch(state: TargetState): number {
  switch (state.kind) {
    case 'none':
      return 0;
    case 'reserved':
      return state.epoch;
    case 'warm':
      return state.warm.epoch;
    case 'awaiting':
      return state.warm?.epoch ?? 0;
  }
}

/** Which region it would come into, as far as is known. */
export function targetRegion(state: TargetState): string | undefined {
  switch (state.kind) {
    case 'none':
      return undefined;
    case 'reserved':
      return state.region;
    case 'warm':
      return state.reserved?.region;
    case 'awaiting':
      return state.activation.region;
  }
}

function reserve(state: TargetState, input: Extract<TargetInput, { kind: 'reserve' }>, nowMs: number): TargetStep {
  const untilMs = nowMs + input.ttlMs;
  if (state.kind === 'awaiting') return stay(state);
  if (input.epoch < targetEpoch(state)) return fenced(state, input.epoch);
  if (state.kind === 'warm') return stay({ ...state, reserved: { region: input.region, untilMs } });
  return stay({ kind: 'reserved', epoch: input.epoch, region: input.region, untilMs });
}

function snapshot(state: TargetState, input: Extract<TargetInput, { kind: 'snapshot' }>, nowMs: number): TargetStep {
  const { epoch, version } = input;
  if (epoch < targetEpoch(state)) return fenced(state, epoch);
  const held = warmOf(state);
  // A late snapshot must not undo deltas that came after it.
  if (held && held.epoch === epoch && held.version >= version)
    return { next: state, requests: [{ kind: 'ack', epoch, version: held.version }] };
  return hold(state, { epoch, version, state: input.state, heardMs: nowMs });
}

function delta(
  state: TargetState,
  input: Extract<TargetInput, { kind: 'delta' }>,
  nowMs: number,
  game: GameDelta | undefined,
): TargetStep {
  const { epoch, base, version } = input;
  if (epoch < targetEpoch(state)) return fenced(state, epoch);
  const held = warmOf(state);
  const same = held && held.epoch === epoch ? held : undefined;
  const newer = same && same.version === base ? patchState(same.state, input.delta, game) : undefined;
  if (!newer) return { next: state, requests: [{ kind: 'ack', epoch, version: same?.version ?? 0 }] };
  return hold(state, { epoch, version, state: newer, heardMs: nowMs });
}

/** Keeps a newer copy, and is done if that is what an activation waits for. */
function hold(state: TargetState, warm: Warm): TargetStep {
  const ack: TargetRequest = { kind: 'ack', epoch: warm.epoch, version: warm.version };
  switch (state.kind) {
    case 'awaiting':
      if (warm.version !== state.activation.version) return { next: { ...state, warm }, requests: [ack] };
      return {
        next: targetNone,
        requests: [ack, { kind: 'install', activation: state.activation, state: warm.state, warm: true }],
      };
    case 'reserved':
      return { next: { kind: 'warm', warm, reserved: { region: state.region, untilMs: state.untilMs } }, requests: [ack] };
    case 'warm':
      return { next: { ...state, warm }, requests: [ack] };
    case 'none':
      return { next: { kind: 'warm', warm, reserved: undefined }, requests: [ack] };
  }
}

function activate(state: TargetState, activation: Activation, nowMs: number, policy: ServerPolicy): TargetStep {
  const { group, version } = activation;
  if (state.kind === 'awaiting' && state.activation.group.epoch > group.epoch) return fenced(state, group.epoch);
  if (group.state.length > 0) {
    return { next: targetNone, requests: [{ kind: 'install', activation, state: group.state, warm: false }] };
  }
  const warm = warmOf(state);
  // A version is one state in the whole world, see EntityGroup.nextVersion.
  if (warm && warm.version === version) {
    return { next: targetNone, requests: [{ kind: 'install', activation, state: warm.state, warm: true }] };
  }
  const untilMs = nowMs + policy.warmStaleMs;
  if (state.kind === 'awaiting' && state.activation.group.epoch === group.epoch) return stay({ ...state, untilMs });
  return stay({ kind: 'awaiting', activation, warm, askMs: nowMs + policy.finalWaitMs, untilMs });
}

function cancel(state: TargetState, epoch: number): TargetStep {
  // An activation is after the commit: nothing cancels that.
  if (state.kind === 'awaiting') return stay(state);
  if (epoch < targetEpoch(state)) return fenced(state, epoch);
  return stay(targetNone);
}

function lapse(state: TargetState, nowMs: number, policy: ServerPolicy): TargetStep {
  switch (state.kind) {
    case 'reserved':
      return stay(nowMs >= state.untilMs ? targetNone : state);
    case 'warm':
      return stay(nowMs - state.warm.heardMs >= policy.warmStaleMs ? targetNone : state);
    case 'awaiting':
      if (nowMs >= state.untilMs) return stay(targetNone);
      if (nowMs < state.askMs) return stay(state);
      return {
        next: { ...state, askMs: nowMs + policy.needStateMs },
        requests: [{ kind: 'needState', epoch: state.activation.group.epoch }],
      };
    case 'none':
      return stay(state);
  }
}

function warmOf(state: TargetState): Warm | undefined {
  return state.kind === 'warm' || state.kind === 'awaiting' ? state.warm : undefined;
}

function fenced(state: TargetState, epoch: number): TargetStep {
  return { next: state, requests: [{ kind: 'fenced', epoch }] };
}

function stay(next: TargetState): TargetStep {
  return { next, requests: nothing };
}
