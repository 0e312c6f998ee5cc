/**
 * A region server's decisions: told everything, doing nothing itself. See ARCHITECTURE.md for the conversation that it takes part in.
 *
 *   control ─▶ ┐                                              ┌ ─▶ control   what it holds, what it wants, checkpoints
 *   gateways ▶ ├ fromX(…, nowMs), tick(nowMs) ─ ServerEngine ─┼ ─▶ gateways  views, messages, acks
 *   peers ───▶ ┘                                              └ ─▶ peers     copies, shadows, actions
 *
 * Time is the caller's: `tick` is to be called when `dueMs` has come, as often as it takes until `dueMs` lies ahead.
 */
import { unreachable } from '@horizon-atlas/base';
import { noTracer, type Tracer } from '@horizon-atlas/ports';
import {
  type ControlToServer,
  type GatewayToServer,
  GatewayToServer as GatewayToServerCodec,
  gameLink,
  LINK_PROTOCOL,
  type MeshMessage,
  type RegionPlace,
} from '@horizon-atlas/protocol';
import { Acts } from './act.ts';
import { Attaches } from './attach.ts';
import { Checkpoints } from './checkpoints.ts';
import { Commands } from './commands.ts';
import { Delivery } from './delivery.ts';
import { Handoffs } from './handoffs.ts';
import { LedgerCalls } from './ledger-calls.ts';
import { Life } from './life.ts';
import type { GameHooks, LinkId, ServerOut } from './out.ts';
import { defaultServerPolicy, type ServerPolicy } from './policy.ts';
import type { Region } from './region.ts';
import { Regions } from './regions.ts';
import { Reports } from './reports.ts';
import { type GatewayLink, ServerState } from './server-state.ts';
import type { Session } from './sessions.ts';
import { Shadows } from './shadows.ts';
import { Simulation } from './simulation.ts';
import { Views } from './views.ts';

export interface ServerOptions {
  /** As the control plane knows this process. */
  readonly id: string;
  /** Where others reach it, told in `hello`. */
  readonly address: string;
  readonly pid?: number;
  readonly game: GameHooks;
  readonly policy?: Partial<ServerPolicy>;
  readonly out: ServerOut;
  /** Goes on with traces that come in messages; none by default. */
  readonly tracer?: Tracer;
}

export class ServerEngine {
  readonly #state: ServerState;
  readonly #delivery: Delivery;
  readonly #shadows: Shadows;
  readonly #acts: Acts;
  readonly #life: Life;
  readonly #attaches: Attaches;
  readonly #commands: Commands;
  readonly #handoffs: Handoffs;
  readonly #checkpoints: Checkpoints;
  readonly #ledger: LedgerCalls;
  readonly #simulation: Simulation;
  readonly #views: Views;
  readonly #regions: Regions;
  readonly #reports: Reports;
  readonly #tickMs: number;
  #dueMs = 0;

  constructor({ id, address, pid = 0, game, policy, out, tracer = noTracer }: ServerOptions) {
    const state = new ServerState(id, game, { ...defaultServerPolicy, ...policy }, out, tracer);
    const send = (server: string, message: MeshMessage): void => this.#toPeer(server, message);
    this.#state = state;
    this.#tickMs = 1000 / state.policy.tickHz;
    this.#delivery = new Delivery(state);
    this.#shadows = new Shadows(state, send);
    this.#acts = new Acts(state, this.#shadows, send);
    this.#life = new Life(state, this.#delivery);
    this.#attaches = new Attaches(state, this.#delivery);
    this.#commands = new Commands(state, this.#delivery, this.#attaches);
    this.#handoffs = new Handoffs(state, this.#life, this.#acts, this.#shadows, this.#delivery, send);
    this.#checkpoints = new Checkpoints(state, this.#delivery, this.#life);
    this.#ledger = new LedgerCalls(state);
    this.#simulation = new Simulation(state, this.#commands, this.#acts);
    this.#views = new Views(state, this.#delivery, this.#shadows);
    const parts = {
      state,
      life: this.#life,
      delivery: this.#delivery,
      acts: this.#acts,
      shadows: this.#shadows,
      ledger: this.#ledger,
    };
    this.#regions = new Regions(parts, this.#handoffs, this.#checkpoints);
    this.#reports = new Reports(state, this.#shadows, { address, pid, handoffs: this.#handoffs });
    this.#life.onSession = (session) => this.#attaches.sessionHere(session);
    this.#life.onGone = (group) => this.#handoffs.gone(group);
    this.#attaches.onLeave = (session) => this.#life.leave(session, 'SESSION_ENDED');
  }

  /** When `tick` is wanted next, in ms of the caller's clock. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** Frames and requests refused for their old epoch, since the start. */
  get fenced(): number {
    return this.#state.fenced;
  }

