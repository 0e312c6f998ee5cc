/** A UDP engine on a desk: its out notes what it is asked for, and time is a number. */
import type { EdgeListener, EdgeTarget } from '@horizon-atlas/protocol';
import { Admission } from '../src/core/admission.ts';
import { Directory } from '../src/core/directory.ts';
import { LoopbackAddresses } from '../src/core/loopback-addresses.ts';
import { defaultEdgePolicy, type EdgePolicy } from '../src/core/policy.ts';
import { UdpEngine, type UdpOut } from '../src/core/udp-engine.ts';
import type { UdpSession, UdpSessionRecord, UdpUpstream } from '../src/core/udp-session.ts';
import { EdgeTokens } from '../src/edge-tokens.ts';

export const listenerOf = (over: Partial<EdgeListener> = {}): EdgeListener => ({
  listener: 'arena/game',
  fleet: 'arena',
  port: 'game',
  protocol: 'udp',
  listenHost: '127.0.0.1',
  listenPort: 0,
  route: 'server',
  server: '',
  source: 'edge',
  tls: false,
  wake: false,
  accept: [],
  amplification: 1,
  idleMs: 60_000,
  datagramsPerS: 500,
  holdMs: 30_000,
  front: undefined,
  ...over,
});

export const targetOf = (server: string, port: number, over: Partial<EdgeTarget> = {}): EdgeTarget => ({
  server,
  fleet: 'arena',
  state: 'up',
  ports: [{ name: 'game', host: '127.0.0.1', port }],
  ...over,
});

export interface DeskUpstream extends UdpUpstream {
  readonly session: UdpSession;
  readonly to: number;
  readonly sent: string[];
  closed: boolean;
}

export class Desk {
  nowMs = 1_000;
  wallMs = 1_800_000_000_000;
  readonly tokens = new EdgeTokens(() => this.wallMs, [{ secret: new Uint8Array(32).fill(7) }]);
  readonly directory = new Directory();
  readonly upstreams: DeskUpstream[] = [];
  readonly toPeers: { readonly to: string; readonly data: Uint8Array }[] = [];
  readonly woken: string[] = [];
  /** Addresses with a TCP connection. */
  readonly vouched = new Set<string>();
  readonly kept = new Map<number, UdpSessionRecord>();
  readonly engine: UdpEngine;
  #random = 1;
  #ids = 0;

  constructor(
    policy: Partial<EdgePolicy> = {},
    listeners: readonly EdgeListener[] = [listenerOf()],
    targets = [targetOf('srv_1', 7001)],
  ) {
    const whole = { ...defaultEdgePolicy, ...policy };
    const loopbacks = new LoopbackAddresses(5);
    const out: UdpOut = {
      open: (session, place, from) => this.#open(session, place.port, from),
      toPeer: ({ peer, peerPort }, data) => void this.toPeers.push({ to: `${peer}:${peerPort}`, data: data.slice() }),
      toStranger: (_, data, address, port) => void this.toPeers.push({ to: `${address}:${port}`, data: data.slice() }),
      loopbackOf: (address) => loopbacks.of(address),
      verify: (token) => this.tokens.verify(token),
      wake: (fleet, server) => void this.woken.push(`${fleet}/${server}`),
      vouched: (_, address) => this.vouched.has(address),
      random: () => this.#roll(),
      nextId: () => ++this.#ids,
      keep: (record) => void this.kept.set(record.session, record),
      forget: (id) => void this.kept.delete(id),
    };
    this.directory.setListeners(listeners);
    this.directory.setTargets(true, targets);
    this.engine = new UdpEngine(whole, this.directory, new Admission(whole), out);
  }

  /** A datagram from `host:port`. */
  hear(peer: string, data: string | Uint8Array, listener = [...this.directory.listeners.values()][0] as EdgeListener): void {
    const [address = '', port] = peer.split(':');
    overwritten(data, (bytes) => this.engine.fromPeer(listener, bytes, address, Number(port), this.nowMs));
  }

  /** What the server says by a session's newest socket. */
  answer(upstream: DeskUpstream | undefined, data: string | Uint8Array): void {
    if (upstream) overwritten(data, (bytes) => this.engine.fromServer(upstream.session, upstream, bytes));
  }

  targets(targets: readonly EdgeTarget[], all = true): void {
    const gone = this.directory.setTargets(all, targets);
    this.engine.targetsChanged(
      targets.map(({ server }) => server),
      gone,
      this.nowMs,
    );
  }

  dropped(why: string): number {
    return this.engine.figures.dropped.get(why) ?? 0;
  }

  heardBy(peer: string): string[] {
    return this.toPeers.filter(({ to }) => to === peer).map(({ data }) => new TextDecoder('latin1').decode(data));
  }

  bytesTo(peer: string): number {
    return this.toPeers.filter(({ to }) => to === peer).reduce((sum, { data }) => sum + data.length + 28, 0);
  }

  #roll(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#random;
  }

  #open(session: UdpSession, to: number, from: { host: string; port: number } | undefined): DeskUpstream {
    const sent: string[] = [];
    const localPort = from?.port || 40_000 + this.upstreams.length;
    const upstream: DeskUpstream = {
      session,
      to,
      sent,
      closed: false,
      localHost: from?.host ?? '127.0.0.1',
      localPort,
      send: (data) => void sent.push(new TextDecoder('latin1').decode(data)),
      close: () => {
        upstream.closed = true;
      },
    };
    this.upstreams.push(upstream);
    // As sockets do: not before the caller has the socket.
    queueMicrotask(() => this.engine.opened(session, upstream));
    return upstream;
  }
}

export function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? new Uint8Array(Buffer.from(data, 'latin1')) : data;
}

/** As sockets do: the next datagram is received into the same memory. */
function overwritten(data: string | Uint8Array, receive: (bytes: Uint8Array) => void): void {
  const bytes = bytesOf(data).slice();
  receive(bytes);
  bytes.fill(0xee);
}
