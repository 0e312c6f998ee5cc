/**
 * The records in the Store. Each has one writer, named beside it; everybody else reads and watches.
 * Keys are made here and nowhere else.
 */

import { Reader, Writer } from '@horizon-atlas/base';
import { limits } from './limits.ts';
import { Group } from './link-control.ts';
import {
  bool,
  bytes,
  type Codec,
  choice,
  f64,
  type Infer,
  json,
  list,
  optional,
  str,
  struct,
  u8,
  u16,
  u32,
  u53,
} from './schema.ts';

const id = str(limits.idBytes);
const name = str(limits.nameBytes);

export const keys = {
  epochs: 'epochs',
  map: 'map',
  term: 'term',
  region: (region: string) => `region/${region}`,
  want: (region: string) => `want/${region}`,
  server: (server: string) => `server/${server}`,
  authority: (group: number) => `authority/${group}`,
  player: (player: string) => `player/${player}`,
  checkpoint: (region: string) => `checkpoint/${region}`,
  balance: (holder: string, item: string) => `balance/${segment(holder)}/${segment(item)}`,
  /** What the keys of all a holder's balances start with; the rest is the item, to be read by `segmentText`. */
  balances: (holder: string) => `balance/${segment(holder)}/`,
  transfer: (id: string) => `transfer/${id}`,
  lease: (what: string) => `lease/${what}`,
  signingKeys: 'keys',
  events: 'events',
  apiKey: (name: string) => `api-key/${name}`,
  apiKeys: 'api-key/',
  /** By the hash of what the cookie says. */
  login: (hash: string) => `login/${hash}`,
  logins: 'login/',
  ticket: (ticket: string) => `mm-ticket/${segment(ticket)}`,
  tickets: 'mm-ticket/',
  match: (match: string) => `mm-match/${segment(match)}`,
  matches: 'mm-match/',
  party: (party: string) => `mm-party/${segment(party)}`,
  parties: 'mm-party/',
  rating: (pool: string, player: string) => `mm-rating/${segment(pool)}/${segment(player)}`,
  ratings: 'mm-rating/',
  gameServer: (server: string) => `game-server/${server}`,
  gameServers: 'game-server/',
  fleet: (name: string) => `fleet/${name}`,
  fleets: 'fleet/',
  rollout: (fleet: string) => `rollout/${fleet}`,
  rollouts: 'rollout/',
  agonesDoor: (server: string) => `agones-door/${server}`,
  agonesDoors: 'agones-door/',
  allocation: (requestId: string) => `allocation/${segment(requestId)}`,
  allocations: 'allocation/',
  joinKeys: 'join-keys',
} as const;

/** Text from outside as one part of a key: its slashes must not make another holder's key of it. */
function segment(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('/', '%2F');
}

export function segmentText(part: string): string {
  return part.replaceAll('%2F', '/').replaceAll('%25', '%');
}

/** Writer: regions. Epochs up to here may have been used; a new process starts above. */
export const EpochsRecord = struct({ reservedTo: u53 });
export type EpochsRecord = Infer<typeof EpochsRecord>;

/** Writer: regions. Rewritten by each coordinator that starts, and a condition of all that it writes: its predecessor writes no more. */
export const TermRecord = struct({ term: u53 });
export type TermRecord = Infer<typeof TermRecord>;

/** Writer: regions. Who owns a region. A group's effective epoch is the higher of its own and its region's. */
export const RegionRecord = struct({ region: id, server: id, epoch: u53, state: choice('asleep', 'starting', 'active') });
export type RegionRecord = Infer<typeof RegionRecord>;

/** Writer: regions. A region wants a server; fleet answers with a server record that names it. */
export const WantRecord = struct({ region: id, server: id });
export type WantRecord = Infer<typeof WantRecord>;

/** Writer: fleet. */
export const ServerRecord = struct({
  server: id,
  /** The region it was started for, or empty. */
  region: id,
  state: choice('starting', 'ready', 'unhealthy', 'backoff', 'stopping', 'stopped', 'error'),
  pid: u32,
  address: str(256),
  restarts: u32,
  startedAtMs: u53,
  /** Of the process, to tell it from another with the same pid after a reboot. */
  bootStamp: str(64),
  code: str(64),
  message: str(512),
});
export type ServerRecord = Infer<typeof ServerRecord>;

