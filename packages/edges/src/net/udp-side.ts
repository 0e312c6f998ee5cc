/** The UDP side of an edge on real sockets: the engine's hands. */
import type { EdgeListener } from '@horizon-atlas/protocol';
import type { Turn } from '@horizon-atlas/runtime';
import type { Admission } from '../core/admission.ts';
import type { Directory } from '../core/directory.ts';
import type { LoopbackAddresses } from '../core/loopback-addresses.ts';
import type { EdgePolicy } from '../core/policy.ts';
import { UdpEngine } from '../core/udp-engine.ts';
import type { UdpSession, UdpUpstream } from '../core/udp-session.ts';
import type { EdgeTokens } from '../edge-tokens.ts';
import type { StateFolder } from '../state-folder.ts';
import type { PeerSocket, UdpSockets } from './udp-sockets.ts';

export interface UdpSideDeps {
  readonly sockets: UdpSockets;
  readonly turn: Turn;
  readonly policy: EdgePolicy;
  readonly directory: Directory;
  readonly admission: Admission;
  readonly loopbacks: LoopbackAddresses;
  readonly tokens: EdgeTokens;
  readonly state: StateFolder;
  readonly random: () => number;
  readonly nextId: () => number;
  readonly wake: (fleet: string, server: string) => void;
  readonly vouched: (listener: EdgeListener, address: string) => boolean;
}

export class UdpSide {
  readonly engine: UdpEngine;
  readonly #deps: UdpSideDeps;
  readonly #peers = new Map<string, PeerSocket>();

  constructor(deps: UdpSideDeps) {
    const { policy, directory, admission, loopbacks, tokens, state } = deps;
    this.#deps = deps;
    const out = {
      open: (session: UdpSession, { host, port }: { host: string; port: number }, from: UpstreamFrom) =>
        this.#open(session, host, port, from),
      toPeer: (session: UdpSession, data: Uint8Array) =>
        this.#peers.get(session.listener.listener)?.send(data, session.peerPort, session.peer),
      toStranger: (listener: EdgeListener, data: Uint8Array, address: string, port: number) =>
        this.#peers.get(listener.listener)?.send(data, port, address),
      loopbackOf: (address: string) => loopbacks.of(address),
      verify: (token: Uint8Array) => tokens.verify(token),
      wake: deps.wake,
      vouched: deps.vouched,
      random: deps.random,
      nextId: deps.nextId,
      keep: state.keep.bind(state),
      forget: state.forget.bind(state),
    };
    this.engine = new UdpEngine(policy, directory, admission, out);
  }

  /** Rejects with an error whose `code` is the system's. Answers the port. */
  async listen(listener: EdgeListener, port: number): Promise<number> {
    const { sockets, turn } = this.#deps;
    const { listener: name, listenHost } = listener;
    const socket = await sockets.listen(listenHost, port, (data, address, from) => {
      this.engine.fromPeer(listener, data, address, from, turn.wokenUp());
    });
    this.#peers.set(name, socket);
    return socket.port;
  }

  unlisten(listener: string): void {
    this.#peers.get(listener)?.close();
    this.#peers.delete(listener);
  }

  close(): void {
    for (const name of [...this.#peers.keys()]) this.unlisten(name);
    for (const { upstream } of this.engine.sessions) upstream?.close();
  }

  #open(session: UdpSession, host: string, port: number, from: UpstreamFrom): UdpUpstream {
    const { sockets, turn } = this.#deps;
    // Only Linux has all of 127/8 without being told.
    const bound = from && (process.platform === 'linux' || from.port !== 0) ? from : undefined;
    const upstream = sockets.connect({
      host,
      port,
      from: bound,
      onData: (data) => {
        turn.wokenUp();
        this.engine.fromServer(session, upstream, data);
      },
      onOpen: () => this.engine.opened(session, upstream),
      onFail: (code) => this.engine.failed(session, upstream, code),
    });
    return upstream;
  }
}

type UpstreamFrom = { readonly host: string; readonly port: number } | undefined;
