/** What the fleet may be told to do otherwise, and its limits. Times are milliseconds of the fleet's own running time. */
export interface FleetPolicy {
  /** From the start of a process to its hello. Then it is ended: SERVER_START_TIMEOUT. */
  readonly startTimeoutMs: number;
  /**
   * A server whose link is lost may dial again for this long; then it is ended with SIGKILL: SERVER_HUNG. A link is lost after
   * three missed heartbeats, up to 1 s, so a hung server is replaced well within 2 s.
   */
  readonly unhealthyMs: number;
  /** After a start of Atlas, until a server that was running already must have presented itself. Servers redial with back-off. */
  readonly adoptMs: number;
  /** From SIGTERM to SIGKILL for a server that nobody wants any more: time for its last checkpoint. */
  readonly stopGraceMs: number;
  /** Pause before the second restart in a row, doubled for each further one. The first restart is immediate. */
  readonly backoffMs: number;
  readonly backoffMsMax: number;
  /** So many crashes within the window are a crash loop: SERVER_CRASH_LOOP. */
  readonly crashes: number;
  readonly crashWindowMs: number;
  /** Pause after a crash loop, doubled for each further loop. */
  readonly errorMs: number;
  readonly errorMsMax: number;
  /** Processes that start at the same time. Beyond: the next waits for one of them. */
  readonly startsAtOnce: number;
}

export const defaultPolicy: FleetPolicy = {
  startTimeoutMs: 10_000,
  unhealthyMs: 400,
  adoptMs: 5_000,
  stopGraceMs: 5_000,
  backoffMs: 250,
  backoffMsMax: 10_000,
  crashes: 5,
  crashWindowMs: 60_000,
  errorMs: 60_000,
  errorMsMax: 600_000,
  startsAtOnce: 16,
};

export const fleetLimits = {
  /** Servers and gateways together. A want beyond it waits until another is gone. */
  posts: 1024,
  /** UTF-8 of a record's message; the rest is cut off. */
  messageBytes: 500,
} as const;
