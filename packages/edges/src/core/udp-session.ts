/**
 * One player's way through an edge by UDP. What is counted here is counted a datagram, so it is plain fields.
 *
 *   held ──server is up──▶ open ──silence, end, server gone──▶ (forgotten)
 *     └──not woken, silence──▶ (forgotten)
 */
import type { EdgeListener } from '@horizon-atlas/protocol';
import type { AddressEntry } from './admission.ts';
import { Bucket } from './bucket.ts';
import type { Place } from './directory.ts';

/** A socket to the game server that is this session's alone. Given by the shell. */
export interface UdpUpstream {
  /** As the game server sees the player; port 0 until it is bound. */
  readonly localHost: string;
  readonly localPort: number;
  send(data: Uint8Array): void;
  close(): void;
}

/** What of a session outlives the process. */
export interface UdpSessionRecord {
  readonly session: number;
  readonly listener: string;
  readonly peer: string;
  readonly peerPort: number;
  readonly server: string;
  readonly host: string;
  readonly port: number;
  readonly localHost: string;
  readonly localPort: number;
  readonly player: string;
  /** Hexadecimal; empty without a token. */
  readonly nonce: string;
  readonly proven: boolean;
}

export class UdpSession {
  readonly id: number;
  readonly listener: EdgeListener;
  readonly address: AddressEntry;
  /** The server that it has to be, by its token or its listener; empty: any of the fleet. */
  wanted: string;
  readonly player: string;
  readonly nonce: string;
  readonly sinceMs: number;
  readonly rate: Bucket;
  /** Where the player is: changes when a player with a token roams. */
  peer: string;
  peerPort: number;
  /** The next with the same port number: see `PeerTable`. */
  next: UdpSession | undefined;
  place: Place | undefined;
  upstream: UdpUpstream | undefined;
  /** In front of each datagram, for servers that take PROXY headers. */
  prefix: Uint8Array | undefined;
  lastPeerMs: number;
  lastWakeMs = Number.NEGATIVE_INFINITY;
  proven = false;
  /** Bytes that may still go to a peer that has proved nothing. */
  credit = 0;
  answers = 0;
  /** Something was sent to the peer since it last spoke. */
  spokenTo = false;
  cookie: Uint8Array | undefined;
  /** The server's datagrams that wait for credit. */
  owed: Uint8Array[] = [];
  owedBytes = 0;
  /** The player's datagrams that wait for the server. */
  held: Uint8Array[] | undefined;
  heldBytes = 0;
  heldSinceMs = 0;
  /** Told to the control plane, and since changed. */
  told = false;

  constructor(settings: {
    id: number;
    listener: EdgeListener;
    address: AddressEntry;
    peer: string;
    peerPort: number;
    wanted: string;
    player: string;
    nonce: string;
    burstS: number;
    nowMs: number;
  }) {
    const { id, listener, address, peer, peerPort, wanted, player, nonce, burstS, nowMs } = settings;
    this.id = id;
    this.listener = listener;
    this.address = address;
    this.peer = peer;
    this.peerPort = peerPort;
    this.wanted = wanted;
    this.player = player;
    this.nonce = nonce;
    this.sinceMs = nowMs;
    this.lastPeerMs = nowMs;
    this.rate = new Bucket(Math.max(1, listener.datagramsPerS * burstS), nowMs);
  }
}

/** Sessions of one listener by who is at the other end: by port number first, since those hardly ever coincide and need no hash of a text. */
export class PeerTable {
  readonly #byPort = new Map<number, UdpSession>();

  find(address: string, port: number): UdpSession | undefined {
    let session = this.#byPort.get(port);
    while (session !== undefined && session.peer !== address) session = session.next;
    return session;
  }

  add(session: UdpSession): void {
    session.next = this.#byPort.get(session.peerPort);
    this.#byPort.set(session.peerPort, session);
  }

  remove(session: UdpSession): void {
    const first = this.#byPort.get(session.peerPort);
    if (first === session) {
      if (session.next) this.#byPort.set(session.peerPort, session.next);
      else this.#byPort.delete(session.peerPort);
    } else {
      let before = first;
      while (before && before.next !== session) before = before.next;
      if (before) before.next = session.next;
    }
    session.next = undefined;
  }
}
