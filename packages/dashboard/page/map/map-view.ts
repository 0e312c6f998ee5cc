/**
 * The map's engine: it owns the canvas, the camera and the crowd, takes scenes as they come and draws at the display's rate. What people see around
 * it (time line, lists, search) reads the signals here and calls its methods. It draws nothing while the page is hidden.
 */
import type { Scene } from '@horizon-atlas/protocol';
import type { Region } from '@horizon-atlas/sdk-admin';
import { signal } from '@preact/signals';
import { admin, sceneListeners } from '../store/atlas.ts';
import * as world from '../store/world.ts';
import { calm, theme } from '../theme.ts';
import {
  type Area,
  between,
  type Camera,
  fit,
  hullOf,
  kept,
  panned,
  type Size,
  spanFor,
  worldX,
  worldY,
  zoomed,
} from './camera.ts';
import { Crowd } from './crowd.ts';
import { GroundLayer } from './ground-layer.ts';
import { paintMovers } from './paint-movers.ts';
import { paintFollowed, paintPulses } from './paint-pulses.ts';
import { dark, hueOf, light, type Palette } from './palette.ts';
import type { RegionShape } from './picture.ts';
import { lookOf } from './plan.ts';
import { Playhead, type PlayMode } from './playhead.ts';
import { Pulses } from './pulses.ts';
import { Recording } from './recording.ts';
import { Trail } from './trail.ts';

export interface Shown {
  readonly mode: PlayMode;
  readonly atMs: number;
  readonly liveMs: number;
  readonly rate: number;
  readonly loading: boolean;
  readonly movers: number;
}

const tellMs = 120;
const flightMs = 420;

