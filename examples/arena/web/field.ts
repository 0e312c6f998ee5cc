/** Draws the arena: between the last two views, so that twenty a second look like sixty. */
import { rules } from '../game.ts';
import { aimFromWire, flags, type View, type Welcome } from '../messages.ts';
import type { Mode } from '../modes.ts';

const colours = ['#ff6b5e', '#5aa9ff', '#7be3a4', '#ffd27a', '#c79bff', '#ff9f5a'];
/** The whole arena is seen, but never smaller than so many pixels a metre: fighters are no dots on a phone. */
const LEAST_SCALE = 15;
const NAME_PX = 13;
const VIEW_MS = 1000 / rules.tickHz;

type Seen = View['fighters'][0];

export class Field {
  readonly #canvas: HTMLCanvasElement;
  readonly #c: CanvasRenderingContext2D;
  #welcome: Welcome | undefined;
  #mode: Mode | undefined;
  #last: View | undefined;
  #before = new Map<number, Seen>();
  #atMs = 0;
  #scale = 1;
  #eye = { x: 0, y: 0 };
  #sparks: { x: number; y: number; colour: string; atMs: number }[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#c = canvas.getContext('2d') as CanvasRenderingContext2D;
  }

  begin(welcome: Welcome, mode: Mode): void {
    this.#welcome = welcome;
    this.#mode = mode;
    this.#last = undefined;
    this.#before.clear();
    this.#sparks = [];
  }

  view(view: View, nowMs: number): void {
    this.#before = new Map((this.#last ?? view).fighters.map((each) => [each.index, each]));
    for (const { whom } of view.knockouts) {
      const fallen = view.fighters.find(({ index }) => index === whom);
      if (fallen) this.#sparks.push({ x: fallen.x, y: fallen.y, colour: this.colourOf(whom), atMs: nowMs });
    }
    this.#last = view;
    this.#atMs = nowMs;
  }

  /** From a place of the page to radians around the own fighter. */
  aimAt = (x: number, y: number): number => {
    const own = this.#last?.fighters.find(({ index }) => index === this.#welcome?.you);
    if (!own) return 0;
    const { width, height } = this.#canvas.getBoundingClientRect();
    const [atX, atY] = [(x - width / 2) / this.#scale + this.#eye.x, (y - height / 2) / this.#scale + this.#eye.y];
    return Math.atan2(atY - own.y, atX - own.x);
  };

  colourOf(index: number): string {
    return this.#teamColour(this.#welcome?.players[index]?.team ?? 0);
  }

  draw(nowMs: number): void {
    const c = this.#c;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = Math.min(devicePixelRatio, 2);
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.fillStyle = '#0b0e14';
    c.fillRect(0, 0, width, height);
    const [mode, view, welcome] = [this.#mode, this.#last, this.#welcome];
    if (!mode || !view || !welcome) return;
    const share = Math.min(1.2, (nowMs - this.#atMs) / VIEW_MS);
    const places = new Map(view.fighters.map((each) => [each.index, this.#between(each, share)]));
    this.#look(mode, places.get(welcome.you), width, height);
    c.save();
    c.translate(width / 2, height / 2);
    c.scale(this.#scale, this.#scale);
    c.translate(-this.#eye.x, -this.#eye.y);
    this.#drawGround(mode);
    for (const each of view.fighters) this.#drawFighter(each, places.get(each.index) ?? each, each.index === welcome.you);
    const ahead = (share - 1) * (rules.shot.speed / rules.tickHz);
    for (const { x, y, aim, team } of view.shots) this.#drawShot(x, y, aimFromWire(aim), ahead, this.#teamColour(team));
    this.#drawSparks(nowMs);
    c.restore();
  }

  /** The whole arena where that is not too small, else around the own fighter. */
  #look({ width: arenaW, height: arenaH }: Mode, own: { x: number; y: number } | undefined, width: number, height: number): void {
    const whole = Math.min(width / (arenaW + 2), height / (arenaH + 2));
    this.#scale = Math.max(whole, LEAST_SCALE);
    const clamp = (at: number, arena: number, screen: number) => {
      const room = Math.max(0, (arena + 2 - screen / this.#scale) / 2);
      return Math.max(-room, Math.min(room, at));
    };
    if (own) this.#eye = { x: clamp(own.x, arenaW, width), y: clamp(own.y, arenaH, height) };
  }

  #between(now: Seen, share: number): { x: number; y: number } {
    const before = this.#before.get(now.index);
    // Who comes back does not fly there.
    if (!before || Math.hypot(now.x - before.x, now.y - before.y) > 4) return now;
    return { x: before.x + (now.x - before.x) * share, y: before.y + (now.y - before.y) * share };
  }

  #drawGround({ width, height, walls }: Mode): void {
    const c = this.#c;
    c.fillStyle = '#131926';
    c.fillRect(-width / 2, -height / 2, width, height);
    c.strokeStyle = 'rgb(150 170 210 / 7%)';
    c.lineWidth = 0.06;
    c.beginPath();
    for (let x = -width / 2 + 4; x < width / 2; x += 4) {
      c.moveTo(x, -height / 2);
      c.lineTo(x, height / 2);
    }
    for (let y = -height / 2 + 4; y < height / 2; y += 4) {
      c.moveTo(-width / 2, y);
      c.lineTo(width / 2, y);
    }
    c.stroke();
    c.strokeStyle = 'rgb(150 170 210 / 30%)';
    c.lineWidth = 0.15;
    c.strokeRect(-width / 2, -height / 2, width, height);
    c.fillStyle = '#2a3346';
    for (const { x, y, halfWidth, halfHeight } of walls) {
      c.beginPath();
      c.roundRect(x - halfWidth, y - halfHeight, halfWidth * 2, halfHeight * 2, 0.4);
      c.fill();
    }
  }

  #drawFighter({ index, aim, health, flags: bits }: Seen, { x, y }: { x: number; y: number }, own: boolean): void {
    const c = this.#c;
    if ((bits & flags.stands) === 0) return;
    const [colour, radians] = [this.colourOf(index), aimFromWire(aim)];
    c.fillStyle = colour;
    c.beginPath();
    c.arc(x, y, rules.radius, 0, 2 * Math.PI);
    c.fill();
    c.strokeStyle = colour;
    c.lineWidth = 0.42;
    c.lineCap = 'round';
    c.beginPath();
    c.moveTo(x, y);
    c.lineTo(x + Math.cos(radians) * 1.35, y + Math.sin(radians) * 1.35);
    c.stroke();
    if (own || bits & (flags.shielded | flags.dashes)) {
      c.strokeStyle = bits & flags.shielded ? 'rgb(255 255 255 / 75%)' : own ? '#ffd27a' : 'rgb(255 255 255 / 40%)';
      c.lineWidth = 0.16;
      c.beginPath();
      c.arc(x, y, rules.radius + 0.3, 0, 2 * Math.PI);
      c.stroke();
    }
    c.fillStyle = 'rgb(0 0 0 / 45%)';
    c.fillRect(x - 1, y - 1.75, 2, 0.26);
    c.fillStyle = health > 40 ? '#7be3a4' : '#ffb057';
    c.fillRect(x - 1, y - 1.75, (2 * health) / rules.health, 0.26);
    c.fillStyle = own ? '#ffd27a' : 'rgb(233 237 245 / 75%)';
    c.font = `${NAME_PX / this.#scale}px system-ui, sans-serif`;
    c.textAlign = 'center';
    c.fillText(this.#welcome?.players[index]?.name ?? '', x, y - 2.1, 8);
  }

  #drawShot(x: number, y: number, aim: number, ahead: number, colour: string): void {
    const c = this.#c;
    const [dx, dy] = [Math.cos(aim), Math.sin(aim)];
    c.strokeStyle = colour;
    c.lineWidth = 0.26;
    c.lineCap = 'round';
    c.beginPath();
    c.moveTo(x + dx * (ahead - 0.8), y + dy * (ahead - 0.8));
    c.lineTo(x + dx * ahead, y + dy * ahead);
    c.stroke();
  }

  #drawSparks(nowMs: number): void {
    const c = this.#c;
    this.#sparks = this.#sparks.filter(({ atMs }) => nowMs - atMs < 450);
    for (const { x, y, colour, atMs } of this.#sparks) {
      const share = (nowMs - atMs) / 450;
      c.globalAlpha = 1 - share;
      c.strokeStyle = colour;
      c.lineWidth = 0.3 * (1 - share);
      c.beginPath();
      c.arc(x, y, 0.6 + share * 2.6, 0, 2 * Math.PI);
      c.stroke();
    }
    c.globalAlpha = 1;
  }

  #teamColour(team: number): string {
    return colours[team % colours.length] ?? '#e9edf5';
  }
}
