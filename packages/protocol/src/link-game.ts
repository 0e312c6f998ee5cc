/**
 * The link between a gateway and a game server: frames of many sessions multiplexed over one connection.
 *
 *   gateway → server                                    server → gateway
 *   10 command  handle:u32 seq:u32 event:u16 payload     20 message  handle:u32 seq:u32 event:u16 payload
 *   11 latest   handle:u32 event:u16 payload             21 latest   handle:u32 key:u32 event:u16 payload
 *   12 ack      handle:u32 received:u32                  22 fan-out  count:u16 handle:u32 × count key:u32 event:u16 payload
 *   00 control  (unions below)                           23 acks     count:u16 (handle:u32 applied:u32 covered:u32) × count
 *                                                        00 control
 *
 * A handle is given by the gateway in `attach`. It stands for one session at one epoch on this link and is never used for
 * another: a session that moves gets a new handle, and frames on an old one are dropped and counted. That is the fence that
 * keeps a paused former owner from being heard.
 */

import { limits } from './limits.ts';
import { bool, choice, type Infer, str, u16, u32, u53, union } from './schema.ts';
import { traceparent } from './spans.ts';

export const gameLink = {
  control: 0x00,
  command: 0x10,
  latestUp: 0x11,
  ack: 0x12,
  message: 0x20,
  latestDown: 0x21,
  fanOut: 0x22,
  acks: 0x23,
} as const;

const id = str(limits.idBytes);

export const GatewayToServer = union({
  hello: [1, { gateway: id, version: u16 }],
  attach: [
    2,
    {
      handle: u32,
      session: id,
      player: id,
      name: str(limits.nameBytes),
      entity: u53,
      epoch: u53,
      format: choice('atlas', 'horizon'),
      /** join: a new session. resume: a new socket for an old session. switch: same socket, new owner or new epoch. */
      reason: choice('join', 'resume', 'switch'),
      /** resume: the generation in the client's token. */
      generation: u32,
      /** resume: the highest reliable message that the client has. switch: the highest that was passed on to it, which acknowledges nothing. */
      received: u32,
      schema: u32,
      traceparent,
    },
  ],
  /** The socket is gone; the session may be resumed within the window. */
  detach: [3, { handle: u32, session: id }],
  /** The player has left for good. */
  leave: [4, { handle: u32, session: id }],
});
export type GatewayToServer = Infer<typeof GatewayToServer>;

export const ServerToGateway = union({
  hello: [1, { server: id, version: u16 }],
  attached: [
    2,
    {
      handle: u32,
      session: id,
      /** resume: true only if every message after `received` follows. */
      resumed: bool,
      applied: u32,
      covered: u32,
      /** For the next resume token. */
      generation: u32,
      tickHz: u16,
    },
  ],
  /** EPOCH_STALE and NOT_OWNER: ask where the session is now. RESUME_REPLAYED, SCHEMA_MISMATCH: refuse the client. */
  attachRefused: [3, { handle: u32, session: id, code: str(64) }],
  kick: [4, { handle: u32, session: id, code: str(64), message: str(256) }],
});
export type ServerToGateway = Infer<typeof ServerToGateway>;
