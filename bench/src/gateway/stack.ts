/**
 * One of the contestants of the `gateway` bench, whole: proxy, game server behind it, and players who have joined. Traffic is put
 * through it in phases, on the same connections.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bunEnvironment, findBun, type GatewayConfig } from '@horizon-atlas/gateway';
import { type BenchContext, PeerMissing } from '../bench.ts';
import type { Helper } from '../helper-processes.ts';
import { addRoundTrips } from '../round-trips.ts';
import type { CertificateFiles } from './certificate.ts';
import type { LoadCounts, LoadOrder, LoadSettings, ServerOrder } from './orders.ts';
import { type Peer, peers, type RunningProxy } from './peers.ts';
import { type Answers, addCounts, type Counts, type Delivery, noCounts } from './traffic.ts';

export type Contestant = Peer | 'atlas';

export interface StackSettings {
  /** Where temporary folders are made. */
  readonly folder: string;
  readonly clients: number;
  /** Messages that a client keeps under way in saturated traffic. */
  readonly window: number;
  /** undefined: no TLS. */
  readonly certificate: CertificateFiles | undefined;
}

export interface Phase {
  readonly traffic: 'paced' | 'saturated';
  readonly answers: Answers;
  readonly delivery: Delivery;
  /** Until compilers and connections are warm. */
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What a phase cost and brought; several of them can be added up. */
export interface Measured {
  /** CPU seconds. */
  readonly proxyS: number;
  readonly serverS: number;
  /** Up and down. */
  readonly messages: number;
  readonly wallS: number;
  /** Times there and back in paced traffic: see round-trips.ts. */
  readonly rtt: readonly number[];
  /** Sent by one side and not heard by the other, or heard wrongly. */
  readonly lost: number;
}

export function addMeasured(a: Measured, b: Measured): Measured {
  return {
    proxyS: a.proxyS + b.proxyS,
    serverS: a.serverS + b.serverS,
    messages: a.messages + b.messages,
    wallS: a.wallS + b.wallS,
    rtt: addRoundTrips(a.rtt, b.rtt),
    lost: a.lost + b.lost,
  };
}

/** The longest that the bars allow; the gateway's own default is 0.5. */
export const COALESCE_MS = Number(process.env.ATLAS_BENCH_COALESCE_MS ?? 1);
/** Processes that the players are spread over. */
const LOADS = 2;
const JOIN_MS = 20_000;
/** What is under way has so long to arrive when a phase is over. */
const SETTLE_MS = 3000;
const SETTLE_STEP_MS = 50;

export class Stack {
  readonly #ctx: BenchContext;
  readonly #proxy: Helper;
  readonly #server: Helper;
  readonly #loads: readonly Helper[];
  /** In all phases so far. */
  #lost = 0;

  private constructor(ctx: BenchContext, parts: { proxy: Helper; server: Helper; loads: readonly Helper[] }) {
    this.#ctx = ctx;
    this.#proxy = parts.proxy;
    this.#server = parts.server;
    this.#loads = parts.loads;
  }

  /** Resolves when everybody has joined. */
  static async start(ctx: BenchContext, contestant: Contestant, settings: StackSettings): Promise<Stack> {
    const folder = mkdtempSync(join(settings.folder, `${contestant}-`));
    const secret = randomBytes(32).toString('base64url');
    const loads = Array.from({ length: LOADS }, (_, i) => {
      const clients = Math.floor((settings.clients + i) / LOADS);
      return ctx.fork(fileOf('load.ts'), [
        JSON.stringify({ clients, secret, prefix: `p${i}-`, window: settings.window } satisfies LoadSettings),
      ]);
    });
    const behind = contestant === 'atlas' ? startAtlas : startPeer(contestant);
    const { proxy, server } = await behind(ctx, { ...settings, folder }, secret);
    const stack = new Stack(ctx, { proxy: proxy.process, server, loads });
    stack.#tellLoads({ do: 'join', port: proxy.port, secure: settings.certificate !== undefined });
    let joined = 0;
    for (const load of loads) joined += (await load.message<{ joined: number }>(JOIN_MS)).joined;
    if (joined !== settings.clients) throw new Error(`${joined} of ${settings.clients} players joined`);
    return stack;
  }

