/** docs/reference/metrics.md: every figure that Prometheus is told. */
import { type MetricEntry, metricsCatalogue } from '../../packages/control/src/metrics-catalogue.ts';
import { code, type GeneratedPage, madeFrom, table } from './generated-page.ts';

const source = 'packages/control/src/metrics-catalogue.ts';

export const metricsPage: GeneratedPage = {
  file: 'docs/reference/metrics.md',
  source,
  text() {
    const entries = Object.entries(metricsCatalogue as Readonly<Record<string, MetricEntry>>);
    return `# Metrics

\`GET /metrics\` answers in Prometheus' text format, in seconds and bytes. Figures with a * appear once there is something to tell. A board and alert rules for them are in
[\`deploy/\`](../guides/metrics.md). ${madeFrom(source)}

${table(
  ['Metric', 'Kind', 'What it says', 'Labels'],
  entries.map(([name, { kind, help, labels, rare }]) => [
    code(name) + (rare ? ' *' : ''),
    kind,
    help,
    Object.entries({ ...labels, ...(kind === 'summary' ? { quantile: '`0.5`, `0.9`, `0.99`, `1` of the latest' } : {}) })
      .map(([label, means]) => `${code(label)}: ${means}`)
      .join('; '),
  ]),
)}
`;
  },
};
