/**
 * The control plane's end of the edges: which public port leads where is made of the fleets' configuration and of the game servers that there are, and told to every edge; who is
 * at a sleeping server's door wakes it; and who was given a place is told by which ways it is reached.
 */
import { EdgeTokens, edgeTokenText } from '@horizon-atlas/edges';
import type { Clock, Links, Probe } from '@horizon-atlas/ports';
import {
  ControlToEdge,
  type EdgeListener,
  type EdgeSession,
  type EdgeTarget,
  EdgeToControl,
  type GameServers,
  type GameServerView,
  LINK_PROTOCOL,
  type PortProtocol,
} from '@horizon-atlas/protocol';
import { type Hub, makeHub } from '../hub.ts';
import type { SigningKey } from '../secrets.ts';
import type { EdgePlan } from './edge-plan.ts';
import { isComing, isUp, targetOf } from './edge-target.ts';
import { PublicPorts } from './public-ports.ts';
import { type MoveOutcome, type MoveWish, SessionMoves } from './session-moves.ts';

export interface EdgeDeskDeps {
  readonly clock: Clock;
  readonly links: Links;
  readonly probe: Probe;
  /** Of the socket that edges dial. */
  readonly address: string;
  readonly keys: readonly SigningKey[];
  /** Who looks after the edges' processes. */
  readonly processes: EdgeProcesses;
  /** Somebody is at the door of a fleet without servers. False: there is no such fleet. */
  readonly knock: (fleet: string) => boolean;
  /** So many players come to the server by edges, as far as they have proved that they are there. Told when it changes. */
  readonly played: (server: string, players: number) => void;
}

export interface EdgeProcesses {
  knows(id: string): boolean;
  onServerUp(id: string, hello: { readonly pid: number; readonly address: string }): void;
  onServerDown(id: string): void;
}

/** How a game server's port is reached from outside. */
export interface PublicWay {
  readonly name: string;
  readonly protocol: PortProtocol;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Base64url, to be shown in the first bytes; undefined: the port alone leads there. */
  readonly token?: string;
}

export interface EdgeView {
  readonly id: string;
  readonly pid: number;
  readonly listeners: readonly {
    readonly listener: string;
    readonly port: number;
    readonly code: string;
    readonly message: string;
  }[];
  readonly stats: Extract<EdgeToControl, { kind: 'stats' }> | undefined;
  readonly sessions: readonly EdgeSession[];
}

interface Linked {
  pid: number;
  /** Nothing is told before it has said which ports it has: they may be known to players already. */
  listening: EdgeView['listeners'] | undefined;
  stats: EdgeView['stats'];
  readonly sessions: Map<number, EdgeSession>;
}

/** How long a token is good for a first knock: as long as a join token. */
const TOKEN_S = 120;
/** Changes of game servers are told at most this often. */
const TELL_MS = 5;
const LISTENERS_MAX = 1_024;
const SESSIONS_MAX = 65_536;

export class EdgeDesk {
  readonly #deps: EdgeDeskDeps;
  readonly #plan: EdgePlan;
  readonly #servers: GameServers;
  readonly #ports: PublicPorts;
  readonly #tokens: EdgeTokens;
  readonly #moves: SessionMoves;
  readonly #edges = new Map<string, Linked>();
  /** By server: players by edges, now and as they were told. */
  readonly #players = new Map<string, number>();
  readonly #playersTold = new Map<string, number>();
  #hub: Hub<ControlToEdge> | undefined;
  /** Connections of edges whose link is lost: they end with the process, if that is what has ended. */
  readonly #cutOff = new Map<string, number>();
  #unwatch = (): void => {};
  readonly #changed = new Map<string, 'gone' | 'changed'>();
  #telling = false;
  #listenersTold = '';