/** Writer: regions. Who owns a group, and the state at which it became so: the single commit point of a handoff. */
export const AuthorityRecord = struct({
  region: id,
  group: Group,
  /** The epoch at which `group.state` was taken: a new session, or a thaw, draws an epoch without bringing a new state. */
  stateEpoch: u53,
  /** Where to place a group that has no state yet. */
  x: optional(f64),
  y: optional(f64),
  z: optional(f64),
});
export type AuthorityRecord = Infer<typeof AuthorityRecord>;

/** Writer: regions. A player who is not in the world: where to continue. */
export const PlayerRecord = struct({
  player: id,
  name,
  region: id,
  x: f64,
  y: f64,
  z: f64,
  state: bytes(limits.groupStateBytes),
  lastSeenMs: u53,
});
export type PlayerRecord = Infer<typeof PlayerRecord>;

/** Writer: regions. A region's last durable state. */
export const CheckpointRecord = struct({ region: id, epoch: u53, tick: u53, world: bytes(), groups: list(Group) });
export type CheckpointRecord = Infer<typeof CheckpointRecord>;

/** Writer: ledger. */
export const BalanceRecord = struct({ amount: u53 });
export type BalanceRecord = Infer<typeof BalanceRecord>;

/** Writer: ledger. That a transfer with this id has been decided, and how. */
export const TransferRecord = struct({ ok: bool, code: str(64), atMs: u53 });
export type TransferRecord = Infer<typeof TransferRecord>;

/** Writer: atlas. The keys that sign resume tokens, newest first. */
export const SigningKeysRecord = struct({ keys: list(struct({ key: id, secret: bytes(64), createdAtMs: u53 }), 16) });
export type SigningKeysRecord = Infer<typeof SigningKeysRecord>;

/** Writer: atlas. Numbers of the event log up to here may have been given; a new control plane starts above. */
export const EventsRecord = struct({ reservedTo: u53 });
export type EventsRecord = Infer<typeof EventsRecord>;

const texts = list(struct({ key: str(1024), value: str(16_384) }), 256);

/**
 * Writer: fleet. A game server that is given away as a whole. Whether somebody has it is not said here: that is in the allocations alone, so that
 * one write gives a server away.
 */
export const GameServerRecord = struct({
  server: id,
  fleet: id,
  version: str(128),
  site: id,
  /** As it would be if nobody had it. */
  state: choice('starting', 'ready', 'reserved', 'draining', 'maintaining', 'asleep', 'frozen', 'ending'),
  startedAtMs: u53,
  /** First Ready, and when a reservation ends; 0: not yet, never. Wall-clock ms. */
  readyAtMs: u53,
  untilMs: u53,
  /** How it is heard: by a link, by words of health. */
  linked: bool,
  pushes: bool,
  wish: choice('none', 'drain', 'maintain'),
  /** It took itself: Agones' Allocate. */
  tookItself: bool,
  why: str(1024),
  /** `both`: TCP and UDP on one number. */
  ports: list(struct({ name: id, protocol: choice('udp', 'tcp', 'both', 'ws'), host: str(256), port: u16 }), 64),
  labels: texts,
  annotations: texts,
  counters: list(struct({ name: str(1024), count: u53, capacity: u53 }), 64),
  lists: list(struct({ name: str(1024), capacity: u53, values: list(str(1024), 1000) }), 64),
});
export type GameServerRecord = Infer<typeof GameServerRecord>;

/** Writer: fleet. What a person has said of a fleet's size; absent: it is scaled as its configuration says. */
export const FleetRecord = struct({
  held: optional(u32),
  /** How it was deployed as a mode; absent: by its configuration alone. */
  deployed: optional(struct({ expectedPlayers: u53, min: u32, max: u32, up: f64, down: f64, sites: list(id, 64) })),
});
export type FleetRecord = Infer<typeof FleetRecord>;

/** Writer: fleet. Which version a fleet runs, how far it is from the one before, and the programs that it can go back to. */
export const RolloutRecord = struct({
  phase: choice('steady', 'canary', 'rolling', 'canary-paused', 'rolling-paused'),
  target: str(128),
  /** Empty: nothing is known. */
  previous: str(128),
  /** What the configuration asked for last: only another one begins something. */
  asked: str(128),
  startedAtMs: u53,
  started: u32,
  failed: u32,
  why: str(1024),
  refused: str(128),
  /** Newest first. `program`: JSON of the composition root. */
  revisions: list(struct({ version: str(128), program: str(65_536), atMs: u53 }), 8),
});
export type RolloutRecord = Infer<typeof RolloutRecord>;

