/**
 * Whether a peer is where it says. Until it has shown that it hears us, it is sent at most what came from it (times what its listener allows), so that nobody can make an
 * edge flood somebody else. It shows it by the cookie, where it has a token; and by speaking after it was spoken to, some times over, which every game does.
 */
import { acceptedFrame, COOKIE_BYTES } from './join-frame.ts';
import { type EdgePolicy, WIRE_BYTES } from './policy.ts';
import type { UdpSession } from './udp-session.ts';

export interface ProofOut {
  toPeer(session: UdpSession, data: Uint8Array): void;
  proven(session: UdpSession): void;
  random(): number;
}

export class Proof {
  readonly #policy: EdgePolicy;
  readonly #out: ProofOut;
  unproven = 0;

  constructor(policy: EdgePolicy, out: ProofOut) {
    this.#policy = policy;
    this.#out = out;
  }

  /** So many bytes came from a peer that has proved nothing. */
  heard(session: UdpSession, bytes: number): void {
    session.credit += (bytes + WIRE_BYTES) * session.listener.amplification;
    if (session.spokenTo) {
      session.spokenTo = false;
      if (++session.answers >= this.#policy.provenAnswers) this.prove(session);
    }
    this.#pay(session);
  }

  /** A datagram of the server's for such a peer: it goes now, or waits for credit. False: there is no room to wait. */
  speak(session: UdpSession, data: Uint8Array): boolean {
    const bytes = data.length + WIRE_BYTES;
    if (session.owed.length === 0 && bytes <= session.credit) {
      session.credit -= bytes;
      this.#out.toPeer(session, data);
      return true;
    }
    if (session.owedBytes + data.length > this.#policy.creditHeldBytes) return false;
    // What was received is good for this turn alone: the next datagram is written over it.
    session.owed.push(data.slice());
    session.owedBytes += data.length;
    return true;
  }

  prove(session: UdpSession): void {
    if (session.proven) return;
    session.proven = true;
    this.unproven--;
    this.#pay(session);
    this.#out.proven(session);
  }

  /** The peer has moved: it has to prove itself anew. */
  forget(session: UdpSession): void {
    if (session.proven) this.unproven++;
    session.proven = false;
    session.credit = 0;
    session.answers = 0;
    session.cookie = undefined;
    this.writeOff(session);
  }

  writeOff(session: UdpSession): void {
    session.owed = [];
    session.owedBytes = 0;
  }

  /** Tells the peer that its token was good, and by which cookie it proves itself. */
  accept(session: UdpSession): void {
    session.cookie ??= Uint8Array.from({ length: COOKIE_BYTES }, () => this.#out.random() & 255);
    const frame = acceptedFrame(session.cookie);
    if (!session.proven) session.credit -= frame.length + WIRE_BYTES;
    this.#out.toPeer(session, frame);
  }

  /** False: it is not the cookie that the peer was given. */
  shown(session: UdpSession, cookie: Uint8Array): boolean {
    const given = session.cookie;
    if (!given || given.length !== cookie.length || !given.every((byte, i) => byte === cookie[i])) return false;
    this.prove(session);
    return true;
  }

  #pay(session: UdpSession): void {
    while (session.owed.length > 0) {
      const data = session.owed[0] as Uint8Array;
      const bytes = data.length + WIRE_BYTES;
      if (!session.proven && bytes > session.credit) return;
      session.credit -= bytes;
      session.owed.shift();
      session.owedBytes -= data.length;
      this.#out.toPeer(session, data);
    }
  }
}
