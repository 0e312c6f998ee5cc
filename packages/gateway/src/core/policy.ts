/**
 * How a gateway behaves where behaviour is a choice: every limit with its answer, every pace in milliseconds.
 * Limits of the wire itself are in protocol/src/limits.ts.
 */
import { limits } from '@horizon-atlas/protocol';

export interface GatewayPolicy {
  /** Open connections in all; one more is refused with CONNECTIONS_FULL. */
  readonly connectionsMax: number;
  /** Open connections of one address; one more is refused with RATE_LIMITED. */
  readonly connectionsPerAddress: number;
  /** New connections of one address: so many a second, after a burst; beyond: RATE_LIMITED. A TLS handshake is about 1 ms of CPU. */
  readonly connectsPerAddress: Rate;
  /** Messages of one connection, where each started KiB counts as one; beyond: RATE_LIMITED. The burst covers a client's replay after a resume. */
  readonly messagesPerConnection: Rate;
  /** The same for all connections of one address together. */
  readonly messagesPerAddress: Rate;
  /** Declared client events passed on to the control plane, of one connection; beyond, they only go to the game server. */
  readonly clientEventsPerConnection: Rate;
  /** Addresses remembered; beyond, idle ones are forgotten, and a new one is refused with RATE_LIMITED if there are none. */
  readonly addressesMax: number;

  /** A client's message; larger ones close with MESSAGE_TOO_BIG. */
  readonly messageBytesMax: number;
  /** Commands kept of a session until covered; at the limit its client is not read until half of them are covered. */
  readonly heldCommandsMax: number;
  /** The same in bytes. */
  readonly heldBytesMax: number;
  /** With more bytes than this waiting in its socket a client counts as slow: latest values replace each other, messages queue. */
  readonly backlogBytes: number;
  /** Reliable messages queued for a slow client; beyond, it is closed with SLOW_CLIENT. */
  readonly slowBytesMax: number;
  /** A client that stays slow for so long is closed with SLOW_CLIENT. */
  readonly slowMsMax: number;
  /** Latest values kept for a slow client, by key; beyond, the oldest is dropped. */
  readonly slowKeysMax: number;

  /** From the accepted connection to a verified hello; beyond: HANDSHAKE_TIMEOUT. */
  readonly helloMs: number;
  /** From the hello to the welcome; a sleeping region may have to start first. Beyond: GATEWAY_BUSY. */
  readonly joinMs: number;
  /** The same while there is no control plane. */
  readonly joinWithoutControlMs: number;
  /** Both sides say something at least this often. */
  readonly heartbeatMs: number;
  /** The round trip to each client is measured this often. */
  readonly pingMs: number;
  /** Nothing heard for so long: IDLE_TIMEOUT. */
  readonly idleMs: number;
  /** How long a session outlives its socket. */
  readonly resumeMs: number;
  /** A request to the control plane is repeated this often until answered. */
  readonly requestMs: number;
  /** Where a session is, is asked again after this, twice as long each time up to `requestMs`. */
  readonly locateMs: number;
  /** An attach without an answer is made anew after this. A server keeps one that is early for 2 s. */
  readonly attachMs: number;
  /** A server is dialled again after this, twice as long each time, up to `redialMsMax`. */
  readonly redialMs: number;
  readonly redialMsMax: number;
  /** Timeouts of clients are looked at this often. */
  readonly sweepMs: number;

  /** Client events of horizon.v1 that somebody listens to, as `namespace/event`. */
  readonly listen: readonly string[];
}

/** A token bucket: `perS` tokens a second, at most `burst` saved up. Infinity: no limit. */
export interface Rate {
  readonly perS: number;
  readonly burst: number;
}

export const defaultGatewayPolicy: GatewayPolicy = {
  connectionsMax: 20_000,
  connectionsPerAddress: 2_000,
  connectsPerAddress: { perS: 100, burst: 500 },
  messagesPerConnection: { perS: 300, burst: 5_000 },
  messagesPerAddress: { perS: 20_000, burst: 50_000 },
  clientEventsPerConnection: { perS: 20, burst: 40 },
  addressesMax: 65_536,
  messageBytesMax: limits.clientMessageBytes,
  heldCommandsMax: 4096,
  heldBytesMax: 256 * 1024,
  backlogBytes: 64 * 1024,
  slowBytesMax: 256 * 1024,
  slowMsMax: 10_000,
  slowKeysMax: 1_024,
  helloMs: 5_000,
  joinMs: 30_000,
  joinWithoutControlMs: 5_000,
  heartbeatMs: 5_000,
  pingMs: 10_000,
  idleMs: 15_000,
  resumeMs: 120_000,
  requestMs: 1_000,
  locateMs: 50,
  attachMs: 2_500,
  redialMs: 50,
  redialMsMax: 1_000,
  sweepMs: 500,
  listen: [],
};
