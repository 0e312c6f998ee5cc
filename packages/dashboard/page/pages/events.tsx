/** What happened, newest first: filtered, live, and held still to be read. */
import type { Event } from '@horizon-atlas/sdk-admin';
import { useMemo, useRef, useState } from 'preact/hooks';
import { clipped, clock, date, shortId, shown, whole } from '../format.ts';
import { Empty, Head, Waiting } from '../parts/bits.tsx';
import { Choice, Filters, NothingFound, Search } from '../parts/filters.tsx';
import { Icon } from '../parts/icons.tsx';
import { Cell, LongList } from '../parts/long-list.tsx';
import { hasWorld } from '../parts/sections.ts';
import { href, requery, route } from '../route.ts';
import { link } from '../store/atlas.ts';
import { type EventFilter, eventMatches } from '../store/event-filter.ts';
import { hasFleets } from '../store/fleets.ts';
import { events, eventsVersion, regions } from '../store/world.ts';
import { narrow } from '../theme.ts';

const worldKinds = ['region', 'server', 'gateway', 'player', 'handoff'];
const fleetKinds = ['gameserver', 'rollout', 'match'];
const otherKinds = ['control', 'action', 'game', 'companion', 'trouble'];

/** Those that an Atlas like this one tells of, and what an address asks for, whatever it is. */
function kindsFor(chosen: string): readonly string[] {
  const known = [...(hasWorld.value ? worldKinds : []), ...(hasFleets.value ? fleetKinds : []), ...otherKinds];
  return [...known, ...(chosen === '' || known.includes(chosen) ? [] : [chosen])];
}

export function EventsPage() {
  const { query } = route.value;
  const filter: EventFilter = {
    type: query.get('type') ?? '',
    tone: query.get('tone') ?? '',
    region: query.get('region') ?? '',
    text: query.get('q') ?? '',
  };
  const [held, setHeld] = useState<readonly Event[] | undefined>(undefined);
  const version = eventsVersion.value;
  // The ring changes with its version
  const fresh = useMemo(
    () => events.newest((event) => eventMatches(event, filter)),
    [version, filter.type, filter.tone, filter.region, filter.text],
  );
  const rows = held ? held.filter((event) => eventMatches(event, filter)) : fresh;
  const heldAt = useRef(0);
  const hold = (): void => {
    heldAt.current = events.lastId;
    setHeld(held ? undefined : events.newest());
  };
  const set = (part: Partial<EventFilter>): void => {
    const { text, ...rest } = { ...filter, ...part };
    requery({ ...rest, q: text });
  };
  const waiting = held ? Math.max(0, events.lastId - heldAt.current) : 0;
  return (
    <div class="page tall">
      <Head title="Events" aside={rows.length > 0 && whole(rows.length)}>
        <Narrowing filter={filter} set={set} />
        <button type="button" class={`button ${held ? 'on' : ''}`} aria-pressed={held !== undefined} onClick={hold}>
          <Icon name={held ? 'play' : 'pause'} size={14} />{' '}
          {held ? `Resume${waiting > 0 ? ` · ${whole(waiting)} new` : ''}` : 'Pause'}
        </button>
      </Head>
      {rows.length === 0 && <Nothing filtered={events.size > 0} />}
      {rows.length > 0 && (
        <LongList
          label="Events"
          class="events"
          rows={rows}
          keyOf={(row) => String(row.id)}
          rowHeight={narrow.value ? 54 : 36}
          columns={['Time', 'Type', 'What happened', 'About']}
          rowClass={(row) => row.tone}
        >
          {(row) => <Row event={row} />}
        </LongList>
      )}
    </div>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  if (link.value === 'starting') return <Waiting label="Events are on their way" rows={10} />;
  return filtered ? <NothingFound title="No event matches" /> : <Empty icon="events" title="Nothing has happened yet" />;
}

const Narrowing = ({ filter, set }: { filter: EventFilter; set: (part: Partial<EventFilter>) => void }) => (
  <Filters>
    <Search placeholder="Text, player or server" value={filter.text} set={(text) => set({ text })} />
    <Choice
      label="Type"
      any="every type"
      value={filter.type}
      options={kindsFor(filter.type).map((id) => ({ id, label: shown(clipped(id, 40)) }))}
      set={(type) => set({ type })}
    />
    <Choice
      label="Tone"
      any="good, bad and plain"
      value={filter.tone}
      options={['good', 'bad', 'plain']}
      set={(tone) => set({ tone })}
    />
    {(hasWorld.value || filter.region !== '') && (
      <Choice
        label="Region"
        any="every region"
        value={filter.region}
        options={regionsFor(filter.region)}
        set={(region) => set({ region })}
      />
    )}
  </Filters>
);

function regionsFor(chosen: string): readonly { id: string; label: string }[] {
  const known = (regions.value ?? []).map(({ id, name }) => ({ id, label: shown(name || id) }));
  const isStranger = chosen !== '' && !known.some(({ id }) => id === chosen);
  return isStranger ? [{ id: chosen, label: shown(clipped(chosen, 40)) }, ...known] : known;
}

/** A game server has another page than a server of the world. */
function serverHref({ type, server }: Event): string {
  return href(/^(gameserver|match)\./.test(type) ? 'gameservers' : 'servers', server);
}

function Row({ event }: { event: Event }) {
  return (
    <>
      <Cell class="event-time">
        <time title={date(event.atMs)}>{clock(event.atMs, !narrow.value)}</time>
      </Cell>
      <Cell class="event-type">
        <span class="event-dot" aria-hidden="true" />
        {event.type}
      </Cell>
      <Cell class="event-text">
        <bdi title={shown(event.text)}>{shown(event.text)}</bdi>
      </Cell>
      <Cell class="event-about">
        {event.player && (
          <a href={href('players', event.player)} tabIndex={-1}>
            player
          </a>
        )}
        {typeof event.fields.match === 'string' && event.type.startsWith('match.') && (
          <a href={href('matches', event.fields.match)} tabIndex={-1}>
            match
          </a>
        )}
        {event.server && (
          <a href={serverHref(event)} tabIndex={-1} title={event.server}>
            {shortId(event.server)}
          </a>
        )}
        {event.type.startsWith('rollout.') && typeof event.fields.fleet === 'string' && (
          <a href={href('fleets', event.fields.fleet)} tabIndex={-1}>
            {event.fields.fleet}
          </a>
        )}
      </Cell>
    </>
  );
}
