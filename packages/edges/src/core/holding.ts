/** What players say to servers that are not awake yet: kept in order, bounded for each and for all. */
import type { EdgePolicy } from './policy.ts';
import type { UdpSession } from './udp-session.ts';

export class Holding {
  readonly #policy: EdgePolicy;
  #bytes = 0;
  count = 0;

  constructor(policy: EdgePolicy) {
    this.#policy = policy;
  }

  begin(session: UdpSession, nowMs: number): void {
    if (session.held) return;
    session.held = [];
    session.heldSinceMs = nowMs;
    this.count++;
  }

  /** False: there is no room. */
  keep(session: UdpSession, data: Uint8Array): boolean {
    const { holdDatagrams, holdBytes, holdBytesAll } = this.#policy;
    if (!session.held || session.held.length >= holdDatagrams) return false;
    if (session.heldBytes + data.length > holdBytes || this.#bytes + data.length > holdBytesAll) return false;
    session.held.push(data.slice());
    session.heldBytes += data.length;
    this.#bytes += data.length;
    return true;
  }

  /** Ends it; answers what was kept. */
  take(session: UdpSession): readonly Uint8Array[] {
    const { held } = session;
    if (!held) return [];
    this.count--;
    this.#bytes -= session.heldBytes;
    session.held = undefined;
    session.heldBytes = 0;
    return held;
  }
}
