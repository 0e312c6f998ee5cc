/**
 * What gateways and game servers say to the control plane, and what it says to them. Each message may be repeated: the sender
 * repeats it until answered, and the receiver answers by what it has, so a lost message, a late one and a restart are one case.
 */

import { limits } from './limits.ts';
import { moverBytesMax } from './movers.ts';
import { bool, bytes, choice, f32, f64, type Infer, list, optional, str, struct, u16, u32, u53, union } from './schema.ts';
import { SpanRecord, traceparent } from './spans.ts';

const id = str(limits.idBytes);
const name = str(limits.nameBytes);
const code = str(64);
const message = str(512);
const state = bytes(limits.groupStateBytes);

/** A group and who plays it, as it is stored and as a server is told to take it. */
export const Group = struct({
  group: u53,
  epoch: u53,
  /** Has an authority record. A claimed group without one is over, and must not come back from an old checkpoint. */
  claimed: bool,
  /** Empty for a group without a player. */
  player: id,
  name,
  session: id,
  /** Written by the server SDK; empty: new, the game is asked to spawn it. */
  state,
});
export type Group = Infer<typeof Group>;

/** A session's place in its client's commands. */
export const SessionCursor = struct({ session: id, applied: u32 });
export type SessionCursor = Infer<typeof SessionCursor>;

export const RegionPlace = struct({
  region: id,
  name,
  minX: f64,
  maxX: f64,
  minY: f64,
  maxY: f64,
  minZ: f64,
  maxZ: f64,
  /** Empty while no server has it. */
  server: id,
  address: str(256),
  epoch: u53,
  active: bool,
});
export type RegionPlace = Infer<typeof RegionPlace>;

/** A session as a gateway knows it. `player` and `name` are as the token says. */
export const SessionReport = struct({
  session: id,
  player: id,
  name,
  address: str(64),
  format: choice('atlas', 'horizon'),
  /** Away: its socket is lost, and it may be resumed. */
  state: choice('joining', 'online', 'away'),
  /** Since it began at this gateway. */
  ageMs: u53,
});
export type SessionReport = Infer<typeof SessionReport>;

// ---- gateways -------------------------------------------------------------------------------------------------------

export const GatewayToControl = union({
  hello: [1, { gateway: id, version: u16, pid: u32, url: str(256), sessions: list(struct({ session: id, epoch: u53 })) }],
  /** A player whose token is good wants in. Answered by `joined` or `refuse` with the same request. */
  join: [
    2,
    { request: u32, session: id, player: id, name, remoteAddress: str(64), format: choice('atlas', 'horizon'), traceparent },
  ],
  /**
   * Where is this session? Answered by `route` or `gone`. `epoch`: the highest that the gateway knows for it, or 0; if the record's is
   * lower (the gateway missed a route before its old region was recovered), the owner is given a new one above it.
   */
  locate: [3, { session: id, epoch: u53 }],
  /** For the record only: a client's connection has ended, with which close code, and why. */
  closed: [4, { session: id, player: id, closeCode: u16, code }],
  /** A declared client event of horizon.v1 that somebody listens to. */
  clientEvent: [5, { session: id, player: id, namespace: str(128), event: str(128), data: str(16_384) }],
  stats: [
    6,
    {
      connections: u32,
      sessions: u32,
      messagesIn: u53,
      messagesOut: u53,
      bytesIn: u53,
      bytesOut: u53,
      /** Frames dropped because their handle had been retired: what a former owner said too late. */
      fenced: u53,
      heldNow: u32,
      refused: list(struct({ code, count: u53 }), 256),
      cpuS: f64,
      memoryBytes: u53,
      /**
       * Of the last second: largest distance between two frames of one session around a switch, ms. `recovery`: its server had died, or
       * the link to it, so that it was no handoff.
       */
      gaps: list(struct({ session: id, ms: f32, recovery: bool }), 4096),
    },
  ],
  drained: [7, {}],
  /** The session that `confirm` named still waits to join. Of one that does not, nothing is said. */
  confirmed: [8, { session: id, nonce: u32 }],
  /** Spans of sampled traces that have ended here, for the control plane to export. Lost with the link. */
  spans: [9, { spans: list(SpanRecord, 1024) }],
  /**
   * For people: what has changed of the gateway's sessions, at most once a second and bounded; what does not fit comes with the next.
   * After a hello all of them are told; `listing`: these were there before, so that nothing has happened.
   */
  sessions: [
    10,
    {
      listing: bool,
      changed: list(SessionReport, 4096),
      /** Forgotten by this gateway: over, or gone on at another one. */
      forgotten: list(id, 4096),
      /** Round trips to the client, ms. */
      pings: list(struct({ session: id, ms: f32 }), 4096),
    },
  ],
});
export type GatewayToControl = Infer<typeof GatewayToControl>;

