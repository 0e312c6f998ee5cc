/** Figures of the metrics page that no part counts by itself: taken from the status when somebody asks. */
import type { MetricsLabels, MetricsSample, Status } from '@horizon-atlas/control';
import type { RegionsStatus } from '@horizon-atlas/regions';

export function statusMetrics(status: Status, regions: RegionsStatus | undefined): MetricsSample[] {
  return [...worldMetrics(status), ...coordinatorMetrics(regions), ...processMetrics(status)];
}

function worldMetrics({ players, regions, handoffs, servers, gateways }: Status): MetricsSample[] {
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
    ...servers.flatMap(({ region, workMs }) =>
      workMs && region !== '' ? [gauge('atlas_region_tick_work_p90_ms', workMs.p90, { region })] : [],
    ),
    ...gateways.map(({ connections }, i) => gauge('atlas_gateway_connections', connections, { gateway: String(i) })),
    counter('atlas_handoffs_total', handoffs.total),
    counter('atlas_handoffs_failed_total', handoffs.failed),
    counter('atlas_handoffs_rolled_back_total', handoffs.rolledBack),
    counter('atlas_handoffs_lost_total', handoffs.lost),
    ...quantiles.flatMap(([percentile, ms]) => (ms === null ? [] : [gauge('atlas_handoff_gap_ms', ms, { percentile })])),
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
