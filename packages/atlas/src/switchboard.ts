/**
 * Who hears what: messages of game servers and gateways go to regions, fleet, ledger and the status board, and answers go back. Nothing is
 * decided here.
 */
import { unreachable } from '@horizon-atlas/base';
import type { Fleet } from '@horizon-atlas/fleet';
import type { Ledger } from '@horizon-atlas/ledger';
import type { Bus, Clock, Links, Probe } from '@horizon-atlas/ports';
import {
  ControlToGateway,
  ControlToServer,
  GatewayToControl,
  LINK_PROTOCOL,
  ServerToControl,
  type SpanRecord,
} from '@horizon-atlas/protocol';
import type { Regions } from '@horizon-atlas/regions';
import { type Hub, makeHub } from './hub.ts';
import { publishClientEvent } from './listeners.ts';
import type { Live } from './live/live.ts';
import { sockets, unixAddress } from './processes.ts';
import type { SigningKey } from './secrets.ts';
import type { StatusBoard } from './status-board.ts';
import type { SpanOrigin } from './telemetry.ts';

export interface SwitchboardDeps {
  readonly clock: Clock;
  readonly links: Links;
  /** The folder of the sockets. */
  readonly sockets: string;
  readonly probe: Probe;
  readonly bus: Bus;
  readonly keys: readonly SigningKey[];
  readonly gateways: readonly string[];
  readonly ledger: Ledger;
  readonly board: StatusBoard;
  /** Takes what others have measured of sampled traces. */
  readonly spans: (from: SpanOrigin, spans: readonly SpanRecord[]) => void;
  /** Those who show what happens hear everything that is meant for people. */
  readonly live: Live;
}

export const limits = {
  /** Beyond the deadline of its stop a server may take so long; then it is cut off, and fleet ends it. */
  stopSlackMs: 1_000,
} as const;

export class Switchboard {
  readonly #deps: SwitchboardDeps;
  #servers: Hub<ControlToServer> | undefined;
  #gateways: Hub<ControlToGateway> | undefined;
  /** Gateways that still have clients to let go. */
  #draining = new Set<string>();
  #drained: () => void = () => {};
  /** Servers that were told to stop. */
  readonly #stopping = new Set<string>();
  /** Those of them that did not: no link of theirs is taken any more. */
  readonly #cutOff = new Set<string>();

  constructor(deps: SwitchboardDeps) {
    this.#deps = deps;
  }

