/** The picture: the world from above, the player in the middle. */
import type { Entity } from 'horizon-atlas/client';
import { world } from '../world.ts';

export interface Point {
  x: number;
  y: number;
}

type Thing = Entity<{ kind: 'walker' | 'berry'; name: string; hue: number; berries: number }>;

const grounds = ['#1d2a1f', '#16251b', '#152433', '#2a2620'];
/** Of the screen's shorter side. */
const UNITS_IN_SIGHT = 90;

export class Picture {
  readonly #canvas: HTMLCanvasElement;
  readonly #pen: CanvasRenderingContext2D;
  /** Where each thing is drawn: a little behind where it was last seen, so that it moves evenly. */
  readonly #shown = new Map<number, Point>();
  #middle: Point = { x: 0, y: 0 };

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  }

  /** Where in the world a place on the screen is. */
  placeAt({ clientX, clientY }: { clientX: number; clientY: number }): Point {
    const scale = this.#scale;
    return {
      x: this.#middle.x + (clientX - this.#canvas.clientWidth / 2) / scale,
      y: this.#middle.y + (clientY - this.#canvas.clientHeight / 2) / scale,
    };
  }

  draw(things: Iterable<Thing>, me: number, dtS: number): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = window.devicePixelRatio || 1;
    this.#canvas.width = width * ratio;
    this.#canvas.height = height * ratio;
    const all = [...things];
    this.#follow(all, dtS);
    this.#middle = this.#shown.get(me) ?? this.#middle;
    const pen = this.#pen;
    const scale = this.#scale;
    pen.setTransform(ratio * scale, 0, 0, ratio * scale, (ratio * width) / 2, (ratio * height) / 2);
    pen.translate(-this.#middle.x, -this.#middle.y);
    for (const [i, { name, bounds }] of world.regions.entries()) {
      const { minX, maxX, minY, maxY } = bounds;
      pen.fillStyle = grounds[i % grounds.length] ?? '#222';
      pen.fillRect(minX, minY, maxX - minX, maxY - minY);
      pen.fillStyle = '#ffffff30';
      pen.font = '8px system-ui';
      pen.textAlign = 'center';
      pen.fillText(name, (minX + maxX) / 2, (minY + maxY) / 2);
    }
    for (const thing of all) this.#thing(thing, thing.id === me);
  }

  get #scale(): number {
    return Math.min(this.#canvas.clientWidth, this.#canvas.clientHeight) / UNITS_IN_SIGHT;
  }

  #follow(things: readonly Thing[], dtS: number): void {
    const seen = new Set(things.map(({ id }) => id));
    for (const id of this.#shown.keys()) if (!seen.has(id)) this.#shown.delete(id);
    const share = 1 - Math.exp(-dtS * 12);
    for (const { id, x, y } of things) {
      const at = this.#shown.get(id);
      // A jump is a jump.
      if (!at || Math.hypot(x - at.x, y - at.y) > 20) this.#shown.set(id, { x, y });
      else {
        at.x += (x - at.x) * share;
        at.y += (y - at.y) * share;
      }
    }
  }

  #thing({ id, state }: Thing, isMe: boolean): void {
    const at = this.#shown.get(id);
    if (!at || !state) return;
    const pen = this.#pen;
    pen.fillStyle = `hsl(${state.hue} 75% 62%)`;
    pen.beginPath();
    pen.arc(at.x, at.y, state.kind === 'walker' ? 1.8 : 0.9, 0, 2 * Math.PI);
    pen.fill();
    if (state.kind !== 'walker') return;
    if (isMe) {
      pen.strokeStyle = '#fff';
      pen.lineWidth = 0.4;
      pen.stroke();
    }
    pen.fillStyle = '#e8ebf2';
    pen.font = '2.6px system-ui';
    pen.textAlign = 'center';
    pen.fillText(`${state.name} · ${state.berries}`, at.x, at.y - 3);
  }
}
