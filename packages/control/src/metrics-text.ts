/**
 * Figures as Prometheus' text format 0.0.4, in the way that `promtool check metrics` wants them: base units, `_total` on
 * counters and nowhere else, HELP and TYPE once a family, samples of a family together.
 *
 * The probe speaks milliseconds where that is what people think in (`…_ms`); Prometheus wants seconds, so they are turned here.
 */

import { metricsCatalogue } from './metrics-catalogue.ts';

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
export const metricsHelp: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(metricsCatalogue).map(([name, { help }]) => [name, help]),
);

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
