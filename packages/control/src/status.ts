/**
 * What `GET /api/v1/status` answers: the whole installation on one page. The composition root gathers it; this is its shape.
 * Times are milliseconds unless the name says otherwise; a figure that is not known yet is null, never a made-up zero.
 */

import type { ErrorCode } from '@horizon-atlas/protocol';

export interface Status {
  readonly version: string;
  readonly uptimeS: number;
  readonly regions: readonly RegionStatus[];
  readonly servers: readonly ServerStatus[];
  readonly gateways: readonly GatewayStatus[];
  readonly players: { readonly online: number };
  readonly handoffs: HandoffStatus;
  /** What is wrong with the machine, and somebody has to mend; empty: nothing is known. */
  readonly warnings: readonly Warning[];
}

export interface Warning {
  readonly code: ErrorCode;
  /** With what to do. */
  readonly message: string;
}

export interface RegionStatus {
  readonly id: string;
  readonly name: string;
  readonly state: 'asleep' | 'starting' | 'active';
  /** The owner's id, or empty while nobody owns it. */
  readonly server: string;
  readonly epoch: number;
  readonly players: number;
}

export interface ServerStatus {
  readonly id: string;
  /** The region it was started for, or empty. */
  readonly region: string;
  readonly state: string;
  readonly pid: number;
  readonly restarts: number;
  /** Players and entities that it simulates now. */
  readonly players: number;
  readonly entities: number;
  readonly tickHz: number | null;
  /** Work of a tick over the last second. */
  readonly workMs: { readonly p50: number; readonly p90: number; readonly max: number } | null;
  /** CPU seconds since its start. */
  readonly cpuS: number | null;
  readonly memoryBytes: number | null;
  /** Why it is in this state, where that is bad news. */
  readonly code: string;
}

export interface GatewayStatus {
  readonly id: string;
  readonly url: string;
  /** `ws:` for pages of this machine, in development; empty: there is none. */
  readonly plainUrl: string;
  readonly state: string;
  readonly pid: number;
  readonly connections: number;
  readonly sessions: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Frames of former owners that were dropped. */
  readonly fenced: number;
  readonly cpuS: number | null;
  readonly memoryBytes: number | null;
}

export interface HandoffStatus {
  /** Groups that have changed owner by a handoff since the start. */
  readonly total: number;
  readonly failed: number;
  readonly rolledBack: number;
  /** Groups that ended up nowhere. Anything but 0 is a bug in Atlas. */
  readonly lost: number;
  /** The largest distance between two frames of one session around a switch, as gateways saw it. */
  readonly gapMs: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null };
}
