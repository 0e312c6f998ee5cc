/** Game definitions: real dedicated servers that nobody here wrote, started, watched and stopped. */

export { definitionSchema, type GameDefinition, type GameInput, type GameVariable } from './core/definition-schema.ts';
export { conditionsOf, withinMsOf } from './core/readiness.ts';
export {
  type CheckedGame,
  checkGame,
  defineGame,
  formatGameComplaints,
  type Game,
  type GameComplaint,
  loadGame,
  shippedFolder,
  shippedGames,
} from './definition.ts';
export { type ImportedEgg, importEgg } from './eggs/egg.ts';
export { hasConsole, stopGraceMs, stopSteps } from './launch.ts';
export { isPortFree, type PortWish, portWishes } from './port-wishes.ts';
export {
  checkVariables,
  type GameFleet,
  type GameLaunch,
  type GamePlace,
  type Games,
  type GamesDeps,
  makeGames,
} from './service.ts';
export type { VariableValue, VariableValues } from './variables.ts';
