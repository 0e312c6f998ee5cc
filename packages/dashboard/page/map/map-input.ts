/** Hands on the map: drag, wheel, pinch and keys, turned into the engine's few verbs. */
import type { MapView } from './map-view.ts';

export interface MapHands {
  /** Set: a click means a place and not who is there. */
  readonly place: ((x: number, y: number) => void) | undefined;
  cancel(): void;
}

/** Farther than this a press is a drag. */
const dragPx = 4;
const keyPx = 70;

export function listenTo(canvas: HTMLCanvasElement, view: MapView, hands: MapHands): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const pointers = new Map<number, { x: number; y: number }>();
  let moved = 0;
  const at = (event: PointerEvent | WheelEvent | MouseEvent) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const onDown = (event: PointerEvent): void => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at(event));
    moved = 0;
    view.hovered.value = 0;
  };
  const onMove = (event: PointerEvent): void => {
    const [to, from] = [at(event), pointers.get(event.pointerId)];
    if (!from) {
      if (event.pointerType === 'mouse') view.hovered.value = view.entityAt(to.x, to.y);
      return;
    }
    moved += Math.hypot(to.x - from.x, to.y - from.y);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const before = Math.hypot(from.x - other.x, from.y - other.y);
      view.zoom(Math.hypot(to.x - other.x, to.y - other.y) / Math.max(before, 1), (to.x + other.x) / 2, (to.y + other.y) / 2);
    }
    // With two fingers each carries half of the way.
    if (moved > dragPx) view.pan((to.x - from.x) / pointers.size, (to.y - from.y) / pointers.size);
    pointers.set(event.pointerId, to);
  };
  const onUp = (event: PointerEvent): void => {
    const pressed = pointers.delete(event.pointerId);
    if (!pressed || moved > dragPx || event.type !== 'pointerup') return;
    const { x, y } = at(event);
    if (hands.place) {
      const place = view.placeAt(x, y);
      hands.place(place.x, place.y);
      return;
    }
    const entity = view.entityAt(x, y);
    if (entity) view.follow(entity);
  };
  canvas.addEventListener('pointerdown', onDown, options);
  canvas.addEventListener('pointermove', onMove, options);
  canvas.addEventListener('pointerup', onUp, options);
  canvas.addEventListener('pointercancel', onUp, options);
  canvas.addEventListener('pointerleave', () => (view.hovered.value = 0), options);
  canvas.addEventListener('dblclick', (event) => view.zoom(2, at(event).x, at(event).y), options);
  const onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    const { x, y } = at(event);
    // A pinch on a touchpad comes as a wheel with ctrl and small steps.
    view.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016) * (event.deltaMode === 1 ? 16 : 1)), x, y);
  };
  canvas.addEventListener('wheel', onWheel, { passive: false, signal: stop.signal });
  canvas.addEventListener('keydown', (event) => onKey(event, view, hands), options);
  return () => stop.abort();
}

function onKey(event: KeyboardEvent, view: MapView, hands: MapHands): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = event.shiftKey ? keyPx * 3 : keyPx;
  const verbs: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => view.pan(step, 0),
    ArrowRight: () => view.pan(-step, 0),
    ArrowUp: () => view.pan(0, step),
    ArrowDown: () => view.pan(0, -step),
    '+': () => view.zoom(1.4),
    '=': () => view.zoom(1.4),
    '-': () => view.zoom(1 / 1.4),
    '0': () => view.fit(),
    ' ': () => (view.playhead.mode === 'paused' ? view.play() : view.pause()),
    l: () => view.toLive(),
    '/': () => document.querySelector<HTMLElement>('.follow-box input')?.focus(),
    Escape: () => {
      hands.cancel();
      view.follow(0);
    },
  };
  const verb = verbs[event.key];
  if (!verb) return;
  event.preventDefault();
  verb();
}
