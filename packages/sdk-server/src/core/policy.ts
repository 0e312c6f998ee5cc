/** What a region server may be told to do differently: every limit and every rhythm, with its default and its answer. */
export const defaultServerPolicy = {
  /** Simulation steps a second, 1 to 120. */
  tickHz: 30,
  /** Ticks that are made up for after a stall; a longer stall is skipped, as a paused process must not race. */
  catchUpTicksMax: 5,

  /** How far a player sees, in world units. */
  viewRadius: 300,
  /** Entities in one view; beyond it the nearest are sent. */
  viewEntitiesMax: 512,
  /** horizon.v1 views are JSON, so they come every n-th tick. */
  horizonViewEvery: 3,

  /** Entities this near to a neighbour's area are shown to it. */
  shadowRadius: 150,
  /** All shadows are sent again this often, so that a lost message heals. */
  shadowRefreshMs: 2000,
  /** A shadow that was not heard of for this long is gone: two refreshes and some. */
  shadowStaleMs: 5000,

  /** A session without a socket is kept for so long. */
  resumeMs: 120_000,
  /** An attach for a session that is not here yet waits for so long, then NOT_OWNER. */
  attachWaitMs: 2000,
  /** Commands of one session between two ticks, and while frozen; above it the gateway is asked to attach again. */
  queuedCommandsMax: 8192,
  /** Messages kept until the client acknowledges them, in number and bytes; above it SLOW_CLIENT, and the oldest are lost. */
  unackedMax: 4096,
  unackedBytesMax: 128 * 1024,

  /** Entities of one region; above it `spawn` throws REGION_FULL and joins and crossings are refused. */
  entitiesMax: 20_000,
  /** Members of one group. */
  groupMembersMax: 64,
  /** Pending timers of one group. */
  groupTimersMax: 256,

  /** Crossing: `approach` and `crossed` are asked again this often. */
  askMs: 250,
  /** `frozen` is repeated this often, since a player stands still meanwhile. */
  frozenAskMs: 100,
  /** The target is in step when it lags at most so many versions behind the tick that was just sent. */
  syncedLagMax: 2,
  /** No acknowledgement for so long: send the whole state again. */
  copyStallMs: 300,
  /** An unchanged copy is confirmed this often, so that the target keeps it. */
  copyKeepAliveMs: 1000,
  /** A warm copy that was not refreshed for so long is dropped. */
  warmStaleMs: 10_000,
  /** After `activate`, the last delta may still be on its way: wait so long before asking for the state. */
  finalWaitMs: 20,
  /** `needState` is repeated this often. */
  needStateMs: 100,
  /** A locked group defers its crossing once, for at most so long. */
  deferMsMax: 2000,
  /** After a release, late actions are sent on for so long. */
  stubMs: 8000,

  /** Actions are passed on at most so many times in all. */
  actHopsMax: 2,
  /** An action without an answer ends with LINK_LOST. */
  actTimeoutMs: 1000,
  /** Actions that wait for a frozen group. */
  actsHeldMax: 64,
  /** Unanswered actions of this server. */
  actsPendingMax: 4096,

  checkpointMs: 1000,
  heartbeatMs: 250,
  /** `ended`, transfers and the last checkpoint are repeated this often until answered. */
  repeatMs: 500,
  /** No control plane for so long: the server ends itself. */
  orphanMs: 600_000,
};

export type ServerPolicy = typeof defaultServerPolicy;