  /** For tests, checkers and status pages; to be looked at only. */
  get regions(): ReadonlyMap<string, Region> {
    return this.#state.regions;
  }

  get sessions(): ReadonlyMap<string, Session> {
    return this.#state.sessions;
  }

  /** Nothing is simulated and nothing waits to be saved. */
  get drained(): boolean {
    return this.#regions.drained;
  }

  // ---- control --------------------------------------------------------------------------------------------------------

  controlUp(nowMs: number): void {
    this.#now(nowMs);
    this.#state.controlUp = true;
    this.#reports.hello();
  }

  /** Play goes on; frozen groups stay frozen until somebody tells what became of them. */
  controlDown(nowMs: number): void {
    this.#now(nowMs);
    this.#state.controlUp = false;
    this.#reports.lost(nowMs);
  }

  fromControl(message: ControlToServer, nowMs: number): void {
    this.#now(nowMs);
    switch (message.kind) {
      case 'hello':
        if (message.version !== LINK_PROTOCOL)
          this.#state.event('link-version', { code: 'LINK_VERSION', version: message.version });
        return;
      case 'map':
        this.#regions.setMap(message.version, message.regions);
        return;
      case 'assign':
        this.#regions.assign(message);
        // A new region does not wait for the rhythm of an idle server.
        this.#dueMs = Math.min(this.#dueMs, nowMs);
        return;
      case 'sleep':
        this.#regions.sleep(message.region, message.epoch);
        return;
      case 'covered':
        this.#regions.covered(message.region, message.epoch, message.tick);
        return;
      case 'stop':
        this.drain(message.deadlineMs, nowMs);
        return;
      case 'admit':
        this.#admit(message);
        return;
      case 'endSession':
        this.#endSession(message);
        return;
      case 'endedAck':
        this.#life.endedAck(message.session, message.group);
        return;
      case 'prepare':
        this.#handoffs.prepare(message);
        return;
      case 'reserve':
        this.#handoffs.reserve(message);
        return;
      case 'cancel':
        this.#handoffs.cancel(message);
        return;
      case 'freeze':
        this.#handoffs.freeze(message);
        return;
      case 'thaw':
        this.#handoffs.thaw(message);
        return;
      case 'activate':
        this.#handoffs.activate(message);
        return;
      case 'release':
        this.#handoffs.release(message);
        return;
      default:
        this.#fromControlAside(message);
    }
  }

