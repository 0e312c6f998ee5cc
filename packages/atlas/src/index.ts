/** The composition root: configuration, which adapter stands behind which port, processes. */

export type { Status } from '@horizon-atlas/control';
export {
  type AtlasConfig,
  type AtlasConfigInput,
  checkConfig,
  defineAtlas,
  formatComplaints,
  loadConfig,
  type Override,
} from './config.ts';
export type { ControlReport } from './reports.ts';
export { type Supervisor, type SupervisorEnd, type SupervisorReport, supervise } from './supervisor.ts';