export class MapView {
  readonly shown = signal<Shown>({ mode: 'live', atMs: 0, liveMs: 0, rate: 1, loading: true, movers: 0 });
  /** The entity that the camera keeps in the middle; 0: none. */
  readonly followed = signal(0);
  readonly hovered = signal(0);
  readonly playhead = new Playhead();
  /** CSS pixels on each side that panels cover: `fit` and plates leave them free. */
  covered = { top: 0, right: 0, bottom: 0, left: 0 };
  camera: Camera = { x: 0, y: 0, scale: 0.1 };
  size: Size = { width: 0, height: 0 };

  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #live = new Crowd();
  readonly #past = new Crowd();
  readonly #pulses = new Pulses();
  readonly #ground = new GroundLayer();
  readonly #trail = new Trail();
  readonly #recording = new Recording(
    (span) => admin.scenes(span),
    () => this.#wake(),
  );
  #pastScenes: readonly Scene[] = [];
  #pastNext = 0;
  #flight: { from: Camera; to: Camera; startedMs: number } | undefined;
  #fitted = false;
  #frame = 0;
  #lastFrameMs = 0;
  #lastToldMs = 0;
  #loading = true;
  #area: Area | undefined;
  #ratio = 1;
  #shaped: { readonly from: readonly unknown[]; readonly shapes: readonly RegionShape[] } | undefined;
  #observer: ResizeObserver;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    // Opaque: nothing shines through, which saves blending the page below.
    this.#context = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D;
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(canvas);
    sceneListeners.add(this.#onScene);
    this.#resize();
    this.#wake();
  }

  close(): void {
    sceneListeners.delete(this.#onScene);
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  readonly #onScene = (scene: Scene, nowMs: number): void => {
    this.playhead.heard(scene.atMs, nowMs);
    this.#live.apply(scene);
    this.#loading = false;
  };

  /** The crowd at the moment shown. */
  get crowd(): Crowd {
    return this.playhead.mode === 'live' || this.#past.latestMs === 0 ? this.#live : this.#past;
  }

  fit(flies = true): void {
    const area = this.#world();
    if (!area || this.size.width === 0) return;
    this.follow(0);
    this.#to(fit(area, this.size, this.#inset()), flies);
  }

  show(area: Area): void {
    this.follow(0);
    this.#to(fit(area, this.size, this.#inset()), true);
  }

  pan(dx: number, dy: number): void {
    this.follow(0);
    this.#flight = undefined;
    this.camera = this.#bounded(panned(this.camera, dx, dy));
  }

  zoom(factor: number, sx = this.size.width / 2, sy = this.size.height / 2): void {
    const area = this.#world();
    if (!area) return;
    this.#flight = undefined;
    // Whoever is followed stays in the middle.
    const [x, y] = this.followed.value ? [this.size.width / 2, this.size.height / 2] : [sx, sy];
    this.camera = zoomed(this.camera, this.size, factor, x, y, spanFor(area, this.size));
  }

  follow(entity: number): void {
    if (entity === this.followed.value) return;
    this.followed.value = entity;
    this.#trail.of(entity, this.playhead.atMs);
    if (entity === 0) return;
    const area = this.#world();
    const close = area ? fit(area, this.size).scale * 3 : this.camera.scale;
    const slot = this.crowd.slotOf(entity);
    if (slot < 0) return;
    const [x, y] = [this.crowd.x[slot] as number, this.crowd.y[slot] as number];
    this.#to({ x, y, scale: Math.max(this.camera.scale, close) }, true);
  }

  pause(): void {
    this.playhead.pause();
  }

  play(): void {
    this.playhead.play();
  }

  toLive(): void {
    this.playhead.toLive();
    this.#past.clear();
    this.#pastScenes = [];
  }

  seek(atMs: number): void {
    this.playhead.seek(atMs, Date.now());
    if (this.playhead.mode === 'live') this.toLive();
  }

  /** What is at a place of the canvas: an entity, or 0. */
  entityAt(sx: number, sy: number): number {
    const within = 14 / this.camera.scale;
    const slot = this.crowd.nearest(worldX(this.camera, this.size, sx), worldY(this.camera, this.size, sy), within);
    return slot < 0 ? 0 : (this.crowd.entity[slot] as number);
  }

  placeAt(sx: number, sy: number): { x: number; y: number } {
    return { x: worldX(this.camera, this.size, sx), y: worldY(this.camera, this.size, sy) };
  }

  #world(): Area | undefined {
    this.#area = hullOf((world.regions.value ?? []).map((region) => region.bounds)) ?? this.#area;
    return this.#area;
  }

  #inset() {
    const margin = this.size.width < 600 ? 14 : 36;
    const { top, right, bottom, left } = this.covered;
    return { top: top + margin, right: right + margin, bottom: bottom + margin, left: left + margin };
  }

  #bounded(camera: Camera): Camera {
    const area = this.#world();
    return area ? kept(camera, area) : camera;
  }

  #to(to: Camera, flies: boolean): void {
    if (flies && !calm.value) this.#flight = { from: this.camera, to, startedMs: performance.now() };
    else {
      this.camera = to;
      this.#flight = undefined;
    }
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    this.#canvas.width = Math.max(1, Math.round(width * ratio));
    this.#canvas.height = Math.max(1, Math.round(height * ratio));
    const before = this.size;
    this.size = { width, height };
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#ratio = ratio;
    if (this.#fitted && before.width !== width && !this.followed.value) this.fit(false);
    // At once: a canvas that was resized is empty, and the next frame would be a flash of nothing.
    if (this.#lastFrameMs > 0) this.#draw(performance.now());
  }

  #wake(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(this.#onFrame);
  }

  readonly #onFrame = (frameMs: number): void => {
    this.#frame = requestAnimationFrame(this.#onFrame);
    // After a sleep the time that has passed is not played back.
    const passedMs = Math.min(Math.max(frameMs - this.#lastFrameMs, 0), 250);
    this.#lastFrameMs = frameMs;
    const nowMs = Date.now();
    const atMs = this.playhead.tick(nowMs, passedMs);
    if (this.playhead.mode !== 'live') this.#feedPast(atMs, nowMs);
    else if (this.#past.latestMs > 0) this.toLive();
    this.crowd.sample(atMs);
    this.#move(frameMs);
    this.#draw(frameMs);
    if (frameMs - this.#lastToldMs > tellMs) this.#tell(frameMs, nowMs);
  };

  /** Puts the scenes on both sides of a past moment into the crowd of the past. */
  #feedPast(atMs: number, nowMs: number): void {
    const scenes = this.#recording.around(atMs, this.playhead.atlasMs(nowMs), this.#live.movers);
    this.#loading = scenes === undefined;
    if (scenes === undefined || scenes.length === 0) return;
    const first = this.#past.latestMs === 0;
    const jumped =
      scenes !== this.#pastScenes && (first || atMs < this.#past.latestMs - 5000 || atMs > this.#past.latestMs + 5000);
    const back = this.#pastNext >= 2 && atMs < (this.#pastScenes[this.#pastNext - 2]?.atMs ?? 0) - 1;
    if (scenes !== this.#pastScenes || back) {
      const from = scenes.findIndex((scene) => scene.atMs > (jumped || back || first ? atMs : this.#past.latestMs));
      this.#pastNext = from < 0 ? scenes.length : Math.max(0, from);
      if (jumped || back || first) {
        this.#past.clear();
        // Two before the moment, for the place and the tail.
        this.#pastNext = Math.max(0, this.#pastNext - 2);
      }
      this.#pastScenes = scenes;
    }
    while (this.#pastNext < scenes.length && this.#past.latestMs < atMs) this.#past.apply(scenes[this.#pastNext++] as Scene);
  }

  #move(frameMs: number): void {
    if (!this.#fitted && this.#world() && this.size.width > 0) {
      this.fit(false);
      this.#fitted = true;
    }
    const slot = this.followed.value ? this.crowd.slotOf(this.followed.value) : -1;
    const [x, y] = slot < 0 ? [0, 0] : [this.crowd.x[slot] as number, this.crowd.y[slot] as number];
    // Until the past is here, the crowd is that of now.
    const there = this.playhead.mode === 'live' || this.#past.latestMs > 0;
    if (slot >= 0 && there) this.#trail.push(this.followed.value, this.playhead.atMs, x, y);
    if (this.#flight) {
      const part = Math.min((frameMs - this.#flight.startedMs) / flightMs, 1);
      const eased = 1 - (1 - part) ** 3;
      const to = slot < 0 ? this.#flight.to : { ...this.#flight.to, x, y };
      this.camera = between(this.#flight.from, to, eased);
      if (part === 1) this.#flight = undefined;
    } else if (slot >= 0) this.camera = { ...this.camera, x, y };
  }

  #draw(frameMs: number): void {
    const atMs = this.playhead.atMs;
    const palette = theme.value === 'light' ? light : dark;
    const picture = {
      context: this.#context,
      camera: this.camera,
      size: this.size,
      palette,
      regions: this.#shapes(atMs, palette),
      crowd: this.crowd,
      pulses: this.#pulses.at(atMs, world.handoffList.value, this.crowd),
      atMs,
      frameMs,
      calm: calm.value,
      followed: this.followed.value ? this.crowd.slotOf(this.followed.value) : -1,
      hovered: this.hovered.value ? this.crowd.slotOf(this.hovered.value) : -1,
      trail: this.#trail.places,
      nameOf: (entity: number) => world.playerOf.get(entity)?.name,
      covered: this.covered,
    };
    this.#ground.paint(picture, this.#ratio);
    paintMovers(picture);
    paintPulses(picture);
    paintFollowed(picture);
  }

  /** The same list until a region has changed: what is drawn from it is kept as long. */
  #shapes(atMs: number, palette: Palette): readonly RegionShape[] {
    const live = this.playhead.mode === 'live';
    const past = live ? undefined : world.regionPast.at(this.playhead.onPage(atMs));
    const list: readonly Region[] = (live ? world.regions.value : (past ?? world.regions.value)) ?? [];
    const processes = live ? world.servers.value : undefined;
    const from = [list, processes, palette, live || past !== undefined];
    if (this.#shaped && from.every((each, i) => each === this.#shaped?.from[i])) return this.#shaped.shapes;
    const servers = new Map((processes ?? []).map((server) => [server.id, server]));
    const shapes = list.map((region, index) => ({
      region,
      look: live || past ? lookOf(region, servers.get(region.server)) : ('active' as const),
      hue: hueOf(palette, index),
      figures: live || past !== undefined,
    }));
    this.#shaped = { from, shapes };
    return shapes;
  }

  #tell(frameMs: number, nowMs: number): void {
    this.#lastToldMs = frameMs;
    const { mode, atMs, rate } = this.playhead;
    const liveMs = this.playhead.liveMs(nowMs);
    this.shown.value = { mode, atMs, liveMs, rate, loading: this.#loading, movers: this.crowd.movers };
  }
}
