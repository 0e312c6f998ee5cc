/**
 * What an edge needs of a front: something that understands a game's protocol, is given players' connections, and moves them between servers on these. Fronts are adapters; which
 * ones there are is said where the process is put together.
 */
import type { Socket } from 'node:net';
import type { EdgeFront } from '@horizon-atlas/protocol';

export interface FrontTarget {
  /** The game server's id. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly localAddress?: string | undefined;
  readonly header?: Uint8Array | undefined;
}

export interface FrontLeft {
  readonly server: string;
  readonly why: string;
  /** By the server's own word; otherwise it is gone. */
  readonly kicked: boolean;
}

/** Who has given the front a connection. */
export interface FrontHost {
  /** A player has said who they are, or was left by a server, and has to go somewhere. Resolves when there is a place. */
  seek(player: string, left: FrontLeft | undefined): Promise<FrontTarget | { readonly why: string }>;
  entered(target: FrontTarget, seenAs: string): void;
}

export interface FrontSeat {
  /** Rejects with an error that says why not, and then the player stays where they are. */
  move(target: FrontTarget): Promise<void>;
  leave(why: string): void;
  /** What waits for an end that does not read. */
  readonly backlogBytes: number;
}

export interface PlayerFront {
  take(socket: Socket, host: FrontHost): FrontSeat;
  close(): void;
}

/** Makes the front that a listener wants; rejects with why it cannot. */
export type FrontMaker = (settings: EdgeFront, fault: (error: Error) => void) => Promise<PlayerFront>;
