/** The canvas of the generic page: everything that is known of, as large as it fits. */
import type { Region } from './regions.ts';

interface Dot {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

interface Box {
  minX: number;
  maxX: number;
  minY: number;
  maxY: number;
}

export class View {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #regions: readonly Region[];
  /** What has been in sight so far; only grows, so that the picture does not jump about. */
  readonly #world: Box;

  constructor(canvas: HTMLCanvasElement, regions: readonly Region[]) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d') as CanvasRenderingContext2D;
    this.#regions = regions;
    this.#world = { minX: Infinity, maxX: -Infinity, minY: Infinity, maxY: -Infinity };
    for (const { bounds } of regions) {
      this.#include(bounds.minX, bounds.minY);
      this.#include(bounds.maxX, bounds.maxY);
    }
  }

  draw(dots: Iterable<Dot>, own: number, ownRegion: string): void {
    const seen = [...dots];
    for (const { x, y } of seen) this.#include(x, y);
    const { width, height, scale, toX, toY } = this.#fit();
    const c = this.#context;
    c.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    c.clearRect(0, 0, width, height);
    c.font = '12px system-ui, sans-serif';
    for (const { id, name, bounds } of this.#regions) {
      const [x, y] = [toX(bounds.minX), toY(bounds.minY)];
      const [w, h] = [(bounds.maxX - bounds.minX) * scale, (bounds.maxY - bounds.minY) * scale];
      c.fillStyle = id === ownRegion ? '#1b2740' : '#161b26';
      c.fillRect(x + 1, y + 1, w - 2, h - 2);
      c.strokeStyle = id === ownRegion ? '#4a7bd0' : '#2b3446';
      c.strokeRect(x + 1, y + 1, w - 2, h - 2);
      c.fillStyle = '#7f8ba3';
      if (w > 40) c.fillText(name, x + 8, y + 18, w - 16);
    }
    for (const { id, x, y } of seen) {
      c.beginPath();
      c.arc(toX(x), toY(y), id === own ? 6 : 3.5, 0, 2 * Math.PI);
      c.fillStyle = id === own ? '#ffd166' : '#8fd3ff';
      c.fill();
    }
  }

  #include(x: number, y: number): void {
    const box = this.#world;
    box.minX = Math.min(box.minX, x);
    box.maxX = Math.max(box.maxX, x);
    box.minY = Math.min(box.minY, y);
    box.maxY = Math.max(box.maxY, y);
  }

  #fit() {
    const canvas = this.#canvas;
    const { clientWidth: width, clientHeight: height } = canvas;
    const [w, h] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    const { minX, maxX, minY, maxY } = this.#world;
    // Room for the lines above and below.
    const [across, down] = [width - 32, height - 200];
    const scale = Math.max(1e-6, Math.min(across / Math.max(1, maxX - minX), down / Math.max(1, maxY - minY)));
    const left = (width - (maxX - minX) * scale) / 2;
    const top = 70 + (down - (maxY - minY) * scale) / 2;
    return { width, height, scale, toX: (x: number) => left + (x - minX) * scale, toY: (y: number) => top + (y - minY) * scale };
  }
}
