/** A fleet at a glance: its servers by what they are good for, as a bar and as a plot over time. */
import type { Fleet } from '@horizon-atlas/sdk-admin';
import { useMemo } from 'preact/hooks';
import { plural, whole } from '../format.ts';
import { grouped, serverGroups, stacked } from '../store/server-groups.ts';
import { Plot } from './plot.tsx';

/** Parts of a bar, and the same in words beneath. */
export function StatesBar({ fleet }: { fleet: Fleet }) {
  const counts = grouped(fleet.states);
  const all = counts.reduce((sum, count) => sum + count, 0);
  const words = serverGroups.flatMap(({ label }, i) => ((counts[i] ?? 0) > 0 ? [`${whole(counts[i])} ${label}`] : []));
  let x = 0;
  return (
    <div class="states">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={words.join(', ') || 'no server'}>
        <rect class="states-ground" width="100" height="6" />
        {serverGroups.map(({ id }, i) => {
          const width = all === 0 ? 0 : (100 * (counts[i] ?? 0)) / all;
          const from = x;
          x += width;
          return width > 0 && <rect key={id} class={`of-${id}`} x={from} width={Math.max(0, width - 0.4)} height="6" />;
        })}
      </svg>
      <ul aria-hidden="true">
        {serverGroups.map(
          ({ id, label }, i) =>
            (counts[i] ?? 0) > 0 && (
              <li key={id}>
                <span class={`swatch of-${id}`} /> {whole(counts[i])} <span class="quiet">{label}</span>
              </li>
            ),
        )}
        {all === 0 && <li class="quiet">no server</li>}
      </ul>
    </div>
  );
}

export interface StatesAt {
  readonly atMs: readonly number[];
  /** A row for each group, in their order. */
  readonly rows: readonly (readonly (number | null)[])[];
}

export function StatesPlot({ past }: { past: StatesAt }) {
  const data = useMemo(() => [past.atMs.map((at) => at / 1000), ...stacked(past.rows)], [past]);
  // Those that are never there would only lengthen the legend.
  const lines = serverGroups.map(({ label, colour }) => ({ label, colour, solid: true })).reverse();
  const now = past.rows.map((row) => row.at(-1) ?? 0);
  const words = serverGroups.map(({ label }, i) => `${whole(now[i])} ${label}`).join(', ');
  return <Plot label="Servers by state" words={words} lines={lines} data={data} show={whole} least={4} height={170} legend />;
}

export const serversText = (fleet: Fleet): string =>
  plural(
    Object.values(fleet.states).reduce((sum, count) => sum + count, 0),
    'server',
  );
