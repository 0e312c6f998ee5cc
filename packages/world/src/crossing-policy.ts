/** When a group counts as approaching a border, and when as having crossed it. */
export interface CrossingPolicy {
  /** Width of the band beyond a border in which the old owner keeps a group, as a part of the smaller region's extent on that axis. */
  readonly bandPart: number;
  /** The band's least and greatest width, in units. */
  readonly bandMin: number;
  readonly bandMax: number;
  /** How long a group must have been beyond the band, in ms, so that a shove over it and back is no crossing. */
  readonly dwellMs: number;
  /** Least time between two crossings of one group, in ms. Teleports and groups two bands beyond do not wait for it. */
  readonly intervalMs: number;
  /** Nothing moves faster, in units a second: a longer jump is a teleport, and no predicted velocity is higher. */
  readonly speedMax: number;
  /** Velocity is averaged over about this time, in ms. */
  readonly averageMs: number;
  /** A group is announced this long before it reaches a border, in ms. Should be the 99th percentile of waking a region. */
  readonly leadMs: number;
  /** Once announced it stays so while it would reach the border within this multiple of the lead. */
  readonly keepFactor: number;
  /** Announced and no longer on its way for so long, in ms: it has turned away. */
  readonly retreatMs: number;
  /** While they hold, `approach` and `crossed` are told again this often, in ms: what is told may be lost. */
  readonly repeatMs: number;
  /** A group that was not heard of for so long, in ms, counts as standing. */
  readonly stillMs: number;
}

/**
 * `bandMax`: groups two bands out always cross, and 2 × 25 is the radius of the critical channel (50). So whoever is near
 * enough to see a group at full rate sees it, through border shadows, for as long as it stays with its old owner.
 * `leadMs` and `bandPart` are the Horizon design's figures (5 s, 5 %).
 */
export const CROSSING_POLICY: CrossingPolicy = {
  bandPart: 0.05,
  bandMin: 1,
  bandMax: 25,
  dwellMs: 200,
  intervalMs: 2000,
  speedMax: 500,
  averageMs: 250,
  leadMs: 5000,
  keepFactor: 1.5,
  retreatMs: 500,
  repeatMs: 250,
  stillMs: 500,
};
