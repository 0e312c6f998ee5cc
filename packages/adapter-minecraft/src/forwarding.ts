/** How a Minecraft server behind a front is told who a player really is. */
import { createHmac } from 'node:crypto';

export type Forwarding =
  | { readonly kind: 'none' }
  /** BungeeCord's: address and id in the handshake. Whoever reaches the server can claim anything: it must be reachable by the front alone. */
  | { readonly kind: 'bungee' }
  /** Velocity's: asked for by the server during the login, and signed with a secret that both know. */
  | { readonly kind: 'velocity'; readonly secret: string };

export interface ForwardedPlayer {
  readonly name: string;
  /** With dashes. */
  readonly uuid: string;
  readonly address: string;
}

export const VELOCITY_CHANNEL = 'velocity:player_info';
const VELOCITY_VERSION = 1;

/** What the handshake names as the server's address. */
export function bungeeHost(host: string, { address, uuid }: ForwardedPlayer): string {
  return `${host}\0${address}\0${uuid.replaceAll('-', '')}`;
}

/** The answer to a server's question in `velocity:player_info`: HMAC-SHA-256, then version, address, id, name, and no properties. */
export function velocityAnswer(secret: string, { address, uuid, name }: ForwardedPlayer): Buffer {
  const id = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  const told = Buffer.concat([varint(VELOCITY_VERSION), text(address), id, text(name), varint(0)]);
  return Buffer.concat([createHmac('sha256', secret).update(told).digest(), told]);
}

function text(value: string): Buffer {
  const utf8 = Buffer.from(value, 'utf8');
  return Buffer.concat([varint(utf8.length), utf8]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  for (let left = value >>> 0; ; left >>>= 7) {
    if (left < 0x80) return Buffer.from([...out, left]);
    out.push((left & 0x7f) | 0x80);
  }
}
