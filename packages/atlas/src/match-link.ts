/** The control plane's side of links with match servers: their words go to the fleets' service, and what the service tells them goes out. */
import type { GameServersService, GameServerTold } from '@horizon-atlas/fleet';
import type { Links, Probe } from '@horizon-atlas/ports';
import {
  ControlToMatchServer,
  type GameServerView,
  type GameServerWord,
  type JoinTokens,
  LINK_PROTOCOL,
  MatchServerToControl,
} from '@horizon-atlas/protocol';
import { type Hub, makeHub } from './hub.ts';

export class MatchLinks {
  #hub: Hub<ControlToMatchServer> | undefined;

  /** Rejects with LINK_ADDRESS_IN_USE or LINK_LISTEN_FAILED. */
  async open(
    deps: { readonly links: Links; readonly probe: Probe; readonly address: string },
    service: GameServersService,
    tokens: JoinTokens,
  ): Promise<void> {
    const keys = JSON.stringify({ keys: tokens.keys() });
    this.#hub = await makeHub(deps, {
      what: 'match server',
      incoming: MatchServerToControl,
      outgoing: ControlToMatchServer,
      identify: (message) => (message.kind === 'hello' ? { id: message.server, version: message.version } : undefined),
      heard: (server, message) => this.#heard(service, keys, server, message),
      lost: (server) => service.unlinked(server),
    });
  }

  /** False: it has no link. */
  tell(server: string, message: GameServerTold): boolean {
    return this.#hub?.send(server, encoded(message)) ?? false;
  }

  async close(): Promise<void> {
    await this.#hub?.close();
  }

  #heard(service: GameServersService, keys: string, server: string, message: MatchServerToControl): void {
    switch (message.kind) {
      case 'hello':
        if (!service.knows(server)) {
          this.#hub?.drop(server, 'SERVER_UNKNOWN', 'this Atlas has not started it, or has given it up');
          return;
        }
        this.#hub?.send(server, { kind: 'hello', version: LINK_PROTOCOL, keys });
        service.linked(server, { pid: message.pid, sessions: message.sessions });
        return;
      case 'ended': {
        const { requestId, result } = message;
        const acknowledge = () => void this.#hub?.send(server, { kind: 'endedAck', requestId });
        // Of one that nobody remembers there is nothing left to wait for.
        if (!service.endSession(server, requestId, result, acknowledge)) acknowledge();
        return;
      }
      case 'active':
        if (message.requestId === '') service.heard(server, { say: 'active' });
        else service.activate(message.requestId);
        return;
      case 'ready':
        // Said at each hello. Its sessions end by its word on each of them, and not by this one, as Agones' do.
        if ((service.get(server)?.allocations.length ?? 0) === 0) service.heard(server, { say: 'ready' });
        return;
      default: {
        const word = wordOf(message);
        if (service.heard(server, word)) return;
        this.#hub?.send(server, { kind: 'refused', what: word.say, name: 'name' in word ? word.name : '' });
      }
    }
  }
}

type Spoken = Exclude<MatchServerToControl, { kind: 'hello' | 'ended' | 'active' | 'ready' }>;

function wordOf(message: Spoken): GameServerWord {
  switch (message.kind) {
    case 'players': {
      const { count, capacity, names } = message;
      return {
        say: 'players',
        count,
        ...(capacity === undefined ? {} : { capacity }),
        ...(names === undefined ? {} : { names }),
      };
    }
    case 'counter':
    case 'list': {
      const { kind, ...rest } = message;
      return {
        say: kind,
        ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as typeof rest),
      } as GameServerWord;
    }
    default: {
      const { kind, ...rest } = message;
      return { say: kind, ...rest } as GameServerWord;
    }
  }
}

function encoded(message: GameServerTold): ControlToMatchServer {
  if (message.kind === 'state') return { kind: 'state', ...stateOf(message.view) };
  if (message.kind === 'over') return { ...message, end: message.end as 'ended' };
  if (message.kind === 'session') return { ...message, players: [...message.players] };
  return message;
}

function stateOf({ state, labels, annotations, counters, lists }: GameServerView) {
  const texts = (of: Readonly<Record<string, string>>) => Object.entries(of).map(([key, value]) => ({ key, value }));
  return {
    state,
    labels: texts(labels),
    annotations: texts(annotations),
    counters: Object.entries(counters).map(([name, counter]) => ({ name, ...counter })),
    lists: Object.entries(lists).map(([name, { capacity, values }]) => ({ name, capacity, values: [...values] })),
  };
}
