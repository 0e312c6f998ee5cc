/** Region servers: all of them, and one with its figures, players and console. */
import type { Server } from '@horizon-atlas/sdk-admin';
import { useState } from 'preact/hooks';
import { bytes, duration, ms, percent, plural, rate, roughly, shortId, whole } from '../format.ts';
import { askProcess, mayOperate } from '../parts/act.tsx';
import { CpuMeter, Empty, Fact, Facts, Head, Name, State, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Console } from '../parts/console.tsx';
import { Icon, type IconName } from '../parts/icons.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { href } from '../route.ts';
import { players, playersVersion, regionName, servers } from '../store/world.ts';
import { ProcessPlots } from './process-plots.tsx';

const columns: readonly Column<Server>[] = [
  {
    name: 'Server',
    leads: true,
    cell: (row) => (
      <a href={href('servers', row.id)} title={row.id}>
        {shortId(row.id)}
      </a>
    ),
  },
  { name: 'State', cell: (row) => <State state={row.state} /> },
  {
    name: 'Region',
    cell: (row) =>
      row.region ? <Name name={regionName.value.get(row.region) ?? row.region} most={28} /> : <span class="quiet">spare</span>,
  },
  { name: 'Players', figure: true, cell: (row) => whole(row.players) },
  { name: 'Entities', figure: true, cell: (row) => whole(row.entities) },
  { name: 'Shadows', figure: true, cell: (row) => whole(row.shadows) },
  { name: 'Tick p90', figure: true, cell: (row) => ms(row.workMs?.p90) },
  {
    name: 'CPU',
    figure: true,
    cell: (row) => <CpuMeter part={row.cpu} />,
  },
  { name: 'Memory', figure: true, cell: (row) => bytes(row.memoryBytes) },
  { name: 'Up', figure: true, cell: (row) => (row.pid ? roughly(nowMs.value - row.startedAtMs) : '–') },
  { name: '', cell: (row) => <ProcessButtons process={row.id} compact /> },
];

export function ServersPage() {
  const list = servers.value;
  const ready = list?.filter((server) => server.state === 'ready').length ?? 0;
  return (
    <div class="page">
      <Head title="Servers" aside={list && `${ready} of ${list.length} ready`} />
      {list === undefined && <Waiting label="Servers are on their way" />}
      {list?.length === 0 && (
        <Empty icon="servers" title="No server runs">
          They start when a player comes near a region, and sleep when the last one has gone.
        </Empty>
      )}
      {list && list.length > 0 && <Table label="Servers" columns={columns} rows={list} keyOf={(row) => row.id} />}
    </div>
  );
}

const actions = [
  { kind: 'drain', label: 'Drain', icon: 'drain' },
  { kind: 'restart', label: 'Restart', icon: 'restart' },
  { kind: 'kill', label: 'Kill', icon: 'kill' },
] as const satisfies readonly { kind: string; label: string; icon: IconName }[];

export function ProcessButtons({ process, compact = false }: { process: string; compact?: boolean }) {
  if (!mayOperate()) return null;
  return (
    <div class="buttons">
      {actions.map(({ kind, label, icon }) => (
        <button
          type="button"
          key={kind}
          class={compact ? `icon-button ${kind}` : `button ${kind === 'kill' ? 'danger-quiet' : ''}`}
          aria-label={compact ? `${label} ${process}` : undefined}
          title={compact ? label : undefined}
          onClick={() => askProcess(kind, process)}
        >
          <Icon name={icon} /> {!compact && label}
        </button>
      ))}
    </div>
  );
}

export function ServerPage({ id }: { id: string }) {
  const server = servers.value?.find((each) => each.id === id);
  const [last, setLast] = useState<Server | undefined>(undefined);
  if (server && server !== last) setLast(server);
  const shown = server ?? last;
  const back = { href: href('servers'), label: 'All servers' };
  if (!shown)
    return (
      <div class="page">
        <Head title={id} back={back} />
        {servers.value === undefined ? (
          <Waiting label="The server is on its way" />
        ) : (
          <Empty icon="servers" title={`No server is called ${id}`}>
            It may have ended: a region gets a server of another name after each loss.
          </Empty>
        )}
      </div>
    );
  return (
    <div class="page">
      <Head title={shown.id} aside={<State state={server ? shown.state : 'gone'} />} back={back}>
        {server && <ProcessButtons process={shown.id} />}
      </Head>
      {shown.code && (
        <p class="notice bad">
          <Icon name="warn" /> {shown.message} <code>{shown.code}</code>
        </p>
      )}
      {!server && (
        <p class="notice">
          This server has ended. <a href={href('servers')}>Who took over?</a>
        </p>
      )}
      <ServerFacts server={shown} />
      <ProcessPlots process={shown.id} budgetMs={shown.tickHz ? 1000 / shown.tickHz : 50} />
      <div class="columns">
        <Aboard server={shown.id} />
        <Console process={shown.id} />
      </div>
    </div>
  );
}

function ServerFacts({ server }: { server: Server }) {
  return (
    <Facts>
      <Fact label="Region">{server.region ? <Name name={regionName.value.get(server.region) ?? server.region} /> : 'spare'}</Fact>
      <Fact label="Players">{whole(server.players)}</Fact>
      <Fact label="Entities">
        {whole(server.entities)} <span class="quiet">+ {plural(server.shadows, 'shadow')}</span>
      </Fact>
      <Fact label="Tick">
        {rate(server.tickHz)} Hz <span class="quiet">p90 {ms(server.workMs?.p90)}</span>
      </Fact>
      <Fact label="CPU">
        {percent(server.cpu)} <span class="quiet">of a core</span>
      </Fact>
      <Fact label="Memory">{bytes(server.memoryBytes)}</Fact>
      <Fact label="Up">{duration(nowMs.value - server.startedAtMs)}</Fact>
      <Fact label="Process">
        {server.pid || '–'} <span class="quiet">{plural(server.restarts, 'restart')}</span>
      </Fact>
    </Facts>
  );
}

const aboardMost = 200;

function Aboard({ server }: { server: string }) {
  playersVersion.value;
  const all = [...players.values()].filter((player) => player.server === server && player.state !== 'gone');
  return (
    <section class="panel" aria-label="Players on this server">
      <header class="panel-head">
        <h2>Players</h2>
        <span class="quiet">{whole(all.length)}</span>
      </header>
      {all.length === 0 ? (
        <Empty icon="players" title="Nobody is here" />
      ) : (
        <ul class="aboard" tabIndex={0} aria-label="Players on this server">
          {all.slice(0, aboardMost).map((player) => (
            <li key={player.id}>
              <a href={href('players', player.id)}>
                <Name name={player.name} most={32} fallback={player.id} />
              </a>
              <span class="quiet">{ms(player.pingMs)}</span>
            </li>
          ))}
          {all.length > aboardMost && <li class="quiet">and {whole(all.length - aboardMost)} more</li>}
        </ul>
      )}
    </section>
  );
}
