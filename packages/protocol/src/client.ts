/**
 * Frames between a game client and a gateway, subprotocol atlas.v1: one binary WebSocket message each.
 *
 *   client → gateway                                   gateway → client
 *   01 hello    (fields below)                          81 welcome  (fields below)
 *   02 command  seq:u32 event:u16 payload               82 message  seq:u32 event:u16 payload
 *   03 latest   event:u16 payload                       83 latest   key:u32 event:u16 payload
 *   04 ack      received:u32                            84 acks     applied:u32 covered:u32
 *   05 ping     stamp:u32                               85 pong     stamp:u32
 *   06 bye                                              86 notice   (fields below)
 *
 * Commands and messages are reliable: numbered from 1, in order, exactly once across handoff and reconnect. A client keeps a
 * command until it is *covered* (it would survive the death of its game server); *applied* comes earlier and only tells that it
 * took effect. `latest` may be replaced by a newer one of the same event (up) or key (down) and is never repeated.
 */

import { limits } from './limits.ts';
import { bool, bytes, type Codec, choice, f32, type Infer, list, str, struct, u16, u32, u53, union } from './schema.ts';

export const kind = {
  hello: 0x01,
  command: 0x02,
  latestUp: 0x03,
  ack: 0x04,
  ping: 0x05,
  bye: 0x06,
  welcome: 0x81,
  message: 0x82,
  latestDown: 0x83,
  acks: 0x84,
  pong: 0x85,
  notice: 0x86,
} as const;

/** Bytes before the payload of the data frames. */
export const header = { command: 7, latestUp: 3, message: 7, latestDown: 7 } as const;

export const ClientFrame = union({
  hello: [
    kind.hello,
    {
      version: u16,
      /** Who the player is: a JWT. */
      token: str(limits.tokenBytes),
      /** From the last welcome, or empty for a new session. */
      resume: str(limits.tokenBytes),
      /** The highest reliable message received of the session to resume. */
      received: u32,
      /** Hash of the game's message schema; 0 says unknown. */
      schema: u32,
    },
  ],
  command: [kind.command, { seq: u32, event: u16, payload: rest() }],
  latest: [kind.latestUp, { event: u16, payload: rest() }],
  ack: [kind.ack, { received: u32 }],
  ping: [kind.ping, { stamp: u32 }],
  bye: [kind.bye, {}],
});
export type ClientFrame = Infer<typeof ClientFrame>;

export const GatewayFrame = union({
  welcome: [
    kind.welcome,
    {
      version: u16,
      session: str(limits.idBytes),
      /** Good for one resume within `resumeMs` of the loss, at any gateway. */
      resume: str(limits.tokenBytes),
      resumeMs: u32,
      /** True only if nothing of the session was lost: what was missed follows, each once. */
      resumed: bool,
      applied: u32,
      covered: u32,
      player: str(limits.idBytes),
      entity: u53,
      region: str(limits.idBytes),
      epoch: u53,
      tickHz: f32,
      /** The gateway pings no more seldom than this, and expects the same of the client. */
      heartbeatMs: u32,
      gateways: list(str(256), 64),
    },
  ],
  message: [kind.message, { seq: u32, event: u16, payload: rest() }],
  latest: [kind.latestDown, { key: u32, event: u16, payload: rest() }],
  acks: [kind.acks, { applied: u32, covered: u32 }],
  pong: [kind.pong, { stamp: u32 }],
  notice: [
    kind.notice,
    {
      /**
       * region: now played on `region` at `epoch`; nothing to do. paused: its server is gone, play goes on soon. resumed: it does.
       * slow-down: too many commands are not yet covered. draining: this gateway closes soon, resume at another.
       */
      notice: choice('region', 'paused', 'resumed', 'slow-down', 'draining'),
      region: str(limits.idBytes),
      epoch: u53,
      message: str(256),
    },
  ],
});
export type GatewayFrame = Infer<typeof GatewayFrame>;

/** What is left of the frame. */
function rest(): Codec<Uint8Array> {
  return { type: 'rest', write: (w, v) => w.raw(v), read: (r) => r.copy(r.left) };
}

/** The signed part of a resume token; see docs/reference/protocol.md for how it is signed. */
export const ResumeClaim = struct({
  session: str(limits.idBytes),
  player: str(limits.idBytes),
  /** Grows with each welcome; a session accepts the newest, and the one before until the newest was used. */
  generation: u32,
  expiresAtMs: u53,
  /** Makes two tokens of one moment differ. */
  nonce: bytes(16),
});
export type ResumeClaim = Infer<typeof ResumeClaim>;
