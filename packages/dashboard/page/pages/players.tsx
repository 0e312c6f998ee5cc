/** Everybody who plays, ten thousand if need be: searched, filtered and sorted in the page. */
import type { Player } from '@horizon-atlas/sdk-admin';
import { useMemo } from 'preact/hooks';
import { ms, shortId, shown, whole } from '../format.ts';
import { Empty, Head, Name, State, Waiting } from '../parts/bits.tsx';
import { Icon } from '../parts/icons.tsx';
import { Cell, LongList } from '../parts/long-list.tsx';
import { go, href, requery, route } from '../route.ts';
import { matchPlayers, type PlayerFilter, type PlayerOrder, sortPlayers } from '../store/player-search.ts';
import { players, playersKnown, playersVersion, regionName, regions } from '../store/world.ts';

const states: readonly Player['state'][] = ['joining', 'online', 'away', 'gone'];
const orders: readonly { id: PlayerOrder; label: string }[] = [
  { id: 'joined', label: 'as they joined' },
  { id: 'name', label: 'by name' },
  { id: 'ping', label: 'slowest first' },
  { id: 'handoffs', label: 'most handoffs first' },
  { id: 'region', label: 'by region' },
];

export function PlayersPage() {
  const { query } = route.value;
  const filter = { text: query.get('q') ?? '', region: query.get('region') ?? '', state: query.get('state') ?? '' };
  const order = orders.find(({ id }) => id === query.get('order'))?.id ?? 'joined';
  const version = playersVersion.value;
  // The map of players changes with its version
  const rows = useMemo(
    () => sortPlayers(matchPlayers(players.values(), filter), order),
    [version, filter.text, filter.region, filter.state, order],
  );
  const set = (part: Record<string, string>): void =>
    requery({ q: filter.text, region: filter.region, state: filter.state, order: order === 'joined' ? '' : order, ...part });
  return (
    <div class="page tall">
      <Head
        title="Players"
        aside={
          playersKnown.value &&
          (rows.length === players.size ? whole(players.size) : `${whole(rows.length)} of ${whole(players.size)}`)
        }
      >
        <Filters filter={filter} order={order} set={set} />
      </Head>
      {!playersKnown.value && <Waiting label="Players are on their way" rows={10} />}
      {playersKnown.value && rows.length === 0 && <Nobody filtered={players.size > 0} />}
      {rows.length > 0 && (
        <LongList
          label="Players"
          class="players"
          rows={rows}
          keyOf={(row) => row.id}
          rowHeight={44}
          columns={['Player', 'State', 'Region', 'Ping', 'Handoffs', 'Last gap', 'Gateway', '']}
          onOpen={(row) => go('players', row.id)}
        >
          {(row) => <Row player={row} />}
        </LongList>
      )}
    </div>
  );
}

interface FiltersProps {
  readonly filter: PlayerFilter;
  readonly order: PlayerOrder;
  readonly set: (part: Record<string, string>) => void;
}

function Filters({ filter, order, set }: FiltersProps) {
  return (
    <div class="filters">
      <label class="search">
        <Icon name="search" />
        <input
          type="search"
          placeholder="Name or id"
          aria-label="Name or id"
          value={filter.text}
          onInput={(event) => set({ q: event.currentTarget.value })}
        />
      </label>
      <select aria-label="Region" value={filter.region} onChange={(event) => set({ region: event.currentTarget.value })}>
        <option value="">every region</option>
        {(regions.value ?? []).map((region) => (
          <option value={region.id} key={region.id}>
            {shown(region.name || region.id)}
          </option>
        ))}
      </select>
      <select aria-label="State" value={filter.state} onChange={(event) => set({ state: event.currentTarget.value })}>
        <option value="">every state</option>
        {states.map((state) => (
          <option value={state} key={state}>
            {state}
          </option>
        ))}
      </select>
      <select aria-label="Order" value={order} onChange={(event) => set({ order: event.currentTarget.value })}>
        {orders.map(({ id, label }) => (
          <option value={id} key={id}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}

function Nobody({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <Empty icon="search" title="Nobody matches">
      <button type="button" class="link-button" onClick={() => requery({})}>
        Show everybody
      </button>
    </Empty>
  ) : (
    <Empty icon="players" title="Nobody plays yet">
      <a href="/play/" target="_blank" rel="noopener">
        Be the first
      </a>
    </Empty>
  );
}

function Row({ player }: { player: Player }) {
  return (
    <>
      <Cell class="lead">
        <a href={href('players', player.id)} tabIndex={-1}>
          <Name name={player.name} most={40} fallback={player.id} />
        </a>
        <span class="quiet id">
          <bdi>{shown(player.id)}</bdi>
        </span>
      </Cell>
      <Cell>
        <State state={player.state} />
      </Cell>
      <Cell class="wide">
        <Name name={regionName.value.get(player.region) ?? player.region} most={24} fallback="–" />
      </Cell>
      <Cell figure>{ms(player.pingMs)}</Cell>
      <Cell figure class="wide">
        {whole(player.handoffs)}
      </Cell>
      <Cell figure class="wide">
        {ms(player.lastGapMs)}
      </Cell>
      <Cell class="wide quiet">{shortId(player.gateway)}</Cell>
      <Cell class="end">
        {player.state !== 'gone' && (
          <a
            class="icon-button"
            href={href('map', '', { follow: player.id })}
            aria-label={`Follow ${shown(player.name, player.id)} on the map`}
            title="Follow on the map"
            tabIndex={-1}
          >
            <Icon name="follow" />
          </a>
        )}
      </Cell>
    </>
  );
}
