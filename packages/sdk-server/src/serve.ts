/**
 * The process around a region server's engine: reads the environment that Atlas sets, listens for gateways and neighbours, keeps the
 * control link dialled for ever, turns the clock, and ends gently.
 *
 *   ATLAS_SERVER_ID   who this process is           ATLAS_CONTROL   link address of the control plane
 *   ATLAS_LISTEN      link address to listen at     ATLAS_TICK_HZ   steps a second, where the game does not say
 */
import { makeLinks } from '@horizon-atlas/adapter-link';
import type { Link, Links } from '@horizon-atlas/ports';
import { ControlToServer, gameLink, ServerToControl, type SpanRecord, SpanRecorder } from '@horizon-atlas/protocol';
import { ServerEngine } from './core/engine.ts';
import type { ServerOut } from './core/out.ts';
import { defaultServerPolicy, type ServerPolicy } from './core/policy.ts';
import { hostClock as clock } from './host-clock.ts';
import { keepCompiled } from './keep-compiled.ts';
import { MESH_FRAME, PeerLinks } from './peer-links.ts';
import type { Game } from './region-game.ts';

export interface ServeOptions {
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly policy?: Partial<ServerPolicy>;
  /** Where happenings go. Default: one JSON line each on stdout, which Atlas keeps as the server's log. */
  readonly log?: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Called when there is nothing left to do. Default: the process ends. */
  readonly ended?: (reason: 'drained' | 'orphaned') => void;
}

export interface RegionServer {
  readonly engine: ServerEngine;
  /** Link address where gateways and neighbours reach it. */
  readonly address: string;
  /** Last checkpoints, then the end; after `deadlineMs` (default 5,000) whatever is not saved. */
  stop(deadlineMs?: number): void;
}

/** Runs a region's game as a server of Atlas. Rejects if the environment is not Atlas's, or listening is not possible. */
export async function serveRegion(game: Game, options: ServeOptions = {}): Promise<RegionServer> {
  const env = options.env ?? process.env;
  const id = need(env, 'ATLAS_SERVER_ID');
  const control = need(env, 'ATLAS_CONTROL');
  const shell = new Shell(game, id, control, options, Number(env.ATLAS_TICK_HZ ?? Number.NaN));
  const address = await shell.listen(need(env, 'ATLAS_LISTEN'));
  keepCompiled();
  if (options.ended === undefined) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => shell.stop());
  }
  return { engine: shell.engine, address, stop: (deadlineMs) => shell.stop(deadlineMs) };
}

const u32 = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;

/** Spans of sampled traces wait so long for company on their way to the control plane, and so many at most. */
const spanLimits = { waitMs: 200, count: 1024 } as const;
/** Between two dials of the control plane: doubling, with jitter, so that a restarted one is not dialled by all at once. */
const redialMs = { first: 25, max: 500 };
const stopMsDefault = 5_000;

class Shell {
  engine!: ServerEngine;
  readonly #game: Game;
  readonly #id: string;
  readonly #controlAddress: string;
  readonly #options: ServeOptions;
  readonly #tickHz: number;
  readonly #links: Links = makeLinks({ clock });
  readonly #gateways = new Map<number, Link>();
  #peers!: PeerLinks;
  #control: Link | undefined;
  #linkIds = 0;
  #redials = 0;
  #ended = false;
  #spans: SpanRecord[] = [];
  #armedAtMs = Number.POSITIVE_INFINITY;
  #disarm: () => void = () => {};

  constructor(game: Game, id: string, control: string, options: ServeOptions, tickHz: number) {
    this.#game = game;
    this.#id = id;
    this.#controlAddress = control;
    this.#options = options;
    this.#tickHz = game.tickHz ?? (Number.isFinite(tickHz) ? tickHz : defaultServerPolicy.tickHz);
  }

