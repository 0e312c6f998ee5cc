/** A region server's process of a simulated world: the server SDK's engine playing the counting game. */
import { type ControlToServer, MeshMessage, type ServerRecord, ServerToControl } from '@horizon-atlas/protocol';
import { ServerEngine, type ServerOut } from '@horizon-atlas/sdk-server';
import { makeGame } from './game.ts';
import type { GameLink } from './gateway-node.ts';
import { Process } from './kernel.ts';
import { type End, SimLink } from './network.ts';
import type { World } from './world.ts';

export type MeshLink = SimLink<MeshMessage, MeshMessage>;

export class ServerNode {
  readonly id: string;
  readonly process: Process;
  /** As the fleet has it; empty: a spare. */
  region = '';
  engine: ServerEngine | undefined;
  readonly #world: World;
  #links = 0;
  readonly #gateways = new Map<number, GameLink>();
  readonly #peers = new Map<string, (message: MeshMessage) => void>();
  #control: SimLink<ServerToControl, ControlToServer> | undefined;

  constructor(world: World, id: string) {
    this.#world = world;
    this.id = id;
    this.process = new Process(id, world.kernel);
  }

  get record(): ServerRecord {
    return {
      server: this.id,
      region: this.region,
      state: 'ready',
      pid: 1,
      address: `sim://${this.id}`,
      restarts: 0,
      startedAtMs: 0,
      bootStamp: '',
      code: '',
      message: '',
    };
  }

  start(): void {
    const { taps, note } = this.#world;
    const hooks = this.#world.game ?? makeGame(note, () => this.#world.nextId());
    const engine = new ServerEngine({
      id: this.id,
      address: `sim://${this.id}`,
      game: this.#world.taps.game?.(hooks) ?? hooks,
      policy: this.#world.serverPolicy,
      out: this.#out(),
    });
    this.engine = engine;
    this.process.start({
      get dueMs() {
        return engine.dueMs;
      },
      tick: (nowMs) => {
        if (taps.tick) taps.tick(engine, nowMs);
        else engine.tick(nowMs);
        this.#simulated();
      },
    });
    this.dialControl();
  }

  crash(): void {
    this.process.crash();
    this.engine = undefined;
    this.#world.network.died(this.process);
    this.#world.note.serverDied();
  }

  /** As fleet asks it: last checkpoints, then its process ends. */
  drain(deadlineMs: number): void {
    this.process.input(() => {
      this.#world.note.seen.drained++;
      this.engine?.drain(deadlineMs, this.#world.kernel.nowMs);
    });
  }

  acceptGateway(): { end: End<Uint8Array>; linked: (link: GameLink) => void } {
    const id = ++this.#links;
    const { kernel } = this.#world;
    return {
      end: {
        process: this.process,
        onMessage: (frame) => this.engine?.fromGateway(id, frame, kernel.nowMs),
        onClose: () => {
          if (this.#gateways.delete(id)) this.engine?.gatewayDown(id, kernel.nowMs);
        },
      },
      linked: (link) => {
        this.#gateways.set(id, link);
        this.process.input(() => this.engine?.gatewayUp(id, kernel.nowMs));
      },
    };
  }

  /** The near end of a link to `other`, whichever side dialled. */
  meshEnd(other: string): End<MeshMessage> {
    const { kernel } = this.#world;
    return {
      process: this.process,
      onMessage: (message) => this.engine?.fromPeer(other, message, kernel.nowMs),
      onClose: () => {
        if (this.#peers.delete(other)) this.engine?.peerDown(other, kernel.nowMs);
      },
    };
  }

  meshLinked(other: string, send: (message: MeshMessage) => void): void {
    this.#peers.set(other, send);
    this.process.input(() => this.engine?.peerUp(other, this.#world.kernel.nowMs));
  }

  dialControl(): void {
    const { kernel, network, coordinator } = this.#world;
    const life = this.process.life;
    if (this.#control?.open) return;
    if (!coordinator.process.alive || coordinator.process.paused) {
      kernel.after(100, () => this.process.input(() => this.dialControl(), life));
      return;
    }
    const accepted = coordinator.acceptServer(this.id);
    const link = new SimLink<ServerToControl, ControlToServer>(
      network,
      {
        process: this.process,
        onMessage: (message) => this.engine?.fromControl(message, kernel.nowMs),
        onClose: () => {
          if (this.#control !== link) return;
          this.#control = undefined;
          this.engine?.controlDown(kernel.nowMs);
          this.dialControl();
        },
      },
      accepted.end,
      true,
    );
    accepted.linked(link);
    this.#control = link;
    this.engine?.controlUp(kernel.nowMs);
    this.process.arm();
  }

  #out(): ServerOut {
    return {
      toControl: (message) => this.#control?.sendFar(this.#world.throughWire(ServerToControl, message)),
      toGateway: (link, frame) => this.#gateways.get(link)?.sendNear(this.#world.frames.copy(frame)),
      dialPeer: (server) => this.#dialPeer(server),
      toPeer: (server, message) => this.#peers.get(server)?.(this.#world.throughWire(MeshMessage, message)),
      // Its process ends, and the fleet sees it.
      drained: () => this.#world.kernel.after(0, () => this.#world.crashServer(this)),
      event: (name, fields) => {
        this.#world.trace(this.id, name, fields);
        if (name === 'game-error') this.#world.note.fault(`${this.id}: ${String(fields.hook)} throws ${String(fields.error)}`);
      },
    };
  }

  #dialPeer(server: string): void {
    const { kernel, network } = this.#world;
    const life = this.process.life;
    kernel.after(network.delayMs(), () =>
      this.process.input(() => {
        const other = this.#world.servers.get(server);
        if (!other?.process.alive || other.process.paused || this.#peers.has(server)) return;
        const link: MeshLink = new SimLink(network, this.meshEnd(server), other.meshEnd(this.id), true);
        this.meshLinked(server, (message) => link.sendFar(message));
        other.meshLinked(this.id, (message) => link.sendNear(message));
      }, life),
    );
  }

  /** Tells the checkers what has just been simulated, and at which epoch. */
  #simulated(): void {
    const { note } = this.#world;
    for (const region of this.engine?.regions.values() ?? []) {
      if (region.phase !== 'active') continue;
      for (const group of region.groups.values()) {
        if (!group.frozen && group.claimed) note.simulated(this.id, this.process.life, group.id, group.epoch);
      }
    }
  }
}
