/** The states, inputs and requests of a crossing. The arrows between them are in handoff.ts. */

/** What a source said in `frozen`. */
export interface Frozen {
  readonly version: number;
  readonly state: Uint8Array;
  readonly sessions: readonly { readonly session: string; readonly applied: number }[];
}

export interface Crossing {
  readonly group: number;
  /** The group's effective epoch at its source. */
  readonly epoch: number;
  /** Regions. */
  readonly source: string;
  readonly target: string;
  /** When this is looked at again without an input. */
  readonly dueMs: number;
}

export interface Intent extends Crossing {
  /** When the source last said so. */
  readonly heardMs: number;
  /** When it is expected there. */
  readonly expectedMs: number;
  /** When the source first said that the group has crossed; undefined while it only approaches. */
  readonly crossedMs: number | undefined;
  readonly teleport: boolean;
  /** The version that the target holds, or 0. */
  readonly synced: number;
  /** For how long the source has put it off in all. */
  readonly deferredMs: number;
  /** Not before: it was put off, or the target had no room. */
  readonly notBeforeMs: number;
}

/** Waits for the target region to be awake. */
export type Predicted = Intent & { readonly phase: 'predicted' };
/** Asks the target for room. */
export type Preparing = Intent & { readonly phase: 'preparing' };
/** The source sends the target a copy and keeps it current. */
export type Syncing = Intent & { readonly phase: 'syncing' };
/** The source is asked to stop the group. */
export type Freezing = Intent & { readonly phase: 'freezing'; readonly untilMs: number };
/** The one transaction is on its way. */
export type Committing = Crossing & {
  readonly phase: 'committing';
  readonly frozen: Frozen;
  readonly warm: boolean;
  readonly sourceLost: boolean;
  readonly targetLost: boolean;
};
/** The record names the target, which is told so. */
export type Activating = Crossing & {
  readonly phase: 'activating';
  readonly newEpoch: number;
  /** undefined: only the record has the state (the coordinator was started anew). */
  readonly frozen: Frozen | undefined;
  /** Whether the target may do with the copy that it has. */
  readonly warm: boolean;
  /** The source is there and has a frozen copy that the target has certainly not gone beyond. */
  readonly pullBack: boolean;
  readonly untilMs: number;
};
/** The target plays; the source is to drop its copy. */
export type Releasing = Crossing & { readonly phase: 'releasing'; readonly newEpoch: number; readonly untilMs: number };
/** The record is rewritten to name the source at a new epoch. */
export type Reverting = Crossing & {
  readonly phase: 'reverting';
  readonly frozen: Frozen | undefined;
  /** The epoch at which the record named the target, or 0 if it never did for certain. */
  readonly committedEpoch: number;
  /** A commit may still be written late: the source must not thaw before a write of its own has come first. */
  readonly doubt: boolean;
  readonly writing: boolean;
  readonly sourceLost: boolean;
  readonly why: string;
};
/** The source is told to go on. */
export type Thawing = Crossing & {
  readonly phase: 'thawing';
  readonly newEpoch: number;
  /** The epoch at which the target was told to play, or 0: it has to drop the group. */
  readonly committedEpoch: number;
  readonly why: string;
};

export type Handoff = Predicted | Preparing | Syncing | Freezing | Committing | Activating | Releasing | Reverting | Thawing;

export type HandoffInput =
  | { readonly kind: 'approach'; readonly etaMs: number }
  | { readonly kind: 'crossed'; readonly teleport: boolean }
  | { readonly kind: 'retreat' }
  /** The target region is awake. */
  | { readonly kind: 'targetReady' }
  | { readonly kind: 'targetLost' }
  | { readonly kind: 'sourceLost' }
  | { readonly kind: 'reserved'; readonly ok: boolean }
  | { readonly kind: 'synced'; readonly version: number }
  | { readonly kind: 'defer'; readonly ms: number }
  | { readonly kind: 'frozen'; readonly frozen: Frozen }
  /** The commit's outcome. `unsettled`: not written yet, but it may be. `moved`: the record says something else; it is right. */
  | { readonly kind: 'committed'; readonly newEpoch: number }
  | { readonly kind: 'notCommitted'; readonly why: 'refused' | 'unsettled' | 'moved' }
  /** The same for the write back; a refused one carries an epoch for a thaw without a record. */
  | { readonly kind: 'reverted'; readonly newEpoch: number }
  | { readonly kind: 'notReverted'; readonly why: 'refused' | 'unsettled' | 'moved'; readonly newEpoch: number }
  /** The target plays at the new epoch: it said so, or nothing else explains what it said. */
  | { readonly kind: 'activated' }
  | { readonly kind: 'needState' }
  | { readonly kind: 'released' }
  | { readonly kind: 'thawed' }
  | { readonly kind: 'tick' };

export type HandoffRequest =
  | { readonly ask: 'wake' }
  | { readonly ask: 'reserve' }
  | { readonly ask: 'prepare' }
  | { readonly ask: 'cancel' }
  | { readonly ask: 'freeze' }
  | { readonly ask: 'commit'; readonly frozen: Frozen }
  /** Tell all gateways. */
  | { readonly ask: 'route' }
  | { readonly ask: 'activate'; readonly newEpoch: number; readonly frozen: Frozen | undefined; readonly withState: boolean }
  | { readonly ask: 'release'; readonly newEpoch: number }
  | { readonly ask: 'revert'; readonly frozen: Frozen | undefined }
  | { readonly ask: 'thaw'; readonly newEpoch: number }
  /** The target was told to activate, and is not to. */
  | { readonly ask: 'drop'; readonly committedEpoch: number; readonly newEpoch: number };

/** How it ended. `lapsed` never got as far as freezing; `moved`: the record or a recovery took over. */
export type HandoffEnd = 'done' | 'lapsed' | 'rolled-back' | 'moved';

export interface HandoffStep {
  readonly next: Handoff | HandoffEnd;
  readonly requests: readonly HandoffRequest[];
}