  async measure(phase: Phase): Promise<Measured> {
    this.#tellServer({ do: 'answers', answers: phase.answers });
    this.#tellLoads({ do: phase.traffic, delivery: phase.delivery });
    await sleep(phase.warmUpMs, undefined, { signal: this.#ctx.signal });
    const before = await this.#look();
    await sleep(phase.measureMs, undefined, { signal: this.#ctx.signal });
    const after = await this.#look();
    this.#tellLoads({ do: 'stop' });
    this.#tellServer({ do: 'answers', answers: phase.answers === 'ticks' ? 'none' : 'each' });
    const lost = await this.#settle();
    const lostNow = lost - this.#lost;
    this.#lost = lost;
    return {
      proxyS: after.proxyS - before.proxyS,
      serverS: after.serverS - before.serverS,
      messages: after.counts.sent + after.counts.received - before.counts.sent - before.counts.received,
      wallS: (after.ms - before.ms) / 1000,
      rtt: after.rtt,
      lost: lostNow,
    };
  }

  /** Resolves when nothing of it is left. */
  async stop(): Promise<void> {
    await Promise.all(this.#loads.map((load) => load.stop()));
    await Promise.all([this.#proxy.stop(), this.#server.stop()]);
  }

  async #look(): Promise<{ counts: Counts; rtt: readonly number[]; proxyS: number; serverS: number; ms: number }> {
    const { counts, rtt } = await this.#countLoads();
    const proxyS = this.#ctx.cpuOfTree(this.#proxy.pid);
    const serverS = this.#ctx.cpuOfTree(this.#server.pid);
    return { counts, rtt, proxyS, serverS, ms: performance.now() };
  }

  /** Waits until both sides agree; what they do not agree about when time is up is lost. */
  async #settle(): Promise<number> {
    const deadline = performance.now() + SETTLE_MS;
    for (;;) {
      const { counts: loads } = await this.#countLoads();
      this.#tellServer({ do: 'count' });
      const server = await this.#server.message<Counts>();
      const missing = Math.abs(loads.sent - server.received) + Math.abs(server.sent - loads.received);
      if (missing === 0 || performance.now() > deadline) return missing + loads.wrong + server.wrong;
      await sleep(SETTLE_STEP_MS);
    }
  }

  async #countLoads(): Promise<{ counts: Counts; rtt: readonly number[] }> {
    this.#tellLoads({ do: 'count' });
    const all = await Promise.all(this.#loads.map((load) => load.message<LoadCounts>()));
    return { counts: all.reduce<Counts>(addCounts, noCounts), rtt: all.map(({ rtt }) => rtt).reduce(addRoundTrips) };
  }

  #tellLoads(order: LoadOrder): void {
    for (const load of this.#loads) load.send(order);
  }

  #tellServer(order: ServerOrder): void {
    this.#server.send(order);
  }
}

type Behind = (ctx: BenchContext, settings: StackSettings, secret: string) => Promise<{ proxy: RunningProxy; server: Helper }>;

function startPeer(peer: Peer): Behind {
  return async (ctx, { folder, certificate }, secret) => {
    const server = ctx.fork(fileOf('ws-server.ts'), [JSON.stringify({ secret })]);
    const { port } = await server.message<{ port: number }>();
    return { proxy: await peers[peer](ctx, { folder, upstream: port, certificate }), server };
  };
}

const startAtlas: Behind = async (ctx, { folder, certificate }, secret) => {
  const server = ctx.fork(fileOf('link-server.ts'), [JSON.stringify({ folder })]);
  const { control } = await server.message<{ control: string }>();
  const config: GatewayConfig = {
    gateway: 'gw-1',
    host: '127.0.0.1',
    port: 0,
    tls: certificate ? { cert: certificate.cert, key: certificate.key } : { off: true },
    auth: { hs256Secret: secret },
    control,
    coalesceMs: COALESCE_MS,
  };
  const gateway = ctx.fork(fileOf('gateway-process.ts'), [JSON.stringify(config)], gatewayProgram());
  const { port } = await gateway.message<{ port: number }>();
  return { proxy: { port, process: gateway }, server };
};

/** As `gateway.engine: 'auto'` has it outside of development; ATLAS_BENCH_ENGINE=node measures the other one. */
function gatewayProgram(): { program?: string; env?: Readonly<Record<string, string>> } {
  if (process.env.ATLAS_BENCH_ENGINE === 'node') return {};
  const found = findBun();
  if ('missing' in found) throw new PeerMissing('bun', `npm: ${found.missing}`);
  return { program: found.program, env: bunEnvironment };
}

function fileOf(name: string): URL {
  return new URL(name, import.meta.url);
}
