/** Edges: public ports of game servers, players' ways through them, and what went no further. */
import type { Edge, EdgeWay, GameServer } from '@horizon-atlas/sdk-admin';
import { useMemo } from 'preact/hooks';
import { bytes, percent, plural, rate, roughly, short, shortId, shown, whole } from '../format.ts';
import { ask, mayOperate } from '../parts/act.tsx';
import { Empty, Fact, Facts, Head, Meter, Name, State, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Icon } from '../parts/icons.tsx';
import { Plot } from '../parts/plot.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { allOf, useAsked } from '../parts/use-list.ts';
import { href } from '../route.ts';
import { admin } from '../store/atlas.ts';
import { droppedOf, type EdgeFigures, edgeFigures, edges } from '../store/edges.ts';

const nowOf = (edge: Edge): EdgeFigures | undefined => edgeFigures.of(edge.id).at(-1);
const bytesPerS = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : `${bytes(value)}/s`;

const columns: readonly Column<Edge>[] = [
  {
    name: 'Edge',
    leads: true,
    cell: (row) => (
      <a href={href('edges', row.id)} title={row.id}>
        {shortId(row.id)}
      </a>
    ),
  },
  { name: 'Ports', cell: (row) => <PortsText edge={row} /> },
  { name: 'Sessions', figure: true, cell: (row) => whole(row.sessions - row.held) },
  { name: 'Held', figure: true, cell: (row) => whole(row.held) },
  { name: 'In', figure: true, cell: (row) => bytesPerS(nowOf(row)?.inPerS) },
  { name: 'Out', figure: true, cell: (row) => bytesPerS(nowOf(row)?.outPerS) },
  { name: 'Dropped', figure: true, cell: (row) => short(droppedOf(row)) },
  { name: 'CPU', figure: true, cell: (row) => percent(nowOf(row)?.cpu) },
  { name: 'Memory', figure: true, cell: (row) => bytes(row.memoryBytes) },
];

function PortsText({ edge: { ports } }: { edge: Edge }) {
  const closed = ports.filter(({ port }) => port === 0).length;
  const fleets = new Set(ports.map(({ name }) => name.split('/')[0]));
  return (
    <span
      title={ports
        .map(({ name, port }) => `${name} ${port}`)
        .join(', ')
        .slice(0, 600)}
    >
      {plural(ports.length - closed, 'port')} of {plural(fleets.size, 'fleet')}
      {closed > 0 && <span class="bad-text">, {whole(closed)} closed</span>}
    </span>
  );
}

export function EdgesPage() {
  const list = edges.value;
  const sessions = list?.reduce((sum, edge) => sum + edge.sessions, 0) ?? 0;
  return (
    <div class="page">
      <Head title="Edges" aside={list && list.length > 0 && plural(sessions, 'session')} />
      {list === undefined && <Waiting label="Edges are on their way" rows={3} />}
      {list?.length === 0 && (
        <Empty icon="edges" title="No port of a fleet is public">
          One is made so in the configuration: <code>edge</code> of a fleet’s port.
        </Empty>
      )}
      {list && list.length > 0 && <Table label="Edges" columns={columns} rows={list} keyOf={(row) => row.id} />}
      {list && list.length > 0 && <Drops title="Dropped since the start" list={list} />}
    </div>
  );
}

export function EdgePage({ id }: { id: string }) {
  const edge = edges.value?.find((each) => each.id === id);
  const back = { href: href('edges'), label: 'All edges' };
  if (!edge)
    return (
      <div class="page">
        <Head title={id} back={back} />
        {edges.value === undefined ? (
          <Waiting label="The edge is on its way" />
        ) : (
          <Empty icon="edges" title={`No edge is called ${id}`} />
        )}
      </div>
    );
  const now = nowOf(edge);
  return (
    <div class="page">
      <Head title={edge.id} back={back} />
      <Facts>
        <Fact label="Sessions">
          {whole(edge.sessions - edge.held)} <span class="quiet">{edge.held > 0 ? `${whole(edge.held)} held` : 'none held'}</span>
        </Fact>
        <Fact label="Not proven yet">
          <span title="Whose peer has not answered yet: it is sent no more than it sent">{whole(edge.unproven)}</span>
        </Fact>
        <Fact label="Traffic now">
          {bytesPerS(now?.inPerS)} <span class="quiet">in</span> {bytesPerS(now?.outPerS)} <span class="quiet">out</span>
        </Fact>
        <Fact label="In all">
          {bytes(edge.bytesIn)} <span class="quiet">in</span> {bytes(edge.bytesOut)} <span class="quiet">out</span>
        </Fact>
        <Fact label="Datagrams in all">
          {short(edge.datagramsIn)} <span class="quiet">in</span> {short(edge.datagramsOut)} <span class="quiet">out</span>
        </Fact>
        <Fact label="CPU">
          {percent(now?.cpu)} <span class="quiet">of a core</span>
        </Fact>
        <Fact label="Memory">{bytes(edge.memoryBytes)}</Fact>
        <Fact label="Process">{edge.pid || '–'}</Fact>
      </Facts>
      <EdgePlots edge={edge} />
      <div class="columns edge">
        <Listeners edge={edge} />
        <Drops title="Dropped since its start" list={[edge]} />
      </div>
      <Ways edge={edge} />
    </div>
  );
}

