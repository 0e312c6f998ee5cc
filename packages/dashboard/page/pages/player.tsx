/** One player: who, where, how it goes, where they have been, and what an operator can do. */
import type { Handoff, Player } from '@horizon-atlas/sdk-admin';
import { useEffect, useState } from 'preact/hooks';
import { clock, coordinate, date, duration, ms, shown, whole } from '../format.ts';
import { hullOf } from '../map/camera.ts';
import { PhaseBar } from '../map/phases.tsx';
import { askKick, askMove, mayOperate } from '../parts/act.tsx';
import { Empty, Fact, Facts, Head, Name, State, Waiting } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Icon } from '../parts/icons.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { href } from '../route.ts';
import { admin } from '../store/atlas.ts';
import { handoffList, players, playersKnown, playersVersion, regionName, regions } from '../store/world.ts';

export function PlayerPage({ id }: { id: string }) {
  playersVersion.value;
  const player = players.get(id);
  const back = { href: href('players'), label: 'All players' };
  if (!player)
    return (
      <div class="page">
        <Head title={shown(id)} back={back} />
        {playersKnown.value ? (
          <Empty icon="players" title="Nobody here has that id">
            Who left more than a few minutes ago is in the <a href={href('audit')}>audit log</a>.
          </Empty>
        ) : (
          <Waiting label="The player is on the way" />
        )}
      </div>
    );
  return (
    <div class="page">
      <Head title={<Name name={player.name} fallback={player.id} />} aside={<State state={player.state} />} back={back}>
        {player.state !== 'gone' && (
          <div class="buttons">
            <a class="button" href={href('map', '', { follow: player.id })}>
              <Icon name="follow" /> Follow on map
            </a>
            {mayOperate() && (
              <button type="button" class="button danger-quiet" onClick={() => askKick(player.id, shown(player.name, player.id))}>
                <Icon name="kick" /> Kick
              </button>
            )}
          </div>
        )}
      </Head>
      {player.closeReason && (
        <p class="notice">
          <Icon name="leave" /> The last connection ended: <bdi>{shown(player.closeReason)}</bdi> <code>{player.closeCode}</code>
        </p>
      )}
      <PlayerFacts player={player} />
      <div class="columns">
        <Path player={player} />
        <Crossings player={player} />
      </div>
      {mayOperate() && player.state !== 'gone' && <MoveForm player={player} />}
    </div>
  );
}

function PlayerFacts({ player }: { player: Player }) {
  return (
    <Facts>
      <Fact label="Id">
        <bdi>{shown(player.id)}</bdi>
      </Fact>
      <Fact label="Region">
        <Name name={regionName.value.get(player.region) ?? player.region} fallback="–" />{' '}
        <span class="quiet">epoch {player.epoch}</span>
      </Fact>
      <Fact label="Server">{player.server ? <a href={href('servers', player.server)}>{player.server}</a> : '–'}</Fact>
      <Fact label="Gateway">
        {player.gateway ? <a href={href('gateways', player.gateway)}>{player.gateway}</a> : '–'}{' '}
        <span class="quiet">{player.format}</span>
      </Fact>
      <Fact label="Ping">{ms(player.pingMs)}</Fact>
      <Fact label="Handoffs">
        {whole(player.handoffs)} <span class="quiet">{player.lastGapMs === null ? '' : `last gap ${ms(player.lastGapMs)}`}</span>
      </Fact>
      <Fact label="Place">
        {player.position
          ? `${coordinate(player.position.x)}, ${coordinate(player.position.y)}, ${coordinate(player.position.z)}`
          : '–'}
      </Fact>
      <Fact label="Joined">
        <span title={date(player.joinedAtMs)}>{duration(nowMs.value - player.joinedAtMs)} ago</span>{' '}
        <span class="quiet">{player.address}</span>
      </Fact>
    </Facts>
  );
}

const path = { minutes: 10, scenes: 200, places: 2_000_000 } as const;

