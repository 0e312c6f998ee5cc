/** A gateway process of a simulated world: the real engine, with simulated sockets, links and keys around it. */

import { GatewayEngine, type GatewayOut, type GatewaySecrets } from '@horizon-atlas/gateway';
import {
  type ControlToGateway,
  closeCodeOf,
  type ErrorCode,
  GatewayToControl,
  GatewayToServer,
  gameLink,
  ServerToGateway,
} from '@horizon-atlas/protocol';
import { Process } from './kernel.ts';
import { SimLink } from './network.ts';
import { SlowSocket } from './slow-socket.ts';
import type { World } from './world.ts';

/** What a client's socket brings: a message, or the close frame that ends it. */
export type ToClient = Uint8Array<ArrayBuffer> | { readonly closeCode: number; readonly code: ErrorCode };
export type ClientLink = SimLink<Uint8Array, ToClient>;
export type GameLink = SimLink<Uint8Array, Uint8Array>;

interface Conn {
  readonly socket: SlowSocket<ToClient>;
  readonly client: number;
  paused: Uint8Array[] | undefined;
}

/** So that what waits for a slow client comes to its limits: players of these worlds hear some hundred bytes a second. */
const policy = { backlogBytes: 300, slowBytesMax: 800, slowMsMax: 4_000 };
const closeFrameBytes = 4;
/** A client that keeps up again is not sent away later than this. */
const SLOW_SEEN_MS = 1_000;

export class GatewayNode {
  readonly id: string;
  readonly url: string;
  readonly process: Process;
  readonly #world: World;
  engine: GatewayEngine | undefined;
  #conns = 0;
  readonly #clients = new Map<number, Conn>();
  readonly #servers = new Map<string, GameLink>();
  #control: SimLink<GatewayToControl, ControlToGateway> | undefined;

  constructor(world: World, id: string) {
    this.#world = world;
    this.id = id;
    this.url = `ws://${id}`;
    this.process = new Process(id, world.kernel);
  }

