/**
 * An edge as a process: UDP and TCP sides between players and game servers, the folder that it goes on from, and the link to the control plane, by which it is told what
 * leads where. What it was told last holds while there is no control plane. Nothing else should run on its thread.
 */
import type { Clock, Entropy, Link, LinkAddress, Links, Probe } from '@horizon-atlas/ports';
import { ControlToEdge, type EdgeListener, type EdgeSession, EdgeToControl, LINK_PROTOCOL } from '@horizon-atlas/protocol';
import { Turn } from '@horizon-atlas/runtime';
import { Admission } from './core/admission.ts';
import { Directory } from './core/directory.ts';
import { LoopbackAddresses } from './core/loopback-addresses.ts';
import { defaultEdgePolicy, type EdgePolicy } from './core/policy.ts';
import type { UdpSession } from './core/udp-session.ts';
import { EdgeTokens } from './edge-tokens.ts';
import { Doors } from './net/doors.ts';
import type { FrontMaker } from './net/player-front.ts';
import { type TcpSession, TcpSide } from './net/tcp-side.ts';
import { UdpSide } from './net/udp-side.ts';
import type { UdpSockets } from './net/udp-sockets.ts';
import { StateFolder } from './state-folder.ts';

export interface EdgeConfig {
  /** Its id. */
  readonly edge: string;
  /** Where it keeps what the next process goes on from. */
  readonly folder: string;
  readonly control: LinkAddress;
  /** For listeners with TLS. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** How long the thread sleeps to gather datagrams, ms; 0: never. Default 0.5. */
  readonly coalesceMs?: number;
  readonly policy?: Partial<EdgePolicy>;
}

export interface EdgeHost {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly links: Links;
  readonly probe: Probe;
  readonly sockets: UdpSockets;
  /** For listeners with a front; absent: there are none. */
  readonly makeFront?: FrontMaker;
}

export interface Edge {
  /** Takes up what a former process left, and dials the control plane; resolves when what was there before can be played again. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The port that a listener really has; undefined: none yet. */
  portOf(listener: string): number | undefined;
  readonly stats: EdgeStats;
}

export type EdgeStats = Extract<EdgeToControl, { kind: 'stats' }>;

const COALESCE_MS = 0.5;
const REDIAL_MS = 200;
const TELL_MS = 1_000;
const TICK_MS = 250;
/** What is told of sessions at a time. */
const CHANGES_MAX = 4_096;
/** The same sleeper is asked for at most this often. */
const WAKE_MS = 100;

export function makeEdge(host: EdgeHost, config: EdgeConfig): Edge {
  return new EdgeService(host, config);
}

class EdgeService implements Edge {
  readonly #host: EdgeHost;
  readonly #config: EdgeConfig;
  readonly #state: StateFolder;
  readonly #directory = new Directory();
  readonly #tokens: EdgeTokens;
  readonly #turn: Turn;
  readonly #udp: UdpSide;
  readonly #tcp: TcpSide;
  readonly #doors: Doors;
  readonly #salt: number;
  #keys: readonly { readonly secret: Uint8Array }[] = [];
  #control: Link | undefined;
  #cancels = new Set<() => void>();
  #stopped = false;
  #saving = false;
  readonly #asked = new Map<string, number>();
  /** Ids that have to be told as ended, and found no room. */
  #endedLater: number[] = [];
  #changedLater: EdgeSession[] = [];

