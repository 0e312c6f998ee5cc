/**
 * Where a sabotage can be put into a world. Nothing in production knows of any of it: what passes between a simulated process and its
 * engine is changed on the way. `mutations.test.ts` uses this to show that each checker bites.
 */
import type { StoreOp } from '@horizon-atlas/ports';
import type { ControlToGateway, ControlToServer } from '@horizon-atlas/protocol';
import type { GameHooks, ServerEngine } from '@horizon-atlas/sdk-server';
import type { GatewayNode } from './gateway-node.ts';

export interface Taps {
  /** From the control plane to a server, and to gateways. */
  toServer?(message: ControlToServer): ControlToServer | undefined;
  toGateway?(message: ControlToGateway): readonly ControlToGateway[];
  /** What a transaction is about to write. */
  ops?(ops: readonly StoreOp[]): readonly StoreOp[];
  /** The game that servers play. */
  game?(hooks: GameHooks): GameHooks;
  /** A server's engine is due; whoever taps it has to tick it. */
  tick?(engine: ServerEngine, nowMs: number): void;
  /** A client's frame at its gateway, and a gateway's at its client. */
  fromClient?(client: number, frame: Uint8Array): readonly Uint8Array[];
  toClient?(frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** What a gateway's host tells its engine to be waiting for a client. */
  backlog?(bytes: number): number;
  /** A gateway's frame to a game server, and one from it; undefined: it goes on as it is. */
  toGameServer?(gateway: GatewayNode, server: string, frame: Uint8Array): void;
  fromGameServer?(gateway: GatewayNode, server: string, frame: Uint8Array): { server: string; frame: Uint8Array } | undefined;
}
