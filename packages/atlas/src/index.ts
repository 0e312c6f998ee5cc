/**
 * The composition root: configuration, which adapter stands behind which port, processes. Every configuration loads this, for `defineAtlas`: what
 * checks configurations and what runs an Atlas are loaded by who needs them.
 */

export { nearest } from '@horizon-atlas/base';
export type { Status } from '@horizon-atlas/control';
export type { MatchFunction, MatchPool, MatchProposal, PoolTicket } from '@horizon-atlas/matchmaker';
export type { AtlasConfig, AtlasConfigInput, Override } from './config.ts';
export { ReadyControl, startControlProcess } from './control-process.ts';
export { type DataDir, dataDirAt, type Holder, holderOf } from './data-dir.ts';
export type { ClientEvent, Listeners } from './listeners.ts';
export { type EventFields, type Line, lineOf } from './live/sentences.ts';
export { defineAtlas, loadConfig } from './load-config.ts';
export { plainListenerOf } from './plain-listener.ts';
export { checkPortFree } from './ports-free.ts';
export type { ControlReport } from './reports.ts';
export { type Supervisor, type SupervisorEnd, type SupervisorReport, supervise } from './supervisor.ts';
export { version } from './version.ts';
