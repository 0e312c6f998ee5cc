/** Figures of the metrics page that no part counts by itself: taken from the status when somebody asks. */
import type { MetricsLabels, MetricsSample, Status } from '@horizon-atlas/control';
import type { RegionsStatus } from '@horizon-atlas/regions';
import type { GatewayStats, Heartbeat } from './live/resources.ts';

/** What was heard last of each process. */
export interface Heard {
  heartbeatOf(server: string): Heartbeat | undefined;
  statsOf(gateway: string): GatewayStats | undefined;
}

export function statusMetrics(status: Status, regions: RegionsStatus | undefined, heard: Heard): MetricsSample[] {
  return [
    ...worldMetrics(status),
    ...status.servers.flatMap(({ id, region }) => regionMetrics(region, heard.heartbeatOf(id))),
    ...status.gateways.flatMap(({ id }, i) => gatewayMetrics(String(i), heard.statsOf(id))),
    ...coordinatorMetrics(regions),
    ...processMetrics(status),
  ];
}

function worldMetrics({ players, regions, handoffs }: Status): MetricsSample[] {
  const states = ['asleep', 'starting', 'active'] as const;
  const quantiles = [
    ['0.5', handoffs.gapMs.p50],
    ['0.99', handoffs.gapMs.p99],
    ['1', handoffs.gapMs.max],
  ] as const;
  return [
    gauge('atlas_players_online', players.online),
    ...states.map((state) => gauge('atlas_regions', regions.filter((region) => region.state === state).length, { state })),
    ...regions.map(({ id, players: here }) => gauge('atlas_region_players', here, { region: id })),
    counter('atlas_handoffs_total', handoffs.total),
    counter('atlas_handoffs_failed_total', handoffs.failed),
    counter('atlas_handoffs_rolled_back_total', handoffs.rolledBack),
    counter('atlas_handoffs_lost_total', handoffs.lost),
    ...quantiles.flatMap(([percentile, ms]) => (ms === null ? [] : [gauge('atlas_handoff_gap_ms', ms, { percentile })])),
  ];
}

/** A server that plays no region yet, or has said nothing yet, has no figures. */
function regionMetrics(region: string, heard: Heartbeat | undefined): MetricsSample[] {
  if (region === '' || heard === undefined) return [];
  return [
    gauge('atlas_region_entities', heard.entities, { region }),
    gauge('atlas_region_shadows', heard.shadows, { region }),
    gauge('atlas_region_tick_hz', heard.tickHz, { region }),
    gauge('atlas_region_tick_work_p90_ms', heard.workMsP90, { region }),
    gauge('atlas_region_tick_work_max_ms', heard.workMsMax, { region }),
  ];
}

function gatewayMetrics(gateway: string, heard: GatewayStats | undefined): MetricsSample[] {
  // A counter that was 0 for a moment would look like a new one.
  if (heard === undefined) return [gauge('atlas_gateway_connections', 0, { gateway })];
  return [
    gauge('atlas_gateway_connections', heard.connections, { gateway }),
    gauge('atlas_gateway_sessions', heard.sessions, { gateway }),
    gauge('atlas_gateway_held_commands', heard.heldNow, { gateway }),
    counter('atlas_gateway_messages_total', heard.messagesIn, { gateway, direction: 'in' }),
    counter('atlas_gateway_messages_total', heard.messagesOut, { gateway, direction: 'out' }),
    counter('atlas_gateway_bytes_total', heard.bytesIn, { gateway, direction: 'in' }),
    counter('atlas_gateway_bytes_total', heard.bytesOut, { gateway, direction: 'out' }),
    counter('atlas_gateway_fenced_total', heard.fenced, { gateway }),
    ...heard.refused.map(({ code, count }) => counter('atlas_gateway_refusals_total', count, { gateway, code })),
  ];
}

function coordinatorMetrics(regions: RegionsStatus | undefined): MetricsSample[] {
  if (!regions) return [];
  const { handoffs, predictors, recoveries, ignored } = regions;
  return [
    gauge('atlas_handoffs_under_way', handoffs.underWay),
    ...(handoffs.warmRate === null ? [] : [gauge('atlas_handoffs_warm_ratio', handoffs.warmRate)]),
    ...predictors.flatMap(({ predictor, made, right }) => [
      counter('atlas_predictions_total', made, { predictor }),
      counter('atlas_predictions_right_total', right, { predictor }),
    ]),
    counter('atlas_recoveries_total', recoveries),
    counter('atlas_stale_messages_total', ignored),
  ];
}

function processMetrics({ uptimeS, version }: Status): MetricsSample[] {
  const { user, system } = process.cpuUsage();
  return [
    gauge('atlas_build_info', 1, { version }),
    gauge('atlas_uptime_seconds', uptimeS),
    counter('atlas_process_cpu_seconds_total', (user + system) / 1e6),
    gauge('atlas_process_resident_memory_bytes', process.memoryUsage.rss()),
  ];
}

function gauge(name: string, value: number, labels: MetricsLabels = {}): MetricsSample {
  return { kind: 'gauge', name, labels, value };
}

function counter(name: string, value: number, labels: MetricsLabels = {}): MetricsSample {
  return { kind: 'counter', name, labels, value };
}
