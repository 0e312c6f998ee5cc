/** The region map as a value: bounds, cells, borders, crossings, who is near. No I/O, no clock. */
export {
  type Bounds,
  clamp,
  contains,
  covers,
  DEFAULT_BOUNDS,
  distance,
  type Face,
  face,
  faceDistance,
  gap,
  grown,
  hull,
  isBounds,
  overlaps,
  type Point,
} from './bounds.ts';
export {
  type Area,
  areaContains,
  type Cell,
  type CellTree,
  cellAt,
  cellBounds,
  cellLimits,
  cellPath,
  cellsOver,
  childrenOf,
  levelOf,
  makeCell,
  makeCellTree,
  merged,
  neighboursOf,
  parentOf,
} from './cells.ts';
export { type CrossingOut, Crossings, type Track } from './crossing.ts';
export { CROSSING_POLICY, type CrossingPolicy } from './crossing-policy.ts';
export { PointGrid, type PointGridOptions } from './grid.ts';
export { HitRates, type Prediction, Transitions } from './markov.ts';
export { BoxTree } from './rects.ts';
export { checkPlaces, type MapProblem, type MapResult, mapLimits, type Place, type Region, RegionMap } from './region-map.ts';