  constructor(host: EdgeHost, config: EdgeConfig) {
    const { clock, entropy } = host;
    this.#host = host;
    this.#config = config;
    this.#state = new StateFolder(config.folder);
    this.#tokens = new EdgeTokens(() => clock.wall());
    this.#turn = new Turn({ clock, coalesceMs: config.coalesceMs ?? COALESCE_MS, end: () => this.#control?.flush() });
    const policy = { ...defaultEdgePolicy, ...config.policy };
    const known = this.#state.readState();
    this.#salt = known?.salt ?? entropy.u32();
    const admission = new Admission(policy);
    const shared = {
      policy,
      directory: this.#directory,
      admission,
      loopbacks: new LoopbackAddresses(this.#salt),
      tokens: this.#tokens,
      wake: (fleet: string, server: string) => this.#wake(fleet, server),
    };
    // Numbers of two processes do not meet: sessions of the former one keep theirs.
    let lastId = Math.floor(clock.wall()) * 4;
    const nextId = (): number => ++lastId;
    this.#tcp = new TcpSide({
      ...shared,
      nextId,
      now: () => clock.now(),
      certificate: () => config.certificate,
      makeFront: host.makeFront ?? noFront,
    });
    this.#udp = new UdpSide({
      ...shared,
      nextId,
      sockets: host.sockets,
      turn: this.#turn,
      state: this.#state,
      random: () => entropy.u32(),
      vouched: (listener, address) => this.#tcp.vouched(listener, address),
    });
    this.#doors = new Doors(this.#udp, this.#tcp);
    if (known) this.#recall(known);
  }

  get stats(): EdgeStats {
    const [udp, tcp] = [this.#udp.engine, this.#tcp];
    const dropped = new Map(udp.figures.dropped);
    for (const [why, count] of tcp.figures.dropped) dropped.set(why, (dropped.get(why) ?? 0) + count);
    const { user, system } = process.cpuUsage();
    return {
      kind: 'stats',
      sessionsNow: udp.counts.sessions + tcp.counts.sessions,
      heldNow: udp.counts.held + tcp.counts.held,
      unprovenNow: udp.counts.unproven,
      sessionsTotal: udp.figures.sessionsTotal + tcp.figures.sessionsTotal,
      datagramsIn: udp.figures.datagramsIn,
      datagramsOut: udp.figures.datagramsOut,
      bytesIn: udp.figures.bytesIn + tcp.figures.bytesIn,
      bytesOut: udp.figures.bytesOut + tcp.figures.bytesOut,
      dropped: [...dropped].map(([why, count]) => ({ why, count })),
      cpuS: (user + system) / 1e6,
      memoryBytes: process.memoryUsage.rss(),
    };
  }

  portOf(listener: string): number | undefined {
    return this.#doors.portOf(listener);
  }

  async start(): Promise<void> {
    const { probe } = this.#host;
    await this.#doors.open([...this.#directory.listeners.values()]);
    let restored = 0;
    for (const record of this.#state.readSessions()) {
      if (this.#udp.engine.restore(record, this.#host.clock.now())) restored++;
      else this.#state.forget(record.session);
    }
    probe.event('edge_started', { edge: this.#config.edge, restored });
    this.#dial();
    this.#every(TELL_MS, () => this.#tell(false));
    this.#every(TICK_MS, () => {
      const nowMs = this.#turn.enter();
      this.#udp.engine.tick(nowMs);
      this.#tcp.tick(nowMs);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
    this.#turn.stop();
    this.#save();
    this.#control?.close({ code: 'LINK_LOST', message: 'the edge ends' });
    this.#udp.close();
    this.#tcp.close();
    // Sessions stay in the folder: the next process goes on with them.
    this.#state.close();
  }

  #recall({ keys, listeners, targets }: NonNullable<ReturnType<StateFolder['readState']>>): void {
    this.#keys = keys.map(({ secret }) => ({ secret: new Uint8Array(Buffer.from(secret, 'base64')) }));
    this.#tokens.useKeys(this.#keys);
    this.#directory.setListeners(listeners);
    this.#directory.setTargets(true, targets);
  }

  #save(): void {
    const keys = this.#keys.map(({ secret }) => ({ secret: Buffer.from(secret).toString('base64') }));
    const listeners = [...this.#directory.listeners.values()].map((each) => this.#pinned(each));
    this.#state.writeState({ salt: this.#salt, keys, listeners, targets: this.#directory.targets });
  }

  /** A port that the system picked is asked for again by the next process: players know it by now. */
  #pinned(listener: EdgeListener): EdgeListener {
    return listener.listenPort === 0 ? { ...listener, listenPort: this.#doors.portOf(listener.listener) ?? 0 } : listener;
  }

  /** Soon, and once for many changes. */
  #saveSoon(): void {
    if (this.#saving || this.#stopped) return;
    this.#saving = true;
    const { clock } = this.#host;
    clock.at(clock.now() + 50, () => {
      this.#saving = false;
      if (!this.#stopped) this.#save();
    });
  }

  // ---- the control plane -------------------------------------------------------------------------------------------

  #dial(): void {
    if (this.#stopped) return;
    const { links, clock, probe } = this.#host;
    const again = (): void => void clock.at(clock.now() + REDIAL_MS, () => this.#dial());
    links.dial(this.#config.control).then((link) => {
      if (this.#stopped) return link.close({ code: 'LINK_LOST', message: 'the edge ends' });
      this.#control = link;
      link.onFrame((frame) => this.#hear(link, frame));
      link.onClose((reason) => {
        this.#control = undefined;
        if (this.#stopped) return;
        probe.event('edge_control_lost', { ...reason });
        again();
      });
      this.#say({ kind: 'hello', edge: this.#config.edge, version: LINK_PROTOCOL, pid: process.pid, address: '' });
      this.#tellListening();
      this.#tell(true);
    }, again);
  }

  #hear(link: Link, frame: Uint8Array): void {
    const message = ControlToEdge.decode(frame);
    if (!message) return link.close({ code: 'LINK_FRAME_INVALID', message: 'a frame of the control plane is malformed' });
    const nowMs = this.#turn.enter();
    const { engine } = this.#udp;
    switch (message.kind) {
      case 'hello':
        this.#keys = message.keys;
        this.#tokens.useKeys(message.keys);
        return this.#saveSoon();
      case 'listeners':
        return void this.#useListeners(message.listeners);
      case 'targets': {
        const gone = this.#directory.setTargets(message.all, message.targets);
        const changed = message.targets.map(({ server }) => server);
        engine.targetsChanged(changed, gone, nowMs);
        this.#tcp.targetsChanged();
        return this.#saveSoon();
      }
      case 'gone':
        this.#directory.remove(message.server);
        engine.targetsChanged([], [message.server], nowMs);
        this.#tcp.targetsChanged();
        return this.#saveSoon();
      case 'notWoken':
        engine.notWoken(message.fleet, message.server, nowMs);
        return this.#tcp.notWoken(message.fleet, message.server);
      case 'end':
        if (!engine.end(message.session)) this.#tcp.end(message.session);
        return;
      case 'move':
        return void this.#move(message, nowMs);
    }
  }

  async #move({ move, session, server }: Extract<ControlToEdge, { kind: 'move' }>, nowMs: number): Promise<void> {
    const why =
      this.#udp.engine.move(session, server, nowMs) ??
      (await this.#tcp.move(session, server).then(
        () => '',
        (error: Error) => error.message,
      ));
    // What it is now is told before the answer, so that who reads the answer finds it so.
    if (why === '') this.#tell(false);
    this.#say({ kind: 'moved', move, code: why === '' ? '' : 'MOVE_FAILED', message: why.slice(0, 500) });
  }

  async #useListeners(listeners: readonly EdgeListener[]): Promise<void> {
    this.#directory.setListeners(listeners);
    this.#udp.engine.listenersChanged();
    await this.#doors.open(listeners);
    this.#tellListening();
    this.#saveSoon();
  }

  #wake(fleet: string, server: string): void {
    const key = `${fleet}/${server}`;
    const nowMs = this.#host.clock.now();
    if (nowMs - (this.#asked.get(key) ?? Number.NEGATIVE_INFINITY) < WAKE_MS) return;
    this.#asked.set(key, nowMs);
    this.#say({ kind: 'wake', fleet, server });
  }

  #tellListening(): void {
    this.#say({ kind: 'listening', listeners: [...this.#doors.told] });
  }

  #tell(listing: boolean): void {
    if (!this.#control) return;
    if (!listing) this.#say(this.stats);
    const [udp, tcp] = [this.#udp.engine.takeChanges(listing), this.#tcp.takeChanges(listing)];
    const nowMs = this.#host.clock.now();
    const wallMs = this.#host.clock.wall();
    const began = (sinceMs: number): number => Math.max(0, Math.floor(wallMs - (nowMs - sinceMs)));
    const fresh = [...udp.changed.map((each) => udpView(each, began)), ...tcp.changed.map((each) => tcpView(each, began))];
    const changed = listing ? fresh : [...this.#changedLater, ...fresh];
    const ended = listing ? [] : [...this.#endedLater, ...udp.ended, ...tcp.ended];
    this.#changedLater = changed.splice(CHANGES_MAX);
    this.#endedLater = ended.splice(CHANGES_MAX);
    if (listing || changed.length > 0 || ended.length > 0) this.#say({ kind: 'sessions', listing, changed, ended });
  }

  #say(message: EdgeToControl): void {
    this.#control?.send(EdgeToControl.encode(message));
  }

  #every(ms: number, fn: () => void): void {
    const { clock } = this.#host;
    let cancel = (): void => {};
    const next = (): void => {
      this.#cancels.delete(cancel);
      cancel = clock.at(clock.now() + ms, () => {
        fn();
        if (!this.#stopped) next();
      });
      this.#cancels.add(cancel);
    };
    next();
  }
}

const noFront: FrontMaker = () => Promise.reject(new Error('this edge has no front for any game'));

function udpView(session: UdpSession, began: (sinceMs: number) => number): EdgeSession {
  const { id, listener, place, wanted, player, peer, peerPort, upstream, held, proven, sinceMs } = session;
  return {
    session: id,
    listener: listener.listener,
    protocol: 'udp',
    server: place?.server ?? wanted,
    player,
    peer: `${peer}:${peerPort}`,
    seenAs: upstream?.localPort ? `${upstream.localHost}:${upstream.localPort}` : '',
    state: held ? 'held' : proven ? 'open' : 'unproven',
    sinceMs: began(sinceMs),
  };
}

function tcpView(session: TcpSession, began: (sinceMs: number) => number): EdgeSession {
  const { id, listener, server, player, peer, peerPort, seenAs, state, sinceMs } = session;
  return {
    session: id,
    listener: listener.listener,
    protocol: listener.protocol === 'ws' ? 'ws' : 'tcp',
    server,
    player,
    peer: `${peer}:${peerPort}`,
    seenAs,
    state: state === 'held' ? 'held' : 'open',
    sinceMs: began(sinceMs),
  };
}
