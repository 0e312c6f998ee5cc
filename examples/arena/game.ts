/**
 * The rules of the arena, without sockets, clocks or chance: who moves where, who is hit, who leads. The match server steps it, and the page and
 * the bots use its figures. Metres and seconds.
 */
import type { Mode, Wall } from './modes.ts';

export const rules = {
  /** Steps a second. */
  tickHz: 20,
  speed: 9,
  radius: 0.8,
  dash: { speed: 30, forS: 0.16, eachS: 2.2 },
  shot: { speed: 28, reach: 19, radius: 0.2, eachS: 0.32, damage: 20 },
  health: 100,
  /** From a fall to the return, and unhurt after it. */
  downS: 2,
  shieldS: 1.2,
} as const;

/** What a player wants; it counts until the next one. `moveX`, `moveY`: −1 to 1; `aim`: radians. */
export interface Wish {
  readonly moveX: number;
  readonly moveY: number;
  readonly aim: number;
  readonly fire: boolean;
  readonly dash: boolean;
}

export const still: Wish = { moveX: 0, moveY: 0, aim: 0, fire: false, dash: false };

export interface Fighter {
  readonly index: number;
  readonly player: string;
  readonly team: number;
  x: number;
  y: number;
  aim: number;
  health: number;
  knockouts: number;
  falls: number;
  /** 0: it stands. Infinity: it does not come back. */
  downS: number;
  shieldS: number;
  dashS: number;
  dashAgainS: number;
  fireAgainS: number;
  /** Somebody plays it; who has left is neither seen nor hit. */
  present: boolean;
  wish: Wish;
}

export interface Shot {
  readonly id: number;
  readonly by: Fighter;
  x: number;
  y: number;
  readonly aim: number;
  leftM: number;
}

export interface Knockout {
  readonly by: number;
  readonly whom: number;
}

export interface Seat {
  readonly player: string;
  readonly team: number;
}

export class Game {
  readonly mode: Mode;
  readonly fighters: readonly Fighter[];
  readonly scores: number[];
  shots: Shot[] = [];
  /** Of the last step. */
  knockouts: Knockout[] = [];
  leftS: number;
  #shotIds = 0;
  /** Teams in the order in which they fell, where falling is for good. */
  readonly #fallen: number[] = [];

  constructor(mode: Mode, teams: number, seats: readonly Seat[]) {
    this.mode = mode;
    this.leftS = mode.seconds;
    this.scores = Array.from({ length: teams }, () => 0);
    this.fighters = seats.map(({ player, team }, index) => ({
      index,
      player,
      team,
      ...standing,
      present: false,
      wish: still,
      knockouts: 0,
      falls: 0,
    }));
    for (const fighter of this.fighters) this.#place(fighter);
  }

  get isOver(): boolean {
    if (this.leftS < 1e-6 || this.scores.some((score) => score >= this.mode.points)) return true;
    return this.mode.lives !== Number.POSITIVE_INFINITY && this.scores.length - this.#fallen.length <= 1;
  }

  /** By team, 1 is the best; equal ones share a rank. */
  ranks(): number[] {
    const worth = this.scores.map((score, team) => {
      const fell = this.#fallen.indexOf(team);
      return (fell < 0 ? this.scores.length : fell) * 10_000 * (this.mode.lives === Number.POSITIVE_INFINITY ? 0 : 1) + score;
    });
    return worth.map((own) => 1 + worth.filter((other) => other > own).length);
  }

  step(seconds: number): void {
    this.knockouts = [];
    this.leftS -= seconds;
    for (const fighter of this.fighters) if (fighter.present) this.#act(fighter, seconds);
    this.shots = this.shots.filter((shot) => this.#fly(shot, seconds));
    if (this.mode.lives !== Number.POSITIVE_INFINITY) this.#countTeams();
  }

  #act(fighter: Fighter, seconds: number): void {
    const { wish } = fighter;
    fighter.dashAgainS = Math.max(0, fighter.dashAgainS - seconds);
    fighter.fireAgainS = Math.max(0, fighter.fireAgainS - seconds);
    fighter.shieldS = Math.max(0, fighter.shieldS - seconds);
    fighter.aim = wish.aim;
    if (fighter.downS > 0) {
      fighter.downS -= seconds;
      if (fighter.downS <= 0) {
        Object.assign(fighter, standing, { shieldS: rules.shieldS });
        this.#place(fighter);
      }
      return;
    }
    if (wish.dash && fighter.dashAgainS === 0) {
      fighter.dashS = rules.dash.forS;
      fighter.dashAgainS = rules.dash.eachS;
    }
    walk(fighter, this.mode, seconds);
    if (!wish.fire || fighter.fireAgainS > 0) return;
    fighter.fireAgainS = rules.shot.eachS;
    // A shield is for coming back, not for attacking.
    fighter.shieldS = 0;
    this.#shotIds = (this.#shotIds + 1) & 0xffff;
    this.shots.push({ id: this.#shotIds, by: fighter, x: fighter.x, y: fighter.y, aim: fighter.aim, leftM: rules.shot.reach });
  }

  /** False: it is gone. In small steps, so that it does not jump over anybody. */
  #fly(shot: Shot, seconds: number): boolean {
    const far = Math.min(shot.leftM, rules.shot.speed * seconds);
    const steps = Math.ceil(far / (rules.radius / 2));
    const [dx, dy] = [(Math.cos(shot.aim) * far) / steps, (Math.sin(shot.aim) * far) / steps];
    for (let i = 0; i < steps; i++) {
      shot.x += dx;
      shot.y += dy;
      if (isBlocked(this.mode, shot.x, shot.y, rules.shot.radius)) return false;
      const hit = this.fighters.find((each) => this.#isHit(each, shot));
      if (!hit) continue;
      if (hit.shieldS <= 0) this.#hurt(hit, shot.by);
      return false;
    }
    shot.leftM -= far;
    return shot.leftM > 0;
  }

  #isHit({ team, present, downS, x, y }: Fighter, shot: Shot): boolean {
    if (team === shot.by.team || !present || downS > 0) return false;
    return Math.hypot(x - shot.x, y - shot.y) < rules.radius + rules.shot.radius;
  }

  #hurt(fighter: Fighter, by: Fighter): void {
    fighter.health -= rules.shot.damage;
    if (fighter.health > 0) return;
    fighter.health = 0;
    fighter.falls++;
    fighter.downS = fighter.falls >= this.mode.lives ? Number.POSITIVE_INFINITY : rules.downS;
    by.knockouts++;
    this.scores[by.team] = (this.scores[by.team] ?? 0) + 1;
    this.knockouts.push({ by: by.index, whom: fighter.index });
  }

