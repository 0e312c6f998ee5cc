/** Everybody who plays, ten thousand if need be: searched, filtered and sorted in the page. */
import type { Player } from '@horizon-atlas/sdk-admin';
import { useMemo } from 'preact/hooks';
import { ms, shortId, shown, whole } from '../format.ts';
import { Empty, Head, Name, State, Waiting } from '../parts/bits.tsx';
import { Choice, countOf, Filters, NothingFound, Search } from '../parts/filters.tsx';
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
      <Head title="Players" aside={playersKnown.value && countOf(rows.length, players.size)}>
        <Narrowing filter={filter} order={order} set={set} />
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

interface NarrowingProps {
  readonly filter: PlayerFilter;
  readonly order: PlayerOrder;
  readonly set: (part: Record<string, string>) => void;
}

const Narrowing = ({ filter, order, set }: NarrowingProps) => (
  <Filters>
    <Search placeholder="Name or id" value={filter.text} set={(q) => set({ q })} />
    <Choice
      label="Region"
      any="every region"
      value={filter.region}
      options={(regions.value ?? []).map(({ id, name }) => ({ id, label: shown(name || id) }))}
      set={(region) => set({ region })}
    />
    <Choice label="State" any="every state" value={filter.state} options={states} set={(state) => set({ state })} />
    <Choice label="Order" value={order} options={orders} set={(chosen) => set({ order: chosen })} />
  </Filters>
);

function Nobody({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <NothingFound title="Nobody matches" all="Show everybody" />
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
