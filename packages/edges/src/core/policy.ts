/** All limits of an edge. What happens at each stands beside it; each is counted under the code in capitals. */

export interface EdgePolicy {
  /** UDP sessions at a time; beyond, FULL. Each is one socket to a game server. */
  readonly sessionsMax: number;
  /** UDP sessions whose peer has not proved that it is where it says; beyond, FULL. */
  readonly unprovenMax: number;
  /** New UDP sessions a second, of all strangers together; beyond, FLOOD. From half of the burst on a stranger must knock twice. */
  readonly newPerS: number;
  readonly newBurst: number;
  /** Of one address: sessions and connections at a time, and new ones a second; beyond, ADDRESS_LIMIT. */
  readonly perAddressMax: number;
  readonly newPerAddressPerS: number;
  readonly newPerAddressBurst: number;
  /** Addresses that are remembered; beyond, those that rest are forgotten, and if there are none, FULL. */
  readonly addressesMax: number;
  /** Seconds of a player's datagram rate that may come at once; beyond, RATE. */
  readonly burstS: number;
  /** A peer that has proved nothing is forgotten after this silence. */
  readonly unprovenIdleMs: number;
  /** Datagrams of a peer that came after something had been sent to it: so many prove that it hears us. */
  readonly provenAnswers: number;
  /** Of the game server's datagrams to an unproven peer that wait for credit; beyond, UNPROVEN. */
  readonly creditHeldBytes: number;
  /** A token that shows up at another address takes its session along once the former one has been silent for this; before, TOKEN_USED. */
  readonly roamAfterMs: number;
  /** For a server that is being woken: how much of what a player says is kept, and of all (HELD_FULL). How long is the listener's. */
  readonly holdDatagrams: number;
  readonly holdBytes: number;
  readonly holdBytesAll: number;
  /** The control plane is asked again after this while somebody waits. */
  readonly wakeAgainMs: number;
  /** Refusals told to those who show a bad token, a second. */
  readonly refusalsPerS: number;
  /** TCP connections at a time, and not yet through; beyond, FULL. */
  readonly connectionsMax: number;
  readonly openingMax: number;
  /** A connection says where it wants to go (token, TLS, HTTP head) in this time; beyond, HANDSHAKE_TIMEOUT. */
  readonly openingMs: number;
  /** To reach a game server over TCP; beyond, SERVER_UNREACHABLE. */
  readonly connectMs: number;
  /** Of an HTTP request before the upgrade; beyond, HEAD_TOO_BIG. */
  readonly headBytesMax: number;
  /** A peer that takes nothing for so long while something waits for it is cut off: SLOW_PEER. */
  readonly stallMs: number;
}

export const defaultEdgePolicy: EdgePolicy = {
  sessionsMax: 16_384,
  unprovenMax: 1_024,
  newPerS: 200,
  newBurst: 400,
  perAddressMax: 64,
  newPerAddressPerS: 10,
  newPerAddressBurst: 40,
  addressesMax: 65_536,
  burstS: 1,
  unprovenIdleMs: 5_000,
  provenAnswers: 2,
  creditHeldBytes: 4_096,
  roamAfterMs: 3_000,
  holdDatagrams: 32,
  holdBytes: 16_384,
  holdBytesAll: 8 * 1024 * 1024,
  wakeAgainMs: 1_000,
  refusalsPerS: 100,
  connectionsMax: 16_384,
  openingMax: 1_024,
  openingMs: 5_000,
  connectMs: 5_000,
  headBytesMax: 16_384,
  stallMs: 30_000,
};

/** Bytes of IP and UDP headers: amplification is what arrives at the victim's line, so they count. */
export const WIRE_BYTES = 28;
