/**
 * A gateway as a process: the engine between client sockets, links to game servers and the link to the control plane.
 * Nothing else should run on its thread, which sleeps between bursts of traffic: see runtime.
 */
import type { Clock, Entropy, Link, LinkAddress, Links, Probe } from '@horizon-atlas/ports';
import { ControlToGateway, GatewayToControl, type SpanRecord, SpanRecorder } from '@horizon-atlas/protocol';
import { Turn } from '@horizon-atlas/runtime';
import { devCertificate, readCertificate } from './certificate.ts';
import { GatewayEngine, type GatewayStats } from './core/engine.ts';
import type { GatewayOut } from './core/out.ts';
import { defaultGatewayPolicy, type GatewayPolicy } from './core/policy.ts';
import { Back } from './net/back.ts';
import { Front } from './net/front.ts';
import type { Certificate } from './net/wire.ts';
import { ResumeTokens } from './resume-tokens.ts';
import { makeTokenVerifier, type TokenSettings } from './tokens.ts';

export interface GatewayConfig {
  /** Its id. */
  readonly gateway: string;
  readonly host: string;
  /** 0: the system picks one. */
  readonly port: number;
  /** Where clients reach it, if not at `host` and `port`. */
  readonly url?: string;
  /** Paths of PEM files; a folder for a development certificate; or no TLS, behind something that terminates it. */
  readonly tls: { readonly cert: string; readonly key: string } | { readonly devFolder: string } | { readonly off: true };
  readonly auth: TokenSettings;
  /** Page origins that may connect; undefined: any. */
  readonly origins?: readonly string[];
  /** A second listener at the same host, which must be loopback, without TLS: browsers refuse a development certificate. */
  readonly plain?: PlainSettings;
  /** The control plane's link. */
  readonly control: LinkAddress;
  /** How long the thread sleeps to gather messages, in ms; 0: never. Default 0.5. */
  readonly coalesceMs?: number;
  /** The share of joins and resumes whose trace is told to the control plane, 0 to 1; default 0. */
  readonly traceRatio?: number;
  readonly policy?: Partial<GatewayPolicy>;
}

export interface PlainSettings {
  /** 0: the system picks one. */
  readonly port: number;
  /** Page origins that may connect by it. Programs, which send none, may too. */
  readonly origins: readonly string[];
  /** What is told to those who came by it in place of all gateways' URLs: the plain ones. */
  readonly gateways: readonly string[];
}

export interface GatewayHost {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly links: Links;
  readonly probe: Probe;
}

export interface Gateway {
  /**
   * Resolves when clients may come, which is when the control plane has told it the keys of resume tokens. Rejects with PORT_IN_USE,
   * CONFIG_INVALID or CONFIG_NOT_FOUND; without a control plane it waits for one.
   */
  start(): Promise<void>;
  /** Asks clients to go elsewhere, waits for them at most `drainMs`, closes the rest. Several calls are one. */
  stop(drainMs?: number): Promise<void>;
  /** Resolves when the control plane has ordered a drain and everybody is gone. */
  readonly drained: Promise<void>;
  /** Where clients reach it; valid once started. */
  readonly url: string;
  readonly port: number;
  /** Of the plain listener; empty if there is none. */
  readonly plainUrl: string;
  /** Reads the certificate's files again; open connections keep theirs. Rejects as `start` does, and then the old one stays. */
  reloadCertificate(): Promise<void>;
  /** As of the last second. */
  stats(): GatewayStats;
}

const COALESCE_MS = 0.5;
/** The control plane is dialled again after this; for a restart to go unnoticed it has to be short. */
const REDIAL_MS = 200;
const STATS_MS = 1_000;
/** The first player after a time without any is told of so soon. */
const FIRST_STATS_MS = 50;
/** A draining client has so long to go by itself. */
const DRAIN_MS = 5_000;
/** Spans kept between two tellings, a second apart; beyond, further ones are lost. */
const SPANS_MAX = 1024;
/** Close frames are given so long to arrive. */
const GOODBYE_MS = 500;

export function makeGateway(host: GatewayHost, config: GatewayConfig): Gateway {
  return new GatewayService(host, config);
}

class GatewayService implements Gateway {
  readonly #host: GatewayHost;
  readonly #config: GatewayConfig;
  readonly #turn: Turn;
  readonly #resumeTokens: ResumeTokens;
  readonly #verify: ReturnType<typeof makeTokenVerifier>;
  readonly #back: Back;
  readonly #drained = deferred();
  readonly #keysKnown = deferred();
  #front: Front | undefined;
  #engine: GatewayEngine | undefined;
  #control: Link | undefined;
  #stopping: Promise<void> | undefined;
  #stopped = false;
  #cancelTimer = () => {};
  #timerMs = Number.POSITIVE_INFINITY;
  #cancelStats = () => {};
  /** The next figures come early. */
  #isFirstComing = false;
  #stats: GatewayStats | undefined;
  /** Ended, and not yet told. */
  #spans: SpanRecord[] = [];
  port = 0;
  #plainPort = 0;

