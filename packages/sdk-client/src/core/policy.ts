/** How the client behaves where behaviour is a choice: every limit of the SDK with its answer, every pace in milliseconds. */
export interface ClientPolicy {
  /** Reliable commands kept until covered; one more is refused with COMMANDS_FULL. */
  readonly commandsMax: number;
  /** Their bytes together; beyond it a command is refused with COMMANDS_FULL. */
  readonly commandBytesMax: number;
  /** While there is no connection, the newest `latest` of this many events is kept; of further events it is dropped. */
  readonly latestEventsMax: number;
  /** With more bytes than this waiting in the socket, `latest` waits in the engine, where a newer one replaces it. */
  readonly backlogBytesMax: number;
  /** A received message is acknowledged no later than this … */
  readonly ackMs: number;
  /** … or when so many are not yet acknowledged. */
  readonly ackMessages: number;
  /** From the dial to an open socket; longer, and the attempt counts as failed (a black-holed handshake). */
  readonly openMs: number;
  /** From the open socket to the welcome. A sleeping region may have to start first; a gateway answers within 30 s. */
  readonly welcomeMs: number;
  /** The first retry is made at once, the second after about this; each further wait is half as long again … */
  readonly backoffMs: number;
  /** … up to this in so many retries, some two seconds: what was killed is back by then. A gateway that refuses ends them … */
  readonly quickMsMax: number;
  readonly quickRetries: number;
  /** … and from then on up to this. A wait is drawn between half of it and all of it. */
  readonly backoffMsMax: number;
  /** After a sleep the gateway is asked for a sign of life; without one by then the connection is given up and made anew. */
  readonly wakeMs: number;
  /** A connection that lasted less does not make the next retry immediate again. */
  readonly stableMs: number;
  /** With no welcome for so long, `connect` fails with the last refusal's code, or NOT_RUNNING. */
  readonly firstConnectMs: number;
  /** The same for a session that was lost. Infinity: go on until told to stop. */
  readonly reconnectMs: number;
  /** Gateways remembered from welcomes, beside the first; further ones are ignored. */
  readonly gatewaysMax: number;
  /** States of entities that were told of but not seen yet; the oldest goes first. */
  readonly unseenStatesMax: number;
}

export const defaultPolicy: ClientPolicy = {
  commandsMax: 4096,
  commandBytesMax: 2 * 1024 * 1024,
  latestEventsMax: 64,
  backlogBytesMax: 64 * 1024,
  ackMs: 50,
  ackMessages: 32,
  openMs: 5_000,
  welcomeMs: 35_000,
  backoffMs: 100,
  quickMsMax: 200,
  quickRetries: 12,
  backoffMsMax: 5_000,
  wakeMs: 2_000,
  stableMs: 1_000,
  firstConnectMs: 60_000,
  reconnectMs: Number.POSITIVE_INFINITY,
  gatewaysMax: 64,
  unseenStatesMax: 4096,
};
