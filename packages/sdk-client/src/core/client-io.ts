/** What stands around a `ClientEngine`: what it is made with, what it asks for, and what it has to tell. */
import type { ErrorCode, GatewayFrame, View } from '@horizon-atlas/protocol';
import type { CommandRefusal } from './command-log.ts';
import type { ClientPolicy } from './policy.ts';
import type { SightOut } from './sight.ts';

export type ClientStatus = 'connecting' | 'online' | 'reconnecting' | 'closed';
export type GatewayWelcome = Extract<GatewayFrame, { kind: 'welcome' }>;
export type GatewayNotice = Extract<GatewayFrame, { kind: 'notice' }>;

/** What the engine wants done, and what it has to tell. Called synchronously from within the inputs; must not call inputs back. */
export interface ClientOut<E = Uint8Array> extends SightOut<E> {
  /** Dial `url` anew with subprotocol atlas.v1. Nothing may be reported of an earlier socket any more. */
  connect(url: string): void;
  /** Give one binary message to the open socket. The bytes are the receiver's. */
  send(frame: Uint8Array<ArrayBuffer>): void;
  /** End the socket, in whatever state it is, if there is one. Nothing may be reported of it any more. */
  close(closeCode: number, reason: string): void;
  /** Bytes given to `send` that the socket has not passed on; 0 where the host does not tell. */
  backlogBytes(): number;
  /** `code` says why, where something went wrong. After 'closed' there is nothing more. */
  status(status: ClientStatus, code: ErrorCode | undefined): void;
  /** `outageMs`: from the loss to now; 0 for the first. */
  welcome(welcome: GatewayWelcome, outageMs: number): void;
  message(event: number, payload: Uint8Array, seq: number): void;
  latest(event: number, payload: Uint8Array, key: number): void;
  view(view: View): void;
  notice(notice: GatewayNotice): void;
  /** After a resume: so many kept commands were sent again. */
  replayed(commands: number): void;
  /** The session could not be resumed: so many commands may not have taken effect, and will not be sent again. */
  dropped(commands: number): void;
}

export interface ClientConfig<E> {
  readonly url: string;
  /** A JWT; replace it by `useToken` when it was renewed. */
  readonly token: string;
  /** The game schema's hash; 0 says unknown. */
  readonly schema: number;
  /** In [0, 1): for jitter only. */
  readonly random: () => number;
  /** Decodes an entity's state; undefined for one that is malformed. Default: the bytes as they are. */
  readonly decodeState?: (state: Uint8Array) => E | undefined;
  readonly policy?: Partial<ClientPolicy>;
}

export type SendResult =
  | { readonly ok: true; readonly seq: number }
  | { readonly ok: false; readonly code: CommandRefusal | 'SESSION_ENDED' };
