/** What the coordinator may be told to do otherwise, and its limits. Times are milliseconds. */

export interface RegionsPolicy {
  /** Until an unanswered request is asked again. */
  readonly repeatMs: number;
  /** An approach that is not repeated for this long was a wrong guess. Servers repeat it each 250 ms. */
  readonly intentTtlMs: number;
  /** The same for a crossing that was reported: servers repeat it, too, but a lost one costs more. */
  readonly crossedTtlMs: number;
  /** How long a crossing waits for the target's copy to catch up before it goes without one. */
  readonly syncWaitMs: number;
  /** How long a target keeps room for a group; renewed as long as the intent lives. */
  readonly reserveTtlMs: number;
  /** After a target had no room, until it is asked again. Meanwhile the group stays in the source's overhang. */
  readonly fullRetryMs: number;
  /** Unanswered `freeze`s for this long end the handoff on the source's side. */
  readonly freezeTimeoutMs: number;
  /** No `activated` for this long: the source's frozen copy takes over again. */
  readonly activateTimeoutMs: number;
  /** How long in all a source may put off one crossing (locks). After that the intent lapses. */
  readonly deferMsMax: number;
  /** How long a source is asked to drop its frozen copy; it asks again by repeating `frozen`. */
  readonly releaseMs: number;
  /** Until a join that found no active region is refused with NO_REGION. */
  readonly joinDeadlineMs: number;
  /** A region without players, and without any near, for this long goes to sleep. Infinity: never. */
  readonly sleepAfterMs: number;
  /** Whether the neighbours of occupied regions stay awake. */
  readonly warmNeighbours: boolean;
  /** After a server's link broke, until it counts as dead if fleet has not said so before. It dials again at once. */
  readonly redialMs: number;
  /** After a start or a pause of the coordinator, until a silent server counts as dead. */
  readonly adoptMs: number;
  /** Nothing heard from anybody for this long: the coordinator itself was paused, and others get `adoptMs` again. */
  readonly pauseMs: number;
  /** An assigned server that does not get its region up in this time loses it. */
  readonly assignTimeoutMs: number;
  /** Until a transaction or a read that the store refused is tried again. */
  readonly storeRetryMs: number;
  /** Grace for a server that is told to stop, ms. */
  readonly stopMs: number;
  /** Time from waking a region to its first tick, until it has been measured: part of the lead of prediction. */
  readonly spawnMsDefault: number;
  /** Time that a first copy takes: the other part. */
  readonly preSyncMs: number;
}

export const defaultPolicy: RegionsPolicy = {
  repeatMs: 100,
  intentTtlMs: 1_500,
  crossedTtlMs: 5_000,
  syncWaitMs: 400,
  reserveTtlMs: 5_000,
  fullRetryMs: 1_000,
  freezeTimeoutMs: 300,
  activateTimeoutMs: 300,
  deferMsMax: 10_000,
  releaseMs: 10_000,
  joinDeadlineMs: 10_000,
  sleepAfterMs: 60_000,
  warmNeighbours: true,
  redialMs: 300,
  adoptMs: 1_500,
  pauseMs: 700,
  assignTimeoutMs: 5_000,
  storeRetryMs: 100,
  stopMs: 2_000,
  spawnMsDefault: 2_000,
  preSyncMs: 250,
};

/** Each with its answer. */
export const regionsLimits = {
  /** Places that a group may be expected at. A third has to wait until one lapses; a crossing takes the place of a guess. */
  intentsPerGroup: 2,
  /** Epochs reserved at once; the next block is asked for when half is left. With none left, changes of owner wait. */
  epochBlock: 1_024,
  /** Joins waiting at once. Beyond: GATEWAY_BUSY. */
  joins: 10_000,
  /** Groups that were ended, and sessions that were replaced, remembered so that late words about them are not taken for news. The oldest is forgotten. */
  tombstones: 4_096,
  /** A checkpoint's record. Larger: dropped with an event, and not covered. */
  checkpointBytes: 4 * 1024 * 1024,
  /** Hand-overs in the works at once; beyond, approaches are ignored (crossings are not). */
  intents: 20_000,
} as const;
