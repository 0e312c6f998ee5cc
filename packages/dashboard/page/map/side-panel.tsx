/** Beside the map, the same world as lists: crossings as they happen, and every region. */
import type { Handoff, Region } from '@horizon-atlas/sdk-admin';
import { useState } from 'preact/hooks';
import { ago, ms, percent, plural, shortId, shown } from '../format.ts';
import { Empty, Meter, Name, State } from '../parts/bits.tsx';
import { nowMs } from '../parts/clock.ts';
import { Icon } from '../parts/icons.tsx';
import { Cell, LongList } from '../parts/long-list.tsx';
import { href } from '../route.ts';
import { handoffList, regionName, regions, servers } from '../store/world.ts';
import { theme } from '../theme.ts';
import type { MapView } from './map-view.ts';
import { dark, hueOf, light } from './palette.ts';
import { PhaseBar } from './phases.tsx';
import { lookOf, lookWords } from './plan.ts';

type Tab = 'crossings' | 'regions';

export function SidePanel({ view }: { view: MapView | undefined }) {
  const [tab, setTab] = useState<Tab>('crossings');
  const tabs: readonly { id: Tab; label: string; count: number }[] = [
    { id: 'crossings', label: 'Crossings', count: handoffList.value.length },
    { id: 'regions', label: 'Regions', count: regions.value?.length ?? 0 },
  ];
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const next = tab === 'crossings' ? 'regions' : 'crossings';
    setTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <aside class="side" aria-label="The map as lists">
      <div class="tabs" role="tablist" aria-label="Lists" onKeyDown={onKeyDown}>
        {tabs.map(({ id, label, count }) => (
          <button
            type="button"
            role="tab"
            key={id}
            id={`tab-${id}`}
            aria-selected={tab === id}
            aria-controls="side-list"
            tabIndex={tab === id ? 0 : -1}
            onClick={() => setTab(id)}
          >
            {label} <span class="tab-count">{count}</span>
          </button>
        ))}
      </div>
      <div id="side-list" class="side-list" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'crossings' ? <Crossings view={view} /> : <RegionList view={view} />}
      </div>
    </aside>
  );
}

function Crossings({ view }: { view: MapView | undefined }) {
  const rows = handoffList.value;
  if (rows.length === 0)
    return (
      <Empty icon="map" title="Nobody has crossed a border yet">
        Every handoff appears here with its phases and the gap that its player saw.
      </Empty>
    );
  const watch = (handoff: Handoff): void => {
    view?.seek(handoff.startedAtMs - 1500);
    view?.follow(handoff.group);
  };
  return (
    <LongList
      label="Crossings"
      rows={rows}
      keyOf={(row) => row.id}
      rowHeight={66}
      rowClass={(row) => `crossing ${row.outcome}`}
      onOpen={watch}
    >
      {(row) => <Crossing handoff={row} onWatch={watch} />}
    </LongList>
  );
}

function Crossing({ handoff, onWatch }: { handoff: Handoff; onWatch: (handoff: Handoff) => void }) {
  const names = regionName.value;
  const name = (id: string): string => shown(names.get(id) ?? id);
  const verdict = {
    'under-way': handoff.phase,
    done: handoff.gapMs === null ? 'done' : ms(handoff.gapMs),
    'rolled-back': 'rolled back',
    failed: 'failed',
  }[handoff.outcome];
  return (
    <Cell class="crossing-cell">
      <span class="crossing-top">
        <span class="crossing-name">
          <Name name={handoff.name} most={30} fallback={handoff.player || `group ${handoff.group}`} />
        </span>
        <span
          class={`crossing-verdict ${handoff.outcome}`}
          title={handoff.why || 'largest gap between two frames around the switch'}
        >
          {verdict}
        </span>
      </span>
      <span class="crossing-way">
        <span class="crossing-route">
          {name(handoff.source)} <span aria-hidden="true">→</span>
          <span class="unseen">to</span> {name(handoff.target)}
        </span>
        <span class="quiet">{ago(handoff.endedAtMs ?? handoff.startedAtMs, nowMs.value)}</span>
        <button
          type="button"
          class="icon-button tiny"
          aria-label="Watch it again"
          title="Watch it again"
          onClick={() => onWatch(handoff)}
        >
          <Icon name="restart" size={12} />
        </button>
      </span>
      <PhaseBar handoff={handoff} />
    </Cell>
  );
}

function RegionList({ view }: { view: MapView | undefined }) {
  const list = regions.value ?? [];
  const byId = new Map((servers.value ?? []).map((server) => [server.id, server]));
  return (
    <ul class="region-list">
      {list.map((region, index) => (
        <RegionItem
          key={region.id}
          region={region}
          hue={hueOf(theme.value === 'light' ? light : dark, index)}
          look={lookOf(region, byId.get(region.server))}
          view={view}
        />
      ))}
    </ul>
  );
}

function RegionItem({
  region,
  hue,
  look,
  view,
}: {
  region: Region;
  hue: string;
  look: ReturnType<typeof lookOf>;
  view: MapView | undefined;
}) {
  return (
    <li class="region-item">
      <div class="region-top">
        <span class="swatch" style={{ background: hue }} aria-hidden="true" />
        <button type="button" class="link-button" title="Show on the map" onClick={() => view?.show(region.bounds)}>
          <Name name={region.name} most={30} fallback={region.id} />
        </button>
        <State state={lookWords[look]} />
      </div>
      <p class="region-facts">
        {region.server ? <a href={href('servers', region.server)}>{shortId(region.server)}</a> : 'no owner'} · epoch{' '}
        {region.epoch} · {plural(region.players, 'player')} · {plural(region.shadows, 'shadow')}
      </p>
      <div class="region-load">
        <Meter part={region.load} label={`load ${percent(region.load)}`} />
        <span>{region.load === null ? 'no load' : `load ${percent(region.load)} · tick ${ms(region.workMs?.p90)}`}</span>
      </div>
    </li>
  );
}
