/** The last hour in plots. */
import type { History } from '@horizon-atlas/sdk-admin';
import { useMemo } from 'preact/hooks';
import { bytes, ms, percent, rate, shown, whole } from '../format.ts';
import { dark, hueOf, light } from '../map/palette.ts';
import { Empty, Head, Waiting } from '../parts/bits.tsx';
import { type Line, Plot } from '../parts/plot.tsx';
import { useAsked } from '../parts/use-list.ts';
import { admin } from '../store/atlas.ts';
import { regions } from '../store/world.ts';
import { theme } from '../theme.ts';

const refreshMs = 10_000;

interface Chart {
  readonly title: string;
  readonly series: readonly (Line & { readonly name: string })[];
  readonly show: (value: number) => string;
  readonly least: number;
  readonly legend?: boolean;
  /** How much of the page's width: a third, a half, or all. */
  readonly wide?: 'half' | 'all';
}

const refusals: Chart = {
  title: 'Refusals a second',
  series: [{ name: 'refusalsPerS', label: 'refusals', colour: '--bad', fills: true }],
  show: rate,
  least: 1,
  wide: 'all',
};

const fixed: readonly Chart[] = [
  {
    title: 'Players online',
    series: [{ name: 'players', label: 'players', colour: '--accent', fills: true }],
    show: whole,
    least: 4,
  },
  {
    title: 'Handoffs a second',
    series: [{ name: 'handoffsPerS', label: 'handoffs', colour: '--teal', fills: true }],
    show: rate,
    least: 1,
  },
  { title: 'Gap p99', series: [{ name: 'gapP99Ms', label: 'gap', colour: '--amber', fills: true }], show: ms, least: 20 },
  {
    title: 'Messages a second',
    series: [
      { name: 'messagesOutPerS', label: 'to clients', colour: '--teal', fills: true },
      { name: 'messagesInPerS', label: 'from clients', colour: '--accent' },
    ],
    show: rate,
    least: 10,
    legend: true,
  },
  {
    title: 'CPU, cores',
    series: [{ name: 'cpu', label: 'cores', colour: '--violet', fills: true }],
    show: (value) => value.toFixed(1),
    least: 1,
  },
  {
    title: 'Memory',
    series: [{ name: 'memoryBytes', label: 'memory', colour: '--violet', fills: true }],
    show: bytes,
    least: 1e8,
  },
];

export function HistoryPage() {
  const [asked] = useAsked(() => admin.history(), refreshMs);
  const palette = theme.value === 'light' ? light : dark;
  const charts: readonly Chart[] = [
    ...fixed,
    ...(['load', 'players'] as const).map(
      (name): Chart => ({
        title: name === 'load' ? 'Load by region' : 'Players by region',
        series: (regions.value ?? []).map((region, i) => ({
          name: `${name}:${region.id}`,
          label: shown(region.name || region.id),
          colour: hueOf(palette, i),
        })),
        show: name === 'load' ? percent : whole,
        least: name === 'load' ? 0.5 : 4,
        legend: true,
        wide: 'half',
      }),
    ),
    refusals,
  ];
  return (
    <div class="page">
      <Head title="History" aside="the last hour" />
      {asked.state === 'waiting' && <Waiting label="The history is on its way" rows={8} />}
      {asked.state === 'refused' && (
        <Empty icon="warn" title={asked.error.message}>
          <code>{asked.error.code}</code>
        </Empty>
      )}
      {asked.state === 'here' &&
        (asked.value.atMs.length < 2 ? (
          <Empty icon="history" title="There is no history yet">
            It begins a few seconds after Atlas has started.
          </Empty>
        ) : (
          <Charts history={asked.value} charts={charts} />
        ))}
    </div>
  );
}

function Charts({ history, charts }: { history: History; charts: readonly Chart[] }) {
  return (
    <div class="plots history">
      {charts
        .map((chart) => ({ ...chart, series: chart.series.filter(({ name }) => history.series[name]) }))
        .filter((chart) => chart.series.length > 0)
        .map((chart) => (
          <ChartPanel key={chart.title} history={history} chart={chart} />
        ))}
    </div>
  );
}

function ChartPanel({ history, chart }: { history: History; chart: Chart }) {
  const names = chart.series.map(({ name }) => name).join();
  // Names say all of the chart that matters here
  const data = useMemo(
    () => [history.atMs.map((at) => at / 1000), ...chart.series.map(({ name }) => history.series[name] ?? [])],
    [history, names],
  );
  const now = data[1]?.findLast((value) => value !== null);
  return (
    <section class={`panel plot-panel ${chart.wide ?? ''}`} aria-label={chart.title}>
      <header class="panel-head">
        <h2>{chart.title}</h2>
        {chart.series.length === 1 && <span class="plot-now">{now === undefined || now === null ? '–' : chart.show(now)}</span>}
      </header>
      <Plot
        label={chart.title}
        lines={chart.series}
        data={data}
        show={chart.show}
        least={chart.least}
        legend={chart.legend ?? false}
        height={chart.wide === 'half' ? 190 : 150}
      />
    </section>
  );
}
