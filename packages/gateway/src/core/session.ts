/**
 * A client (one connection) and a session (a player's presence, which outlives connections).
 *
 *   client    handshaking ──opened──▶ greeting ──hello, token──▶ verifying ──ok──▶ bound to a session
 *                                        └──────hello, resume──────────────────────▲
 *
 *   session   joining ──joined──▶ ┌ dialing ──serverUp──▶ attaching ──attached──▶ attached ┐
 *   (route)   locating ─route──▶  └──────────────◀── route, regionRoute, serverDown ──◀────┘
 *                 ▲                 paused: it has an owner to come     parked: owner known, no client to attach for
 *                 └── attachRefused EPOCH_STALE, NOT_OWNER
 */
import type { Span } from '@horizon-atlas/ports';
import type { Address, Bucket } from './admission.ts';
import type { HeldCommands } from './held.ts';
import type { Outbox } from './outbox.ts';

export type Format = 'atlas' | 'horizon';

export type Route =
  | { readonly at: 'joining'; readonly request: number; readonly sinceMs: number }
  | { readonly at: 'locating'; readonly tries: number; readonly sinceMs: number }
  | { readonly at: 'paused' }
  | { readonly at: 'parked'; readonly server: string }
  | { readonly at: 'dialing'; readonly server: string }
  | { readonly at: 'attaching'; readonly server: string; readonly handle: number }
  | { readonly at: 'attached'; readonly server: string; readonly handle: number };

/** What a client said in its hello. */
export interface Hello {
  readonly token: string;
  readonly resume: string;
  readonly received: number;
  readonly schema: number;
}

export type ClientState =
  | { readonly at: 'handshaking' }
  | { readonly at: 'greeting' }
  | { readonly at: 'verifying'; readonly hello: Hello; readonly sinceMs: number }
  | { readonly at: 'bound'; readonly hello: Hello; readonly session: Session };

export interface Client {
  readonly conn: number;
  readonly address: Address;
  /** Came by the listener without TLS, so it is sent to no gateway but by theirs. */
  readonly plain: boolean;
  format: Format;
  state: ClientState;
  readonly messages: Bucket;
  readonly clientEvents: Bucket;
  readonly openedMs: number;
  /** The last sign of life. */
  heardMs: number;
  /** When something was last sent. */
  sentMs: number;
  /** When a transport ping was last sent, and the highest message that one asked about. */
  pingedMs: number;
  pingedSeq: number;
  /** The ping that measures how far away the client is; `ms` once it was answered. undefined: none was sent yet. */
  roundTrip: { readonly stamp: number; readonly sentMs: number; ms: number | undefined } | undefined;
  /** Set while the client is slow. */
  outbox: Outbox | undefined;
  /** Not read, because its session holds too many commands. */
  paused: boolean;
  /** Messages of a horizon.v1 client from before its session began. */
  early: Uint8Array[] | undefined;
}

export class Session {
  readonly id: string;
  readonly player: string;
  /** Empty for a resumed session until its route is known. */
  name: string;
  readonly format: Format;
  readonly schema: number;
  readonly held: HeldCommands;
  client: Client | undefined;

  readonly begunMs: number;

  route: Route = { at: 'paused' };
  region = '';
  epoch = 0;
  entity = 0;
  /** When `tick` has to look at the route; Infinity: never. */
  dueMs = Number.POSITIVE_INFINITY;

  /** What the client still waits for; 'done' once it was welcomed. */
  welcome: 'join' | 'resume' | 'done';
  /** Of the last welcome's resume token; −1 before the first. */
  generation = -1;
  /** Of the token that is being redeemed. */
  claimed = 0;
  /** The client used the last welcome: its former token is void. */
  confirmed = false;
  /** And has acknowledged since: servers are told, or they would go by the former token. */
  acknowledged = false;

  /** Commands: the last accepted, and the highest number that may come next. */
  lastSeq = 0;
  nextSeqMax = 1;
  applied = 0;
  covered = 0;
  /** Attached at least once here, so that the numbers above are the session's. */
  known = false;

  /** Messages: the last passed on, or −1 if the next one sets it; and the last that the client is known to have. */
  forwarded = 0;
  received = 0;

  toldPaused = false;
  toldSlow = false;
  /** The epoch that the client was last told of. */
  toldEpoch = 0;
  /** When the socket was lost; NaN while there is one. */
  lostMs = Number.NaN;

  /** The last view or other latest value that went to the client. */
  latestMs = Number.NaN;
  /** Largest gap since the last switch, and how many more frames to watch. */
  cutGapMs = 0;
  cutFrames = 0;
  /** The switch was a recovery, not a handoff. */
  cutRecovery = false;

  /** Of a sampled way in, and of a sampled move. See traces.ts. */
  joinSpan: Span | undefined;
  moveSpan: Span | undefined;

  constructor(
    identity: {
      readonly id: string;
      readonly player: string;
      readonly name: string;
      readonly format: Format;
      readonly schema: number;
    },
    held: HeldCommands,
    welcome: 'join' | 'resume',
    begunMs: number,
  ) {
    this.begunMs = begunMs;
    this.id = identity.id;
    this.player = identity.player;
    this.name = identity.name;
    this.format = identity.format;
    this.schema = identity.schema;
    this.held = held;
    this.welcome = welcome;
  }
}
