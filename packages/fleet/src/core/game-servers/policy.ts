/** What a fleet of game servers may be told to do otherwise, and the limits of all fleets. Times are milliseconds of the service's own running time. */

export interface GameServerPolicy {
  /** From the start of a process to its word of being ready. Then it is ended: SERVER_START_TIMEOUT. */
  readonly startTimeoutMs: number;
  /** A server whose link is lost may dial again for this long; then it hangs. A link is lost after three missed heartbeats, up to 1 s. */
  readonly unhealthyMs: number;
  /** Of one that says `health`: so many periods of silence are a hang. Agones' defaults: 5 s, 3. */
  readonly healthPeriodMs: number;
  readonly healthFailures: number;
  /** After a start of Atlas, until a server that had a link must have dialled again. Servers redial with back-off. */
  readonly adoptMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopGraceMs: number;
  /** Between its word of being ready and Ready: caches fill, shaders compile. */
  readonly warmUpMs: number;
  /** Between the end of a session and what comes next: results are sent, files written. */
  readonly coolDownMs: number;
  /** A server that is older is given to nobody, and ends when nobody has it; 0: it may grow as old as it likes. */
  readonly maxLifetimeMs: number;
  /** Its replacement is started at this share of its lifetime. */
  readonly replaceAt: number;
  /** From giving a server away until a spare is started in its place, as long as another one is free; see fleet-plan.ts. */
  readonly spareWaitMs: number;
  /** Once its sessions are over: a new process for each match, or the same one again. */
  readonly afterSession: 'recycle' | 'reuse';
}

export const defaultGameServerPolicy: GameServerPolicy = {
  startTimeoutMs: 30_000,
  unhealthyMs: 400,
  healthPeriodMs: 5_000,
  healthFailures: 3,
  adoptMs: 5_000,
  stopGraceMs: 10_000,
  warmUpMs: 0,
  coolDownMs: 0,
  maxLifetimeMs: 0,
  replaceAt: 0.9,
  spareWaitMs: 250,
  afterSession: 'recycle',
};

/** How starts that go wrong are slowed down; of all fleets. */
export const startPolicy = {
  /** Servers of a fleet that start at the same time. */
  startsAtOnce: 16,
  /** A spare that has not become ready by then goes on like everybody else: on a machine that is full it would never be ready. */
  backgroundMsMax: 3_000,
  /** Pause before the second failed start in a row, doubled for each further one. The first is repeated at once. */
  backoffMs: 250,
  backoffMsMax: 10_000,
  /** So many starts that failed in a row are a crash loop: SERVER_CRASH_LOOP. */
  failures: 5,
  /** So are crashes of servers that were ready: twice the fleet's size within the window, and at least this many. */
  crashes: 10,
  crashWindowMs: 60_000,
  /** Pause after a crash loop, doubled for each further one. */
  errorMs: 60_000,
  errorMsMax: 600_000,
} as const;

export const gameServerLimits = {
  fleets: 256,
  /** Of a fleet; scaling beyond it is held back to it. */
  serversPerFleet: 100_000,
  labels: 64,
  counters: 64,
  lists: 64,
  /** Values of a list, and its capacity. Agones' limit. */
  listValues: 1000,
  /** Names and keys, in characters. */
  keyChars: 256,
  /** Values of labels and annotations. Session data and results: see protocol. */
  valueChars: 4096,
  playersNamed: 1000,
} as const;
