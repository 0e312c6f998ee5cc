/** The view of space around the own ship: stars, suns, borders, trails, ships with their names. Everything is drawn anew each frame. */
import { regions, world } from '../schema.ts';
import type { Ship } from './motion.ts';
import { drawShip } from './ship.ts';
import { Sky } from './sky.ts';

/** Units that the shorter side of the screen shows, at the least. */
const SHOWN = 560;
const TRAIL_MS = 2200;
const TRAIL_STEP_MS = 60;

interface Trail {
  points: { x: number; y: number; atMs: number }[];
}

export class Space {
  readonly #canvas: HTMLCanvasElement;
  readonly #c: CanvasRenderingContext2D;
  readonly #sky = new Sky();
  readonly #trails = new Map<number, Trail>();
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)');
  #scale = 1;
  #center = { x: 0, y: 0 };
  #size = { width: 0, height: 0 };

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#c = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D;
  }

  /** From a place on the screen to one in the world. */
  readonly toWorld = (x: number, y: number): { x: number; y: number } => {
    const { width, height } = this.#size;
    return { x: this.#center.x + (x - width / 2) / this.#scale, y: this.#center.y + (y - height / 2) / this.#scale };
  };

  draw(own: Ship, ships: readonly Ship[], goal: { x: number; y: number } | undefined, nowMs: number): void {
    this.#fit(own);
    const c = this.#c;
    this.#sky.draw(c, this.#size, this.#center, this.#scale);
    this.#place();
    this.#borders();
    if (!this.#calm.matches) this.#drawTrails(ships, nowMs);
    if (goal) this.#drawGoal(goal, nowMs);
    for (const ship of ships) if (ship.id !== own.id) drawShip(c, ship, false, nowMs);
    drawShip(c, own, true, nowMs);
    this.#names(own, ships);
  }

  #fit(own: Ship): void {
    const canvas = this.#canvas;
    const { clientWidth: width, clientHeight: height } = canvas;
    const ratio = Math.min(devicePixelRatio, 2);
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    this.#size = { width, height };
    this.#scale = Math.max(0.7, Math.min(width, height) / SHOWN);
    this.#center = { x: own.x, y: own.y };
    this.#c.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  /** From here on, world units. */
  #place(): void {
    const { width, height } = this.#size;
    const c = this.#c;
    c.translate(width / 2, height / 2);
    c.scale(this.#scale, this.#scale);
    c.translate(-this.#center.x, -this.#center.y);
  }

  /** Faint, but to be seen: nothing else tells that another server plays what lies beyond. */
  #borders(): void {
    const c = this.#c;
    const top = this.toWorld(0, 0).y;
    const bottom = this.toWorld(0, this.#size.height).y;
    c.lineWidth = 1.2 / this.#scale;
    c.strokeStyle = 'rgb(160 185 240 / 34%)';
    c.strokeRect(world.minX, world.minY, world.maxX - world.minX, world.maxY - world.minY);
    for (const [i, { bounds, name }] of regions.entries()) {
      const before = regions[i - 1];
      if (!before) continue;
      const x = bounds.minX;
      const glow = c.createLinearGradient(x - 26, 0, x + 26, 0);
      glow.addColorStop(0, 'rgb(120 160 255 / 0%)');
      glow.addColorStop(0.5, 'rgb(120 160 255 / 13%)');
      glow.addColorStop(1, 'rgb(120 160 255 / 0%)');
      const [low, high] = [Math.max(top, world.minY), Math.min(bottom, world.maxY)];
      c.fillStyle = glow;
      c.fillRect(x - 26, low, 52, high - low);
      c.setLineDash([7, 9]);
      c.beginPath();
      c.moveTo(x, low);
      c.lineTo(x, high);
      c.stroke();
      c.setLineDash([]);
      this.#borderName(before.name, x, -1);
      this.#borderName(name, x, 1);
    }
  }

  /** Along the border, on its own side of it, read upwards on the left and downwards on the right. */
  #borderName(name: string, x: number, side: -1 | 1): void {
    const c = this.#c;
    c.save();
    c.translate(x + side * (16 / this.#scale), this.#center.y);
    c.rotate((side * Math.PI) / 2);
    c.font = `${12 / this.#scale}px system-ui, sans-serif`;
    c.letterSpacing = `${2 / this.#scale}px`;
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    c.fillStyle = 'rgb(180 200 245 / 55%)';
    c.fillText(name.toUpperCase(), 0, 0);
    c.restore();
  }

  #drawTrails(ships: readonly Ship[], nowMs: number): void {
    const c = this.#c;
    c.lineCap = 'round';
    for (const id of this.#trails.keys()) if (!ships.some((ship) => ship.id === id)) this.#trails.delete(id);
    for (const { id, x, y, trader } of ships) {
      const trail = this.#trails.get(id) ?? { points: [] };
      this.#trails.set(id, trail);
      trail.points = trail.points.filter(({ atMs }) => nowMs - atMs < TRAIL_MS);
      if (nowMs - (trail.points.at(-1)?.atMs ?? 0) >= TRAIL_STEP_MS) trail.points.push({ x, y, atMs: nowMs });
      c.strokeStyle = trader ? '#6fe0b5' : '#7fb4ff';
      for (const [i, from] of trail.points.entries()) {
        const to = trail.points[i + 1] ?? { x, y };
        const left = 1 - (nowMs - from.atMs) / TRAIL_MS;
        c.globalAlpha = 0.32 * left * left;
        c.lineWidth = 0.6 + 2.6 * left;
        c.beginPath();
        c.moveTo(from.x, from.y);
        c.lineTo(to.x, to.y);
        c.stroke();
      }
    }
    c.globalAlpha = 1;
  }

  #drawGoal({ x, y }: { x: number; y: number }, nowMs: number): void {
    const c = this.#c;
    const pulse = this.#calm.matches ? 0.5 : (nowMs % 1200) / 1200;
    c.lineWidth = 1.4 / this.#scale;
    c.strokeStyle = `rgb(255 210 122 / ${Math.round(70 * (1 - pulse))}%)`;
    c.beginPath();
    c.arc(x, y, (5 + 10 * pulse) / this.#scale, 0, 2 * Math.PI);
    c.stroke();
    c.fillStyle = '#ffd27a';
    c.beginPath();
    c.arc(x, y, 2 / this.#scale, 0, 2 * Math.PI);
    c.fill();
  }

  #names(own: Ship, ships: readonly Ship[]): void {
    const c = this.#c;
    c.font = `${12 / this.#scale}px system-ui, sans-serif`;
    c.textAlign = 'center';
    c.textBaseline = 'top';
    c.shadowColor = '#000';
    c.shadowBlur = 4;
    for (const { id, name, x, y } of ships) {
      c.fillStyle = id === own.id ? '#ffd27a' : 'rgb(226 234 250 / 78%)';
      // A name is any text: what turns the line around stays within it.
      c.fillText(`\u2068${name}\u2069`, x, y + 15 / Math.min(1, this.#scale));
    }
    c.shadowBlur = 0;
  }
}