const plots = [
  {
    title: 'Sessions',
    lines: [
      { label: 'open', colour: '--accent', fills: true, of: (each: EdgeFigures) => each.sessions },
      { label: 'held', colour: '--amber', of: (each: EdgeFigures) => each.held },
    ],
    show: whole,
    least: 4,
  },
  {
    title: 'Traffic a second',
    lines: [
      { label: 'out', colour: '--teal', fills: true, of: (each: EdgeFigures) => each.outPerS },
      { label: 'in', colour: '--amber', of: (each: EdgeFigures) => each.inPerS },
    ],
    show: bytes,
    least: 1000,
  },
  {
    title: 'Dropped a second',
    lines: [{ label: 'dropped', colour: '--bad', fills: true, of: (each: EdgeFigures) => each.droppedPerS }],
    show: rate,
    least: 4,
  },
] as const;

function EdgePlots({ edge }: { edge: Edge }) {
  const data = useMemo(() => {
    const list = edgeFigures.of(edge.id);
    const at = list.map(({ atMs }) => atMs / 1000);
    return plots.map(({ lines }) => [at, ...lines.map((line) => list.map(line.of))]);
  }, [edge]);
  return (
    <div class="plots three">
      {plots.map(({ title, lines, show, least }, i) => (
        <section class="panel plot-panel" key={title} aria-label={title}>
          <header class="panel-head">
            <h2>{title}</h2>
            <span class="plot-now">{show(data[i]?.[1]?.at(-1) ?? null)}</span>
          </header>
          <Plot label={title} lines={lines} data={data[i] ?? [[]]} show={show} least={least} height={110} />
        </section>
      ))}
    </div>
  );
}

const listenerColumns: readonly Column<Edge['ports'][number]>[] = [
  { name: 'Port of', leads: true, cell: ({ name }) => <ListenerName name={name} /> },
  { name: 'Public port', figure: true, cell: ({ port }) => (port === 0 ? '–' : String(port)) },
  {
    name: 'State',
    cell: ({ port, code, message }) =>
      port === 0 ? (
        <span class="bad-text">
          {shown(message, 'closed')} <code>{code}</code>
        </span>
      ) : (
        <State state="open" />
      ),
  },
];

/** `<fleet>/<port>`, or with a server behind it. */
function ListenerName({ name }: { name: string }) {
  const [fleet = '', port = '', server] = name.split('/');
  return (
    <span>
      <a href={href('fleets', fleet)}>{fleet}</a> {port}
      {server !== undefined && (
        <>
          {' '}
          <a class="quiet" href={href('gameservers', server)}>
            {shortId(server)}
          </a>
        </>
      )}
    </span>
  );
}

function Listeners({ edge: { ports } }: { edge: Edge }) {
  return (
    <section class="panel" aria-label="Listeners">
      <header class="panel-head">
        <h2>Listeners</h2>
        <span class="quiet">{whole(ports.length)}</span>
      </header>
      {ports.length === 0 ? (
        <p class="panel-quiet quiet">It listens nowhere: its fleets have no server now.</p>
      ) : (
        <div class="scrolls" tabIndex={0} role="region" aria-label="Listeners, all">
          <Table label="Listeners" columns={listenerColumns} rows={ports} keyOf={({ name }) => name} />
        </div>
      )}
    </section>
  );
}

/** As the edges count them. */
const dropTexts: Readonly<Record<string, string>> = {
  RATE: 'more than a player may send',
  STALE: 'from a server that the player has left',
  UNPROVEN: 'more than was sent by a peer that has proved nothing',
  NOT_WOKEN: 'its server did not wake',
  NOT_ACCEPTED: 'no first packet of this game',
  FLOOD: 'too many newcomers at once',
  NO_TOKEN: 'no token, where one is wanted',
  TOKEN_USED: 'a token that somebody has used',
  PROOF_INVALID: 'a proof that is none',
  HELD_FULL: 'more than is kept for who waits',
  SERVER_GONE: 'its server is gone',
  SLOW_PEER: 'a peer that does not read',
  TLS_FAILED: 'no TLS came about',
  ACCEPT_FAILED: 'the system did not let it in',
};