  async listen(at: string): Promise<string> {
    const listener = await this.#links.listen(at, (link) => this.#accept(link));
    this.#peers = new PeerLinks(this.#links, {
      up: (server) => this.#feed((nowMs) => this.engine.peerUp(server, nowMs)),
      down: (server) => this.#feed((nowMs) => this.engine.peerDown(server, nowMs)),
      hear: (server, message) => this.#feed((nowMs) => this.engine.fromPeer(server, message, nowMs)),
    });
    this.engine = new ServerEngine({
      id: this.#id,
      address: listener.address,
      pid: process.pid,
      game: this.#game,
      policy: { ...this.#options.policy, tickHz: this.#tickHz },
      out: this.#out(),
      // It begins no trace of its own.
      tracer: new SpanRecorder({ clock, u32, ratio: 0, ended: (span) => this.#tell(span) }),
    });
    this.#dialControl();
    this.#arm();
    return listener.address;
  }

  stop(deadlineMs = stopMsDefault): void {
    this.#feed((nowMs) => this.engine.drain(deadlineMs, nowMs));
  }

  #tell(span: SpanRecord): void {
    if (this.#spans.length >= spanLimits.count) return;
    if (this.#spans.push(span) > 1) return;
    const send = () => this.#control?.send(ServerToControl.encode({ kind: 'spans', spans: this.#spans.splice(0) }));
    setTimeout(send, spanLimits.waitMs).unref();
  }

  #out(): ServerOut {
    return {
      toControl: (message) => this.#control?.send(ServerToControl.encode(message)),
      toGateway: (id, frame) => {
        const link = this.#gateways.get(id);
        // What the next tick says anew is not worth a queue.
        const replaceable = frame[0] === gameLink.latestDown || frame[0] === gameLink.fanOut;
        if (link && (link.writable || !replaceable)) link.send(frame);
      },
      dialPeer: (server, address) => this.#peers.dial(server, address),
      toPeer: (server, message) => this.#peers.send(server, message),
      drained: () => this.#end('drained'),
      orphaned: () => this.#end('orphaned'),
      event: (name, fields) => this.#log(name, fields),
      workClock: () => performance.now(),
    };
  }

  // ---- links --------------------------------------------------------------------------------------------------------

  /** The first byte of the first frame tells a neighbour from a gateway. */
  #accept(link: Link): void {
    link.onFrame((frame) => {
      if (frame[0] === MESH_FRAME) this.#peers.accept(link, frame);
      else if (frame[0] === gameLink.control) this.#acceptGateway(link, frame);
      else link.close({ code: 'LINK_FRAME_INVALID', message: 'the first frame is a hello' });
    });
  }

  #acceptGateway(link: Link, first: Uint8Array): void {
    const id = ++this.#linkIds;
    this.#gateways.set(id, link);
    const hear = (frame: Uint8Array): void => {
      this.#feed((nowMs) => {
        if (!this.engine.fromGateway(id, frame, nowMs)) link.close({ code: 'LINK_FRAME_INVALID', message: 'a malformed frame' });
      });
    };
    link.onFrame(hear);
    link.onClose((reason) => {
      this.#gateways.delete(id);
      this.#log('gateway-lost', { ...reason });
      this.#feed((nowMs) => this.engine.gatewayDown(id, nowMs));
    });
    this.#feed((nowMs) => this.engine.gatewayUp(id, nowMs));
    hear(first);
  }

  #dialControl(): void {
    if (this.#ended) return;
    this.#links.dial(this.#controlAddress).then(
      (link) => this.#controlled(link),
      () => this.#redial(),
    );
  }

  #controlled(link: Link): void {
    if (this.#ended) return link.close({ code: 'LINK_LOST', message: 'the server is stopping' });
    this.#control = link;
    link.onFrame((frame) => {
      const message = ControlToServer.decode(frame);
      if (message) {
        this.#redials = 0;
        this.#feed((nowMs) => this.engine.fromControl(message, nowMs));
      } else link.close({ code: 'LINK_FRAME_INVALID', message: 'a malformed message from the control plane' });
    });
    link.onClose((reason) => {
      this.#control = undefined;
      this.#log('control-lost', { ...reason });
      // Atlas did not start this process, or has given it up: it has nothing to say here.
      if (reason.code === 'SERVER_UNKNOWN') return this.#end('orphaned');
      this.#feed((nowMs) => this.engine.controlDown(nowMs));
      this.#redial();
    });
    this.#feed((nowMs) => this.engine.controlUp(nowMs));
  }

  #redial(): void {
    const ms = Math.min(redialMs.max, redialMs.first * 2 ** Math.min(this.#redials++, 10));
    setTimeout(() => this.#dialControl(), ms * (0.5 + Math.random() / 2));
  }

  // ---- time ---------------------------------------------------------------------------------------------------------

  #feed(input: (nowMs: number) => void): void {
    if (this.#ended) return;
    input(performance.now());
    this.#arm();
  }

  /** One timer, set to when the engine is due. */
  #arm(): void {
    const due = this.engine.dueMs;
    if (due === this.#armedAtMs || this.#ended) return;
    this.#disarm();
    this.#armedAtMs = due;
    if (due === Number.POSITIVE_INFINITY) return;
    this.#disarm = clock.at(due, () => {
      this.#armedAtMs = Number.POSITIVE_INFINITY;
      // After a stall there may be several steps to make up for.
      while (!this.#ended && this.engine.dueMs <= performance.now()) this.engine.tick(performance.now());
      this.#arm();
    });
  }

  #log(event: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.#options.log) this.#options.log(event, fields);
    else console.log(JSON.stringify({ time: new Date().toISOString(), server: this.#id, event, ...fields }));
  }

  #end(reason: 'drained' | 'orphaned'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#disarm();
    this.#log(reason, {});
    const close = { code: 'LINK_LOST', message: `the server has ${reason === 'drained' ? 'stopped' : 'no control plane'}` };
    this.#control?.close(close);
    for (const link of this.#gateways.values()) link.close(close);
    this.#peers.close(close);
    // What was said last still goes out.
    if (this.#options.ended) this.#options.ended(reason);
    else setTimeout(() => process.exit(0), 50);
  }
}

function need(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new Error(`${name} is not set: a region server is started by Atlas (atlas up my.config.ts), not by hand`);
}