  constructor(deps: EdgeDeskDeps, plan: EdgePlan, servers: GameServers) {
    this.#deps = deps;
    this.#plan = plan;
    this.#servers = servers;
    this.#ports = new PublicPorts(plan.range);
    this.#tokens = new EdgeTokens(() => deps.clock.wall(), deps.keys);
    this.#moves = new SessionMoves({
      ...{ clock: deps.clock, servers, knock: deps.knock, reaches: (fleet) => plan.told.has(fleet) },
      send: (edge, message) => {
        this.#tell();
        return this.#hub?.send(edge, { kind: 'move', ...message }) ?? false;
      },
    });
  }

  /** Rejects with LINK_ADDRESS_IN_USE or LINK_LISTEN_FAILED. */
  async open(): Promise<void> {
    const { links, probe, address, processes } = this.#deps;
    this.#hub = await makeHub<EdgeToControl, ControlToEdge>(
      { links, probe, address },
      {
        what: 'edge',
        incoming: EdgeToControl,
        outgoing: ControlToEdge,
        identify: (message) => (message.kind === 'hello' ? { id: message.edge, version: message.version } : undefined),
        heard: (edge, message) => this.#heard(edge, message),
        lost: (edge) => {
          this.#cutOff.set(edge, connectionsOf(this.#edges.get(edge)));
          this.#edges.delete(edge);
          this.#moves.lost(edge);
          processes.onServerDown(edge);
        },
      },
    );
    this.#unwatch = this.#servers.watch((view, gone) => this.#serverChanged(view, gone));
  }

  async close(): Promise<void> {
    this.#unwatch();
    await this.#hub?.close();
  }

  get edges(): readonly EdgeView[] {
    return [...this.#edges].map(([id, { pid, listening, stats, sessions }]) => ({
      id,
      pid,
      listeners: listening ?? [],
      stats,
      sessions: [...sessions.values()],
    }));
  }

  /** Whether it is a game server of a fleet with public ports. */
  knows(server: string): boolean {
    const view = this.#servers.get(server);
    return view !== undefined && this.#plan.fleets.has(view.fleet);
  }

  /** How a player gets to a server; empty where its fleet has no public ports. The tokens are new ones, good for two minutes. */
  waysTo(server: string, player = ''): readonly PublicWay[] {
    const view = this.#servers.get(server);
    if (!view) return [];
    return this.#listenersOf(view).flatMap((listener) => {
      const port = this.#portOf(listener);
      if (port === 0) return [];
      const { port: name, protocol, tls, route } = listener;
      const token = route === 'token' ? { token: edgeTokenText(this.#tokens.seal({ server, player, validS: TOKEN_S })) } : {};
      return [{ name, protocol, host: this.#plan.publicHost, port, tls, ...token }];
    });
  }

  /** Ends a session; its player may come again. False: there is none of that number. */
  endSession(session: number): boolean {
    const found = [...this.#edges].find(([, { sessions }]) => sessions.has(session));
    return found !== undefined && (this.#hub?.send(found[0], { kind: 'end', session, code: 'SESSION_KICKED' }) ?? false);
  }

  /** Has a player go on at another server. Rejects never. */
  async move(session: number, wish: MoveWish): Promise<MoveOutcome> {
    for (const [edge, { sessions }] of this.#edges) {
      const found = sessions.get(session);
      const listener = found && this.#listeners().find((each) => each.listener === found.listener);
      if (listener) return this.#moves.move(edge, found, listener, wish);
    }
    return { ok: false, code: 'NOT_FOUND', message: `there is no way ${session} through an edge` };
  }

  movable({ protocol, listener }: EdgeSession): boolean {
    return protocol === 'udp' || this.#plan.fronts.has(listener.split('/', 2).join('/'));
  }

  // ---- edges -------------------------------------------------------------------------------------------------------

  #heard(edge: string, message: EdgeToControl): void {
    const { processes, keys, probe } = this.#deps;
    if (message.kind === 'hello') {
      if (!processes.knows(edge)) {
        this.#hub?.drop(edge, 'SERVER_UNKNOWN', 'this Atlas has not started it, or has given it up');
        return;
      }
      this.#tellCutOff(edge);
      this.#edges.set(edge, { pid: message.pid, listening: undefined, stats: undefined, sessions: new Map() });
      processes.onServerUp(edge, { pid: message.pid, address: message.address });
      this.#hub?.send(edge, {
        kind: 'hello',
        version: LINK_PROTOCOL,
        keys: keys.map(({ key, secret }) => ({ key, secret })),
      });
      return;
    }
    const linked = this.#edges.get(edge);
    if (!linked) return;
    switch (message.kind) {
      case 'listening':
        return this.#listening(edge, linked, message.listeners);
      case 'wake':
        return this.#wake(message.fleet, message.server);
      case 'moved':
        return this.#moves.moved(message.move, message.code, message.message);
      case 'stats': {
        linked.stats = message;
        return;
      }
      case 'sessions':
        this.#played(linked, message);
        if (linked.sessions.size > SESSIONS_MAX) probe.event('edge_sessions_many', { edge, sessions: linked.sessions.size });
    }
  }

  /** UDP sessions outlive an edge's process; connections do not, and people should know why players are gone. */
  #tellCutOff(edge: string): void {
    this.#cutOff.delete(edge);
    for (const [former, connections] of this.#cutOff) {
      if (this.#deps.processes.knows(former)) continue;
      this.#cutOff.delete(former);
      if (connections > 0) this.#deps.probe.event('edge_connections_lost', { edge: former, connections });
    }
  }

  /** While an edge is away its players are taken to play on, as they do. */
  #played({ sessions }: Linked, { listing, changed, ended }: Extract<EdgeToControl, { kind: 'sessions' }>): void {
    const touched = new Set<string>();
    const put = (id: number, session: EdgeSession | undefined): void => {
      for (const [each, by] of [
        [sessions.get(id), -1],
        [session, 1],
      ] as const) {
        if (each?.state !== 'open' || each.server === '') continue;
        this.#players.set(each.server, (this.#players.get(each.server) ?? 0) + by);
        touched.add(each.server);
      }
      if (session) sessions.set(id, session);
      else sessions.delete(id);
    };
    if (listing) {
      // All that it has: what a former process of it had, and this one has not, is over.
      for (const server of this.#players.keys()) touched.add(server);
      sessions.clear();
      this.#players.clear();
      for (const other of this.#edges.values())
        for (const { state, server } of other.sessions.values())
          if (state === 'open') this.#players.set(server, (this.#players.get(server) ?? 0) + 1);
    }
    for (const session of changed) put(session.session, session);
    for (const session of ended) put(session, undefined);
    for (const server of touched) {
      const players = this.#players.get(server) ?? 0;
      if (players === 0) this.#players.delete(server);
      if (players !== (this.#playersTold.get(server) ?? 0)) this.#deps.played(server, players);
      if (players === 0) this.#playersTold.delete(server);
      else this.#playersTold.set(server, players);
    }
  }

  #listening(edge: string, linked: Linked, listeners: EdgeView['listeners']): void {
    const first = linked.listening === undefined;
    linked.listening = listeners;
    for (const { listener, port, code, message } of listeners) {
      if (port !== 0) this.#ports.adopt(listener, port);
      if (code !== '') this.#deps.probe.event('edge_port_failed', { edge, listener, code, message });
    }
    if (!first) return;
    this.#hub?.send(edge, { kind: 'targets', all: true, targets: this.#targets() });
    this.#hub?.send(edge, { kind: 'listeners', listeners: this.#listeners() });
  }

  /** Of servers that are on their way already nothing has to be asked; who waits goes on when they are there. */
  #wake(fleet: string, server: string): void {
    const all = this.#servers.list(fleet).filter(({ id }) => server === '' || id === server);
    const refused = (code: string): void => void this.#hub?.sendAll({ kind: 'notWoken', fleet, server, code });
    if (all.some(({ state }) => isUp(state) || isComing(state))) return;
    const asleep = all.find(({ state }) => state === 'Sleeping');
    // None at all: one is made.
    if (!asleep) return server === '' && this.#deps.knock(fleet) ? undefined : refused('PROCESS_UNKNOWN');
    const why = this.#servers.wake(asleep.id);
    if (why !== undefined) refused(why);
  }

  // ---- game servers ------------------------------------------------------------------------------------------------

  #serverChanged(view: GameServerView, gone: boolean): void {
    if (!this.#plan.told.has(view.fleet)) return;
    this.#changed.set(view.id, gone ? 'gone' : 'changed');
    if (this.#telling) return;
    this.#telling = true;
    const { clock } = this.#deps;
    clock.at(clock.now() + TELL_MS, () => this.#tell());
  }

  /** What has changed since it was told last, if anything has. */
  #tell(): void {
    if (!this.#telling) return;
    this.#telling = false;
    const targets: EdgeTarget[] = [];
    for (const [server, what] of this.#changed) {
      const view = what === 'gone' ? undefined : this.#servers.get(server);
      const target = view && targetOf(view);
      if (target) targets.push(target);
      else {
        this.#ports.release(server);
        this.#hub?.sendAll({ kind: 'gone', server });
      }
    }
    this.#changed.clear();
    if (targets.length > 0) this.#hub?.sendAll({ kind: 'targets', all: false, targets });
    const listeners = this.#listeners();
    const text = JSON.stringify(listeners);
    if (text === this.#listenersTold) return;
    this.#listenersTold = text;
    this.#hub?.sendAll({ kind: 'listeners', listeners });
  }

  #targets(): EdgeTarget[] {
    return this.#views().flatMap((view) => targetOf(view) ?? []);
  }

  #views(): readonly GameServerView[] {
    return [...this.#plan.told].flatMap((fleet) => this.#servers.list(fleet));
  }

  /** Fixed ones, and one for each server where each has a public port of its own. */
  #listeners(): EdgeListener[] {
    const shared = [...this.#plan.fleets.values()].flatMap(({ shared: listeners }) =>
      listeners.flatMap((each) => this.#withPort(each)),
    );
    const own = this.#views().flatMap((view) => (targetOf(view) ? this.#ownListeners(view) : []));
    return [...shared, ...own].slice(0, LISTENERS_MAX);
  }

  #listenersOf(view: GameServerView): readonly EdgeListener[] {
    const fleet = this.#plan.fleets.get(view.fleet);
    return fleet ? [...fleet.shared.flatMap((each) => this.#withPort(each)), ...this.#ownListeners(view)] : [];
  }

  #ownListeners({ id, fleet }: GameServerView): EdgeListener[] {
    const patterns = this.#plan.fleets.get(fleet)?.own ?? [];
    return patterns.flatMap((pattern) => this.#withPort({ ...pattern, listener: `${pattern.listener}/${id}`, server: id }));
  }

  /** Nothing: all public ports are taken. */
  #withPort(listener: EdgeListener): EdgeListener[] {
    const listenPort = listener.listenPort === 0 ? this.#ports.of(listener.listener) : listener.listenPort;
    if (listenPort !== undefined) return [{ ...listener, listenPort, protocol: this.#protocolOf(listener) }];
    this.#deps.probe.event('edge_ports_full', { listener: listener.listener });
    return [];
  }

  /** A game's definition knows better than who wrote the port into the configuration. */
  #protocolOf({ fleet, port, protocol }: EdgeListener): PortProtocol {
    for (const { ports } of this.#servers.list(fleet)) {
      const found = ports.find(({ name }) => name === port);
      if (found) return found.protocol;
    }
    return protocol;
  }

  #portOf({ listener, listenPort }: EdgeListener): number {
    if (listenPort !== 0) return listenPort;
    for (const { listening } of this.#edges.values()) {
      const found = listening?.find((each) => each.listener === listener);
      if (found && found.port !== 0) return found.port;
    }
    return 0;
  }
}

function connectionsOf(edge: Linked | undefined): number {
  return [...(edge?.sessions.values() ?? [])].filter(({ protocol }) => protocol !== 'udp').length;
}