/** Where the player was in the last ten minutes: a line over the regions. */
function Path({ player }: { player: Player }) {
  const [places, setPlaces] = useState<readonly (readonly [number, number])[] | undefined>(undefined);
  useEffect(() => {
    let shown = true;
    const read = async (): Promise<void> => {
      const toMs = Date.now();
      const max = Math.max(12, Math.min(path.scenes, Math.floor(path.places / Math.max(players.size, 1) / 10)));
      const scenes = await admin.scenes({ fromMs: toMs - path.minutes * 60_000, toMs, max });
      const found = scenes.flatMap((scene) => {
        const i = scene.entity.indexOf(player.entity);
        return i < 0 ? [] : [[scene.x[i] as number, scene.y[i] as number] as const];
      });
      if (shown) setPlaces(found);
    };
    const ask = () => void read().catch(() => shown && setPlaces([]));
    ask();
    const timer = setInterval(() => !document.hidden && ask(), 10_000);
    return () => {
      shown = false;
      clearInterval(timer);
    };
  }, [player.entity]);
  const area = hullOf((regions.value ?? []).map((region) => region.bounds));
  return (
    <section class="panel" aria-label="Path of the last ten minutes">
      <header class="panel-head">
        <h2>Path, last 10 minutes</h2>
        <span class="quiet">{places === undefined ? 'reading…' : places.length === 0 ? 'not recorded' : ''}</span>
      </header>
      {area && (
        <svg
          class="path"
          viewBox={`${area.minX} ${-area.maxY} ${area.maxX - area.minX} ${area.maxY - area.minY}`}
          role="img"
          aria-label="The player's path over the regions"
        >
          {(regions.value ?? []).map(({ id, bounds }) => (
            <rect
              key={id}
              class={id === player.region ? 'here' : ''}
              x={bounds.minX}
              y={-bounds.maxY}
              width={bounds.maxX - bounds.minX}
              height={bounds.maxY - bounds.minY}
            />
          ))}
          {places && places.length > 1 && (
            <polyline points={places.map(([x, y]) => `${x.toFixed(1)},${(-y).toFixed(1)}`).join(' ')} />
          )}
          {player.position && <circle cx={player.position.x} cy={-player.position.y} r={(area.maxX - area.minX) / 110} />}
        </svg>
      )}
    </section>
  );
}

const crossingColumns: readonly Column<Handoff>[] = [
  { name: 'When', leads: true, cell: (row) => clock(row.startedAtMs) },
  {
    name: 'Way',
    cell: (row) => (
      <span>
        <Name name={regionName.value.get(row.source) ?? row.source} most={20} /> <span aria-hidden="true">→</span>
        <span class="unseen">to</span> <Name name={regionName.value.get(row.target) ?? row.target} most={20} />
      </span>
    ),
  },
  { name: 'Outcome', cell: (row) => <State state={row.outcome} /> },
  { name: 'Frozen', figure: true, cell: (row) => ms(row.frozenMs) },
  { name: 'Gap', figure: true, cell: (row) => ms(row.gapMs) },
  { name: 'Phases', cell: (row) => <PhaseBar handoff={row} /> },
];
const crossingsMost = 50;

function Crossings({ player }: { player: Player }) {
  const rows = handoffList.value.filter((each) => each.player === player.id).slice(0, crossingsMost);
  return (
    <section class="panel" aria-label="Handoffs">
      <header class="panel-head">
        <h2>Handoffs</h2>
        <span class="quiet">{whole(player.handoffs)} in all</span>
      </header>
      {rows.length === 0 ? (
        <Empty icon="map" title="No handoff lately" />
      ) : (
        <Table label="Handoffs" columns={crossingColumns} rows={rows} keyOf={(row) => row.id} />
      )}
    </section>
  );
}

function MoveForm({ player }: { player: Player }) {
  const [x, setX] = useState('');
  const [y, setY] = useState('');
  const good = x.trim() !== '' && y.trim() !== '' && Number.isFinite(Number(x)) && Number.isFinite(Number(y));
  const move = (event: Event): void => {
    event.preventDefault();
    if (good) askMove(player.id, shown(player.name, player.id), Number(x), Number(y));
  };
  return (
    <section class="panel" aria-label="Move">
      <header class="panel-head">
        <h2>Move</h2>
      </header>
      <form class="move-form" onSubmit={move}>
        <label class="field">
          <span>x</span>
          <input
            inputMode="decimal"
            value={x}
            placeholder={player.position ? coordinate(player.position.x) : ''}
            onInput={(event) => setX(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>y</span>
          <input
            inputMode="decimal"
            value={y}
            placeholder={player.position ? coordinate(player.position.y) : ''}
            onInput={(event) => setY(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button" disabled={!good}>
          <Icon name="move" /> Move there
        </button>
        <a class="button" href={href('map', '', { follow: player.id, move: '1' })}>
          Choose on the map
        </a>
      </form>
    </section>
  );
}
