/** What the composition root and the API see of the service of game servers. */
import type {
  AllocationRecord,
  Doorkeeper,
  Fleets,
  GameServers,
  GameServerView,
  ModeScaling,
  Rollouts,
  Sessions,
  SessionWish,
} from '@horizon-atlas/protocol';
import type { AllocationAnswer, AllocationRequest } from '../core/allocation/allocator.ts';

export interface GameServersService extends GameServers, Sessions, Fleets, Rollouts, Doorkeeper {
  /** Finds what a former Atlas left running, then starts what is to be there. Rejects if the store or the runner cannot be read. */
  start(): Promise<void>;
  /** What a server wants of whoever asked for its session. False: it has no such session. */
  wished(server: string, requestId: string, wish: SessionWish): boolean;
  /** Ends all game servers, gently, whoever has them; resolves when they are gone. */
  stop(graceMs: number): Promise<void>;
  /** Stops looking after them; they go on running for the next Atlas. */
  close(): Promise<void>;
  /** Gives a server to who asks, by selectors. Answered once it is durable, or when nothing came in time. */
  allocate(
    request: AllocationRequest,
    note?: { readonly players?: readonly string[]; readonly session?: string },
  ): Promise<AllocationAnswer>;
  /** How many there are, and each of them, looked at when it is asked for: one that comes or goes meanwhile may be among them or not. */
  readonly size: number;
  views(): IterableIterator<GameServerView>;
  /** Costs less than `fleet`. */
  hasFleet(name: string): boolean;
  /** From now on, also after a restart; undefined: as configured. False: no such fleet. */
  deploy(name: string, mode: ModeScaling | undefined): boolean;
  allocation(requestId: string): AllocationRecord | undefined;
  /** Of those that are not over. */
  allocations(): Iterable<AllocationRecord>;
  /** Its players have come. False: there is no such allocation any more. */
  activate(requestId: string): boolean;
  /** Its server says how its session ended. `result`: JSON. False: there is no such session of it. `done`: it is durable. */
  endSession(server: string, requestId: string, result: string, done: () => void): boolean;
  /** False for one that was not started here, or was given up on: it is refused with SERVER_UNKNOWN. */
  knows(id: string): boolean;
  /** A hello on its newest link, with the sessions that it has. */
  linked(id: string, hello: { readonly pid: number; readonly sessions: readonly string[] }): void;
  /** Its newest link has ended. */
  unlinked(id: string): void;
}
