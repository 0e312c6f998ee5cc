export type Labels = Readonly<Record<string, string>>;

/** Where figures and notable happenings go. Cheap when nobody looks; never throws; never waits. */
export interface Probe {
  /** Adds to a counter. Names are Prometheus': `atlas_handoffs_total`. */
  count(name: string, by?: number, labels?: Labels): void;
  gauge(name: string, value: number, labels?: Labels): void;
  /** One sample of a distribution, in the unit that the name ends in. */
  observe(name: string, value: number, labels?: Labels): void;
  /** Something that a person may want to read, with its fields. */
  event(name: string, fields?: Readonly<Record<string, unknown>>): void;
}