  /** What has nothing to do with who owns what. */
  #fromControlAside(message: Extract<ControlToServer, { kind: 'transferResult' | 'balancesResult' | 'survey' | 'place' }>): void {
    switch (message.kind) {
      case 'transferResult':
        this.#ledger.transferResult(message);
        return;
      case 'balancesResult':
        this.#ledger.balancesResult(message);
        return;
      case 'survey':
        this.#reports.survey(message.survey);
        return;
      case 'place':
        this.#state.out.toControl({ kind: 'placed', request: message.request, ...this.#regions.place(message) });
        return;
      default:
        unreachable(message);
    }
  }

  #endSession(message: Extract<ControlToServer, { kind: 'endSession' }>): void {
    const session = this.#state.sessions.get(message.session);
    if (!session) return;
    // An `admit` follows, or did already, with the session that goes on with the group.
    if (message.code === 'SESSION_REPLACED') this.#delivery.kick(session, message.code, '');
    else this.#life.end(session, message.code);
  }

  #admit(message: Extract<ControlToServer, { kind: 'admit' }>): void {
    const { tracer, clockMs } = this.#state;
    const span = tracer.follow(message.traceparent, 'join.admit', clockMs, { region: message.region });
    this.#life.admit(message);
    span?.end(this.#state.clockMs);
  }

  /** Last checkpoints, then `out.drained()`: when they are durable, or after `deadlineMs` anyway. */
  drain(deadlineMs: number, nowMs: number): void {
    this.#now(nowMs);
    this.#regions.drain(nowMs + deadlineMs);
    this.#dueMs = Math.min(this.#dueMs, nowMs);
  }

  // ---- gateways -------------------------------------------------------------------------------------------------------

  gatewayUp(link: LinkId, nowMs: number): void {
    this.#now(nowMs);
    this.#state.links.set(link, { id: link, gateway: '', handles: new Map() });
    this.#delivery.control(link, { kind: 'hello', server: this.#state.id, version: LINK_PROTOCOL });
  }

  gatewayDown(link: LinkId, nowMs: number): void {
    this.#now(nowMs);
    const known = this.#state.links.get(link);
    if (!known) return;
    this.#attaches.linkDown(known);
    this.#state.links.delete(link);
  }

  /** One frame of `link-game.ts`; valid during the call only. False: malformed, and the link is to be closed with LINK_FRAME_INVALID. */
  fromGateway(link: LinkId, frame: Uint8Array, nowMs: number): boolean {
    this.#now(nowMs);
    const known = this.#state.links.get(link);
    if (!known) return true;
    if (frame[0] !== gameLink.control) return this.#commands.frame(known, frame);
    const message = GatewayToServerCodec.decode(frame, 1);
    if (!message) return false;
    this.#gatewayControl(known, message);
    return true;
  }

  #gatewayControl(link: GatewayLink, message: GatewayToServer): void {
    switch (message.kind) {
      case 'hello':
        link.gateway = message.gateway;
        return;
      case 'attach':
        this.#attaches.attach(link, message);
        return;
      case 'detach':
        this.#attaches.detach(link, message.handle, message.session);
        return;
      case 'leave':
        this.#attaches.leave(link, message.handle, message.session);
        return;
      default:
        unreachable(message);
    }
  }

  // ---- peers ----------------------------------------------------------------------------------------------------------

  peerUp(server: string, nowMs: number): void {
    this.#now(nowMs);
    this.#state.peers.add(server);
    this.#shadows.peerUp(server);
    this.#state.out.toPeer(server, { kind: 'hello', server: this.#state.id, version: LINK_PROTOCOL });
  }

  peerDown(server: string, nowMs: number): void {
    this.#now(nowMs);
    this.#state.peers.delete(server);
  }

  fromPeer(server: string, message: MeshMessage, nowMs: number): void {
    this.#now(nowMs);
    this.#mesh(server, message);
  }

  #mesh(server: string, message: MeshMessage): void {
    switch (message.kind) {
      case 'hello':
        return;
      case 'shadows':
        this.#shadows.hear(server, message);
        return;
      case 'snapshot':
        this.#handoffs.snapshot(server, message);
        return;
      case 'delta':
      case 'final':
        this.#handoffs.delta(server, message);
        return;
      case 'ack':
        this.#handoffs.ack(server, message);
        return;
      case 'act':
        this.#acts.fromPeer(server, message);
        return;
      case 'actResult':
        this.#acts.resultFromPeer(message);
        return;
      default:
        unreachable(message);
    }
  }

  /** Two regions of one server are neighbours like any others. */
  #toPeer(server: string, message: MeshMessage): void {
    if (server === this.#state.id) this.#mesh(server, message);
    else if (this.#state.peers.has(server)) this.#state.out.toPeer(server, message);
  }

  // ---- time -----------------------------------------------------------------------------------------------------------

  /** One step of every region, if it is due. */
  tick(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    this.#now(nowMs);
    const { out, regions } = this.#state;
    const startMs = out.workClock?.() ?? 0;
    if (regions.size > 0) this.#step(nowMs);
    this.#life.tick(nowMs);
    this.#attaches.tick(nowMs);
    this.#handoffs.tick();
    this.#ledger.tick(nowMs);
    this.#delivery.flushAcks();
    this.#regions.tick(nowMs);
    if (regions.size > 0) this.#reports.worked((out.workClock?.() ?? 0) - startMs);
    this.#reports.tick(nowMs);
    this.#dueMs = this.#next(nowMs);
  }

  #step(nowMs: number): void {
    const { regions, policy, sessions } = this.#state;
    this.#simulation.begin();
    for (const region of regions.values()) {
      if (region.phase !== 'active') continue;
      this.#simulation.step(region, (this.#tickMs / 1000) * region.rate);
      this.#simulation.watch(region, nowMs);
      this.#shadows.tell(region);
      const viewers: Session[] = [];
      for (const session of sessions.values()) if (session.attached && session.group.region === region) viewers.push(session);
      this.#views.show(region, viewers);
    }
    this.#shadows.sweep(nowMs);
    // Neighbours that are not there yet are dialled again.
    for (const place of this.#shadows.wanted()) this.#dial(place, nowMs, policy.repeatMs);
  }

  readonly #dialled = new Map<string, number>();

  #dial({ server, address }: RegionPlace, nowMs: number, everyMs: number): void {
    if (server === this.#state.id || this.#state.peers.has(server) || nowMs < (this.#dialled.get(server) ?? 0)) return;
    this.#dialled.set(server, nowMs + everyMs);
    this.#state.out.dialPeer(server, address);
  }

  /** Steps lie on a grid. A short stall is made up for; after a long one the grid begins anew. */
  #next(nowMs: number): number {
    const { policy, regions } = this.#state;
    if (regions.size === 0) return nowMs + policy.heartbeatMs / 2;
    const next = this.#dueMs + this.#tickMs;
    return next < nowMs - policy.catchUpTicksMax * this.#tickMs ? nowMs + this.#tickMs : next;
  }

  #now(nowMs: number): void {
    this.#state.nowMs = nowMs;
  }
}
