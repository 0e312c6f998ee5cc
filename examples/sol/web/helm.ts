/** Keys and pointer into the place that the ship heads for. The region server does the flying. */
import { world } from '../schema.ts';

interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

const keys: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -1],
  KeyW: [0, -1],
  ArrowDown: [0, 1],
  KeyS: [0, 1],
  ArrowLeft: [-1, 0],
  KeyA: [-1, 0],
  ArrowRight: [1, 0],
  KeyD: [1, 0],
};
/** Ahead of the ship: far enough that it flies at full speed. */
const AHEAD = 60;

export class Helm {
  readonly #held = new Set<string>();
  /** Where the pointer is on the screen, while it is down; a tap is over before anybody has looked, and counts all the same. */
  #pointer: { x: number; y: number } | undefined;
  #lifted = false;
  #keyed = false;
  /** What the pointer pointed at last, until the ship is there. */
  goal: Place | undefined;

  constructor(canvas: HTMLCanvasElement) {
    // On the page, so that keys work wherever the focus is, except where a person writes.
    addEventListener('keydown', (event) => {
      if (!(event.code in keys) || event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey)
        return;
      this.#held.add(event.code);
      event.preventDefault();
    });
    addEventListener('keyup', ({ code }) => this.#held.delete(code));
    addEventListener('blur', () => this.#held.clear());
    const point = ({ offsetX: x, offsetY: y }: PointerEvent) => {
      this.#pointer = { x, y };
      this.#lifted = false;
    };
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      point(event);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (this.#pointer && !this.#lifted) point(event);
    });
    for (const end of ['pointerup', 'pointercancel'] as const) {
      canvas.addEventListener(end, () => {
        this.#lifted = true;
      });
    }
  }

  /** Where to head for now; undefined: nothing new. */
  target(ship: Place, toWorld: (x: number, y: number) => { x: number; y: number }): Place | undefined {
    const [dx, dy] = this.#direction();
    if (dx !== 0 || dy !== 0) {
      this.goal = undefined;
      this.#keyed = true;
      const length = Math.hypot(dx, dy);
      return inside({ x: ship.x + (dx / length) * AHEAD, y: ship.y + (dy / length) * AHEAD, z: 0 });
    }
    if (this.#pointer) {
      this.#keyed = false;
      this.goal = inside({ ...toWorld(this.#pointer.x, this.#pointer.y), z: 0 });
      if (this.#lifted) this.#pointer = undefined;
      return this.goal;
    }
    if (this.goal && Math.hypot(this.goal.x - ship.x, this.goal.y - ship.y) < 3) this.goal = undefined;
    if (!this.#keyed) return undefined;
    // Keys were let go: here is where it shall be.
    this.#keyed = false;
    return { ...ship };
  }

  #direction(): [number, number] {
    let [x, y] = [0, 0];
    for (const code of this.#held) {
      const [dx, dy] = keys[code] as readonly [number, number];
      x += dx;
      y += dy;
    }
    return [x, y];
  }
}

function inside({ x, y, z }: Place): Place {
  const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
  return { x: within(x, world.minX, world.maxX), y: within(y, world.minY, world.maxY), z };
}
