/** How a bot plays: to the nearest enemy, at a distance, aside while it shoots, and away when it is hurt. How well depends on its skill. */
import type { Prng } from '@horizon-atlas/base';
import { isBlocked, isClear, rules, still, type Wish } from './game.ts';
import { aimFromWire, flags, type View, type Welcome } from './messages.ts';
import { type Mode, modeOf } from './modes.ts';

/** Of the worst and the best ones. */
const error = { worstRad: 0.42, bestRad: 0.05 };
const near = 7;

type Seen = View['fighters'][0];

export class Mind {
  readonly #mode: Mode;
  readonly #you: number;
  readonly #teams: readonly number[];
  readonly #skill: number;
  readonly #prng: Prng;
  #aside = 1;
  #former = new Map<number, Seen>();

  /** `skill`: 0 to 1. */
  constructor({ mode, you, players }: Welcome, skill: number, prng: Prng) {
    this.#mode = modeOf(mode);
    this.#you = you;
    this.#teams = players.map(({ team }) => team);
    this.#skill = skill;
    this.#prng = prng;
  }

  /** @param seconds since it was asked before */
  wish({ fighters }: View, seconds: number): Wish {
    const own = fighters.find(({ index }) => index === this.#you);
    const former = this.#former;
    this.#former = new Map(fighters.map((each) => [each.index, each]));
    if (!own || (own.flags & flags.stands) === 0) return still;
    if (this.#prng.chance(0.6 * seconds)) this.#aside = -this.#aside;
    const enemy = this.#nearest(own, fighters);
    if (!enemy) return this.#steered(own, Math.atan2(-own.y, -own.x), aimFromWire(own.aim), false, false);
    const away = distance(own, enemy);
    const way = Math.atan2(enemy.y - own.y, enemy.x - own.x);
    const clear = isClear(this.#mode, own, enemy);
    const aim = this.#aim(own, enemy, former.get(enemy.index), away, seconds);
    const hurt = own.health < 45;
    const dash = (own.flags & flags.mayDash) !== 0 && this.#prng.chance((hurt && clear ? 2 : 0.15) * seconds * 2);
    const fire = clear && away < rules.shot.reach && this.#prng.chance(0.45 + 0.5 * this.#skill);
    if (!clear) return this.#steered(own, way + this.#aside * 0.6, aim, false, dash);
    const turn = hurt ? Math.PI * 0.8 : away < near ? Math.PI * 0.62 : away < near * 1.6 ? Math.PI / 2 : 0.3;
    return this.#steered(own, way + this.#aside * turn, aim, fire, dash);
  }

  /** Those who may be shot count as nearer than those behind walls. */
  #nearest(own: Seen, fighters: readonly Seen[]): Seen | undefined {
    const team = this.#teams[this.#you];
    const stands = ({ index, flags: bits }: Seen) => this.#teams[index] !== team && (bits & flags.stands) !== 0;
    let [best, bestM] = [undefined as Seen | undefined, Number.POSITIVE_INFINITY];
    for (const each of fighters) {
      if (!stands(each)) continue;
      const away = distance(own, each) + (each.flags & flags.shielded ? 12 : 0);
      if (away < bestM) [best, bestM] = [each, away];
    }
    return best;
  }

  #aim(own: Seen, enemy: Seen, former: Seen | undefined, away: number, seconds: number): number {
    const flightS = away / rules.shot.speed;
    const lead = former && seconds > 0 ? (flightS * this.#skill) / seconds : 0;
    const [dx, dy] = former ? [enemy.x - former.x, enemy.y - former.y] : [0, 0];
    const rad = error.worstRad + (error.bestRad - error.worstRad) * this.#skill;
    return Math.atan2(enemy.y + dy * lead - own.y, enemy.x + dx * lead - own.x) + this.#prng.between(-rad, rad);
  }

  /** Aside where a wall is in the way. */
  #steered(own: Seen, way: number, aim: number, fire: boolean, dash: boolean): Wish {
    for (const turn of [0, 0.6, -0.6, 1.2, -1.2, 2, -2]) {
      const to = way + turn * this.#aside;
      const [x, y] = [Math.cos(to), Math.sin(to)];
      if (!isBlocked(this.#mode, own.x + x * 1.6, own.y + y * 1.6, rules.radius)) return { moveX: x, moveY: y, aim, fire, dash };
    }
    return { ...still, aim, fire };
  }
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
