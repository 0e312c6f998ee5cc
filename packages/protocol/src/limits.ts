/** Limits of the wire, each with its answer. Configurable ones are defaults. */
export const limits = {
  /** A client's message; larger ones close the connection with MESSAGE_TOO_BIG. */
  clientMessageBytes: 16 * 1024,
  /** A message to a client. The server SDK refuses to send more (an error in the game's own code). */
  serverMessageBytes: 256 * 1024,
  /** Ids of players, sessions, regions and servers, in bytes of UTF-8. */
  idBytes: 64,
  nameBytes: 64,
  /**
   * Ids of entities come out of epochs, which no two processes share: who was given epoch E may make the ids E × idsPerEpoch + n,
   * 0 < n < idsPerEpoch. A player's group is n = 0 of the epoch of its join. Epochs stay below 2^33.
   */
  idsPerEpoch: 2 ** 20,
  tokenBytes: 4096,
  /** One entity group's whole state, which must travel within a tick. */
  groupStateBytes: 256 * 1024,
  /** Movers that a region tells of at a time: players first, then other entities, then shadows; the rest is left out of maps. */
  moversPerRegion: 20_000,
  /** Sequence numbers are 32 bits: at 1,000 reliable messages a second a session lasts 49 days, then it is closed with SESSION_EXHAUSTED. */
  sequenceMax: 0xffff_ffff,
  /** Event ids from here on are the protocol's own. */
  eventReserved: 0xfff0,
} as const;

/** Reserved event ids. */
export const events = {
  /** Payload is Horizon's JSON text, for and from clients that speak horizon.v1. */
  horizon: 0xffff,
  /** Payload is an EntityState: see views.ts. */
  entity: 0xfffd,
  /** Payload is a View: see views.ts. */
  view: 0xfffe,
} as const;
