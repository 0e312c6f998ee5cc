/** A world full of movers for the `world` bench: always of the same density, however many they are. */
import { Prng } from '@horizon-atlas/base';
import { type Bounds, type Place, RegionMap } from '@horizon-atlas/world';

/** Units² a mover: some 35 others within 150 units, 1,570 within 1,000. */
export const UNITS2_A_MOVER = 2000;
const TICK_S = 1 / 30;
const SPEED_MAX = 8;

export class Movers {
  readonly count: number;
  readonly bounds: Bounds;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  readonly #vx: Float64Array;
  readonly #vy: Float64Array;

  constructor(count: number, seed: number) {
    const rng = new Prng(seed);
    const half = Math.sqrt(count * UNITS2_A_MOVER) / 2;
    this.count = count;
    this.bounds = { minX: -half, maxX: half, minY: -half, maxY: half, minZ: -100, maxZ: 100 };
    const draw = (low: number, high: number) => Float64Array.from({ length: count }, () => rng.between(low, high));
    this.x = draw(-half, half);
    this.y = draw(-half, half);
    this.z = draw(0, 10);
    this.#vx = draw(-SPEED_MAX, SPEED_MAX);
    this.#vy = draw(-SPEED_MAX, SPEED_MAX);
  }

  /** One tick of 1/30 s: straight on, and back at the edge of the world. */
  step(): void {
    const { minX, maxX, minY, maxY } = this.bounds;
    for (let i = 0; i < this.count; i++) {
      this.x[i] = bounce(this.x, this.#vx, i, minX, maxX);
      this.y[i] = bounce(this.y, this.#vy, i, minY, maxY);
    }
  }

  /** Square regions of about 1,100 units. */
  regions(): RegionMap {
    const { minX, maxX, minY } = this.bounds;
    const sides = Math.max(1, Math.round((maxX - minX) / 1100));
    const size = (maxX - minX) / sides;
    const places: Place[] = [];
    for (let i = 0; i < sides * sides; i++) {
      const [column, row] = [i % sides, Math.floor(i / sides)];
      places.push({
        ...{ region: `r${i}`, name: `r${i}`, minX: minX + column * size, maxX: minX + (column + 1) * size },
        ...{ minY: minY + row * size, maxY: minY + (row + 1) * size, minZ: -100, maxZ: 100 },
      });
    }
    return new RegionMap(places, 1);
  }
}

function bounce(at: Float64Array, velocity: Float64Array, i: number, min: number, max: number): number {
  const v = velocity[i] as number;
  const next = (at[i] as number) + v * TICK_S;
  if (next >= min && next < max) return next;
  velocity[i] = -v;
  return at[i] as number;
}