  /** Rejects with LINK_ADDRESS_IN_USE or LINK_LISTEN_FAILED. */
  async open(regions: Regions, fleet: Fleet): Promise<void> {
    const { links, probe, sockets: folder } = this.#deps;
    this.#servers = await makeHub(
      { links, probe, address: unixAddress({ sockets: folder }, sockets.servers) },
      {
        what: 'server',
        incoming: ServerToControl,
        outgoing: ControlToServer,
        identify: (message) => (message.kind === 'hello' ? { id: message.server, version: message.version } : undefined),
        heard: (server, message) => this.#fromServer(server, message, regions, fleet),
        lost: (server) => {
          this.#stopping.delete(server);
          this.#deps.board.lost(server);
          fleet.onServerDown(server);
          regions.serverDown(server);
        },
      },
    );
    this.#gateways = await makeHub(
      { links, probe, address: unixAddress({ sockets: folder }, sockets.gateways) },
      {
        what: 'gateway',
        incoming: GatewayToControl,
        outgoing: ControlToGateway,
        identify: (message) => (message.kind === 'hello' ? { id: message.gateway, version: message.version } : undefined),
        heard: (gateway, message) => this.#fromGateway(gateway, message, regions, fleet),
        lost: (gateway) => {
          this.#deps.board.lost(gateway);
          this.#deps.live.gatewayLost(gateway);
          fleet.onServerDown(gateway);
          regions.gatewayDown(gateway);
          this.#doneDraining(gateway);
        },
      },
    );
  }

  toServer(server: string, message: ControlToServer): void {
    if (message.kind === 'stop') this.#enforceStop(server, message.deadlineMs);
    this.#servers?.send(server, message);
  }

  toServers(message: ControlToServer): void {
    this.#servers?.sendAll(message);
  }

  /** `*`: to all. */
  toGateway(gateway: string, message: ControlToGateway): void {
    if (gateway === '*') this.#gateways?.sendAll(message);
    else this.#gateways?.send(gateway, message);
  }

  relink(): void {
    this.#servers?.relink();
    this.#gateways?.relink();
  }

  /** Gateways tell their clients, and resolve when the last one is gone, or after `deadlineMs`. */
  async drainGateways(deadlineMs: number): Promise<void> {
    const { clock } = this.#deps;
    this.#draining = new Set(this.#gateways?.ids ?? []);
    if (this.#draining.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.at(clock.now() + deadlineMs, () => this.#drained());
      this.#drained = () => {
        cancel();
        resolve();
      };
      this.#gateways?.sendAll({ kind: 'drain', deadlineMs });
    });
  }

  /** Nobody is waited for any longer. */
  hurry(): void {
    this.#drained();
  }

  async close(): Promise<void> {
    await Promise.all([this.#servers?.close(), this.#gateways?.close()]);
  }

  #fromServer(server: string, message: ServerToControl, regions: Regions, fleet: Fleet): void {
    const { board, live } = this.#deps;
    switch (message.kind) {
      case 'hello':
        if (!fleet.knows(server) || this.#cutOff.has(server)) {
          this.#servers?.drop(server, 'SERVER_UNKNOWN', 'this Atlas has not started it, or has given it up');
          return;
        }
        fleet.onServerUp(server, { pid: message.pid, address: message.address });
        regions.fromServer(server, message);
        return;
      case 'heartbeat':
        board.heard(server, message);
        regions.fromServer(server, message);
        return;
      case 'positions':
        live.fromServer(server, message);
        regions.fromServer(server, message);
        return;
      case 'placed':
        live.fromServer(server, message);
        return;
      case 'transfer':
        void this.#transfer(server, message);
        return;
      case 'balances':
        void this.#balances(server, message);
        return;
      case 'spans':
        this.#deps.spans({ role: 'server', id: server }, message.spans);
        return;
      default:
        fleet.onServerMessage(server, message);
        regions.fromServer(server, message);
    }
  }

  #fromGateway(gateway: string, message: GatewayToControl, regions: Regions, fleet: Fleet): void {
    const { board, keys, gateways, live, probe } = this.#deps;
    switch (message.kind) {
      case 'hello':
        if (!fleet.knows(gateway)) {
          this.#gateways?.drop(gateway, 'SERVER_UNKNOWN', 'this Atlas has not started it, or has given it up');
          return;
        }
        fleet.onServerUp(gateway, { pid: message.pid, address: message.url });
        this.toGateway(gateway, {
          kind: 'hello',
          version: LINK_PROTOCOL,
          keys: keys.map(({ key, secret }) => ({ key, secret })),
          gateways: [...gateways],
        });
        regions.fromGateway(gateway, message);
        return;
      case 'join':
      case 'confirmed':
      case 'locate':
        regions.fromGateway(gateway, message);
        return;
      case 'stats':
        board.heard(gateway, message);
        live.fromGateway(gateway, message);
        return;
      case 'sessions':
        live.fromGateway(gateway, message);
        return;
      case 'drained':
        fleet.onServerMessage(gateway, message);
        live.fromGateway(gateway, message);
        this.#doneDraining(gateway);
        return;
      case 'closed':
        probe.count('atlas_connections_closed_total', 1, { code: message.code === '' ? 'NONE' : message.code });
        live.fromGateway(gateway, message);
        return;
      case 'spans':
        this.#deps.spans({ role: 'gateway', id: gateway }, message.spans);
        return;
      case 'clientEvent':
        publishClientEvent(this.#deps.bus, message);
        return;
      default:
        unreachable(message);
    }
  }

  /** To be told is not to go: who is still linked after the deadline has lost its link for good, and for fleet that is a server that hangs. */
  #enforceStop(server: string, deadlineMs: number): void {
    if (this.#stopping.has(server)) return;
    const { clock } = this.#deps;
    this.#stopping.add(server);
    clock.at(clock.now() + deadlineMs + limits.stopSlackMs, () => {
      if (!this.#stopping.has(server)) return;
      this.#cutOff.add(server);
      this.#servers?.drop(server, 'SERVER_UNKNOWN', 'it was told to stop, and did not');
    });
  }

  #doneDraining(gateway: string): void {
    if (this.#draining.delete(gateway) && this.#draining.size === 0) this.#drained();
  }

  async #transfer(server: string, { id, moves }: Extract<ServerToControl, { kind: 'transfer' }>): Promise<void> {
    const { ok, code } = await this.#deps.ledger.transfer({ id, moves });
    // These are no decision: the server asks again with the same id.
    if (code === 'STORE_CONFLICT' || code === 'STORE_FULL' || code === 'STORE_UNAVAILABLE') return;
    this.toServer(server, { kind: 'transferResult', id, ok, code });
  }

  async #balances(server: string, { request, holder }: Extract<ServerToControl, { kind: 'balances' }>): Promise<void> {
    try {
      const items = await this.#deps.ledger.balances(holder);
      this.toServer(server, { kind: 'balancesResult', request, items: items.map(({ item, amount }) => ({ item, amount })) });
    } catch (error) {
      this.#deps.probe.event('balances_failed', { holder, error: String(error) });
    }
  }
}
