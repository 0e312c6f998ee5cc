/**
 * What edges say to the control plane, and what it says to them. An edge carries packets between players and game servers that are given away whole; which
 * public port leads where is told to it, and what it was told last goes on holding while there is no control plane.
 */
import { limits } from './limits.ts';
import { bool, bytes, choice, f32, f64, type Infer, list, optional, str, struct, u16, u32, u53, union } from './schema.ts';

const id = str(limits.idBytes);
const code = str(64);
const message = str(512);
const host = str(256);

/** A front understands a game's protocol well enough to move its players between servers on the connection that they have. */
export const EdgeFront = struct({
  /** `minecraft`. */
  game: code,
  /** Of the game's protocol. */
  version: code,
  /** Whether players' accounts are checked by who keeps them. */
  onlineMode: bool,
  /** How servers are told who a player is; `secret`: of Velocity's. */
  forwarding: choice('none', 'bungee', 'velocity'),
  secret: str(256),
  motd: str(256),
  playersMax: u32,
  /** Fleets that take a player whose server is gone, where no other one of its own fleet does; in this order. */
  fallback: list(id, 16),
});
export type EdgeFront = Infer<typeof EdgeFront>;

/** A public port, and how what comes in by it is carried. */
export const EdgeListener = struct({
  /** `<fleet>/<port>`, or `<fleet>/<port>/<server>` where each server has a public port of its own. */
  listener: str(200),
  fleet: id,
  /** Name of the game server's port. */
  port: id,
  protocol: choice('udp', 'tcp', 'tcp+udp', 'ws'),
  listenHost: host,
  /** 0: the system picks one. */
  listenPort: u16,
  /** `token`: the first bytes say to which server. `server`: to `server`, or to whichever of the fleet is up if it is empty. */
  route: choice('token', 'server'),
  server: id,
  /** From which address a player's packets come, as the game server sees it. */
  source: choice('loopback', 'proxy-v2', 'edge'),
  /** TLS ends here (tcp and ws). */
  tls: bool,
  /** Who comes while the server sleeps wakes it and is held; otherwise it is turned away. */
  wake: bool,
  /** A datagram from a stranger that begins with none of these is dropped. Empty: any will do. */
  accept: list(bytes(32), 32),
  /** To a peer that has proved nothing yet go at most this many times the bytes that came from it. */
  amplification: f32,
  idleMs: u32,
  /** Of one player; beyond, they are dropped. */
  datagramsPerS: u32,
  /** Who comes while the server sleeps or starts waits so long at most. */
  holdMs: u32,
  /** Undefined: bytes are passed on as they are. */
  front: optional(EdgeFront),
});
export type EdgeListener = Infer<typeof EdgeListener>;

/** A game server as an edge has to know it. */
export const EdgeTarget = struct({
  server: id,
  fleet: id,
  /** `draining`: who is there stays, nobody new comes in. */
  state: choice('up', 'asleep', 'draining'),
  ports: list(struct({ name: id, host, port: u16 }), 64),
});
export type EdgeTarget = Infer<typeof EdgeTarget>;

/** A player's way through an edge. */
export const EdgeSession = struct({
  session: u53,
  listener: str(200),
  protocol: choice('udp', 'tcp', 'ws'),
  server: id,
  /** As the token or the game's own login says; empty where there is neither. */
  player: id,
  /** Where the player is, and from where the game server sees the player. */
  peer: str(64),
  seenAs: str(64),
  /** `unproven`: by UDP, and whether the peer is where it says is not known yet; it may be nobody. */
  state: choice('held', 'open', 'unproven'),
  sinceMs: u53,
});
export type EdgeSession = Infer<typeof EdgeSession>;

export const EdgeToControl = union({
  hello: [1, { edge: id, version: u16, pid: u32, address: str(256) }],
  /** What became of the listeners: the port that it really has, or the code why it has none. */
  listening: [2, { listeners: list(struct({ listener: str(200), port: u16, code, message }), 1024) }],
  /** Somebody is at the door of a server that sleeps; repeated while somebody waits. An empty server: any of the fleet. */
  wake: [3, { fleet: id, server: id }],
  /** Since the start, but for what ends in `Now`. */
  stats: [
    4,
    {
      sessionsNow: u32,
      heldNow: u32,
      unprovenNow: u32,
      sessionsTotal: u53,
      datagramsIn: u53,
      datagramsOut: u53,
      bytesIn: u53,
      bytesOut: u53,
      /** Why datagrams and connections were dropped. */
      dropped: list(struct({ why: code, count: u53 }), 64),
      cpuS: f64,
      memoryBytes: u53,
    },
  ],
  /** After a hello all of them (`listing`), then what has changed, at most once a second. */
  sessions: [5, { listing: bool, changed: list(EdgeSession, 4096), ended: list(u53, 4096) }],
  /** The answer to a move; an empty code: the player is there. */
  moved: [6, { move: u32, code, message }],
});
export type EdgeToControl = Infer<typeof EdgeToControl>;

export const ControlToEdge = union({
  /** All keys verify tokens. */
  hello: [1, { version: u16, keys: list(struct({ key: id, secret: bytes(64) }), 16) }],
  /** All of them; what is not among them is closed, and with it its sessions. */
  listeners: [2, { listeners: list(EdgeListener, 1024) }],
  /** `all`: servers that are not among them are gone. */
  targets: [3, { all: bool, targets: list(EdgeTarget, 4096) }],
  /** The server is gone, and its sessions have nowhere to go. */
  gone: [4, { server: id }],
  /** It could not be woken: who is held for it is let go. */
  notWoken: [5, { fleet: id, server: id, code }],
  end: [6, { session: u53, code }],
  /** A UDP session, or one behind a front, goes on at another server; what the former one still sends is dropped. Answered by `moved` with the same number. */
  move: [7, { move: u32, session: u53, server: id }],
});
export type ControlToEdge = Infer<typeof ControlToEdge>;
