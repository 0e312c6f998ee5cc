/** The Probe that keeps figures in memory, for the metrics page and the terminal; and the one that keeps nothing. */

import { type Histogram, histogram, Ring } from '@horizon-atlas/base';
import type { Labels, Probe } from '@horizon-atlas/ports';

export interface ProbeLimits {
  /** Different pairs of name and labels. Beyond: new ones are dropped and counted in `atlas_probe_dropped_total`. */
  readonly series: number;
  /** Latest samples of a distribution, from which its quantiles come. */
  readonly samples: number;
  /** Latest events that are kept; older ones are forgotten. */
  readonly events: number;
}

export const probeLimits: ProbeLimits = { series: 5_000, samples: 1_024, events: 256 };

export type ProbeSample =
  | { readonly kind: 'counter' | 'gauge'; readonly name: string; readonly labels: Labels; readonly value: number }
  | {
      readonly kind: 'summary';
      readonly name: string;
      readonly labels: Labels;
      readonly count: number;
      readonly sum: number;
      /** Pairs of quantile (0 to 1) and value, of the latest samples. */
      readonly quantiles: readonly (readonly [number, number])[];
    };

export interface ProbeEvent {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface MemoryProbe extends Probe {
  snapshot(): readonly ProbeSample[];
  /** The latest events, oldest first. */
  events(): readonly ProbeEvent[];
}

export interface MemoryProbeOptions {
  readonly limits?: Partial<ProbeLimits>;
  /** Where events go besides: the log. */
  readonly onEvent?: (event: ProbeEvent) => void;
}

type Series =
  | { readonly kind: 'counter' | 'gauge'; readonly name: string; readonly labels: Labels; value: number }
  | { readonly kind: 'summary'; readonly name: string; readonly labels: Labels; readonly window: Histogram; sum: number };

const NO_LABELS: Labels = {};
const NO_FIELDS: Readonly<Record<string, unknown>> = {};
const QUANTILES = [0.5, 0.9, 0.99, 1] as const;

export function memoryProbe({ limits, onEvent }: MemoryProbeOptions = {}): MemoryProbe {
  const { series: seriesMax, samples, events: eventsMax } = { ...probeLimits, ...limits };
  const all = new Map<string, Series>();
  const events = new Ring<ProbeEvent>(eventsMax);
  let dropped = 0;

  const find = <T extends Series>(kind: T['kind'], name: string, labels: Labels, make: () => T): T | undefined => {
    const key = keyOf(kind, name, labels);
    const found = all.get(key);
    // The kind is a part of the key.
    if (found !== undefined) return found as T;
    if (all.size >= seriesMax) {
      dropped++;
      return undefined;
    }
    const made = make();
    all.set(key, made);
    return made;
  };

  return {
    count: (name, by = 1, labels = NO_LABELS) => {
      const series = find('counter', name, labels, () => ({ kind: 'counter' as const, name, labels, value: 0 }));
      if (series !== undefined) series.value += by;
    },
    gauge: (name, value, labels = NO_LABELS) => {
      const series = find('gauge', name, labels, () => ({ kind: 'gauge' as const, name, labels, value: 0 }));
      if (series !== undefined) series.value = value;
    },
    observe: (name, value, labels = NO_LABELS) => {
      const make = () => ({ kind: 'summary' as const, name, labels, window: histogram(samples), sum: 0 });
      const series = find('summary', name, labels, make);
      if (series === undefined) return;
      series.window.add(value);
      series.sum += value;
    },
    event: (name, fields = NO_FIELDS) => {
      const event = { name, fields };
      if (events.full) events.shift();
      events.push(event);
      onEvent?.(event);
    },
    snapshot: () => {
      const taken = [...all.values()].map(sampleOf);
      if (dropped > 0) taken.push({ kind: 'counter', name: 'atlas_probe_dropped_total', labels: NO_LABELS, value: dropped });
      return taken;
    },
    events: () => Array.from({ length: events.length }, (_, i) => events.at(i) as ProbeEvent),
  };
}

export const noProbe: Probe = { count: () => {}, gauge: () => {}, observe: () => {}, event: () => {} };

function sampleOf(series: Series): ProbeSample {
  const { name, labels } = series;
  if (series.kind !== 'summary') return { kind: series.kind, name, labels, value: series.value };
  const quantiles = QUANTILES.map((q) => [q, series.window.percentile(q)] as const);
  return { kind: 'summary', name, labels, count: series.window.count, sum: series.sum, quantiles };
}

function keyOf(kind: string, name: string, labels: Labels): string {
  let key = `${kind} ${name}`;
  // Almost always none or one, so sorting is rare.
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  for (const label of names) key += `\0${label}\0${labels[label]}`;
  return key;
}
