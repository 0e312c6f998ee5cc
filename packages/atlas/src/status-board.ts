/**
 * What the control plane knows about everything that runs, put together for people: who is asked (regions, fleet) and what was heard
 * last from each game server and gateway.
 */
import { type Histogram, histogram } from '@horizon-atlas/base';
import type { GatewayStatus, RegionStatus, ServerStatus, Status, Warning } from '@horizon-atlas/control';
import type { FleetServer } from '@horizon-atlas/fleet';
import type { Clock } from '@horizon-atlas/ports';
import type { GatewayStats, Heartbeat } from './live/resources.ts';
import { version } from './version.ts';

/** What the board asks when it is looked at. */
export interface StatusSources {
  readonly clock: Clock;
  regions(): readonly RegionStatus[];
  handoffs(): { readonly total: number; readonly failed: number; readonly rolledBack: number; readonly lost: number };
  fleet(): readonly FleetServer[];
  warnings(): readonly Warning[];
  /** Where pages of this machine reach the gateway with this URL; empty: nowhere. */
  plainUrlOf(url: string): string;
}

export class StatusBoard {
  readonly #sources: StatusSources;
  readonly #startedMs: number;
  readonly #heartbeats = new Map<string, Heartbeat>();
  readonly #stats = new Map<string, GatewayStats>();
  readonly #gaps: Histogram = histogram();

  constructor(sources: StatusSources) {
    this.#sources = sources;
    this.#startedMs = sources.clock.now();
  }

  heard(id: string, message: Heartbeat | GatewayStats): void {
    if (message.kind === 'heartbeat') {
      this.#heartbeats.set(id, message);
      return;
    }
    this.#stats.set(id, message);
    for (const { ms, recovery } of message.gaps) if (!recovery) this.#gaps.add(ms);
  }

  /** What a game server said last; undefined: nothing on its present link. */
  heartbeatOf(server: string): Heartbeat | undefined {
    return this.#heartbeats.get(server);
  }

  statsOf(gateway: string): GatewayStats | undefined {
    return this.#stats.get(gateway);
  }

  lost(id: string): void {
    this.#heartbeats.delete(id);
    this.#stats.delete(id);
  }

  read(): Status {
    const { clock, regions, handoffs, fleet, warnings } = this.#sources;
    const processes = fleet();
    const { total, failed, rolledBack, lost } = handoffs();
    const gateways = processes.filter(({ role }) => role === 'gateway').map((process) => this.#gateway(process));
    const gaps = this.#gaps;
    return {
      version,
      uptimeS: Math.round((clock.now() - this.#startedMs) / 100) / 10,
      regions: regions(),
      servers: processes.filter(({ role }) => role === 'server').map((process) => this.#server(process)),
      gateways,
      // A session outlives its socket, and a connection may not have a session yet: both make a player who is here.
      players: { online: gateways.reduce((sum, { connections, sessions }) => sum + Math.min(connections, sessions), 0) },
      handoffs: {
        total,
        failed,
        rolledBack,
        lost,
        gapMs: {
          p50: known(gaps.percentile(0.5)),
          p99: known(gaps.percentile(0.99)),
          max: gaps.count === 0 ? null : known(gaps.max),
        },
      },
      warnings: warnings(),
    };
  }

  #server({ server, region, state, pid, restarts, cpuS, memoryBytes, code }: FleetServer): ServerStatus {
    const heard = this.#heartbeats.get(server);
    return {
      id: server,
      region,
      state,
      pid,
      restarts,
      players: heard?.players ?? 0,
      entities: heard?.entities ?? 0,
      tickHz: heard ? known(heard.tickHz) : null,
      workMs: heard ? { p50: heard.workMsP50, p90: heard.workMsP90, max: heard.workMsMax } : null,
      cpuS: known(cpuS),
      memoryBytes: known(memoryBytes),
      code,
    };
  }

  #gateway({ server, address, state, pid, cpuS, memoryBytes }: FleetServer): GatewayStatus {
    const heard = this.#stats.get(server);
    return {
      id: server,
      url: address,
      plainUrl: this.#sources.plainUrlOf(address),
      state,
      pid,
      connections: heard?.connections ?? 0,
      sessions: heard?.sessions ?? 0,
      messagesIn: heard?.messagesIn ?? 0,
      messagesOut: heard?.messagesOut ?? 0,
      fenced: heard?.fenced ?? 0,
      cpuS: known(cpuS),
      memoryBytes: known(memoryBytes),
    };
  }
}

/** JSON has no NaN, and neither has a person. Hundredths are more than anybody reads. */
function known(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value * 100) / 100 : null;
}
