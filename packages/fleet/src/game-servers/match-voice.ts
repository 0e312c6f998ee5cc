/**
 * The words of a match server's link, put to the fleets' service, and what the service tells it, as the link has it. Who has a link is the business of
 * whoever holds the links.
 */
import {
  type ControlToMatchServer,
  type GameServerView,
  type GameServerWord,
  LINK_PROTOCOL,
  type MatchServerToControl,
} from '@horizon-atlas/protocol';
import type { GameServerTold } from './settings.ts';
import type { GameServersService } from './surface.ts';

/** The way back to match servers. */
export interface MatchWire {
  /** To its newest link; nothing where it has none. */
  send(server: string, message: ControlToMatchServer): void;
  drop(server: string, code: string, message: string): void;
  /** A JSON Web Key Set of join tokens. */
  readonly keys: string;
}

export function hearMatchServer(
  service: GameServersService,
  wire: MatchWire,
  server: string,
  message: MatchServerToControl,
): void {
  switch (message.kind) {
    case 'hello':
      if (!service.knows(server)) {
        wire.drop(server, 'SERVER_UNKNOWN', 'this Atlas has not started it, or has given it up');
        return;
      }
      wire.send(server, { kind: 'hello', version: LINK_PROTOCOL, keys: wire.keys });
      service.linked(server, { pid: message.pid, sessions: message.sessions });
      return;
    case 'ended': {
      const { requestId, result } = message;
      const acknowledge = () => wire.send(server, { kind: 'endedAck', requestId });
      // Of one that nobody remembers there is nothing left to wait for.
      if (!service.endSession(server, requestId, result, acknowledge)) acknowledge();
      return;
    }
    case 'places':
      service.wished(server, message.requestId, { kind: 'places', open: message.open });
      return;
    case 'gone':
      service.wished(server, message.requestId, { kind: 'left', players: message.players });
      return;
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
      wire.send(server, { kind: 'refused', what: word.say, name: 'name' in word ? word.name : '' });
    }
  }
}

export function toMatchServer(message: GameServerTold): ControlToMatchServer {
  if (message.kind === 'state') return { kind: 'state', ...stateOf(message.view) };
  if (message.kind === 'over') return { ...message, end: message.end as 'ended' };
  if (message.kind === 'session') return { ...message, players: [...message.players] };
  return message;
}

type Spoken = Exclude<MatchServerToControl, { kind: 'hello' | 'ended' | 'active' | 'ready' | 'places' | 'gone' }>;

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
