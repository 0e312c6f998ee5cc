/** A plot over time (uPlot), in the colours of the theme, with a cursor that all plots of a page share. Redrawn when its data change, never remade. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { clock } from '../format.ts';
import { theme } from '../theme.ts';

export interface Line {
  readonly label: string;
  /** A CSS variable of the page or a colour. */
  readonly colour: string;
  readonly fills?: boolean;
  /** Filled without a line, in steps: rows that stand upon one another, the topmost first. */
  readonly solid?: boolean;
}

export interface PlotProps {
  readonly label: string;
  readonly lines: readonly Line[];
  /** Seconds; then a row for each line. */
  readonly data: readonly (readonly (number | null)[])[];
  readonly show: (value: number) => string;
  readonly height?: number;
  /** The top of the scale is at least this. */
  readonly least?: number;
  readonly legend?: boolean;
  /** What it shows now, in words; otherwise the last value of each line. */
  readonly words?: string;
}

export function Plot({ label, lines, data, show, height = 150, least = 1, legend = false, words }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const look = theme.value;
  const shape = `${look}|${legend}|${lines.map((line) => line.label + line.colour).join('|')}`;
  // Remade for another shape or theme only; data go the short way below
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(
      optionsOf({ label, lines, data, show, height, least, legend }, element),
      data as uPlot.AlignedData,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.setData(data as uPlot.AlignedData);
  }, [data]);
  const last = words ?? lines.map((line, i) => `${line.label} ${lastOf(data[i + 1] ?? [], show)}`).join(', ');
  return <div class="plot" ref={place} role="img" aria-label={`${label}: ${last}`} style={{ minHeight: `${height}px` }} />;
}

function lastOf(row: readonly (number | null)[], show: (value: number) => string): string {
  const value = row.findLast((each) => each !== null && each !== undefined);
  return value === undefined || value === null ? 'not known' : show(value);
}

function optionsOf({ lines, show, height = 150, least = 1, legend }: PlotProps, element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => (name.startsWith('--') ? style.getPropertyValue(name).trim() : name);
  const font = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
  const axis = { stroke: colour('--muted'), font, grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
  return {
    width: Math.max(element.clientWidth, 50),
    height,
    padding: [8, 20, 0, 0],
    cursor: { sync: { key: 'atlas' }, points: { size: 6 }, drag: { x: false, y: false } },
    legend: { show: legend === true, live: false },
    scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, Math.max(least, (high ?? 0) * 1.12)] } },
    axes: [
      {
        ...axis,
        size: 26,
        values: (_plot, splits) => splits.map((at) => clock(at * 1000).slice(0, isFine(splits) ? 8 : 5)),
        space: 70,
      },
      { ...axis, size: 52, values: (_plot, splits) => splits.map(show), space: 32 },
    ],
    series: [
      { label: 'time', value: (_plot, at) => (at === null ? '–' : clock(at * 1000)) },
      ...lines.map((line) => ({
        label: line.label,
        stroke: colour(line.colour),
        width: 1.5,
        points: { show: false },
        ...(line.fills ? { fill: `${colour(line.colour)}1f` } : {}),
        ...(line.solid ? { fill: colour(line.colour), width: 0, ...stepped } : {}),
        value: (_plot: uPlot, value: number | null) => (value === null ? '–' : show(value)),
      })),
    ],
  };
}

const steps = uPlot.paths.stepped?.({ align: 1 });
const stepped = steps ? { paths: steps } : {};

/** Whether marks are less than a minute apart. */
const isFine = (splits: readonly number[]): boolean => (splits[1] ?? 0) - (splits[0] ?? 0) < 60;
