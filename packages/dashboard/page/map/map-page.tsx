/** The start page: the live map with its controls, and beside it the same world as lists. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { shown } from '../format.ts';
import { askMove } from '../parts/act.tsx';
import { Empty } from '../parts/bits.tsx';
import { Icon } from '../parts/icons.tsx';
import { requery, route } from '../route.ts';
import { link } from '../store/atlas.ts';
import { players, playersVersion, regions } from '../store/world.ts';
import { FollowBox, Hovered, PlayerCard } from './follow.tsx';
import { Legend } from './legend.tsx';
import { listenTo } from './map-input.ts';
import { MapView } from './map-view.ts';
import { SidePanel } from './side-panel.tsx';
import { TimeLine } from './time-line.tsx';

export function MapPage() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [view, setView] = useState<MapView>();
  /** The player that the next click on the map moves. */
  const [moving, setMoving] = useState('');
  useEffect(() => {
    if (!canvas.current) return;
    const made = new MapView(canvas.current);
    made.covered = { top: 44, right: 0, bottom: 60, left: 0 };
    setView(made);
    return () => made.close();
  }, []);
  useEffect(() => {
    if (!view || !canvas.current) return;
    return listenTo(canvas.current, view, {
      place: moving
        ? (x, y) => {
            askMove(moving, shown(players.get(moving)?.name ?? moving), Math.round(x), Math.round(y));
            setMoving('');
          }
        : undefined,
      cancel: () => setMoving(''),
    });
  }, [view, moving]);
  useLinkedPlayer(view, setMoving);
  return (
    <div class="map">
      <h1 class="unseen" tabIndex={-1}>
        Live map of the world
      </h1>
      <section class={`map-stage ${moving ? 'placing' : ''}`} aria-label="Map">
        <canvas
          ref={canvas}
          class="map-canvas"
          tabIndex={0}
          role="application"
          aria-label="Live map. The same regions and players are in the lists beside it."
          aria-describedby="map-keys"
          aria-keyshortcuts="ArrowUp ArrowDown ArrowLeft ArrowRight + - 0 Space L /"
        />
        <p id="map-keys" class="unseen">
          Arrow keys pan, plus and minus zoom, 0 shows the whole world, space pauses, L goes back to live, slash searches a
          player, escape stops following.
        </p>
        {view && <Controls view={view} moving={moving} onMove={setMoving} />}
        <EmptyWorld />
      </section>
      <SidePanel view={view} />
    </div>
  );
}

function Controls({ view, moving, onMove }: { view: MapView; moving: string; onMove: (player: string) => void }) {
  return (
    <>
      <div class="map-corner top-left">
        <FollowBox view={view} />
        <PlayerCard view={view} onMove={onMove} />
      </div>
      {moving && <p class="map-hint">Click where the player shall be · Esc to stop</p>}
      <Hovered view={view} />
      <Legend />
      <ZoomButtons view={view} />
      <TimeLine view={view} />
    </>
  );
}

function EmptyWorld() {
  if (regions.value && regions.value.length > 0) return null;
  if (regions.value)
    return (
      <div class="map-empty">
        <Empty icon="map" title="This world has no regions yet">
          They appear here as soon as the configuration names some.
        </Empty>
      </div>
    );
  return (
    <div class="map-empty" role="status">
      {link.value === 'lost' ? <Empty icon="warn" title="Atlas does not answer" /> : <p class="quiet">Opening the world…</p>}
    </div>
  );
}

/** `#/map?follow=<player>` and `…&move=1` come from other views. */
function useLinkedPlayer(view: MapView | undefined, move: (player: string) => void): void {
  const wanted = route.value.query.get('follow') ?? '';
  const moves = route.value.query.has('move');
  playersVersion.value;
  const player = players.get(wanted);
  const known = view !== undefined && player !== undefined && view.shown.value.movers > 0;
  useEffect(() => {
    if (!known || !player || !view) return;
    view.follow(player.entity);
    if (moves) move(player.id);
    requery({});
  }, [known, wanted]);
}

function ZoomButtons({ view }: { view: MapView }) {
  return (
    <fieldset class="map-zoom">
      <legend class="unseen">Zoom</legend>
      <button type="button" aria-label="Zoom in" title="Zoom in  +" onClick={() => view.zoom(1.5)}>
        <Icon name="plus" />
      </button>
      <button type="button" aria-label="Zoom out" title="Zoom out  −" onClick={() => view.zoom(1 / 1.5)}>
        <Icon name="minus" />
      </button>
      <button type="button" aria-label="Whole world" title="Whole world  0" onClick={() => view.fit()}>
        <Icon name="fit" />
      </button>
    </fieldset>
  );
}
