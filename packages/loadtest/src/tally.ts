/** What the players of one process saw, in a form that can be added up over processes. */
import { type Counted, Distribution } from './distribution.ts';

export const figureNames = ['joinMs', 'pingMs', 'roundTripMs', 'crossingGapMs', 'viewGapMs'] as const;
export type FigureName = (typeof figureNames)[number];

export const countNames = [
  'joined',
  'online',
  'reconnects',
  'closed',
  'crossings',
  'commandsSent',
  'commandsApplied',
  'lost',
  'doubled',
  'failures',
  'bytesIn',
  'bytesOut',
  'messagesIn',
  'messagesOut',
] as const;
export type CountName = (typeof countNames)[number];

export interface TallyParts {
  readonly counts: Readonly<Record<CountName, number>>;
  /** Players who did not get in, and those who were sent away for good, by code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly closedBy: Readonly<Record<string, number>>;
  readonly figures: Readonly<Record<FigureName, Counted>>;
  readonly custom: { readonly counts: Readonly<Record<string, number>>; readonly samples: Readonly<Record<string, Counted>> };
  /** The first of what scenarios threw. */
  readonly failure: string;
}

export const limits = {
  /** Names that scripts make up, beyond which new ones are not counted. */
  customNames: 64,
} as const;

export class Tally {
  readonly counts = Object.fromEntries(countNames.map((name) => [name, 0])) as Record<CountName, number>;
  readonly refused = new Map<string, number>();
  readonly closedBy = new Map<string, number>();
  readonly figures = Object.fromEntries(figureNames.map((name) => [name, new Distribution()])) as Record<
    FigureName,
    Distribution
  >;
  readonly customCounts = new Map<string, number>();
  readonly customSamples = new Map<string, Distribution>();
  failure = '';

  count(name: string, by: number): void {
    if (this.customCounts.has(name) || this.customCounts.size < limits.customNames) bump(this.customCounts, name, by);
  }

  sample(name: string, ms: number): void {
    let found = this.customSamples.get(name);
    if (!found) {
      if (this.customSamples.size >= limits.customNames) return;
      found = new Distribution();
      this.customSamples.set(name, found);
    }
    found.add(ms);
  }

  /** Figures begin anew; who joined, how long that took, and who was refused stays. */
  beginMeasuring(): void {
    for (const name of figureNames) if (name !== 'joinMs') this.figures[name].clear();
    for (const name of ['crossings', 'bytesIn', 'bytesOut', 'messagesIn', 'messagesOut'] as const) this.counts[name] = 0;
    for (const each of this.customSamples.values()) each.clear();
    this.customCounts.clear();
  }

  get parts(): TallyParts {
    return {
      counts: { ...this.counts },
      refused: Object.fromEntries(this.refused),
      closedBy: Object.fromEntries(this.closedBy),
      figures: Object.fromEntries(figureNames.map((name) => [name, this.figures[name].counted])) as Record<FigureName, Counted>,
      custom: {
        counts: Object.fromEntries(this.customCounts),
        samples: Object.fromEntries([...this.customSamples].map(([name, each]) => [name, each.counted])),
      },
      failure: this.failure,
    };
  }

  add({ counts, refused, closedBy, figures, custom, failure }: TallyParts): void {
    for (const name of countNames) this.counts[name] += counts[name];
    for (const [code, n] of Object.entries(refused)) bump(this.refused, code, n);
    for (const [code, n] of Object.entries(closedBy)) bump(this.closedBy, code, n);
    for (const name of figureNames) this.figures[name].merge(figures[name]);
    for (const [name, n] of Object.entries(custom.counts)) this.count(name, n);
    for (const [name, counted] of Object.entries(custom.samples)) {
      const found = this.customSamples.get(name) ?? new Distribution();
      found.merge(counted);
      this.customSamples.set(name, found);
    }
    if (this.failure === '') this.failure = failure;
  }
}

export function bump(map: Map<string, number>, key: string, by = 1): void {
  map.set(key, (map.get(key) ?? 0) + by);
}
