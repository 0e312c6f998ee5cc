/** Game definitions: those that fleets run and those that come with Atlas; and one, with all that Atlas knows of its servers without a word of theirs. */
import type { Game } from '@horizon-atlas/sdk-admin';
import { clipped, plural, shown, span, whole } from '../format.ts';
import { Empty, Fact, Facts, Head, Waiting } from '../parts/bits.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { allOf, useAsked } from '../parts/use-list.ts';
import { href } from '../route.ts';
import { admin } from '../store/atlas.ts';

const most = 500;
const portText = ({ name, protocol, port, offset }: Game['ports'][number]): string =>
  `${name} ${protocol}${port !== null ? ` ${port}` : offset ? ` ${offset.of}${offset.add < 0 ? '' : '+'}${offset.add}` : ''}`;

const columns: readonly Column<Game>[] = [
  { name: 'Game', leads: true, cell: (row) => <a href={href('games', row.id)}>{shown(row.name)}</a> },
  { name: 'About', cell: (row) => <bdi class="wraps">{shown(row.about, '–')}</bdi> },
  { name: 'Ports', cell: (row) => row.ports.map(portText).join(', ') },
  { name: 'Fleets', cell: (row) => <Fleets fleets={row.fleets} /> },
  { name: 'From', cell: (row) => (row.shipped ? 'Atlas' : <code>{row.file}</code>) },
];

export function GamesPage() {
  const [asked] = useAsked(() => allOf((query) => admin.games(query), most), 15_000);
  const list = asked.state === 'here' ? asked.value : [];
  const run = list.filter(({ fleets }) => fleets.length > 0).length;
  return (
    <div class="page">
      <Head title="Games" aside={asked.state === 'here' && `${whole(list.length)}, ${whole(run)} of them run by fleets`} />
      {asked.state === 'waiting' && <Waiting label="Games are on their way" rows={4} />}
      {asked.state === 'refused' && (
        <Empty icon="warn" title={asked.error.message}>
          <code>{asked.error.code}</code>
        </Empty>
      )}
      {list.length > 0 && <Table label="Games" columns={columns} rows={list} keyOf={(row) => row.id} />}
      {asked.state === 'here' && (
        <p class="quiet">
          A fleet runs one as <code>{"{ name: 'tanks', game: 'bzflag' }"}</code>; one’s own is a file of a dozen lines.
        </p>
      )}
    </div>
  );
}

function Fleets({ fleets }: { fleets: readonly string[] }) {
  if (fleets.length === 0) return <span class="quiet">none</span>;
  return (
    <>
      {fleets.map((name, i) => (
        <span key={name}>
          {i > 0 && ', '}
          <a href={href('fleets', name)}>{name}</a>
        </span>
      ))}
    </>
  );
}

export function GamePage({ id }: { id: string }) {
  const [asked] = useAsked(() => admin.game(id), 15_000, id);
  const back = { href: href('games'), label: 'All games' };
  if (asked.state !== 'here')
    return (
      <div class="page">
        <Head title={id} back={back} />
        {asked.state === 'waiting' ? (
          <Waiting label="The game is on its way" />
        ) : (
          <Empty icon="games" title={asked.error.message}>
            <code>{asked.error.code}</code>
          </Empty>
        )}
      </div>
    );
  const game = asked.value;
  return (
    <div class="page">
      <Head title={shown(game.name)} aside={game.shipped ? 'comes with Atlas' : <code>{game.file}</code>} back={back} />
      {game.about !== '' && <p class="quiet">{shown(game.about)}</p>}
      <GameFacts game={game} />
      <div class="columns even game">
        <Ports game={game} />
        <Ready game={game} />
        <Counting game={game} />
        <Stopping game={game} />
        <Sleeping game={game} />
        <Limits game={game} />
      </div>
      <Variables game={game} />
      <Command game={game} />
    </div>
  );
}

