/** The last minutes of a game server: CPU, memory, players. As this page has seen them: nothing is kept for it elsewhere. */
import { useMemo } from 'preact/hooks';
import { bytes, percent, whole } from '../format.ts';
import { nowMs } from '../parts/clock.ts';
import { Plot } from '../parts/plot.tsx';
import { gameServersVersion, type ServerFigures, serverFigures } from '../store/game-servers.ts';

const plots = [
  { title: 'CPU, of a core', colour: '--accent', of: (each: ServerFigures) => each.cpu, show: percent, least: 0.2 },
  { title: 'Memory', colour: '--violet', of: (each: ServerFigures) => each.memoryBytes, show: bytes, least: 1e7 },
  { title: 'Players', colour: '--teal', of: (each: ServerFigures) => each.players, show: whole, least: 4 },
] as const;

/** A plot is at least so wide, however short the page has been open. */
const leastMs = 60_000;

export function GameServerPlots({ server }: { server: string }) {
  const version = gameServersVersion.value;
  const now = nowMs.value;
  // The ring is filled with each change of the list; what has not changed since is so still
  const data = useMemo(() => {
    const list = serverFigures.of(server);
    const last = list.at(-1);
    if (!last) return plots.map(() => [[]]);
    const first = (list[0] ?? last).atMs;
    const at = [...(now - first < leastMs ? [now - leastMs] : []), ...list.map(({ atMs }) => atMs), Math.max(now, last.atMs)];
    const isShort = at.length > list.length + 1;
    return plots.map(({ of }) => [at.map((ms) => ms / 1000), [...(isShort ? [null] : []), ...list.map(of), of(last)]]);
  }, [server, version, now]);
  // One nobody counts players of has no line of them.
  const shown = plots
    .map((plot, i) => ({ plot, rows: data[i] ?? [[]] }))
    .filter(({ rows }) => rows[1]?.some((each) => each !== null));
  if (shown.length === 0) return null;
  return (
    <div class="plots three">
      {shown.map(({ plot: { title, colour, show, least }, rows }) => (
        <section class="panel plot-panel" key={title} aria-label={title}>
          <header class="panel-head">
            <h2>{title}</h2>
            <span class="plot-now">{show(rows[1]?.at(-1))}</span>
          </header>
          <Plot
            label={title}
            lines={[{ label: title, colour, fills: true }]}
            data={rows}
            show={show}
            least={least}
            height={100}
          />
        </section>
      ))}
    </div>
  );
}