  #countTeams(): void {
    for (const team of this.scores.keys()) {
      if (this.#fallen.includes(team)) continue;
      const stands = ({ team: own, present, downS }: Fighter) => own === team && present && downS !== Number.POSITIVE_INFINITY;
      if (!this.fighters.some(stands)) this.#fallen.push(team);
    }
  }

  /** Teams begin around the arena's edge, two of them face to face; a team's fighters stand beside each other. */
  #place(fighter: Fighter): void {
    const { width, height } = this.mode;
    const mates = this.fighters.filter(({ team }) => team === fighter.team);
    const beside = (mates.indexOf(fighter) - (mates.length - 1) / 2) * 2.4;
    const angle = Math.PI + (fighter.team / this.scores.length) * 2 * Math.PI;
    fighter.x = Math.cos(angle) * (width / 2 - 3) - Math.sin(angle) * beside;
    fighter.y = Math.sin(angle) * (height / 2 - 3) + Math.cos(angle) * beside;
    fighter.aim = angle + Math.PI;
    fighter.wish = { ...fighter.wish, aim: fighter.aim };
    pushOut(fighter, this.mode);
  }
}

const standing = {
  x: 0,
  y: 0,
  aim: 0,
  health: rules.health as number,
  downS: 0,
  shieldS: 0,
  dashS: 0,
  dashAgainS: 0,
  fireAgainS: 0,
};

/** Also what a page foresees of its own fighter. */
export function walk(fighter: Pick<Fighter, 'x' | 'y' | 'dashS' | 'wish'>, mode: Mode, seconds: number): void {
  const { moveX, moveY, aim } = fighter.wish;
  const length = Math.hypot(moveX, moveY);
  const [x, y] = length > 0.05 ? [moveX / Math.max(1, length), moveY / Math.max(1, length)] : [0, 0];
  if (fighter.dashS > 0) {
    const way = length > 0.05 ? Math.atan2(y, x) : aim;
    const forS = Math.min(seconds, fighter.dashS);
    fighter.dashS -= forS;
    fighter.x += Math.cos(way) * rules.dash.speed * forS;
    fighter.y += Math.sin(way) * rules.dash.speed * forS;
  } else {
    fighter.x += x * rules.speed * seconds;
    fighter.y += y * rules.speed * seconds;
  }
  pushOut(fighter, mode);
}

export function isBlocked({ width, height, walls }: Mode, x: number, y: number, radius: number): boolean {
  if (Math.abs(x) > width / 2 - radius || Math.abs(y) > height / 2 - radius) return true;
  return walls.some((wall) => distanceTo(wall, x, y) < radius);
}

/** Nothing stands between two places. */
export function isClear(mode: Mode, from: { x: number; y: number }, to: { x: number; y: number }): boolean {
  const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y)));
  for (let i = 1; i < steps; i++) {
    const [x, y] = [from.x + ((to.x - from.x) * i) / steps, from.y + ((to.y - from.y) * i) / steps];
    if (mode.walls.some((wall) => distanceTo(wall, x, y) < rules.shot.radius)) return false;
  }
  return true;
}

function distanceTo({ x, y, halfWidth, halfHeight }: Wall, atX: number, atY: number): number {
  return Math.hypot(Math.max(0, Math.abs(atX - x) - halfWidth), Math.max(0, Math.abs(atY - y) - halfHeight));
}

/** Out of walls by the shortest way, and back into the arena. */
function pushOut(at: { x: number; y: number }, { width, height, walls }: Mode): void {
  const { radius } = rules;
  for (const { x, y, halfWidth, halfHeight } of walls) {
    const [dx, dy] = [at.x - x, at.y - y];
    const [insideX, insideY] = [halfWidth + radius - Math.abs(dx), halfHeight + radius - Math.abs(dy)];
    if (insideX <= 0 || insideY <= 0) continue;
    if (insideX < insideY) at.x += insideX * (dx < 0 ? -1 : 1);
    else at.y += insideY * (dy < 0 ? -1 : 1);
  }
  at.x = Math.max(radius - width / 2, Math.min(width / 2 - radius, at.x));
  at.y = Math.max(radius - height / 2, Math.min(height / 2 - radius, at.y));
}
