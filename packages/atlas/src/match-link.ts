/** The control plane's side of links with match servers: their words go to the fleets' service, and what the service tells them goes out. */
import {
  type GameServersService,
  type GameServerTold,
  hearMatchServer,
  type MatchWire,
  toMatchServer,
} from '@horizon-atlas/fleet';
import type { Links, Probe } from '@horizon-atlas/ports';
import { ControlToMatchServer, type JoinTokens, MatchServerToControl } from '@horizon-atlas/protocol';
import { type Hub, makeHub } from './hub.ts';

export class MatchLinks {
  #hub: Hub<ControlToMatchServer> | undefined;

  /** Rejects with LINK_ADDRESS_IN_USE or LINK_LISTEN_FAILED. */
  async open(
    deps: { readonly links: Links; readonly probe: Probe; readonly address: string },
    service: GameServersService,
    tokens: JoinTokens,
  ): Promise<void> {
    const wire: MatchWire = {
      keys: JSON.stringify({ keys: tokens.keys() }),
      send: (server, message) => void this.#hub?.send(server, message),
      drop: (server, code, message) => this.#hub?.drop(server, code, message),
    };
    this.#hub = await makeHub(deps, {
      what: 'match server',
      incoming: MatchServerToControl,
      outgoing: ControlToMatchServer,
      identify: (message) => (message.kind === 'hello' ? { id: message.server, version: message.version } : undefined),
      heard: (server, message) => hearMatchServer(service, wire, server, message),
      lost: (server) => service.unlinked(server),
    });
  }

  /** False: it has no link. */
  tell(server: string, message: GameServerTold): boolean {
    return this.#hub?.send(server, toMatchServer(message)) ?? false;
  }

  async close(): Promise<void> {
    await this.#hub?.close();
  }
}
