/** What the engine wants done. Called synchronously from within its inputs; must not call inputs back. */
import type { ErrorCode, GatewayToControl } from '@horizon-atlas/protocol';

export interface GatewayOut {
  /**
   * Send one binary message: the byte `kind`, then `bytes[start, end)`, which are valid only during the call.
   * Answers how many bytes now wait for the client, these included, beyond what the operating system has taken.
   */
  toClient(conn: number, kind: number, bytes: Uint8Array, start: number, end: number): number;
  /** Send one text message of UTF-8 bytes. Answers as `toClient` does. */
  toClientText(conn: number, bytes: Uint8Array, start: number, end: number): number;
  /** A ping of the transport; its answer comes back as `ponged` with the same stamp. A host without pings ignores it. */
  pingClient(conn: number, stamp: number): void;
  /** What was sent still goes out, then the connection ends. The engine never speaks of `conn` again, nor may the host. */
  closeClient(conn: number, code: ErrorCode, reason: string): void;
  /** Deliver nothing of this client until `resumeClient`; what comes meanwhile stays in the transport. */
  pauseClient(conn: number): void;
  resumeClient(conn: number): void;
  /** Bytes that wait for the client beyond what the operating system has taken. */
  clientBacklog(conn: number): number;

  /** One frame of link-game.ts, valid only during the call. One that begins with `gameLink.latestUp` may be dropped on a full link. */
  toServer(server: string, frame: Uint8Array): void;
  /** Answered by `serverUp`, or by `serverDown` if it fails. */
  dialServer(server: string, address: string): void;
  /** Nobody is routed there any more, and its link may be closed. */
  hangUp(server: string): void;
  /** Lost without an answer while there is no control plane: the engine says it again. */
  toControl(message: GatewayToControl): void;
  /** Answered by `tokenVerified`. */
  verifyToken(conn: number, token: string): void;
  /** All clients are gone after a `drain`. */
  drained(): void;
}

/** What a resume token says; the host adds expiry and nonce, signs, and checks both. */
export interface ResumeIdentity {
  readonly session: string;
  readonly player: string;
  readonly generation: number;
}

/** The secrets and the chance that a pure engine cannot have. */
export interface GatewaySecrets {
  newSessionId(): string;
  /** A token of printable ASCII. */
  seal(identity: ResumeIdentity): string;
  /** undefined: malformed, expired, or not signed by a known key. */
  unseal(token: string): ResumeIdentity | undefined;
}

export type TokenVerdict =
  | { readonly ok: true; readonly player: string; readonly name: string }
  | { readonly ok: false; readonly code: ErrorCode };

/** Who this gateway is, for the control plane and for servers. */
export interface GatewayIdentity {
  readonly gateway: string;
  readonly pid: number;
  /** Where clients reach it. */
  readonly url: string;
  /** Where those reach it and the others who came without TLS; see GatewayConfig.plain. */
  readonly plainGateways?: readonly string[];
}