  constructor(host: GatewayHost, config: GatewayConfig) {
    this.#host = host;
    this.#config = config;
    this.#resumeTokens = new ResumeTokens(() => host.clock.wall());
    this.#verify = makeTokenVerifier(config.auth, () => host.entropy.id('guest'));
    this.#turn = new Turn({
      clock: host.clock,
      coalesceMs: config.coalesceMs ?? COALESCE_MS,
      gather: () => this.#front?.deliver(),
      end: () => this.#endTurn(),
    });
    this.#back = new Back({ links: host.links, turn: this.#turn, engine: () => this.#running });
  }

  get drained(): Promise<void> {
    return this.#drained.promise;
  }

  get url(): string {
    const { url, host, tls } = this.#config;
    return url ?? `${'off' in tls ? 'ws' : 'wss'}://${nameOf(host)}:${this.port}`;
  }

  get plainUrl(): string {
    return this.#plainPort === 0 ? '' : `ws://${nameOf(this.#config.host)}:${this.#plainPort}`;
  }

  async start(): Promise<void> {
    const { clock, probe } = this.#host;
    const { host, port, origins, plain } = this.#config;
    const policy = { ...defaultGatewayPolicy, ...this.#config.policy };
    const { messageBytesMax, backlogBytes } = policy;
    const certificate = await this.#certificate();
    const settings = { host, port, certificate, origins, plain, messageBytesMax, backlogBytes };
    const front = new Front(settings, { clock, probe, turn: this.#turn, engine: () => this.#running });
    this.#front = front;
    [this.port, this.#plainPort] = await front.listen();
    const plainGateways = plain?.gateways ?? [];
    const identity = { gateway: this.#config.gateway, pid: process.pid, url: this.url, plainGateways };
    const secrets = {
      newSessionId: () => this.#host.entropy.id('ses'),
      seal: this.#resumeTokens.seal.bind(this.#resumeTokens),
      unseal: this.#resumeTokens.unseal.bind(this.#resumeTokens),
    };
    this.#engine = new GatewayEngine(policy, this.#outOf(front), secrets, identity, this.#tracer());
    this.#stats = this.#engine.takeStats();
    this.#dialControl();
    this.#statsLater();
    await this.#keysKnown.promise;
    if (this.#stopped) return;
    front.admit();
    const also = this.plainUrl === '' ? {} : { plainUrl: this.plainUrl };
    probe.event('gateway_started', { gateway: identity.gateway, url: identity.url, ...also });
  }

  stop(drainMs: number = DRAIN_MS): Promise<void> {
    this.#stopping ??= this.#stop(drainMs);
    return this.#stopping;
  }

  async reloadCertificate(): Promise<void> {
    const certificate = await this.#certificate();
    if (certificate) this.#front?.useCertificate(certificate);
    this.#host.probe.event('gateway_certificate_reloaded', { gateway: this.#config.gateway });
  }

  stats(): GatewayStats {
    return this.#stats ?? this.#running.takeStats();
  }

  #tracer(): SpanRecorder {
    const { clock, entropy } = this.#host;
    const ended = (span: SpanRecord): void => {
      if (this.#spans.length < SPANS_MAX) this.#spans.push(span);
    };
    return new SpanRecorder({ clock, u32: () => entropy.u32(), ratio: this.#config.traceRatio ?? 0, ended });
  }

  #outOf(front: Front): GatewayOut {
    const back = this.#back;
    return {
      toClient: (conn, kind, bytes, start, end) => front.toClient(conn, kind, bytes, start, end),
      toClientText: (conn, bytes, start, end) => front.toClientText(conn, bytes, start, end),
      pingClient: (conn, stamp) => front.pingClient(conn, stamp),
      closeClient: (conn, code, message) => front.closeClient(conn, code, message),
      pauseClient: (conn) => front.pauseClient(conn),
      resumeClient: (conn) => front.resumeClient(conn),
      clientBacklog: (conn) => front.clientBacklog(conn),
      toServer: (server, frame) => back.toServer(server, frame),
      dialServer: (server, address) => back.dialServer(server, address),
      hangUp: (server) => back.hangUp(server),
      toControl: (message) => this.#toControl(message),
      verifyToken: (conn, token) => this.#verifyToken(conn, token),
      drained: () => this.#drained.resolve(),
    };
  }

  #verifyToken(conn: number, token: string): void {
    this.#verify(token).then(
      (verdict) => this.#running.tokenVerified(conn, verdict, this.#turn.enter()),
      (error: unknown) => {
        this.#host.probe.event('gateway_token_check_failed', { error: String(error) });
        this.#running.tokenVerified(conn, { ok: false, code: 'INTERNAL' }, this.#turn.enter());
      },
    );
  }

  #toControl(message: GatewayToControl): void {
    this.#control?.send(GatewayToControl.encode(message));
  }

  get #running(): GatewayEngine {
    if (this.#engine === undefined) throw new Error('invariant broken: the gateway has not started');
    return this.#engine;
  }

  #endTurn(): void {
    // Servers first: they work while we write to clients.
    this.#back.flush();
    this.#control?.flush();
    this.#front?.flush();
    this.#arm();
  }

  /** One timer, which only ever moves forward in time when it has rung. */
  #arm(): void {
    const dueMs = this.#engine?.dueMs ?? Number.POSITIVE_INFINITY;
    if (this.#stopped || dueMs >= this.#timerMs) return;
    this.#cancelTimer();
    this.#timerMs = dueMs;
    this.#cancelTimer = this.#host.clock.at(dueMs, () => {
      this.#timerMs = Number.POSITIVE_INFINITY;
      this.#running.tick(this.#turn.enter());
    });
  }

  #dialControl(): void {
    if (this.#stopped) return;
    const again = (): void => {
      this.#host.clock.at(this.#host.clock.now() + REDIAL_MS, () => this.#dialControl());
    };
    this.#host.links.dial(this.#config.control).then((link) => {
      if (this.#stopped) {
        link.close({ code: 'LINK_LOST', message: 'the gateway ends' });
        return;
      }
      this.#control = link;
      link.onFrame((frame) => this.#fromControl(link, frame));
      link.onClose((reason) => {
        this.#control = undefined;
        if (this.#stopped) return;
        this.#host.probe.event('gateway_control_lost', { ...reason });
        this.#running.controlDown(this.#turn.enter());
        again();
      });
      this.#running.controlUp(this.#turn.enter());
    }, again);
  }

  #fromControl(link: Link, frame: Uint8Array): void {
    const message = ControlToGateway.decode(frame);
    if (message === undefined) {
      link.close({ code: 'LINK_FRAME_INVALID', message: 'a frame of the control plane is malformed' });
      return;
    }
    if (message.kind === 'hello') {
      this.#resumeTokens.useKeys(message.keys);
      this.#keysKnown.resolve();
    }
    this.#running.fromControl(message, this.#turn.enter());
    if (message.kind !== 'joined' || this.#isFirstComing || (this.#stats?.sessions ?? 0) > 0) return;
    this.#isFirstComing = true;
    this.#cancelStats();
    this.#statsLater(FIRST_STATS_MS);
  }

  async #certificate(): Promise<Certificate | undefined> {
    const { tls, host } = this.#config;
    if ('off' in tls) return undefined;
    if ('devFolder' in tls) return await devCertificate(tls.devFolder, host === '0.0.0.0' || host === '::' ? [] : [host]);
    return readCertificate(tls);
  }

  #statsLater(ms: number = STATS_MS): void {
    const { clock, probe } = this.#host;
    this.#cancelStats = clock.at(clock.now() + ms, () => {
      this.#isFirstComing = false;
      // Without a listener the gaps are kept for later.
      if (this.#control !== undefined) {
        const stats = this.#running.takeStats();
        this.#stats = stats;
        const { user, system } = process.cpuUsage();
        this.#turn.enter();
        this.#toControl({ kind: 'stats', ...stats, cpuS: (user + system) / 1e6, memoryBytes: process.memoryUsage.rss() });
        if (this.#spans.length > 0) this.#toControl({ kind: 'spans', spans: this.#spans.splice(0) });
        const sessions = this.#running.takeSessions(clock.now());
        if (sessions !== undefined) this.#toControl(sessions);
        for (const gap of stats.gapsMs) probe.observe('atlas_gateway_handoff_gap_ms', gap);
        for (const gap of stats.recoveryGapsMs) probe.observe('atlas_gateway_recovery_gap_ms', gap);
      }
      this.#statsLater();
    });
  }

  async #stop(drainMs: number): Promise<void> {
    const { clock } = this.#host;
    const front = this.#front;
    if (this.#engine !== undefined && front !== undefined) {
      this.#engine.drain(drainMs, this.#turn.enter());
      await this.#drained.promise;
      await new Promise<void>((resolve) => {
        const cancel = clock.at(clock.now() + GOODBYE_MS, resolve);
        front.whenEmpty(() => {
          cancel();
          resolve();
        });
      });
    }
    this.#stopped = true;
    this.#cancelTimer();
    this.#cancelStats();
    front?.destroy();
    this.#turn.stop();
    const reason = { code: 'LINK_LOST', message: 'the gateway ends' };
    this.#control?.close(reason);
    this.#back.close();
    this.#keysKnown.resolve();
  }
}

/** As it stands in a URL. */
function nameOf(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
}

function deferred(): Deferred {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
