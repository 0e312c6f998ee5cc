/** Load tests by real clients: what a script exports, how it is run, and what comes out. */
export { Distribution, type Summary } from './distribution.ts';
export type { LoadtestReport } from './report.ts';
export { type LoadtestRun, limits, runLoadtest } from './run.ts';
export { defineScenario, type PlayerContext, type Scenario, type ScenarioPlayer } from './scenario.ts';
export type { LoadtestAccess, LoadtestSettings } from './settings.ts';
export { type Threshold, type ThresholdName, thresholdNames, type Verdict, verdicts } from './thresholds.ts';