function Drops({ title, list }: { title: string; list: readonly Edge[] }) {
  const counts = new Map<string, number>();
  for (const { dropped } of list)
    for (const [why, count] of Object.entries(dropped)) counts.set(why, (counts.get(why) ?? 0) + count);
  const rows = [...counts].sort((a, b) => b[1] - a[1]);
  const most = rows[0]?.[1] ?? 1;
  return (
    <section class="panel refusals drops" aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
        <span class="quiet">{whole(rows.reduce((sum, [, count]) => sum + count, 0))}</span>
      </header>
      {rows.length === 0 && <p class="panel-quiet quiet">Nothing was dropped.</p>}
      <ul>
        {rows.map(([why, count]) => (
          <li key={why}>
            <span>
              {dropTexts[why] ?? ''} <code>{why}</code>
            </span>
            <Meter part={(count / most) * 0.59} label={`${whole(count)} times`} />
            <span class="figure">{short(count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const most = 500;

function Ways({ edge }: { edge: Edge }) {
  const [asked, again] = useAsked(() => allOf((query) => admin.edgeSessions(query), most), 2000, edge.id);
  const ways = asked.state === 'here' ? asked.value.filter((way) => way.edge === edge.id) : [];
  return (
    <section class="panel" aria-label="Sessions">
      <header class="panel-head">
        <h2>Sessions</h2>
        <span class="quiet">{edge.sessions > most ? `${whole(most)} of ${whole(edge.sessions)}` : whole(ways.length)}</span>
      </header>
      {asked.state === 'refused' && (
        <Empty icon="warn" title={asked.error.message}>
          <code>{asked.error.code}</code>
        </Empty>
      )}
      {asked.state === 'here' && ways.length === 0 && <p class="panel-quiet quiet">Nobody plays through it now.</p>}
      {ways.length > 0 && (
        <div class="scrolls" tabIndex={0} role="region" aria-label="Sessions, all">
          <Table label="Sessions" columns={wayColumns(again)} rows={ways} keyOf={({ id }) => id} />
        </div>
      )}
    </section>
  );
}

function wayColumns(again: () => void): readonly Column<EdgeWay>[] {
  return [
    {
      name: 'Player',
      leads: true,
      cell: ({ player }) => (player === '' ? <span class="quiet">without a token</span> : <Name name={player} most={40} />),
    },
    { name: 'State', cell: ({ state }) => <State state={state} /> },
    {
      name: 'Server',
      cell: ({ server }) =>
        server === '' ? (
          <span class="quiet">whichever wakes</span>
        ) : (
          <a href={href('gameservers', server)} title={server}>
            {shortId(server)}
          </a>
        ),
    },
    { name: 'Port', cell: ({ port, protocol }) => `${port.split('/').slice(0, 2).join(' ')}, ${protocol}` },
    { name: 'From', cell: ({ peer }) => <code class="wraps">{peer}</code> },
    { name: 'Seen as', cell: ({ seenAs }) => (seenAs === '' ? '–' : <code class="wraps">{seenAs}</code>) },
    { name: 'Since', figure: true, cell: ({ sinceMs }) => roughly(nowMs.value - sinceMs) },
    {
      name: '',
      cell: (way) =>
        mayOperate() && (
          <span class="buttons">
            {way.movable && (
              <button
                type="button"
                class="icon-button"
                aria-label={`Move ${way.player || way.peer} to another server`}
                title="Move"
                onClick={() => void askMove(way, again)}
              >
                <Icon name="move" />
              </button>
            )}
            <button
              type="button"
              class="icon-button kill"
              aria-label={`End the session of ${way.player || way.peer}`}
              title="End"
              onClick={() => askEnd(way, again)}
            >
              <Icon name="kick" />
            </button>
          </span>
        ),
    },
  ];
}

async function askMove({ id, player, peer, server, port, protocol }: EdgeWay, again: () => void): Promise<void> {
  const who = player || peer;
  const [fleet, name] = port.split('/');
  const servers = await allOf((query) => admin.gameServers(query), most).catch(() => []);
  // UDP sessions stay in their fleet; a front's reach wherever a port has the same name.
  const fits = (each: GameServer): boolean =>
    each.id !== server && each.ports.some((own) => own.name === name) && (protocol !== 'udp' || each.fleet === fleet);
  const others = servers.filter(fits).map((each) => each.id);
  ask({
    title: `Move ${who}?`,
    verb: 'Move player',
    asks: { label: 'To which game server', hint: others[0] ?? 'a game server’s id', choices: others },
    effects: [
      `${who} goes on at the other server, on the connection that is open.`,
      'If that server does not take the player, they stay where they are.',
    ],
    done: `${who} is there`,
    run: async (_, answer) => {
      await admin.moveEdgeSession(id, { server: answer.trim() });
      again();
    },
  });
}

function askEnd({ id, player, peer, server }: EdgeWay, again: () => void): void {
  const who = player || peer;
  ask({
    title: `End the session of ${who}?`,
    verb: 'End session',
    danger: true,
    effects: [
      `${who} loses the connection to ${server || 'the game'}, and may come again.`,
      'What becomes of the character is the game’s affair.',
    ],
    done: `The session of ${who} is ended`,
    run: async () => {
      await admin.endEdgeSession(id);
      again();
    },
  });
}