export const ControlToGateway = union({
  /** The first key signs resume tokens, all of them verify. */
  hello: [1, { version: u16, keys: list(struct({ key: id, secret: bytes(64) }), 16), gateways: list(str(256), 64) }],
  servers: [2, { servers: list(struct({ server: id, address: str(256) }), 4096) }],
  joined: [3, { request: u32, session: id, region: id, server: id, epoch: u53, entity: u53 }],
  refuse: [4, { request: u32, code, message }],
  /** The session's owner. An epoch that is not higher than the known one is old news. `applied`: the last command that took effect. */
  route: [5, { session: id, region: id, server: id, epoch: u53, entity: u53, player: id, name, applied: u32, traceparent }],
  /** Every session routed to `region` below this epoch is now at `server`; empty server: paused, somebody is bringing it back. */
  regionRoute: [6, { region: id, server: id, epoch: u53 }],
  gone: [7, { session: id, code }],
  kick: [8, { session: id, code, message }],
  drain: [9, { deadlineMs: u32 }],
  /** A join would take its player from another session: does it still stand? */
  confirm: [10, { request: u32, session: id, nonce: u32 }],
});
export type ControlToGateway = Infer<typeof ControlToGateway>;

// ---- game servers ---------------------------------------------------------------------------------------------------

export const groupPhase = choice('owned', 'frozen', 'warm', 'released');

export const ServerToControl = union({
  hello: [
    1,
    {
      server: id,
      version: u16,
      pid: u32,
      address: str(256),
      schema: u32,
      /** What it holds, for a control plane that has just started. */
      regions: list(struct({ region: id, epoch: u53, groups: list(struct({ group: u53, epoch: u53, phase: groupPhase })) }), 256),
    },
  ],
  heartbeat: [
    2,
    {
      tick: u53,
      tickHz: f32,
      /** Work of a tick over the last second, in milliseconds. */
      workMsP50: f32,
      workMsP90: f32,
      workMsMax: f32,
      entities: u32,
      players: u32,
      shadows: u32,
      /** Writes and frames refused because they carried an old epoch. */
      fenced: u53,
    },
  ],
  /** The assigned region is loaded and ticks. */
  regionUp: [3, { region: id, epoch: u53 }],
  regionRefused: [4, { region: id, epoch: u53, code, message }],
  /** The group will be in `target` in about `etaMs`; repeated while that holds. */
  approach: [5, { group: u53, epoch: u53, region: id, target: id, etaMs: u32, teleport: bool }],
  /** It turned away. */
  retreat: [6, { group: u53, epoch: u53, target: id }],
  /** Target: there is room for the group, or not (REGION_FULL). */
  reserved: [7, { group: u53, epoch: u53, region: id, ok: bool, code }],
  /** Source: the target's copy lags at most one tick. */
  synced: [8, { group: u53, epoch: u53, version: u53 }],
  /** Source: past the border and the hysteresis, or teleported. */
  crossed: [9, { group: u53, epoch: u53, region: id, target: id, teleport: bool }],
  /** Source: locked (a fight, a trade); ask again in `ms`. Once per crossing, up to a limit. */
  defer: [10, { group: u53, epoch: u53, reason: str(128), ms: u32 }],
  /** Source: simulates it no more. `state` is the whole group at `version`. Repeated until thawed or released. */
  frozen: [11, { group: u53, epoch: u53, version: u53, state, sessions: list(SessionCursor, 256) }],
  thawed: [12, { group: u53, epoch: u53 }],
  /** Target: simulates it at this epoch. `warm`: from the copy it already had. */
  activated: [13, { group: u53, epoch: u53, warm: bool }],
  /** Target: told to activate what it has no copy of. */
  needState: [14, { group: u53, epoch: u53 }],
  released: [15, { group: u53, epoch: u53 }],
  /** Everything the region holds, at `tick`. Answered by `covered` when it is durable. */
  checkpoint: [16, { region: id, epoch: u53, tick: u53, world: bytes(), groups: list(Group) }],
  /** Target of a join: the player's entity is in the world; or the code why not. */
  admitted: [17, { group: u53, epoch: u53, session: id, ok: bool, code }],
  /**
   * The session is over (window passed, player left): keep this for the player's next visit. Without a session: a claimed group
   * that nobody plays is no more. Answered by `endedAck`.
   */
  ended: [18, { session: id, player: id, group: u53, epoch: u53, region: id, x: f64, y: f64, z: f64, state, code }],
  slept: [19, { region: id, epoch: u53 }],
  /** Moves items or money; the same id takes effect once. Answered by `transferResult`. */
  transfer: [20, { id: str(128), moves: list(struct({ from: str(128), to: str(128), item: str(64), amount: u53 }), 64) }],
  balances: [21, { request: u53, holder: str(128) }],
  /** The answer to `survey`, for each region: who is where, as movers.ts has it. */
  positions: [22, { region: id, survey: u32, movers: bytes(moverBytesMax) }],
  drained: [23, {}],
  /** As in `GatewayToControl`. */
  spans: [24, { spans: list(SpanRecord, 1024) }],
  /** The answer to `place`. */
  placed: [25, { request: u32, ok: bool, code }],
});
export type ServerToControl = Infer<typeof ServerToControl>;