function GameFacts({ game }: { game: Game }) {
  const install = Object.entries(game.install);
  return (
    <Facts>
      <Fact label="Fleets that run it">
        <Fleets fleets={game.fleets} />
      </Fact>
      <Fact label="Console">{game.console ? 'reads what is typed' : 'none'}</Fact>
      <Fact label="Where players are, it learns">{realIpTexts[game.realIp]}</Fact>
      <Fact label="To another server, players go">{switchTexts[game.switch]}</Fact>
      {install.map(([system, how]) => (
        <Fact label={`Installed, ${system}`} key={system}>
          <code class="wraps">{how}</code>
        </Fact>
      ))}
      {game.user !== '' && <Fact label="Runs as">{game.user}</Fact>}
    </Facts>
  );
}

const realIpTexts: Readonly<Record<Game['realIp'], string>> = {
  loopback: 'by one loopback address a player',
  'proxy-v2': 'by a PROXY v2 header',
  velocity: 'by Velocity’s forwarding',
  bungee: 'by BungeeCord’s forwarding',
  none: 'not at all',
};
const switchTexts: Readonly<Record<Game['switch'], string>> = {
  'in-place': 'without a new connection',
  reconnect: 'by a new connection',
  none: 'not at all',
};

function Panel({ title, aside, rows }: { title: string; aside?: string; rows: readonly (readonly [string, string])[] }) {
  return (
    <section class="panel" aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
        {aside && <span class="quiet">{aside}</span>}
      </header>
      <dl class="texts">
        {rows.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>
              <bdi>{clipped(value, 400)}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Ports({ game: { ports } }: { game: Game }) {
  const rows = ports.map(({ name, protocol, role, port, offset }): readonly [string, string] => [
    role === 'game' ? `${name}, for players` : role === name ? name : `${name}, for ${role}`,
    `${protocol}; ${offset ? `always ${offset.of} ${offset.add < 0 ? '−' : '+'} ${Math.abs(offset.add)}` : port === null ? 'any free one' : `${port}, or another free one`}`,
  ]);
  return <Panel title="Ports" rows={rows} />;
}

function Ready({ game: { ready } }: { game: Game }) {
  const words = { log: 'it prints', bound: 'it listens at', query: 'it answers a query' } as const;
  return (
    <section class="panel" aria-label="Ready">
      <header class="panel-head">
        <h2>Ready</h2>
        <span class="quiet">within {span(ready.withinMs)}, or it is ended</span>
      </header>
      <div class="card-body">
        <p class="quiet">
          Once {ready.conditions.length === 1 ? '' : ready.of === 'all' ? 'all of this holds:' : 'any of this holds:'}
        </p>
        <ul class="conditions">
          {ready.conditions.map(({ kind, what }) => (
            <li key={`${kind}-${what}`}>
              {words[kind]} {what !== '' && <code class="wraps">{what}</code>}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function Counting({ game: { players, query, health } }: { game: Game }) {
  const by = players.countedBy.map((each) => (each === 'log' ? 'what it prints' : 'its answers'));
  const rows: (readonly [string, string])[] = [
    ['Players are counted by', [...by, 'the edge'].join(', ')],
    [
      'At most',
      players.capacity === null
        ? 'not told'
        : typeof players.capacity === 'number'
          ? whole(players.capacity)
          : `its variable ${players.capacity}`,
    ],
    ['Asked', query ? `${query.type} at ${query.port}, each ${span(query.everyMs)}` : 'never'],
    ['It hangs', hangText(query !== null, health)],
  ];
  if (health.log !== '') rows.push(['It is lost when it prints', health.log]);
  rows.push(['At first nothing is a hang', span(health.graceMs)]);
  return <Panel title="Players and health" rows={rows} />;
}

function hangText(isAsked: boolean, { failures, silenceMs }: Game['health']): string {
  const words = [
    ...(isAsked && failures > 0 ? [`after ${plural(failures, 'query', 'queries')} without an answer`] : []),
    ...(silenceMs !== null ? [`when it prints nothing for ${span(silenceMs)}`] : []),
  ];
  return words.length > 0 ? words.join(', or ') : 'as far as nobody can tell';
}

function Stopping({ game: { stop, saves } }: { game: Game }) {
  const steps = stop.map(({ kind, what, waitMs }, i): readonly [string, string] => [
    `${i + 1}. ${kind === 'write' ? `types ${JSON.stringify(what)}` : `sends ${what}`}`,
    `waits up to ${span(waitMs)}`,
  ]);
  const rows: (readonly [string, string])[] = [...steps, [`${stop.length + 1}. kills it`, '']];
  if (saves) {
    rows.push(['A backup has', saves.paths.join(', ')]);
    if (saves.write !== '') rows.push(['Before it, types', JSON.stringify(saves.write)]);
    rows.push(['Backups kept', whole(saves.keep)]);
  }
  return <Panel title="Stop and saves" rows={rows} />;
}

function Sleeping({ game: { sleep } }: { game: Game }) {
  const how = {
    stop: 'its process ends, and starts again',
    freeze: 'it stands still, and goes on within milliseconds',
    never: '',
  };
  const rows: (readonly [string, string])[] =
    sleep && sleep.how !== 'never'
      ? [
          ['When nobody has played for', span(sleep.afterMs)],
          ['Then', how[sleep.how]],
          ['It wakes', 'when somebody comes, who is held meanwhile'],
        ]
      : [['It sleeps', 'never']];
  return <Panel title="Sleep" aside="a fleet may say otherwise" rows={rows} />;
}

function Limits({ game: { limits } }: { game: Game }) {
  const { cpus, memoryMb, processes, logMb } = limits;
  return (
    <Panel
      title="Limits"
      rows={[
        ['Cores', cpus === null ? 'none' : String(cpus)],
        ['Memory', memoryMb === null ? 'none' : `${whole(memoryMb)} MB`],
        ['Processes', whole(processes) === '–' ? 'none' : whole(processes)],
        ['Log file', `${whole(logMb)} MB, then it is cut back`],
      ]}
    />
  );
}

const variableColumns: readonly Column<Game['variables'][number]>[] = [
  { name: 'Variable', leads: true, cell: (row) => <code>{row.name}</code> },
  { name: 'Type', cell: (row) => `${row.type}${row.secret ? ', secret' : ''}` },
  { name: 'Default', cell: (row) => defaultText(row) },
  { name: 'May be', cell: (row) => rangeText(row) },
  { name: 'What it is', cell: (row) => <bdi class="wraps">{shown(row.description, '–')}</bdi> },
];

function defaultText({ default: value, secret }: Game['variables'][number]): string {
  if (secret) return 'not shown';
  return value === null ? 'none' : value === '' ? 'empty' : clipped(String(value), 60);
}

function rangeText({ enum: values, minimum, maximum }: Game['variables'][number]): string {
  if (values.length > 0) return clipped(values.join(', '), 80);
  if (minimum !== null && maximum !== null) return `${minimum} to ${maximum}`;
  return minimum !== null ? `${minimum} or more` : maximum !== null ? `up to ${maximum}` : '–';
}

function Variables({ game: { variables } }: { game: Game }) {
  if (variables.length === 0) return null;
  return (
    <section class="panel" aria-label="Variables">
      <header class="panel-head">
        <h2>Variables</h2>
        <span class="quiet">
          a fleet sets them under <code>vars</code>
        </span>
      </header>
      <Table label="Variables" columns={variableColumns} rows={variables} keyOf={(row) => row.name} />
    </section>
  );
}

function Command({ game: { command, files } }: { game: Game }) {
  return (
    <section class="panel" aria-label="Command">
      <header class="panel-head">
        <h2>Command</h2>
        <span class="quiet">
          {files.length > 0 &&
            `writes ${files.map(({ path, when }) => (when === 'missing' ? `${path} if missing` : path)).join(', ')}`}
        </span>
      </header>
      <pre class="data" tabIndex={0}>
        {command.join(' ')}
      </pre>
    </section>
  );
}
