/** What the player wants: by keys and pointer, or by two thumbs. Every view is asked for it. */
import type { Wish } from '../game.ts';

const ways: Readonly<Record<string, readonly [number, number]>> = {
  KeyW: [0, -1],
  ArrowUp: [0, -1],
  KeyS: [0, 1],
  ArrowDown: [0, 1],
  KeyA: [-1, 0],
  ArrowLeft: [-1, 0],
  KeyD: [1, 0],
  ArrowRight: [1, 0],
};
const firing = new Set(['KeyJ', 'Enter']);
const dashing = new Set(['Space', 'ShiftLeft', 'ShiftRight']);
/** A thumb has to move so far before it counts, and so far for full speed, in CSS pixels. */
const thumb = { leastPx: 8, fullPx: 46 };
const TAP_MS = 280;

interface Thumb {
  readonly fromX: number;
  readonly fromY: number;
  x: number;
  y: number;
}

export class Controls {
  readonly #keys = new Set<string>();
  readonly #thumbs = new Map<number, Thumb & { readonly side: 'run' | 'aim' }>();
  #pointer: { x: number; y: number } | undefined;
  #pressed = false;
  #dash = false;
  #tapMs = 0;
  #aim = 0;

  constructor(pad: HTMLElement) {
    pad.addEventListener('keydown', (event) => {
      if (!(event.code in ways || firing.has(event.code) || dashing.has(event.code))) return;
      event.preventDefault();
      this.#keys.add(event.code);
    });
    pad.addEventListener('keyup', ({ code }) => this.#keys.delete(code));
    pad.addEventListener('blur', () => this.#keys.clear());
    pad.addEventListener('contextmenu', (event) => event.preventDefault());
    pad.addEventListener('pointerdown', (event) => this.#down(event, pad));
    pad.addEventListener('pointermove', (event) => this.#moved(event));
    for (const end of ['pointerup', 'pointercancel'] as const) pad.addEventListener(end, (event) => this.#up(event));
  }

  /** @param aimAt from a place of the page to radians around the own fighter */
  wish(aimAt: (x: number, y: number) => number): Wish {
    let [moveX, moveY] = [0, 0];
    for (const code of this.#keys) {
      const [x, y] = ways[code] ?? [0, 0];
      [moveX, moveY] = [moveX + x, moveY + y];
    }
    const [run, aim] = [this.#thumb('run'), this.#thumb('aim')];
    if (run) [moveX, moveY] = [run.x, run.y];
    if (aim && aim.length > 0) this.#aim = Math.atan2(aim.y, aim.x);
    else if (this.#pointer) this.#aim = aimAt(this.#pointer.x, this.#pointer.y);
    else if (moveX !== 0 || moveY !== 0) this.#aim = Math.atan2(moveY, moveX);
    const fire = this.#pressed || (aim !== undefined && aim.length > 0) || [...firing].some((code) => this.#keys.has(code));
    const dash = this.#dash || [...dashing].some((code) => this.#keys.has(code));
    this.#dash = false;
    return { moveX, moveY, aim: this.#aim, fire, dash };
  }

  /** Where thumbs rest, to be drawn. */
  get thumbs(): readonly Thumb[] {
    return [...this.#thumbs.values()];
  }

  #thumb(side: 'run' | 'aim'): { x: number; y: number; length: number } | undefined {
    const found = [...this.#thumbs.values()].find((each) => each.side === side);
    if (!found) return undefined;
    const [dx, dy] = [found.x - found.fromX, found.y - found.fromY];
    const px = Math.hypot(dx, dy);
    const length = px < thumb.leastPx ? 0 : Math.min(1, px / thumb.fullPx);
    return px === 0 ? { x: 0, y: 0, length: 0 } : { x: (dx / px) * length, y: (dy / px) * length, length };
  }

  #down(event: PointerEvent, pad: HTMLElement): void {
    const { clientX: x, clientY: y, pointerId, pointerType, timeStamp } = event;
    pad.focus();
    if (pointerType !== 'touch') {
      this.#pressed = true;
      this.#pointer = { x, y };
      return;
    }
    const side = x < innerWidth / 2 ? 'run' : 'aim';
    this.#thumbs.set(pointerId, { fromX: x, fromY: y, x, y, side });
    if (side === 'run') return;
    if (timeStamp - this.#tapMs < TAP_MS) this.#dash = true;
    this.#tapMs = timeStamp;
  }

  #moved({ clientX: x, clientY: y, pointerId, pointerType }: PointerEvent): void {
    if (pointerType !== 'touch') this.#pointer = { x, y };
    const found = this.#thumbs.get(pointerId);
    if (found) Object.assign(found, { x, y });
  }

  #up({ pointerId, pointerType }: PointerEvent): void {
    if (pointerType === 'touch') this.#thumbs.delete(pointerId);
    else this.#pressed = false;
  }
}