/** Writer: atlas. By which port a game server speaks Agones' SDK; its process knows no other for as long as it lives. */
export const AgonesDoorRecord = struct({ port: u16 });
export type AgonesDoorRecord = Infer<typeof AgonesDoorRecord>;

/** Writer: fleet. Who has a game server: the single commit point of an allocation. Ended ones are kept for a while, for requests that come again. */
export const AllocationRecord = struct({
  requestId: str(256),
  server: id,
  fleet: id,
  state: choice('granted', 'active', 'ended'),
  grantedAtMs: u53,
  /** 0: none, or fulfilled. Wall-clock ms. */
  leaseUntilMs: u53,
  /** It counts one of its server's sessions. */
  counted: bool,
  players: list(id, 1000),
  /** JSON that the game server is given; empty: none. */
  session: str(65_536),
  /** Of an ended one. `told`: to whom it concerns. `result`: JSON, or empty. */
  end: choice('none', 'ended', 'released', 'expired', 'died'),
  endedAtMs: u53,
  told: bool,
  result: str(65_536),
});
export type AllocationRecord = Infer<typeof AllocationRecord>;

/** Writer: fleet. The keys that sign join tokens (Ed25519, PKCS #8), newest first. */
export const JoinKeysRecord = struct({ keys: list(struct({ key: id, secret: bytes(256), createdAtMs: u53 }), 16) });
export type JoinKeysRecord = Infer<typeof JoinKeysRecord>;

const scopes = list(choice('read', 'operate', 'admin'), 16);

/** Writer: control. A key of the API; `hash` is SHA-256 of its secret, which is kept nowhere. */
export const ApiKeyRecord = struct({ name, hash: bytes(32), scopes, createdAtMs: u53, createdBy: str(256) });
export type ApiKeyRecord = Infer<typeof ApiKeyRecord>;

/** Writer: control. Somebody who has logged in to the dashboard. */
export const LoginRecord = struct({ actor: str(256), scopes, csrf: str(64), createdAtMs: u53, expiresAtMs: u53 });
export type LoginRecord = Infer<typeof LoginRecord>;

/** Writer: matchmaker. A ticket that waits, whole; with its match's record it goes. `body` is JSON. */
export const TicketRecord = struct({ ticket: id, queue: name, body: json(1 << 20) });
export type TicketRecord = Infer<typeof TicketRecord>;

/** Writer: matchmaker. A match with its tickets, from the moment in which they left their queue. */
export const MatchRecord = struct({ match: id, queue: name, body: json(4 << 20) });
export type MatchRecord = Infer<typeof MatchRecord>;

/** Writer: matchmaker. */
export const PartyRecord = struct({ party: id, body: json(1 << 20) });
export type PartyRecord = Infer<typeof PartyRecord>;

/** Writer: matchmaker. What is believed of a player's skill in one pool of ratings. */
export const RatingRecord = struct({
  pool: name,
  player: str(256),
  mu: f64,
  sigma: f64,
  games: u32,
  wins: u32,
  updatedAtMs: u53,
});
export type RatingRecord = Infer<typeof RatingRecord>;

/** Writer: who takes the lease. `fence` grows with each taking: whoever acts under a lease shows it, and lower ones are refused. */
export const LeaseRecord = struct({ holder: id, expiresAtMs: u53, fence: u53 });
export type LeaseRecord = Infer<typeof LeaseRecord>;

/** Records begin with a format number, so that a later version can read what an earlier one wrote. */
const FORMAT = 1;
const shared = new Writer(4096);

export function encodeRecord<T>(codec: Codec<T>, value: T): Uint8Array<ArrayBuffer> {
  shared.reset();
  shared.u8(FORMAT);
  codec.write(shared, value);
  return shared.copy();
}

/** undefined: not of this type, or written by a newer version. */
export function decodeRecord<T>(codec: Codec<T>, value: Uint8Array): T | undefined {
  const r = new Reader(value);
  if (u8.read(r) !== FORMAT) return undefined;
  const out = codec.read(r);
  return r.bad || r.left > 0 ? undefined : out;
}
