/** Finding a player and staying with them: the search box, the card of who is followed, the tip of who is under the pointer. */
import { useRef, useState } from 'preact/hooks';
import { coordinate, ms, shortId, shown, whole } from '../format.ts';
import { askKick, mayOperate } from '../parts/act.tsx';
import { Name, State } from '../parts/bits.tsx';
import { Icon } from '../parts/icons.tsx';
import { href } from '../route.ts';
import { matchPlayers } from '../store/player-search.ts';
import { playerOf, players, playersVersion, regionName } from '../store/world.ts';
import { screenX, screenY } from './camera.ts';
import type { MapView } from './map-view.ts';

const suggestions = 8;

export function FollowBox({ view }: { view: MapView }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const found = text.trim() === '' ? [] : matchPlayers(players.values(), { text, region: '', state: '' }, suggestions);
  playersVersion.value;
  const choose = (id: string): void => {
    const player = players.get(id);
    if (!player) return;
    view.follow(player.entity);
    setText('');
    input.current?.blur();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setAt((at + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % Math.max(found.length, 1));
    } else if (event.key === 'Enter') choose(found[at]?.id ?? '');
    else if (event.key === 'Escape') setText('');
  };
  const open = text.trim() !== '';
  return (
    <div class="follow-box">
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-expanded={open}
        aria-controls="follow-list"
        aria-autocomplete="list"
        aria-activedescendant={open && found[at] ? `follow-${at}` : undefined}
        aria-label="Follow a player"
        placeholder="Follow a player"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <span class="kbd" aria-hidden="true">
        /
      </span>
      <ul id="follow-list" role="listbox" aria-label="Players" hidden={!open}>
        {found.map((player, i) => (
          <li
            key={player.id}
            id={`follow-${i}`}
            role="option"
            aria-selected={i === at}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(player.id)}
          >
            <Name name={player.name} most={28} fallback={player.id} />
            <span class="quiet">{regionName.value.get(player.region) ?? player.region}</span>
          </li>
        ))}
        {open && found.length === 0 && (
          <li role="option" aria-selected={false} aria-disabled="true" class="quiet">
            nobody is called that
          </li>
        )}
      </ul>
    </div>
  );
}

export function PlayerCard({ view, onMove }: { view: MapView; onMove: (player: string) => void }) {
  const entity = view.followed.value;
  playersVersion.value;
  if (entity === 0) return null;
  const player = playerOf.get(entity);
  const stop = (
    <button
      type="button"
      class="icon-button"
      aria-label="Stop following"
      title="Stop following  Esc"
      onClick={() => view.follow(0)}
    >
      <Icon name="close" />
    </button>
  );
  if (!player)
    return (
      <section class="card-float" aria-label="Followed">
        <header>
          <strong>Entity {entity}</strong>
          {stop}
        </header>
      </section>
    );
  return (
    <section class="card-float" aria-label="Followed player">
      <header>
        <strong>
          <Name name={player.name} most={26} fallback={player.id} />
        </strong>
        <State state={player.state} />
        {stop}
      </header>
      <dl>
        <Row label="region" value={`${shown(regionName.value.get(player.region) ?? player.region)} · epoch ${player.epoch}`} />
        <Row label="server" value={shortId(player.server)} />
        <Row label="ping" value={ms(player.pingMs)} />
        <Row
          label="handoffs"
          value={`${whole(player.handoffs)}${player.lastGapMs === null ? '' : ` · last gap ${ms(player.lastGapMs)}`}`}
        />
        <Row label="place" value={player.position ? `${coordinate(player.position.x)}, ${coordinate(player.position.y)}` : '–'} />
      </dl>
      <footer>
        <a class="button small" href={href('players', player.id)}>
          Details
        </a>
        {mayOperate() && (
          <>
            <button type="button" class="button small" onClick={() => onMove(player.id)}>
              <Icon name="move" size={14} /> Move
            </button>
            <button type="button" class="button small" onClick={() => askKick(player.id, shown(player.name, player.id))}>
              <Icon name="kick" size={14} /> Kick
            </button>
          </>
        )}
      </footer>
    </section>
  );
}

function Row({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

export function Hovered({ view }: { view: MapView }) {
  const entity = view.hovered.value;
  // Moves along with the picture.
  view.shown.value;
  const slot = entity ? view.crowd.slotOf(entity) : -1;
  if (slot < 0 || entity === view.followed.value) return null;
  const player = playerOf.get(entity);
  const [x, y] = [
    screenX(view.camera, view.size, view.crowd.x[slot] as number),
    screenY(view.camera, view.size, view.crowd.y[slot] as number),
  ];
  const [left, above] = [Math.min(Math.max(x, 90), view.size.width - 90), y > 90];
  return (
    <div
      class={`tip ${above ? 'above' : 'below'}`}
      style={{ transform: `translate(${Math.round(left)}px, ${Math.round(y)}px)` }}
      aria-hidden="true"
    >
      <div>
        <strong>{player ? <Name name={player.name} most={24} fallback={player.id} /> : `Entity ${entity}`}</strong>
        {player && (
          <span>
            {shown(regionName.value.get(player.region) ?? player.region)} · {ms(player.pingMs)} · {whole(player.handoffs)}{' '}
            handoffs
          </span>
        )}
      </div>
    </div>
  );
}
