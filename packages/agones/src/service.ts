/** The doors of all game servers: opened before a server's process starts, opened again on the same port after a restart of Atlas. */
import type { Probe } from '@horizon-atlas/ports';
import { AtlasError } from '@horizon-atlas/protocol';
import type { Heard } from './core/calls.ts';
import { type HealthTerms, healthTerms } from './core/game-server-shape.ts';
import { Door, type DoorShared } from './door.ts';
import { restServer } from './rest.ts';
import { Watching } from './watching.ts';

export interface AgonesPolicy {
  /**
   * Doors lie here; below the system's range of ports for outgoing connections, so that a port which a running server knows is still free when Atlas
   * comes back. 0: any port, for tests.
   */
  readonly portFirst: number;
  readonly portCount: number;
}

export const agonesPolicy: AgonesPolicy = { portFirst: 28_000, portCount: 4000 };

export interface AgonesDeps {
  readonly servers: Heard;
  readonly probe: Probe;
  /** What a server is told of how its silence is taken; absent: Agones' defaults. */
  readonly health?: (id: string) => HealthTerms;
}

export interface Agones {
  /**
   * Resolves with the door's port; a door that is open stays as it is. Rejects with PORT_IN_USE where the asked port is taken, or all are.
   * @param port the one that the server's process knows already
   */
  open(id: string, port?: number): Promise<number>;
  /** The server is gone. Doors of servers that `GameServers` tells to be gone close by themselves. */
  close(id: string): void;
  readonly doors: number;
  stop(): Promise<void>;
}

/** For the environment of a server's process. */
export function agonesEnv(port: number): Readonly<Record<string, string>> {
  return { AGONES_SDK_GRPC_PORT: String(port), AGONES_SDK_HTTP_PORT: String(port) };
}

export function makeAgones(deps: AgonesDeps, policy: AgonesPolicy = agonesPolicy): Agones {
  return new Doors(deps, policy);
}

class Doors implements Agones {
  readonly #deps: AgonesDeps;
  readonly #policy: AgonesPolicy;
  readonly #doors = new Map<string, Promise<Door>>();
  readonly #taken = new Set<number>();
  readonly #shared: DoorShared;
  readonly #unwatch: () => void;
  #next = 0;
  #stopped = false;

  constructor(deps: AgonesDeps, policy: AgonesPolicy) {
    this.#deps = deps;
    this.#policy = policy;
    const speakers: DoorShared['speakers'] = new WeakMap();
    const watching = new Watching(deps.servers);
    this.#shared = { speakers, watching, rest: restServer((socket) => speakers.get(socket), watching) };
    this.#unwatch = deps.servers.watch((view, gone) => {
      if (gone) this.close(view.id);
    });
  }

  get doors(): number {
    return this.#doors.size;
  }

  async open(id: string, port?: number): Promise<number> {
    if (this.#stopped) throw new AtlasError('NOT_READY', 'the doors of Agones’ SDK are closed for good');
    let opening = this.#doors.get(id);
    if (!opening) {
      opening = port === undefined ? this.#anywhere(id) : this.#at(id, port);
      this.#doors.set(id, opening);
      opening.catch(() => this.#doors.delete(id));
    }
    const door = await opening;
    this.#deps.probe.gauge('atlas_agones_doors', this.#doors.size);
    return door.port;
  }

  close(id: string): void {
    const opening = this.#doors.get(id);
    if (!opening) return;
    this.#doors.delete(id);
    this.#deps.probe.gauge('atlas_agones_doors', this.#doors.size);
    void opening.then(
      (door) => {
        door.close();
        this.#taken.delete(door.port);
      },
      () => {},
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unwatch();
    const opened = [...this.#doors.values()];
    for (const id of [...this.#doors.keys()]) this.close(id);
    await Promise.allSettled(opened);
    this.#shared.rest.closeAllConnections();
  }

  async #at(id: string, port: number): Promise<Door> {
    const door = await Door.open(this.#speaker(id), this.#shared, port);
    if (!door) throw new AtlasError('PORT_IN_USE', `port ${port}, by which the server ${id} speaks Agones’ SDK, is taken`);
    this.#taken.add(door.port);
    return door;
  }

  /** The ports in turn, so that one which was just freed is not given to another server whose predecessor's client still dials. */
  async #anywhere(id: string): Promise<Door> {
    const { portFirst, portCount } = this.#policy;
    for (let tries = 0; tries < portCount; tries++) {
      const port = portFirst === 0 ? 0 : portFirst + (this.#next++ % portCount);
      if (this.#taken.has(port)) continue;
      if (port !== 0) this.#taken.add(port);
      const door = await Door.open(this.#speaker(id), this.#shared, port);
      if (door) return door;
      this.#taken.delete(port);
    }
    throw new AtlasError('PORT_IN_USE', `all ports from ${portFirst} to ${portFirst + portCount - 1} are taken`);
  }

  #speaker(id: string) {
    return { id, servers: this.#deps.servers, health: this.#deps.health?.(id) ?? healthTerms };
  }
}