export const ControlToServer = union({
  hello: [1, { version: u16 }],
  /** The region map; lower versions are old news. */
  map: [2, { version: u53, regions: list(RegionPlace, 4096) }],
  /** Own this region from now on, with just these groups. */
  assign: [3, { region: id, epoch: u53, world: bytes(), groups: list(Group), tick: u53 }],
  /** Checkpoint, stop ticking, answer `slept`. */
  sleep: [4, { region: id, epoch: u53 }],
  admit: [5, { region: id, group: Group, x: optional(f64), y: optional(f64), z: optional(f64), traceparent }],
  /** To the source: send `target` a copy of the group and keep it current. */
  prepare: [6, { group: u53, epoch: u53, region: id, target: id, server: id, address: str(256), traceparent }],
  /** To the target: keep room for the group for `ttlMs`. */
  reserve: [7, { group: u53, epoch: u53, region: id, source: id, ttlMs: u32, traceparent }],
  /** To both: nothing comes of the group's crossing to `target`; another one may be under way. */
  cancel: [8, { group: u53, epoch: u53, target: id }],
  freeze: [9, { group: u53, epoch: u53, target: id, traceparent }],
  /** To the source: it is yours again, at `newEpoch`. */
  thaw: [10, { group: u53, epoch: u53, newEpoch: u53 }],
  /** To the target: yours from now on, at `group.epoch`. `group.state` is empty if the copy at `version` should do. */
  activate: [11, { region: id, version: u53, group: Group, traceparent }],
  /** To the source: drop the frozen copy, keep a stub that sends late messages on to `server`. */
  release: [12, { group: u53, epoch: u53, newEpoch: u53, target: id, server: id, address: str(256) }],
  covered: [13, { region: id, epoch: u53, tick: u53 }],
  endSession: [14, { session: id, group: u53, code }],
  endedAck: [15, { session: id, group: u53 }],
  transferResult: [16, { id: str(128), ok: bool, code }],
  balancesResult: [17, { request: u53, items: list(struct({ item: str(64), amount: u53 }), 4096) }],
  stop: [18, { deadlineMs: u32 }],
  /** Where is everybody? Asked each second, and more often while somebody watches. */
  survey: [19, { survey: u32 }],
  /** An operator puts a group elsewhere; a crossing follows if that is another region's. */
  place: [20, { request: u32, group: u53, epoch: u53, x: f64, y: f64, z: f64 }],
});
export type ControlToServer = Infer<typeof ControlToServer>;
