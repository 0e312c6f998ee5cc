/** Game servers of all fleets: found by fleet, state, and a part of a name, label or player. */
import type { GameServer } from '@horizon-atlas/sdk-admin';
import { roughly, shortId, shown, whole } from '../format.ts';
import { Empty, Head, State, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Choice, countOf, Filters, NothingFound, Search } from '../parts/filters.tsx';
import { Cell, LongList } from '../parts/long-list.tsx';
import { go, href, requery, route } from '../route.ts';
import { fleets } from '../store/fleets.ts';
import { gameServersKnown, gameServersVersion, serversOf } from '../store/game-servers.ts';
import { serverGroups } from '../store/server-groups.ts';

interface Filter {
  readonly q: string;
  readonly fleet: string;
  readonly state: string;
}

export function GameServersPage() {
  const { query } = route.value;
  const filter: Filter = { q: query.get('q') ?? '', fleet: query.get('fleet') ?? '', state: query.get('state') ?? '' };
  gameServersVersion.value;
  const all = serversOf(filter.fleet);
  const rows = all.filter((server) => isWanted(server, filter));
  const set = (part: Partial<Filter>): void => requery({ ...filter, ...part });
  return (
    <div class="page tall">
      <Head title="Game servers" aside={gameServersKnown.value && countOf(rows.length, all.length)}>
        <Narrowing filter={filter} set={set} />
      </Head>
      {!gameServersKnown.value && <Waiting label="Game servers are on their way" rows={10} />}
      {gameServersKnown.value && rows.length === 0 && <Nothing filtered={all.length > 0 || filter.fleet !== ''} />}
      {rows.length > 0 && <ServerList rows={rows} label="Game servers" />}
    </div>
  );
}

function isWanted(server: GameServer, { q, state }: Filter): boolean {
  const group = serverGroups.find(({ id }) => id === state);
  if (state !== '' && !(group ? group.states : [state]).includes(server.state)) return false;
  const text = q.trim().toLowerCase();
  if (text === '') return true;
  const words = [
    server.id,
    server.version,
    ...Object.values(server.labels),
    ...(server.players?.names ?? []),
    ...server.allocations,
  ];
  return words.some((word) => word.toLowerCase().includes(text));
}

const Narrowing = ({ filter, set }: { filter: Filter; set: (part: Partial<Filter>) => void }) => (
  <Filters>
    <Search
      placeholder="Server, player or match"
      label="Server, label, player or match"
      value={filter.q}
      set={(q) => set({ q })}
    />
    <Choice
      label="Fleet"
      any="every fleet"
      value={filter.fleet}
      options={(fleets.value ?? []).map(({ name }) => name)}
      set={(fleet) => set({ fleet })}
    />
    <Choice label="State" any="every state" value={filter.state} options={serverGroups} set={(state) => set({ state })} />
  </Filters>
);

function Nothing({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <NothingFound title="No game server is like that" />
  ) : (
    <Empty icon="gameservers" title="No game server runs">
      They start as their <a href={href('fleets')}>fleets</a> want them.
    </Empty>
  );
}

export function ServerList({ rows, label }: { rows: readonly GameServer[]; label: string }) {
  return (
    <LongList
      label={label}
      class="gameservers"
      rows={rows}
      keyOf={(row) => row.id}
      rowHeight={44}
      columns={['Server', 'State', 'Players', 'Plays', 'Version', 'Labels', 'Ports', 'Up']}
      rowClass={(row) => (row.state === 'Error' || row.state === 'Unhealthy' ? 'bad' : '')}
      onOpen={(row) => go('gameservers', row.id)}
    >
      {(row) => <Row server={row} />}
    </LongList>
  );
}

function Row({ server }: { server: GameServer }) {
  const { id, state, players, allocations, version, labels, ports, startedAtMs, why } = server;
  const [allocation] = allocations;
  return (
    <>
      <Cell class="lead">
        <a href={href('gameservers', id)} tabIndex={-1} title={id}>
          {shortId(id)}
        </a>
      </Cell>
      <Cell>
        <span title={shown(why, '') || undefined}>
          <State state={state} />
        </span>
      </Cell>
      <Cell figure>{playersText(players)}</Cell>
      <Cell class="wide quiet">
        {allocation ? (allocations.length > 1 ? whole(allocations.length) : shortId(allocation)) : '–'}
      </Cell>
      <Cell class="wide">{version}</Cell>
      <Cell class="wide quiet">
        <bdi>{shown(labelText(labels), '–')}</bdi>
      </Cell>
      <Cell class="wide">{ports.map(({ port }) => port).join(', ') || '–'}</Cell>
      <Cell figure>{startedAtMs === 0 ? '–' : roughly(nowMs.value - startedAtMs)}</Cell>
    </>
  );
}

/** Those that somebody chose: fleet, site and version have their own places. */
export const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .filter(([key]) => !/^(agones|atlas)\.dev\//.test(key))
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');

export function playersText(players: GameServer['players']): string {
  if (!players) return '–';
  return players.capacity > 0 ? `${whole(players.count)} / ${whole(players.capacity)}` : whole(players.count);
}
