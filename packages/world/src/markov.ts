/**
 * Where players go next, learned from where players went: for each region, how often each next one followed and after what stay.
 *
 * It says what a straight line cannot, such as that most who come into the hub leave for the moon, long before they set out. Where
 * it has seen too little it says nothing, and the caller goes by kinematics. `HitRates` keeps count of who was right.
 */
export interface Prediction {
  readonly target: string;
  /** Of all who left the region, how many went to the target: 0 to 1. */
  readonly probability: number;
  /** How many departures this rests on; old ones weigh less. */
  readonly samples: number;
}

export interface MarkovPolicy {
  /** A region with fewer departures seen is too thin to say anything. */
  readonly samplesMin: number;
  /** A target below this probability is no prediction. */
  readonly probabilityMin: number;
  /** At so many departures of a region all its counts are halved: the world changes, and so do its players. */
  readonly samplesMax: number;
  /** Next regions remembered of one region; the rarest is forgotten for a new one. */
  readonly targetsMax: number;
}

export const MARKOV_POLICY: MarkovPolicy = { samplesMin: 20, probabilityMin: 0.5, samplesMax: 1000, targetsMax: 32 };

/** Stays are counted in classes that double: up to 250 ms, 500 ms, …, the last is open (6 days and more). */
const STAY_FIRST_MS = 250;
const STAY_CLASSES = 22;

interface Row {
  samples: number;
  readonly targets: Map<string, number>;
  readonly stays: Float64Array;
}

export class Transitions {
  readonly #policy: MarkovPolicy;
  readonly #rows = new Map<string, Row>();

  constructor(policy: MarkovPolicy = MARKOV_POLICY) {
    this.#policy = policy;
  }

  /** A player went from one region to another after a stay of `stayMs`. */
  observe(from: string, to: string, stayMs: number): void {
    if (from === to || !(stayMs >= 0)) return;
    let row = this.#rows.get(from);
    if (!row) {
      row = { samples: 0, targets: new Map(), stays: new Float64Array(STAY_CLASSES) };
      this.#rows.set(from, row);
    }
    const stay = stayClass(stayMs);
    row.stays[stay] = (row.stays[stay] as number) + 1;
    row.samples++;
    if (!row.targets.has(to) && row.targets.size >= this.#policy.targetsMax) row.targets.delete(rarest(row.targets));
    row.targets.set(to, (row.targets.get(to) ?? 0) + 1);
    if (row.samples >= this.#policy.samplesMax) halve(row);
  }

  /** The likeliest next region; undefined where too little was seen or nothing is likely enough. */
  predict(from: string): Prediction | undefined {
    const row = this.#rows.get(from);
    if (!row || row.samples < this.#policy.samplesMin) return undefined;
    let target = '';
    let most = 0;
    for (const [to, count] of row.targets) {
      if (count > most) [target, most] = [to, count];
    }
    const probability = most / row.samples;
    return probability < this.#policy.probabilityMin ? undefined : { target, probability, samples: row.samples };
  }

  /**
   * Of those who stayed in the region as long as this player has, how many left within the next `withinMs`: 0 to 1, undefined where too
   * little was seen. Within a class stays count as spread evenly.
   */
  leavesWithin(from: string, stayedMs: number, withinMs: number): number | undefined {
    const row = this.#rows.get(from);
    if (!row) return undefined;
    const longer = stayedLongerThan(row, stayedMs);
    if (longer < this.#policy.samplesMin) return undefined;
    return 1 - stayedLongerThan(row, stayedMs + withinMs) / longer;
  }

  /** Forget a region that is no longer on the map, as a start and as a target. */
  forget(region: string): void {
    this.#rows.delete(region);
    for (const row of this.#rows.values()) {
      row.samples -= row.targets.get(region) ?? 0;
      row.targets.delete(region);
    }
  }
}

/** How often each predictor named the region that a player then went to. */
export class HitRates<P extends string> {
  readonly #counts: Map<P, { made: number; right: number }>;

  constructor(predictors: readonly P[]) {
    this.#counts = new Map(predictors.map((each) => [each, { made: 0, right: 0 }]));
  }

  /** @param predicted undefined if it made no prediction, which counts as neither. */
  note(predictor: P, predicted: string | undefined, actual: string): void {
    const count = this.#counts.get(predictor);
    if (!count || predicted === undefined) return;
    count.made++;
    if (predicted === actual) count.right++;
  }

  /** `rate` is NaN while nothing was predicted. */
  of(predictor: P): { readonly made: number; readonly right: number; readonly rate: number } {
    const { made, right } = this.#counts.get(predictor) ?? { made: 0, right: 0 };
    return { made, right, rate: right / made };
  }
}

function stayClass(stayMs: number): number {
  return Math.min(STAY_CLASSES - 1, Math.max(0, Math.ceil(Math.log2(stayMs / STAY_FIRST_MS))));
}

function stayedLongerThan(row: Row, ms: number): number {
  const last = stayClass(ms);
  let longer = 0;
  for (let i = last + 1; i < STAY_CLASSES; i++) longer += row.stays[i] as number;
  if (last === STAY_CLASSES - 1) return longer + (row.stays[last] as number);
  const from = last === 0 ? 0 : STAY_FIRST_MS * 2 ** (last - 1);
  const to = STAY_FIRST_MS * 2 ** last;
  return longer + ((row.stays[last] as number) * (to - ms)) / (to - from);
}

function rarest(targets: ReadonlyMap<string, number>): string {
  let out = '';
  let least = Number.POSITIVE_INFINITY;
  for (const [target, count] of targets) {
    if (count < least) [out, least] = [target, count];
  }
  return out;
}

function halve(row: Row): void {
  row.samples = 0;
  for (const [target, count] of row.targets) {
    const kept = Math.floor(count / 2);
    if (kept === 0) row.targets.delete(target);
    else row.targets.set(target, kept);
    row.samples += kept;
  }
  for (let i = 0; i < STAY_CLASSES; i++) row.stays[i] = (row.stays[i] as number) / 2;
}
