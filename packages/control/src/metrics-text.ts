/**
 * Figures as Prometheus' text format 0.0.4, in the way that `promtool check metrics` wants them: base units, `_total` on
 * counters and nowhere else, HELP and TYPE once a family, samples of a family together.
 *
 * The probe speaks milliseconds where that is what people think in (`…_ms`); Prometheus wants seconds, so they are turned here.
 */

export type MetricsLabels = Readonly<Record<string, string>>;

export type MetricsSample =
  | { readonly kind: 'counter' | 'gauge'; readonly name: string; readonly labels: MetricsLabels; readonly value: number }
  | {
      readonly kind: 'summary';
      readonly name: string;
      readonly labels: MetricsLabels;
      readonly count: number;
      readonly sum: number;
      /** Pairs of quantile (0 to 1) and value. */
      readonly quantiles: readonly (readonly [number, number])[];
    };

export interface MetricsSource {
  snapshot(): readonly MetricsSample[];
}

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

/** What people read about a figure. One that is missing here gets its name in words. */
export const metricsHelp: Readonly<Record<string, string>> = {
  atlas_build_info: 'The release that runs, as a label; always 1.',
  atlas_uptime_seconds: 'Time since this control plane started.',
  atlas_players_online: 'Players with a session at a gateway.',
  atlas_regions: 'Regions of the world by state.',
  atlas_servers: 'Game servers by state.',
  atlas_handoffs_total: 'Groups that changed owner by a handoff.',
  atlas_handoffs_failed_total: 'Handoffs that did not come about.',
  atlas_handoffs_rolled_back_total: 'Handoffs that were taken back after the commit.',
  atlas_handoffs_lost_total: 'Groups that ended up nowhere: anything but 0 is a bug.',
  atlas_handoffs_under_way: 'Groups that approach a border or cross it now.',
  atlas_handoffs_warm_ratio: 'Share of handoffs whose copy was in place in time, 0 to 1.',
  atlas_handoff_frozen_seconds: 'From the freeze of a group at its source to its activation at the target.',
  atlas_predictions_total: 'Crossings that a predictor foretold.',
  atlas_predictions_right_total: 'Of those, the ones that came about.',
  atlas_recoveries_total: 'Regions taken from a dead server and given to another.',
  atlas_stale_messages_total: 'Words of game servers that were out of date or not theirs to say.',
  atlas_region_players: 'Players in a region.',
  atlas_region_tick_work_p90_seconds: 'Work of a tick over the last second, 90th percentile.',
  atlas_gateway_connections: 'Open client connections of a gateway.',
  atlas_ledger_transfers_total: 'Transfers of items and money by their outcome.',
  atlas_server_up: 'Whether a process of the fleet is ready.',
  atlas_server_starts_total: 'Processes that the fleet has started.',
  atlas_server_failures_total: 'Processes that ended unasked or did not start.',
  atlas_server_cpu_seconds: 'CPU time of a process of the fleet since its start.',
  atlas_server_memory_bytes: 'Resident memory of a process of the fleet.',
  atlas_connections_closed_total: 'Client connections that ended, by code.',
  atlas_handoff_gap_seconds: 'Largest distance between two frames of one session around a switch.',
  atlas_spans_total: 'Spans of sampled traces by what became of them at the collector.',
  atlas_process_cpu_seconds_total: 'CPU time of the control plane.',
  atlas_process_resident_memory_bytes: 'Resident memory of the control plane.',
};

export function renderMetrics(samples: readonly MetricsSample[]): string {
  const families = new Map<string, MetricsSample[]>();
  for (const sample of samples) {
    const name = familyName(sample);
    const family = families.get(name);
    if (!family) families.set(name, [sample]);
    // One name, one kind: a second kind under the same name would make the whole page unreadable.
    else if (family[0]?.kind === sample.kind) family.push(sample);
  }
  let text = '';
  for (const name of [...families.keys()].sort()) text += renderFamily(name, families.get(name) ?? []);
  return text;
}

function renderFamily(name: string, samples: readonly MetricsSample[]): string {
  let text = `# HELP ${name} ${escapeHelp(metricsHelp[name] ?? inWords(name))}\n# TYPE ${name} ${samples[0]?.kind ?? 'untyped'}\n`;
  const seen = new Set<string>();
  for (const sample of samples) {
    const labels = labelsOf(sample.labels);
    const id = labels.join(',');
    if (seen.has(id)) continue;
    seen.add(id);
    const unit = unitOf(sample.name);
    if (sample.kind !== 'summary') {
      text += line(name, labels, sample.value * unit);
      continue;
    }
    for (const [quantile, value] of sample.quantiles) text += line(name, [...labels, `quantile="${quantile}"`], value * unit);
    text += line(`${name}_sum`, labels, sample.sum * unit) + line(`${name}_count`, labels, sample.count);
  }
  return text;
}

function familyName({ kind, name }: MetricsSample): string {
  let out = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_');
  if (!/^[a-z_]/.test(out)) out = `_${out}`;
  out = out.replace(/_total$/, '').replace(/_(ms|milliseconds|s)$/, '_seconds');
  return kind === 'counter' ? `${out}_total` : out;
}

/** What a value is multiplied by to be in the base unit. */
function unitOf(name: string): number {
  return /(_ms|_milliseconds|Ms)(_total)?$/.test(name) ? 0.001 : 1;
}

function labelsOf(labels: MetricsLabels): string[] {
  return Object.keys(labels)
    .sort()
    .map((key) => `${key.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(\d)/, '_$1')}="${escapeLabel(labels[key] ?? '')}"`);
}

function line(name: string, labels: readonly string[], value: number): string {
  return `${name}${labels.length > 0 ? `{${labels.join(',')}}` : ''} ${formatValue(value)}\n`;
}

function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  // 0.001 × 41 is 0.041000000000000002: twelve digits are more than any clock gives.
  return String(Number(value.toPrecision(12)));
}

const escapeHelp = (text: string): string => text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
const escapeLabel = (text: string): string => escapeHelp(text).replace(/"/g, '\\"');

function inWords(name: string): string {
  const words = name
    .replace(/^atlas_/, '')
    .replace(/_total$/, '')
    .replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
