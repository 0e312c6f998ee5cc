/** The last minutes of a process: CPU, memory, tick, people. As this page has seen them: nothing is kept for it elsewhere. */
import { useMemo } from 'preact/hooks';
import { bytes, ms, percent, rate, whole } from '../format.ts';
import { Plot } from '../parts/plot.tsx';
import type { Figures } from '../store/figure-ring.ts';
import { figures, gateways, servers } from '../store/world.ts';

interface Wanted {
  readonly title: string;
  readonly lines: readonly {
    readonly label: string;
    readonly colour: string;
    readonly fills?: boolean;
    readonly of: (each: Figures) => number | null;
  }[];
  readonly show: (value: number) => string;
  readonly least: number;
}

function wantedOf(budgetMs: number | undefined): readonly Wanted[] {
  const shared: readonly Wanted[] = [
    {
      title: 'CPU, of a core',
      lines: [{ label: 'CPU', colour: '--accent', fills: true, of: (each) => each.cpu }],
      show: percent,
      least: 0.2,
    },
    {
      title: 'Memory',
      lines: [{ label: 'memory', colour: '--violet', fills: true, of: (each) => each.memoryBytes }],
      show: bytes,
      least: 1e8,
    },
  ];
  if (budgetMs === undefined)
    return [
      ...shared,
      {
        title: 'Messages a second',
        lines: [
          { label: 'out', colour: '--teal', fills: true, of: (each) => each.outPerS ?? null },
          { label: 'in', colour: '--amber', of: (each) => each.inPerS ?? null },
        ],
        show: rate,
        least: 10,
      },
      {
        title: 'Sessions',
        lines: [{ label: 'sessions', colour: '--accent', fills: true, of: (each) => each.players }],
        show: whole,
        least: 4,
      },
    ];
  return [
    {
      title: `Work of a tick, p90 (budget ${ms(budgetMs)})`,
      lines: [
        { label: 'max', colour: '--amber', of: (each) => each.workMs?.max ?? null },
        { label: 'p90', colour: '--teal', fills: true, of: (each) => each.workMs?.p90 ?? null },
        { label: 'p50', colour: '--accent', of: (each) => each.workMs?.p50 ?? null },
      ],
      show: ms,
      least: 5,
    },
    ...shared,
    {
      title: 'Players',
      lines: [{ label: 'players', colour: '--accent', fills: true, of: (each) => each.players }],
      show: whole,
      least: 4,
    },
  ];
}

/** `budgetMs` undefined: a gateway, which has messages instead of ticks. */
export function ProcessPlots({ process, budgetMs }: { process: string; budgetMs?: number }) {
  // New figures come with a new list.
  const version = budgetMs === undefined ? gateways.value : servers.value;
  const plots = wantedOf(budgetMs);
  // The ring is filled whenever the list is new
  const data = useMemo(() => {
    const list = figures.of(process);
    const at = list.map((each) => each.atMs / 1000);
    return plots.map((plot) => [at, ...plot.lines.map((line) => list.map(line.of))]);
  }, [process, version]);
  return (
    <div class="plots">
      {plots.map((plot, i) => (
        <section class="panel plot-panel" key={plot.title} aria-label={plot.title}>
          <header class="panel-head">
            <h2>{plot.title}</h2>
            <span class="plot-now">{nowOf(data[i]?.[1 + plot.lines.findIndex((line) => line.fills)], plot.show)}</span>
          </header>
          <Plot label={plot.title} lines={plot.lines} data={data[i] ?? [[]]} show={plot.show} least={plot.least} height={120} />
        </section>
      ))}
    </div>
  );
}

function nowOf(row: readonly (number | null)[] | undefined, show: (value: number) => string): string {
  const value = row?.at(-1);
  return value === null || value === undefined ? '–' : show(value);
}
