/** Lobbies: who comes is seated, with all of their party, on a persistent server; a new one is asked for where none has room. */
import type { GameServerPort, GameServers, Sessions } from '@horizon-atlas/protocol';
import { type Refusal, refuse } from './core/admission.ts';
import { chooseLobby, type LobbySeat, type LobbySettings, limits, lobbyServers, requestPrefix, takenOn } from './core/lobby.ts';

export interface LobbyNeeds {
  readonly sessions: Sessions;
  readonly servers: GameServers;
  newId(prefix: string): string;
  nowMs(): number;
}

export interface LobbyView {
  readonly name: string;
  readonly fleet: string;
  readonly capacity: number;
  readonly queues: readonly string[];
  readonly servers: readonly { readonly id: string; readonly state: string; readonly players: number }[];
  readonly players: number;
}

export interface LobbyPlace {
  readonly server: string;
  readonly fleet: string;
  readonly ports: readonly GameServerPort[];
  readonly request: string;
}

export const lobbyPolicy = {
  /** For a new server; beyond, LOBBY_FULL. */
  waitMs: 10_000,
  /** A lobby server without anybody is given back after this, unless it is the last one. */
  emptyMs: 300_000,
} as const;

export class Lobbies {
  readonly #needs: LobbyNeeds;
  readonly #settings: ReadonlyMap<string, LobbySettings>;
  #seats: LobbySeat[] = [];
  /** One request for a server of a lobby at a time: who comes meanwhile gets a seat on it. */
  readonly #opening = new Map<string, Promise<({ readonly ok: true } & LobbyPlace) | Refusal>>();
  readonly #emptySince = new Map<string, number>();

  constructor(needs: LobbyNeeds, lobbies: readonly LobbySettings[]) {
    this.#needs = needs;
    this.#settings = new Map(lobbies.map((lobby) => [lobby.name, lobby]));
  }

  list(): readonly LobbyView[] {
    const nowMs = this.#needs.nowMs();
    return [...this.#settings.values()].map((lobby) => {
      const servers = lobbyServers(lobby, this.#needs.servers.list(lobby.fleet)).map((server) => ({
        id: server.id,
        state: server.state,
        players: takenOn(server, this.#seats, nowMs),
      }));
      const { name, fleet, capacity, queues } = lobby;
      return { name, fleet, capacity, queues, servers, players: servers.reduce((sum, { players }) => sum + players, 0) };
    });
  }

  /** A place for all of them on one server. */
  async join(name: string, players: readonly string[]): Promise<({ readonly ok: true } & LobbyPlace) | Refusal> {
    const lobby = this.#settings.get(name);
    if (!lobby)
      return refuse('LOBBY_UNKNOWN', `there is no lobby ${name}; there are ${[...this.#settings.keys()].join(', ') || 'none'}`);
    if (players.length > lobby.capacity) return refuse('LOBBY_FULL', `a lobby server has ${lobby.capacity} places`);
    const deadline = this.#needs.nowMs() + lobbyPolicy.waitMs;
    for (;;) {
      const place = this.#seat(lobby, players);
      if (place) return { ok: true, ...place };
      if (this.#needs.nowMs() >= deadline)
        return refuse('LOBBY_FULL', `no server of lobby ${name} has room for ${players.length}`);
      const others = this.#opening.get(name);
      const opening = others ?? this.#open(lobby, players).finally(() => this.#opening.delete(name));
      this.#opening.set(name, opening);
      const opened = await opening;
      if (!opened.ok) return opened;
      if (others) continue;
      this.#sit(players, opened.server);
      return opened;
    }
  }

  /** Which queues the lobby leads to; undefined: there is no such lobby. */
  queuesOf(name: string): readonly string[] | undefined {
    return this.#settings.get(name)?.queues;
  }

  /** Gives back servers that nobody needs. */
  tidy(): void {
    const nowMs = this.#needs.nowMs();
    this.#seats = this.#seats.filter(({ untilMs }) => untilMs > nowMs);
    for (const lobby of this.#settings.values()) {
      const servers = lobbyServers(lobby, this.#needs.servers.list(lobby.fleet));
      let left = servers.length;
      for (const server of servers) {
        if (takenOn(server, this.#seats, nowMs) > 0) {
          this.#emptySince.delete(server.id);
          continue;
        }
        const since = this.#emptySince.get(server.id) ?? nowMs;
        this.#emptySince.set(server.id, since);
        if (left <= 1 || nowMs - since < lobbyPolicy.emptyMs) continue;
        left--;
        for (const request of server.allocations) {
          if (request.startsWith(requestPrefix(lobby.name))) this.#needs.sessions.release(request);
        }
        this.#emptySince.delete(server.id);
      }
    }
  }

  #seat(lobby: LobbySettings, players: readonly string[]): LobbyPlace | undefined {
    const nowMs = this.#needs.nowMs();
    // Whoever is sent anew gives the former seat up.
    this.#seats = this.#seats.filter(({ player, untilMs }) => untilMs > nowMs && !players.includes(player));
    const server = chooseLobby(lobby, this.#needs.servers.list(lobby.fleet), this.#seats, players.length, nowMs);
    if (!server) return undefined;
    const request = server.allocations.find((each) => each.startsWith(requestPrefix(lobby.name))) ?? '';
    this.#sit(players, server.id);
    return { server: server.id, fleet: lobby.fleet, ports: server.ports, request };
  }

  #sit(players: readonly string[], server: string): void {
    const untilMs = this.#needs.nowMs() + limits.seatMs;
    this.#seats.push(...players.map((player) => ({ player, server, untilMs })));
  }

  async #open(lobby: LobbySettings, players: readonly string[]): Promise<({ readonly ok: true } & LobbyPlace) | Refusal> {
    const requestId = `${requestPrefix(lobby.name)}${this.#needs.newId('lobby')}`;
    const answer = await this.#needs.sessions.request({
      requestId,
      fleet: lobby.fleet,
      players,
      session: { lobby: lobby.name, capacity: lobby.capacity, queues: lobby.queues },
      waitMs: lobbyPolicy.waitMs,
      leaseMs: 0,
    });
    if (!answer.ok) return refuse('LOBBY_FULL', `no server for lobby ${lobby.name}: ${answer.message} (${answer.code})`);
    const { server, fleet, ports } = answer;
    return { ok: true, server, fleet, ports, request: requestId };
  }
}
