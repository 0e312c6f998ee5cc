/** The tables that the engine's parts share, and its figures. Nothing here decides. */
import { Heap } from '@horizon-atlas/base';
import { noTracer, type Tracer } from '@horizon-atlas/ports';
import type { ErrorCode } from '@horizon-atlas/protocol';
import { Admission } from './admission.ts';
import type { GatewayIdentity, GatewayOut, GatewaySecrets } from './out.ts';
import type { GatewayPolicy } from './policy.ts';
import type { Server } from './servers.ts';
import type { Client, Session } from './session.ts';
import { SessionReports } from './session-reports.ts';
import { Traces } from './traces.ts';

/** Gaps kept until somebody takes them; beyond, further ones are dropped. */
const GAPS_MAX = 4096;

/** The largest distance between two frames of a session around a switch. */
export interface Gap {
  readonly session: string;
  readonly ms: number;
  readonly recovery: boolean;
}

export class GatewayState {
  readonly policy: GatewayPolicy;
  readonly out: GatewayOut;
  readonly secrets: GatewaySecrets;
  readonly identity: GatewayIdentity;
  readonly admission: Admission;
  readonly traces: Traces;
  readonly clients = new Map<number, Client>();
  readonly sessions = new Map<string, Session>();
  readonly servers = new Map<string, Server>();
  readonly #due = new Heap<Session | Server>();
  readonly counters = {
    messagesIn: 0,
    messagesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    fenced: 0,
    duplicates: 0,
    holes: 0,
    invalidFromServers: 0,
  };
  readonly refused = new Map<ErrorCode, number>();
  /** Of handoffs, and of recoveries after a server's death. */
  gaps: Gap[] = [];
  readonly reports = new SessionReports();
  control = false;
  controlDownMs = 0;
  /** URLs of all gateways, as the control plane told. */
  gateways: readonly string[] = [];
  draining = false;
  nowMs = 0;

  constructor(
    policy: GatewayPolicy,
    out: GatewayOut,
    secrets: GatewaySecrets,
    identity: GatewayIdentity,
    tracer: Tracer = noTracer,
  ) {
    this.policy = policy;
    this.out = out;
    this.secrets = secrets;
    this.identity = identity;
    this.admission = new Admission(policy);
    this.traces = new Traces(tracer);
  }

  /** The time of the next thing that waits; may be early, never late. */
  get dueMs(): number {
    return this.#due.minKey;
  }

  /** Replaces whatever the session or server waited for. */
  wake(what: Session | Server, atMs: number): void {
    what.dueMs = atMs;
    if (atMs < Number.POSITIVE_INFINITY) this.#due.push(atMs, what);
  }

  /** The next that is due by now; its due time is cleared. */
  takeDue(): Session | Server | undefined {
    while (this.#due.minKey <= this.nowMs) {
      const atMs = this.#due.minKey;
      const what = this.#due.pop();
      if (what === undefined || what.dueMs !== atMs) continue;
      what.dueMs = Number.POSITIVE_INFINITY;
      return what;
    }
    return undefined;
  }

  countRefused(code: ErrorCode): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }

  addGap(session: string, ms: number, recovery: boolean): void {
    if (this.gaps.length < GAPS_MAX) this.gaps.push({ session, ms, recovery });
  }
}