  start(): void {
    this.#clients.clear();
    this.#servers.clear();
    this.#control = undefined;
    // The listening socket is the host's: a process that was started again listens under the same name.
    const engine = new GatewayEngine(policy, this.#out(), this.#secrets(), {
      gateway: this.id,
      pid: this.process.life + 1,
      url: this.url,
    });
    this.engine = engine;
    this.process.start({
      get dueMs() {
        return engine.dueMs;
      },
      tick: (nowMs) => engine.tick(nowMs),
    });
    this.dialControl();
  }

  /** Its clients are asked to go elsewhere; then it ends, and another one takes its place. */
  drain(deadlineMs: number): void {
    this.process.input(() => this.engine?.drain(deadlineMs, this.#world.kernel.nowMs));
  }

  #restart(): void {
    if (!this.process.alive) return;
    this.#world.note.seen.drained++;
    this.crash();
    this.#world.kernel.after(200, () => this.start());
  }

  crash(): void {
    this.process.crash();
    this.engine = undefined;
    this.#world.network.died(this.process);
  }

  /** A client has dialled; what comes back is its socket. */
  accept(client: number, near: { process: Process; onMessage(message: ToClient): void; onClose(): void }): ClientLink {
    const conn = ++this.#conns;
    const { kernel, network } = this.#world;
    const link: ClientLink = new SimLink(
      network,
      near,
      {
        process: this.process,
        onMessage: (frame: Uint8Array) => {
          const { taps } = this.#world;
          for (const bytes of taps.fromClient ? taps.fromClient(client, frame) : [frame]) {
            const entry = this.#clients.get(conn);
            if (entry?.paused) entry.paused.push(bytes);
            else this.engine?.fromClient(conn, bytes, 0, bytes.length, kernel.nowMs);
          }
        },
        onClose: () => {
          if (this.#clients.delete(conn)) this.engine?.closed(conn, kernel.nowMs);
        },
      },
      false,
    );
    const { life } = this.process;
    const socket = new SlowSocket<ToClient>(
      kernel,
      (message) => link.sendNear(message),
      () => this.process.input(() => this.engine?.writable(conn, kernel.nowMs), life),
    );
    this.#clients.set(conn, { socket, client, paused: undefined });
    this.engine?.opened(conn, '127.0.0.1', 'atlas', kernel.nowMs);
    this.process.arm();
    return link;
  }

  /** Dials the control plane until it answers. */
  dialControl(): void {
    const life = this.process.life;
    const { kernel, network, coordinator } = this.#world;
    const retry = () => kernel.after(100, () => this.process.input(() => this.dialControl(), life));
    if (this.#control?.open) return;
    if (!coordinator.process.alive || coordinator.process.paused) return retry();
    const accepted = coordinator.acceptGateway(this.id);
    const link = new SimLink<GatewayToControl, ControlToGateway>(
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
    this.#control = link;
    accepted.linked(link);
    this.engine?.controlUp(kernel.nowMs);
    this.process.arm();
  }

  #out(): GatewayOut {
    return {
      toClient: (conn, first, bytes, start, end) => {
        const message = this.#world.frames.take(1 + end - start);
        message[0] = first;
        message.set(bytes.subarray(start, end), 1);
        const entry = this.#clients.get(conn);
        return entry ? this.#send(entry, this.#world.taps.toClient?.(message) ?? message, message.length) : 0;
      },
      toClientText: () => 0,
      pingClient: () => {},
      closeClient: (conn, code) => {
        const entry = this.#clients.get(conn);
        if (!entry) return;
        this.#clients.delete(conn);
        this.#send(entry, { closeCode: closeCodeOf(code), code }, closeFrameBytes);
        const client = this.#world.clients[entry.client];
        if (code === 'SLOW_CLIENT' && client?.wasSlow(SLOW_SEEN_MS)) this.#world.note.seen.sentAway++;
        else if (client?.current) this.#world.note.socketClosed(entry.client, code);
      },
      pauseClient: (conn) => {
        const entry = this.#clients.get(conn);
        if (entry) entry.paused ??= [];
      },
      resumeClient: (conn) => this.#resume(conn),
      clientBacklog: (conn) => this.#told(this.#clients.get(conn)?.socket.backlog ?? 0),
      toServer: (server, frame) => {
        if (frame[0] === gameLink.control) this.#world.traceFrame(this.id, server, GatewayToServer, frame);
        this.#world.taps.toGameServer?.(this, server, frame);
        this.#servers.get(server)?.sendFar(this.#world.frames.copy(frame));
      },
      dialServer: (server) => this.#dialServer(server),
      hangUp: (server) => {
        this.#servers.get(server)?.cut();
        this.#servers.delete(server);
      },
      toControl: (message) => this.#control?.sendFar(this.#world.throughWire(GatewayToControl, message)),
      verifyToken: (conn, token) => {
        const life = this.process.life;
        this.#world.kernel.after(0.1, () =>
          this.process.input(
            () => this.engine?.tokenVerified(conn, { ok: true, player: token, name: token }, this.#world.kernel.nowMs),
            life,
          ),
        );
      },
      drained: () => this.#world.kernel.after(0, () => this.#restart()),
    };
  }

  #send({ socket, client }: Conn, message: ToClient, bytes: number): number {
    return this.#told(socket.send(message, bytes, () => this.#world.clients[client]?.bytesPerS ?? Number.POSITIVE_INFINITY));
  }

  #told(backlog: number): number {
    return this.#world.taps.backlog?.(backlog) ?? backlog;
  }

  /** What waited in the transport comes now; the engine may say pause again in between. */
  #resume(conn: number): void {
    const entry = this.#clients.get(conn);
    const waiting = entry?.paused;
    if (!entry || !waiting) return;
    entry.paused = undefined;
    const life = this.process.life;
    this.#world.kernel.after(0, () =>
      this.process.input(() => {
        for (const bytes of waiting) {
          if (entry.paused) entry.paused.push(bytes);
          else if (this.#clients.has(conn)) this.engine?.fromClient(conn, bytes, 0, bytes.length, this.#world.kernel.nowMs);
        }
      }, life),
    );
  }

  #dialServer(server: string): void {
    const life = this.process.life;
    const { kernel, network } = this.#world;
    kernel.after(network.delayMs(), () =>
      this.process.input(() => {
        const target = this.#world.servers.get(server);
        if (!target?.process.alive || target.process.paused) return this.engine?.serverDown(server, kernel.nowMs);
        this.#servers.get(server)?.cut();
        const accepted = target.acceptGateway();
        const link: GameLink = new SimLink(
          network,
          {
            process: this.process,
            onMessage: (frame: Uint8Array) => {
              if (frame[0] === gameLink.control) this.#world.traceFrame(server, this.id, ServerToGateway, frame);
              const tapped = this.#world.taps.fromGameServer?.(this, server, frame);
              this.engine?.fromServer(tapped?.server ?? server, tapped?.frame ?? frame, kernel.nowMs);
            },
            onClose: () => {
              if (this.#servers.get(server) !== link) return;
              this.#servers.delete(server);
              this.engine?.serverDown(server, kernel.nowMs);
            },
          },
          accepted.end,
          false,
        );
        accepted.linked(link);
        this.#servers.set(server, link);
        this.engine?.serverUp(server, kernel.nowMs);
      }, life),
    );
  }

  #secrets(): GatewaySecrets {
    const { prng } = this.#world;
    return {
      newSessionId: () => `s_${this.#world.nextId()}_${prng.u32().toString(36)}`,
      seal: (identity) => JSON.stringify(identity),
      unseal: (token) => {
        try {
          return JSON.parse(token);
        } catch {
          return undefined;
        }
      },
    };
  }
}
