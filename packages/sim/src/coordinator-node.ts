/** The control plane's process of a simulated world: the real coordinator on the simulated disk, and a fleet of the simplest kind. */
import {
  type ControlToGateway,
  ControlToServer,
  decodeRecord,
  type GatewayToControl,
  keys,
  LINK_PROTOCOL,
  type ServerToControl,
  WantRecord,
} from '@horizon-atlas/protocol';
import { Coordinator, type CoordinatorOut } from '@horizon-atlas/regions';
import { Process } from './kernel.ts';
import type { End, SimLink } from './network.ts';
import type { BankQuestion, World } from './world.ts';

export type GatewayControlLink = SimLink<GatewayToControl, ControlToGateway>;
export type ServerControlLink = SimLink<ServerToControl, ControlToServer>;

export class CoordinatorNode {
  readonly process: Process;
  engine: Coordinator | undefined;
  readonly #world: World;
  readonly #gateways = new Map<string, GatewayControlLink>();
  readonly #servers = new Map<string, ServerControlLink>();

  constructor(world: World) {
    this.#world = world;
    this.process = new Process('control', world.kernel);
  }

  start(): void {
    this.#gateways.clear();
    this.#servers.clear();
    const engine = new Coordinator({ world: this.#world.places, policy: this.#world.regionsPolicy }, this.#out());
    this.engine = engine;
    this.process.start({
      get dueMs() {
        return engine.dueMs;
      },
      tick: (nowMs) => engine.tick(nowMs),
    });
    this.process.input(() => engine.start(this.#world.kernel.nowMs));
  }

  crash(): void {
    this.process.crash();
    this.engine = undefined;
    this.#world.network.died(this.process);
  }

  /** Answers with the coordinator's end of a link; `linked` is told the link itself once it is made. */
  acceptGateway(gateway: string): { end: End<GatewayToControl>; linked: (link: GatewayControlLink) => void } {
    let own: GatewayControlLink | undefined;
    const end: End<GatewayToControl> = {
      process: this.process,
      onMessage: (message) => this.engine?.fromGateway(gateway, message, this.#world.kernel.nowMs),
      onClose: () => {
        // The hub has taken a newer link in the meantime.
        if (this.#gateways.get(gateway) !== own) return;
        this.#gateways.delete(gateway);
        this.engine?.gatewayDown(gateway, this.#world.kernel.nowMs);
      },
    };
    const linked = (link: GatewayControlLink) => {
      own = link;
      this.#gatewayLinked(gateway, link);
    };
    return { end, linked };
  }

  #gatewayLinked(gateway: string, link: GatewayControlLink): void {
    this.#gateways.get(gateway)?.cut();
    this.#gateways.set(gateway, link);
    // What a hub says to whoever dials it: the keys that sign resume tokens, and where the other gateways are.
    link.sendNear({ kind: 'hello', version: LINK_PROTOCOL, keys: [], gateways: this.#world.gateways.map(({ url }) => url) });
  }

  acceptServer(server: string): { end: End<ServerToControl>; linked: (link: ServerControlLink) => void } {
    let own: ServerControlLink | undefined;
    const end: End<ServerToControl> = {
      process: this.process,
      onMessage: (message) => {
        this.#world.reached(message.kind, server);
        this.#world.note.said(message);
        if (message.kind === 'transfer' || message.kind === 'balances') this.#asked(server, message);
        else if (message.kind === 'hello') this.engine?.serverUp(server, message, this.#world.kernel.nowMs);
        else this.engine?.fromServer(server, message, this.#world.kernel.nowMs);
      },
      onClose: () => {
        if (this.#servers.get(server) !== own) return;
        this.#servers.delete(server);
        this.engine?.serverDown(server, this.#world.kernel.nowMs);
      },
    };
    const linked = (link: ServerControlLink) => {
      own = link;
      this.#servers.get(server)?.cut();
      this.#servers.set(server, link);
    };
    return { end, linked };
  }

  #asked(server: string, question: BankQuestion): void {
    const answer = this.#world.bank?.(question);
    if (answer) this.#servers.get(server)?.sendNear(this.#world.throughWire(ControlToServer, answer));
  }

  #toGateway(gateway: string, message: ControlToGateway): void {
    this.#world.trace('control', `${message.kind}>${gateway}`, message as unknown as Readonly<Record<string, unknown>>);
    if (gateway === '*') for (const link of this.#gateways.values()) link.sendNear(message);
    else this.#gateways.get(gateway)?.sendNear(message);
  }

  #out(): CoordinatorOut {
    const { disk, kernel } = this.#world;
    return {
      toServer: (server, wanted) => {
        const { taps } = this.#world;
        const message = taps.toServer ? taps.toServer(wanted) : wanted;
        if (!message) return;
        this.#world.reached(message.kind, server);
        this.#servers.get(server)?.sendNear(this.#world.throughWire(ControlToServer, message));
      },
      toGateway: (gateway, wanted) => {
        const { taps } = this.#world;
        for (const message of taps.toGateway ? taps.toGateway(wanted) : [wanted]) this.#toGateway(gateway, message);
      },
      transact: (token, ops, conditions) =>
        disk.transact(this.process, this.#world.taps.ops?.(ops) ?? ops, conditions, (result) =>
          this.engine?.stored(token, result, kernel.nowMs),
        ),
      read: (token, wanted) =>
        disk.read(this.process, wanted, (records) => this.engine?.recordRead(token, records, kernel.nowMs)),
      list: (token, prefixes) =>
        disk.list(this.process, prefixes, (records) => this.engine?.recordRead(token, records, kernel.nowMs)),
      event: (name, fields) => {
        this.#world.trace('control', name, fields);
        if (name === 'server.emptied') this.#world.fleet.retire(String(fields.server));
      },
    };
  }
}

const RETIRE_MS = 1_000;

/**
 * The fleet of a simulated world, which is not under test here (its own life machine has its own stories): it keeps one spare
 * server more than there are regions without one, gives a server the region that the want names, and ends what nobody wants.
 */
export class SimFleet {
  readonly #world: World;
  /** Region → the server that it names, or empty: any will do. */
  readonly #wants = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Called for every committed change of a want record. */
  want(key: string, value: Uint8Array | undefined): void {
    const region = key.slice(keys.want('').length);
    const record = value && decodeRecord(WantRecord, value);
    if (record) this.#wants.set(region, record.server);
    else this.#wants.delete(region);
    this.#world.kernel.after(1, () => this.reconcile());
  }

  /** It has given away what it played, as an operator wanted. One that nobody stops would fill the place of a spare for ever. */
  retire(id: string): void {
    this.#world.kernel.after(1, () => this.#world.servers.get(id)?.drain(RETIRE_MS));
  }

  reconcile(): void {
    const { servers } = this.#world;
    let missing = 1;
    const named = new Set<string>();
    for (const [region, id] of this.#wants) {
      const server = servers.get(id);
      if (!server) missing++;
      else {
        named.add(id);
        if (server.region !== region) {
          server.region = region;
          this.#world.tellServer(server);
        }
      }
    }
    for (const server of servers.values()) {
      if (server.region !== '' && !named.has(server.id)) this.#world.crashServer(server);
      else if (server.region === '') missing--;
    }
    for (; missing > 0; missing--) this.#world.startServer();
  }
}
