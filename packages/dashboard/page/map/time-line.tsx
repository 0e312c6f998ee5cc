/** The last ten minutes below the map: crossings and bad news along a line, a handle to go back, pause, speed, and the way back to now. */
import { useEffect, useRef } from 'preact/hooks';
import { clock, duration } from '../format.ts';
import { nowMs } from '../parts/clock.ts';
import { Icon } from '../parts/icons.tsx';
import { handoffList, news } from '../store/world.ts';
import { theme } from '../theme.ts';
import type { MapView } from './map-view.ts';
import { policy } from './playhead.ts';

const rates = [1, 2, 4, 0.5] as const;
const windowS = policy.windowMs / 1000;
/** Columns of crossings along the line. */
const columns = 150;

export function TimeLine({ view }: { view: MapView }) {
  const { mode, atMs, liveMs, rate, loading } = view.shown.value;
  const behindS = Math.max(0, Math.round((liveMs - atMs) / 1000));
  const words = mode === 'live' || behindS === 0 ? 'now' : `${duration(behindS * 1000)} ago`;
  return (
    <div class={`time-line ${mode}`} role="group" aria-label="Time">
      <button
        type="button"
        class="icon-button"
        aria-label={mode === 'paused' ? 'Play' : 'Pause'}
        title={mode === 'paused' ? 'Play  space' : 'Pause  space'}
        onClick={() => (mode === 'paused' ? view.play() : view.pause())}
      >
        <Icon name={mode === 'paused' ? 'play' : 'pause'} />
      </button>
      <div class="time-track">
        <Marks view={view} />
        <input
          type="range"
          min={-windowS}
          max={0}
          step={1}
          value={-behindS}
          aria-label="Moment shown"
          aria-valuetext={words}
          onInput={(event) => view.seek(liveMs + Number(event.currentTarget.value) * 1000)}
        />
      </div>
      <output class="time-words" title={atMs > 0 ? clock(atMs) : undefined}>
        {atMs > 0 ? clock(atMs) : '–'}
        <span class="quiet">{loading && mode !== 'live' ? 'loading…' : words}</span>
      </output>
      <button
        type="button"
        class="button small time-rate"
        aria-label={`Speed ${rate} times`}
        disabled={mode === 'live'}
        onClick={() => {
          view.playhead.rate = rates[(rates.indexOf(rate as 1) + 1) % rates.length] ?? 1;
        }}
      >
        {rate}×
      </button>
      <button
        type="button"
        class={`button small time-live ${mode === 'live' ? 'on' : ''}`}
        aria-pressed={mode === 'live'}
        title="Back to now  L"
        onClick={() => view.toLive()}
      >
        <span class="dot" aria-hidden="true" /> Live
      </button>
    </div>
  );
}

/** Drawn once a second: crossings as columns, bad news as red strokes, good news as green ones. */
function Marks({ view }: { view: MapView }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const second = nowMs.value;
  const look = theme.value;
  // Each second, and when the colours change
  useEffect(() => {
    if (canvas.current) draw(canvas.current, view.shown.peek().liveMs || Date.now());
  }, [second, look]);
  return (
    <div aria-hidden="true">
      <canvas class="time-marks" ref={canvas} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, liveMs: number): void {
  const ratio = Math.min(devicePixelRatio || 1, 2);
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0) return;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const fromMs = liveMs - policy.windowMs;
  const counts = new Uint32Array(columns);
  for (const { endedAtMs } of handoffList.peek()) {
    if (endedAtMs === null || endedAtMs < fromMs) continue;
    const column = Math.min(columns - 1, Math.floor(((endedAtMs - fromMs) / policy.windowMs) * columns));
    counts[column] = (counts[column] as number) + 1;
  }
  const most = Math.max(3, ...counts);
  context.fillStyle = colour('--mark');
  for (let i = 0; i < columns; i++) {
    const high = ((counts[i] as number) / most) * (height - 6);
    if (high > 0) context.fillRect((i * width) / columns, height - high, Math.max(1, width / columns - 1), high);
  }
  for (const event of news.since(fromMs)) {
    context.fillStyle = colour(event.tone === 'bad' ? '--bad' : '--good');
    context.fillRect(((event.atMs - fromMs) / policy.windowMs) * width - 1, 0, 2, height);
  }
}
